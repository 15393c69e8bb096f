"""Clusters: rivals halve each other, and no chain brings together what a veto keeps apart."""

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from resolution.cluster import cluster, weigh_candidates
from resolution.settings import Cluster, Settings

PEOPLE = Settings(
    kind="person", title="人", cluster=Cluster(threshold=0.9, review=0.3, open_world=0.25, vetoes=["id_valid"])
)


def clusters(profiles: dict[str, str | None], pairs: list[tuple[str, str, float]]) -> dict[str, tuple[int, float]]:
    """Cluster and weakest link of each profile; `profiles` gives each its sound number or None."""
    connection = duckdb.connect()
    connection.execute("CREATE TABLE profile (unique_id VARCHAR, anchor VARCHAR, id_valid VARCHAR)")
    connection.executemany("INSERT INTO profile VALUES (?, ?, ?)", [[k, v, v] for k, v in profiles.items()])
    connection.execute("CREATE TABLE pair (l VARCHAR, r VARCHAR, bits DOUBLE)")
    if pairs:
        connection.executemany("INSERT INTO pair VALUES (?, ?, ?)", [list(pair) for pair in pairs])
    weigh_candidates(connection, PEOPLE)
    cluster(connection, PEOPLE)
    rows = connection.execute("SELECT unique_id, cluster, probability FROM clustered").fetchall()
    return {name: (number, probability) for name, number, probability in rows}


def test_a_row_without_number_joins_its_one_candidate() -> None:
    found = clusters({"zhang": "A", "row": None}, [("row", "zhang", 10.0)])
    assert found["row"][0] == found["zhang"][0]
    assert found["row"][1] == pytest.approx(1024 / 1024.25)


def test_two_equally_good_bearers_of_a_name_leave_the_row_alone() -> None:
    found = clusters({"zhang1": "A", "zhang2": "B", "row": None}, [("row", "zhang1", 10.0), ("row", "zhang2", 10.0)])
    assert len({number for number, _ in found.values()}) == 3


def test_the_better_of_two_candidates_takes_the_row() -> None:
    found = clusters({"zhang1": "A", "zhang2": "B", "row": None}, [("row", "zhang1", 14.0), ("row", "zhang2", 4.0)])
    assert found["row"][0] == found["zhang1"][0] != found["zhang2"][0]


def test_a_chain_of_rows_never_ties_two_numbers() -> None:
    found = clusters(
        {"zhang1": "A", "zhang2": "B", "row1": None, "row2": None},
        [("row1", "zhang1", 12.0), ("row1", "row2", 8.0), ("row2", "zhang2", 12.0)],
    )
    assert found["row1"][0] == found["zhang1"][0]
    assert found["row2"][0] == found["zhang2"][0]
    assert found["zhang1"][0] != found["zhang2"][0]


def test_the_weakest_link_of_a_chain_is_what_its_far_end_rests_on() -> None:
    found = clusters({"zhang": "A", "row1": None, "row2": None}, [("row1", "zhang", 3.0), ("row1", "row2", 12.0)])
    assert len({number for number, _ in found.values()}) == 1
    assert found["row2"][1] == pytest.approx(8 / 8.25)


@settings(max_examples=60, deadline=None)
@given(
    numbers=st.lists(st.sampled_from([None, "A", "B", "C"]), min_size=2, max_size=9),
    data=st.data(),
)
def test_no_cluster_holds_two_numbers_whatever_the_pairs(numbers: list[str | None], data: st.DataObject) -> None:
    names = [f"n{i}" for i in range(len(numbers))]
    profiles = dict(zip(names, numbers, strict=True))
    every = [(x, y) for i, x in enumerate(names) for y in names[i + 1 :]]
    chosen = data.draw(st.lists(st.sampled_from(every), max_size=15, unique=True))
    found = clusters(profiles, [(x, y, float(data.draw(st.integers(-3, 20)))) for x, y in chosen])
    held: dict[int, set[str]] = {}
    for name, (number, _) in found.items():
        if profiles[name]:
            held.setdefault(number, set()).add(str(profiles[name]))
    assert all(len(ids) == 1 for ids in held.values())
