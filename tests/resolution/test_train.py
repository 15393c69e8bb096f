"""Weights learnt from data whose truth is known, and the file that they are written to."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import duckdb
import pytest

from resolution import expectation
from resolution.settings import HERE, Settings, read_settings_file
from resolution.train import Learnt, Training, TrainingError, learn, rewritten, train

COLUMNS = """name VARCHAR, surname VARCHAR, pinyin VARCHAR, fuzzy VARCHAR, shape VARCHAR, titled BOOLEAN,
    id_valid VARCHAR, id_number VARCHAR, id_prefix VARCHAR, id_suffix VARCHAR, birth DATE, sex VARCHAR, address VARCHAR,
    place VARCHAR, address_unit BOOLEAN, district VARCHAR, phone VARCHAR, pool VARCHAR, adult_by DATE, once VARCHAR[],
    among VARCHAR[], held VARCHAR[],
    context VARCHAR[], context_near VARCHAR[]"""
SHIPPED = HERE / "person.toml"


def people(number: int) -> duckdb.DuckDBPyConnection:
    """Each person in two agencies: 70 of 100 with the same phone; every fourth gives the phone of a shared desk."""
    connection = duckdb.connect(":memory:")
    connection.execute(f"CREATE TABLE person_profile (unique_id VARCHAR, anchor VARCHAR, weight BIGINT, {COLUMNS})")
    connection.execute(
        """INSERT INTO person_profile BY NAME
        SELECT printf('%d/%d', i, side) AS unique_id, printf('anchor%d', i) AS anchor, 1 AS weight,
            printf('名%d', i) AS name, '名' AS surname, printf('ming %d', i) AS pinyin, printf('min %d', i) AS fuzzy,
            printf('形%d', i) AS shape, false AS titled, printf('anchor%d', i) AS id_number, false AS address_unit,
            CASE WHEN i % 10 < 7 OR side = 0 THEN CASE WHEN i % 4 = 0 THEN 'desk' ELSE printf('p%d', i) END
                ELSE printf('other%d', i) END AS phone
        FROM range(?) a(i), range(2) b(side)""",
        [number],
    )
    connection.execute(
        """CREATE TABLE person_profile_of AS SELECT unique_id, row_number() OVER () AS mention_id FROM person_profile;
        CREATE TABLE mentions AS SELECT mention_id, split_part(unique_id, '/', 2) AS dataset FROM person_profile_of;
        CREATE TABLE entity_of AS SELECT mention_id, anchor AS entity_id
            FROM person_profile_of JOIN person_profile USING (unique_id)"""
    )
    return connection


@pytest.fixture(scope="module")
def data() -> Iterator[duckdb.DuckDBPyConnection]:
    connection = people(600)
    yield connection
    connection.close()


@pytest.fixture(scope="module")
def settings() -> Settings:
    return read_settings_file(SHIPPED)


@pytest.fixture(scope="module")
def found(data: duckdb.DuckDBPyConnection, settings: Settings) -> Learnt:
    return learn(data, settings)


@pytest.fixture
def config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("CLUEGRAPH_CONFIG", str(tmp_path))
    return tmp_path / "settings"


def test_what_is_learnt_is_what_the_data_was_made_with(found: Learnt) -> None:
    moved = {(each.title, each.level, each.figure): each for each in found.moved}
    assert found.same == 600 and found.different == 179_700
    assert moved["电话", "电话相同", "m"].after == pytest.approx(0.7, abs=0.001)
    assert moved["电话", "电话不同", "m"].after == pytest.approx(0.3, abs=0.001)
    # between 105 and 150 of 600 rows give the desk's phone: two people share it in 0.03 to 0.0625 of pairs
    assert 0.03 < moved["电话", "电话相同", "u_holders"].after / 1000 < 0.0625


def test_what_the_number_itself_says_is_not_learnt_from_the_number(found: Learnt) -> None:
    moved = {(each.comparison, each.level) for each in found.moved}
    assert {name for name, _ in moved} & {"name", "phone"}
    assert not {name for name, _ in moved} & {"id", "birth", "sex", "age", "once", "among", "pool"}
    assert not {level for _, level in moved} & {"姓名不同", "仅知姓氏且姓氏相同"}


def test_too_few_pairs_are_refused_with_how_many_it_needs() -> None:
    with pytest.raises(
        TrainingError, match=r"needs 500 pairs .* the data holds 40 pairs of rows that one valid number joins"
    ):
        train(people(40), "person", dry_run=True)


def test_the_new_file_is_in_force_and_the_former_is_kept(data: duckdb.DuckDBPyConnection, config: Path) -> None:
    shipped = SHIPPED.read_bytes()
    result = train(data, "person")
    assert result.file == config / "person.toml" and result.former is not None
    assert result.former.read_bytes() == shipped == SHIPPED.read_bytes()
    now = {
        (c.name, number): level
        for c in read_settings_file(result.file).comparison
        for number, level in enumerate(c.level)
    }
    for each in result.learnt.moved:
        assert getattr(now[each.comparison, each.number], each.figure) == pytest.approx(each.after)
    text = result.file.read_text("utf-8")
    assert text.startswith("# 训练于 ") and "# ---- what is compared" in text
    assert "# 训练：电话·电话相同 m 0.6 → 0.7（420 对）" in text


def test_training_again_finds_nothing_to_move_and_leaves_the_files(
    data: duckdb.DuckDBPyConnection, config: Path
) -> None:
    train(data, "person")
    before = sorted(config.iterdir())
    again = train(data, "person")
    assert again.learnt.moved == () and again.file is None
    assert sorted(config.iterdir()) == before


def test_a_file_carries_the_head_of_its_last_training_only(found: Learnt) -> None:
    once = rewritten(SHIPPED.read_text("utf-8"), found, datetime(2026, 1, 1, tzinfo=UTC))
    twice = rewritten(once, found, datetime(2026, 2, 1, tzinfo=UTC))
    assert twice.count("# 训练于") == 1 and "2026-02-01" in twice.splitlines()[0]


@pytest.mark.parametrize("folder", [None, HERE.parent])
def test_the_shipped_settings_are_never_written(
    data: duckdb.DuckDBPyConnection, monkeypatch: pytest.MonkeyPatch, folder: Path | None
) -> None:
    if folder:
        monkeypatch.setenv("CLUEGRAPH_CONFIG", str(folder))
    else:
        monkeypatch.delenv("CLUEGRAPH_CONFIG", raising=False)
    before = sorted(file.name for file in HERE.iterdir())
    with pytest.raises(TrainingError, match="CLUEGRAPH_CONFIG"):
        train(data, "person")
    assert sorted(file.name for file in HERE.iterdir()) == before


def test_a_kind_without_scores_has_nothing_to_learn(data: duckdb.DuckDBPyConnection) -> None:
    with pytest.raises(TrainingError, match="without scores"):
        train(data, "trade_name", dry_run=True)


def unnumbered(number: int) -> duckdb.DuckDBPyConnection:
    """Nobody has a number, two people share each name and birth date, and each person stands in two agencies.

    The second row has the same phone in 70 of 100 and the same home in 80 of 100, the one whether or not the other.
    """
    connection = people(1)
    connection.execute("DELETE FROM person_profile; DROP TABLE mentions; DROP TABLE person_profile_of")
    connection.execute(
        """INSERT INTO person_profile BY NAME
        SELECT printf('%d/%d', i, side) AS unique_id, 1 AS weight, printf('名%d', i // 2) AS name, '名' AS surname,
            printf('ming %d', i // 2) AS pinyin, printf('min %d', i // 2) AS fuzzy, printf('形%d', i // 2) AS shape,
            false AS titled, DATE '1950-01-01' + (i // 2)::INT AS birth, '城关区' AS district, true AS address_unit,
            CASE WHEN side = 0 OR i % 10 < 7 THEN printf('p%d', i) ELSE printf('other%d', i) END AS phone,
            CASE WHEN side = 0 OR i // 10 % 10 < 8 THEN printf('h%d', i) ELSE printf('else%d', i) END AS address
        FROM range(?) a(i), range(2) b(side);""",
        [number],
    )
    connection.execute(
        """CREATE TABLE person_profile_of AS SELECT unique_id, row_number() OVER () AS mention_id FROM person_profile;
        CREATE TABLE mentions AS SELECT mention_id, split_part(unique_id, '/', 2) AS dataset FROM person_profile_of;
        CREATE OR REPLACE TABLE entity_of AS SELECT mention_id, split_part(unique_id, '/', 1) AS entity_id
            FROM person_profile_of;
        CREATE TABLE frequency_name AS SELECT name, count(*) / sum(count(*)) OVER () AS tf_name
            FROM person_profile GROUP BY name;
        CREATE TABLE frequency_pool (pool VARCHAR, tf_pool DOUBLE)"""
    )
    return connection


@pytest.fixture(scope="module")
def nobodys() -> Iterator[duckdb.DuckDBPyConnection]:
    connection = unnumbered(2000)
    yield connection
    connection.close()


@pytest.fixture(scope="module")
def by_em(nobodys: duckdb.DuckDBPyConnection, tmp_path_factory: pytest.TempPathFactory) -> Training:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CLUEGRAPH_CONFIG", str(tmp_path_factory.mktemp("config")))
        return train(nobodys, "person", method="em")


def test_where_nobody_has_a_number_training_points_to_expectation_maximisation(
    nobodys: duckdb.DuckDBPyConnection, settings: Settings
) -> None:
    with pytest.raises(TrainingError, match=r"the data holds 0 pairs of rows that one valid number joins.*--em"):
        learn(nobodys, settings)


def test_expectation_maximisation_tells_namesakes_apart_and_finds_how_often_one_person_agrees(by_em: Training) -> None:
    learnt = by_em.learnt
    moved = {(each.title, each.level, each.figure): each.after for each in learnt.moved}
    # of 6,000 pairs with one name and birth date 2,000 are of one person
    assert learnt.method == "em" and learnt.same == pytest.approx(2000, rel=0.03)
    assert moved["电话", "电话相同", "m"] == pytest.approx(0.7, abs=0.02)
    assert moved["电话", "电话不同", "m"] == pytest.approx(0.3, abs=0.02)
    assert moved["地址", "同一户室", "m"] == pytest.approx(0.8, abs=0.02)
    assert moved["姓名", "姓名相同", "m"] == pytest.approx(1, abs=0.02)
    assert not {each.comparison for each in learnt.moved} & {"id", "birth", "sex", "age", "once", "among", "pool"}
    assert not {each.level for each in learnt.moved} & {"姓名不同", "仅知姓氏且姓氏相同"}


def test_the_new_file_says_that_it_was_learnt_by_expectation_maximisation(by_em: Training) -> None:
    assert by_em.file and by_em.former and by_em.former.read_bytes() == SHIPPED.read_bytes()
    head = by_em.file.read_text("utf-8").splitlines()[0]
    assert "期望最大化（EM，含无号码的记载，分组依据 name+birth、name+phone、" in head and "phone+address）估计" in head
    phone = next(each for each in read_settings_file(by_em.file).comparison if each.name == "phone")
    assert [level.m for level in phone.level if level.m] == pytest.approx([0.7, 0.3], abs=0.02)


def test_a_comparison_that_no_block_leaves_free_is_named(
    nobodys: duckdb.DuckDBPyConnection, settings: Settings
) -> None:
    bound = settings.model_copy(update={"block": [each for each in settings.block if "name" in each.columns]})
    with pytest.raises(TrainingError, match=r"cannot estimate 姓名: .*add a .*block"):
        learn(nobodys, bound, "em")


def test_too_few_rows_are_refused_by_expectation_maximisation_too(settings: Settings) -> None:
    with pytest.raises(TrainingError, match=r"cannot estimate 姓名、地址、电话、同一事项: .* Load more"):
        learn(unnumbered(60), settings, "em")


def test_figures_that_do_not_come_to_rest_are_not_taken(
    nobodys: duckdb.DuckDBPyConnection, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(expectation, "MOST_ROUNDS", 2)
    with pytest.raises(
        TrainingError, match=r"cannot estimate .* comes to rest in 2 rounds \(name\+birth, .* did not\)"
    ):
        learn(nobodys, settings, "em")
