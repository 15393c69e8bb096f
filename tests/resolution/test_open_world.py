"""How often a role speaks of people who stand nowhere else, counted from its own numbered rows."""

import duckdb
import pytest

from resolution.cluster import weigh_candidates
from resolution.open_world import LEAST, measure_open_world
from resolution.settings import Cluster, Settings

PEOPLE = Settings(
    kind="person", title="人", cluster=Cluster(threshold=0.7, review=0.3, open_world=0.25, vetoes=["id_valid"])
)
STATED = 0.25


def measured(known: int, strangers: int) -> duckdb.DuckDBPyConnection:
    """A court role with so many numbered people who stand in a register too, so many who do not, and one `row` without
    number; and `agent`, a row of a role that never has numbers."""
    connection = duckdb.connect()
    connection.execute(
        """CREATE TABLE mentions (mention_id BIGINT, dataset VARCHAR, record_id VARCHAR, role VARCHAR, kind VARCHAR);
        CREATE TABLE profile_of (mention_id BIGINT, unique_id VARCHAR);
        CREATE TABLE profile (unique_id VARCHAR, anchor VARCHAR, id_valid VARCHAR)"""
    )
    connection.execute(
        f"""CREATE TEMP TABLE said AS
        SELECT 'judgments' AS dataset, '被告' AS role, 'n' || i AS id FROM range({known + strangers}) t(i)
        UNION ALL SELECT 'household', '人员', 'n' || i FROM range({known}) t(i)
        UNION ALL SELECT 'judgments', '被告', NULL UNION ALL SELECT 'judgments', '委托代理人', NULL"""
    )
    connection.execute(
        """INSERT INTO mentions SELECT row_number() OVER (), dataset, 'r', role, 'person' FROM said;
        INSERT INTO profile_of SELECT row_number() OVER (),
            coalesce(dataset || id, CASE role WHEN '被告' THEN 'row' ELSE 'agent' END) FROM said;
        INSERT INTO profile SELECT coalesce(dataset || id, CASE role WHEN '被告' THEN 'row' ELSE 'agent' END), id, id
            FROM said"""
    )
    measure_open_world(connection, PEOPLE, "person")
    return connection


def outside(connection: duckdb.DuckDBPyConnection, row: str) -> float:
    return float(connection.execute("SELECT outside FROM profile WHERE unique_id = ?", [row]).fetchall()[0][0])


def test_a_role_whose_people_all_stand_elsewhere_speaks_of_few_strangers() -> None:
    assert outside(measured(known=6000, strangers=0), "row") == pytest.approx(LEAST / (1 - LEAST))


def test_a_role_of_strangers_stays_open() -> None:
    assert outside(measured(known=300, strangers=700), "row") > 1.9


def test_a_role_that_never_has_numbers_is_taken_as_the_settings_state() -> None:
    assert outside(measured(known=6000, strangers=0), "agent") == pytest.approx(STATED)


def test_a_handful_of_rows_moves_little() -> None:
    assert outside(measured(known=3, strangers=0), "row") == pytest.approx(STATED, abs=0.02)


@pytest.mark.parametrize(("known", "strangers", "joined"), [(6000, 0, True), (300, 700, False)])
def test_the_only_bearer_of_a_name_takes_the_row_where_the_role_speaks_of_people_who_are_loaded(
    known: int, strangers: int, joined: bool
) -> None:
    connection = measured(known, strangers)
    connection.execute("CREATE TABLE pair (l VARCHAR, r VARCHAR, bits DOUBLE)")
    # a name of which the population leads one to expect two more bearers
    connection.execute("INSERT INTO pair VALUES ('row', 'householdn7', -1.0)")
    weigh_candidates(connection, PEOPLE)
    probability = connection.execute("SELECT probability FROM edge").fetchall()[0][0]
    assert (probability >= PEOPLE.cluster.threshold) is joined
