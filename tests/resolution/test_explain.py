"""Why rows are one or not, how entities grew, and what another threshold would change."""

from __future__ import annotations

import dataclasses
import json
import re
from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from resolution.account import how
from resolution.explain import Why, why
from resolution.footing import footing
from resolution.foresight import foresee
from resolution.growth import Link, MentionKey, UnknownEntity, UnknownMention, growth, spanning
from resolution.homonyms import homonyms
from resolution.reading import NotResolved, Reader, WorkspaceBusy
from resolution.resolve import resolve
from resolution.settings import HERE, SettingsError, read_settings
from resolution.weights import weigh
from resolution.workspace import Workspace
from tests.city import city as city
from tests.resolution.test_resolve import (
    HOUSEHOLD,
    SUBSIDY,
    A,
    B,
    C,
    Office,
    check_digit,
    household,
    subsidy,
)
from tests.resolution.test_resolve import office as office

HOME = "兰州市城关区白银路12号锦绣家园3号楼1单元502室"
OTHERS = [check_digit(f"6201021985{month:02d}01222") for month in range(1, 9)]
Ask = Callable[[str, str], Why]


def key(text: str) -> MentionKey:
    """H1 and S1 as mentions."""
    return MentionKey("household", text, "人员") if text[0] == "H" else MentionKey("subsidy_payments", text, "领取人")


@pytest.fixture
def ask(office: Office) -> Ask:
    """Why two rows of the office's files are one or not."""

    def asked(left: str, right: str) -> Why:
        with Reader(office.workspace).cursor() as connection:
            return why(connection, key(left), key(right))

    return asked


def test_the_same_sound_number_is_certain(office: Office, ask: Ask) -> None:
    office.put("household", HOUSEHOLD, household(1, "张永强", A))
    office.put("subsidy_payments", SUBSIDY, subsidy(1, "张永襁", A, phone="13900010001"))
    office.run()
    found = ask("H1", "S1")
    assert (found.same, found.decision) == (True, "certain")
    assert f"有效身份证号相同（{A[:4]}**********{A[-4:]}）" in found.sentences[0]
    assert A not in json.dumps(dataclasses.asdict(found), default=str)


def test_two_sound_numbers_are_a_veto_though_all_else_is_the_same(office: Office, ask: Ask) -> None:
    office.put("household", HOUSEHOLD, household(1, "王建军", A, address=HOME, phone="13900010001"))
    office.put("subsidy_payments", SUBSIDY, subsidy(1, "王建军", B, HOME, "13900010001"))
    office.run()
    found = ask("S1", "H1")
    assert (found.same, found.decision) == (False, "veto")
    assert "身份证号不同" in found.sentences[0]
    phone = next(reason for reason in found.reasons if reason.comparison == "phone")
    assert (phone.left, phone.level, phone.bits > 5) == ("139****0001", "电话相同", True)


def test_a_homonym_without_a_number_names_its_rivals(office: Office, ask: Ask) -> None:
    office.put("household", HOUSEHOLD, household(1, "王芳", A), household(2, "王芳", B))
    office.put("subsidy_payments", SUBSIDY, subsidy(1, "王芳"))
    office.run()
    found = ask("S1", "H2")
    assert not found.same and found.decision in ("doubtful", "unlikely")
    assert found.rivals_in_all == 2 and sum(rival.chosen for rival in found.rivals) == 1
    assert found.open_world is not None
    assert sum(rival.share for rival in found.rivals) + found.open_world == pytest.approx(1)
    assert found.probability == pytest.approx(next(rival.share for rival in found.rivals if rival.chosen))


def test_rows_that_share_nothing_were_never_compared(office: Office, ask: Ask) -> None:
    office.put("household", HOUSEHOLD, household(1, "张永强", A))
    office.put("subsidy_payments", SUBSIDY, subsidy(1, "李爱国", phone="13900010001"))
    office.run()
    found = ask("H1", "S1")
    assert (found.same, found.decision, found.stored_bits) == (False, "not_compared", None)


def test_a_pair_that_was_not_compared_is_told_the_chain_between(office: Office, ask: Ask) -> None:
    bearers = [household(i, "王芳", number) for i, number in enumerate(OTHERS, 2)]
    office.put("household", HOUSEHOLD, household(1, "王芳", A, phone="13900010001"), *bearers)
    office.put(
        "subsidy_payments", SUBSIDY, subsidy(1, "王芳", address=HOME, phone="13900010001"), subsidy(2, "王芳", "", HOME)
    )
    office.run()
    found = ask("H1", "S2")
    assert (found.same, found.decision) == (True, "chain")
    assert [str(step.left) for step in found.chain] + [str(step.right) for step in found.chain]
    assert len(found.chain) == 2 and {key("S1")} == {found.chain[0].left, found.chain[0].right} & {
        found.chain[1].left,
        found.chain[1].right,
    }
    with Reader(office.workspace).cursor() as connection:
        told = how(connection, found.left.entity_id)
    assert told.bridge is not None and told.bridge.sentence in told.sentences
    assert {told.bridge.left_mentions, told.bridge.right_mentions} == {1, 2}


def test_an_unknown_mention_names_the_roles_of_its_row(office: Office, ask: Ask) -> None:
    office.put("household", HOUSEHOLD, household(1, "张永强", A))
    office.put("subsidy_payments", SUBSIDY, subsidy(1, "张永强", A))
    office.run()
    with Reader(office.workspace).cursor() as connection:
        with pytest.raises(UnknownMention, match="领取人"):
            why(connection, MentionKey("subsidy_payments", "S1", "申请人"), key("H1"))
        with pytest.raises(UnknownEntity):
            growth(connection, "P-nobody")
    with pytest.raises(UnknownMention, match="dataset/record/role"):
        MentionKey.parse("S1")


def test_a_judged_pair_is_foreseen_before_it_is_judged(office: Office) -> None:
    office.put("household", HOUSEHOLD, household(1, "张永强", A), household(2, "王建军", B), household(3, "李娜", C))
    office.put("subsidy_payments", SUBSIDY, subsidy(1, "张永强", A))
    entities = office.run()
    with Reader(office.workspace).cursor() as connection:
        joined = foresee(connection, "person", same=[(key("H1"), key("H2"))])
        parted = foresee(connection, "person", apart=[(key("H1"), key("S1"))])
    ids = {text: entities[tuple(vars(key(text)).values())][0] for text in ("H1", "H2")}  # type: ignore[index]
    assert (joined.merges, joined.splits, joined.changed) == (1, 0, frozenset(ids.values()))
    assert (parted.merges, parted.splits, parted.split[0].sizes) == (0, 1, (1, 1))
    assert parted.moved == {("subsidy_payments", "S1", ids["H1"])}


@pytest.fixture
def connection(city: Workspace) -> Iterator[duckdb.DuckDBPyConnection]:
    """The city's resolved data."""
    with Reader(city).cursor() as cursor:
        yield cursor


@pytest.mark.parametrize("kind", ["person", "company"])
def test_recomputed_weights_are_the_stored_ones(connection: duckdb.DuckDBPyConnection, kind: str) -> None:
    chosen = read_settings(kind)  # type: ignore[arg-type]
    names = ", ".join(f"bits_{comparison.name}" for comparison in chosen.comparison)
    rows = connection.execute(f"SELECT l, r, bits, {names} FROM {kind}_pair ORDER BY l, r LIMIT 3000").fetchall()
    assert len(rows) > 300
    for weighed, (_, _, bits, *each) in zip(weigh(connection, chosen, [row[:2] for row in rows]), rows, strict=True):
        assert weighed.bits == pytest.approx(bits, abs=1e-9)
        assert [weight.bits for weight in weighed.weights] == pytest.approx(each, abs=1e-9)


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 10**6))
def test_an_explanation_adds_up_and_shows_no_number(city: Workspace, seed: int) -> None:
    with Reader(city).cursor() as connection:
        rows = connection.execute(
            """WITH named AS (SELECT m.*, name FROM mentions m JOIN mention_text USING (mention_id)
                WHERE kind IN ('person', 'company') ORDER BY hash(mention_id, $seed) LIMIT 300)
            SELECT a.dataset, a.record_id, a.role, b.dataset, b.record_id, b.role FROM named a
            JOIN (SELECT m.*, name FROM mentions m JOIN mention_text USING (mention_id)) b USING (name, kind)
            WHERE a.mention_id <> b.mention_id ORDER BY hash(a.mention_id, b.mention_id, $seed) LIMIT 1""",
            {"seed": seed},
        ).fetchall()
        found = why(connection, MentionKey(*rows[0][:3]), MentionKey(*rows[0][3:]))
        numbers = connection.execute(
            "SELECT id, phone FROM mention_text WHERE (dataset, record_id) IN (VALUES (?, ?), (?, ?))",
            [*rows[0][:2], *rows[0][3:5]],
        ).fetchall()
    assert found.prior + sum(reason.bits for reason in found.reasons) == pytest.approx(found.bits)
    if found.stored_bits is not None:
        assert found.stored_bits == pytest.approx(found.bits, abs=1e-9)
    assert found.same == (found.left.entity_id == found.right.entity_id)
    assert found.decision != "joined" and found.same == (
        found.decision in ("same_description", "certain", "scored", "chain")
    )
    text = json.dumps(dataclasses.asdict(found), default=str, ensure_ascii=False)
    assert not any(number and re.fullmatch("[0-9X]{11}|[1-8][0-9X]{17}", number) and number in text
                   for pair in numbers for number in pair)  # fmt: skip


def test_growth_explains_every_stored_probability(connection: duckdb.DuckDBPyConnection) -> None:
    entities = connection.execute(
        """SELECT DISTINCT entity_id FROM entity_of JOIN mentions USING (mention_id)
        WHERE kind IN ('person', 'company') AND probability < 1 ORDER BY 1 LIMIT 120"""
    ).fetchall()
    assert len(entities) > 50
    for (entity,) in entities:
        grown = growth(connection, entity)
        for unit, mentions in grown.mentions.items():
            weakest = min((link.probability for link in grown.way(unit, grown.core())), default=1.0)
            assert all(probability == pytest.approx(weakest, abs=1e-12) for _, probability in mentions)
        strengths = [join.link.probability for join in grown.joins]
        assert strengths == sorted(strengths, reverse=True)


def test_a_threshold_foreseen_is_what_a_run_with_it_gives(
    office: Office,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    strength = {1: {"phone": "13900010001"}, 2: {"address": HOME}}
    office.put(
        "household",
        HOUSEHOLD,
        household(1, "王芳", A, phone="13900010001"),
        household(2, "王芳", B, address=HOME),
        *(household(i, "王芳", number) for i, number in enumerate(OTHERS, 3)),
    )
    office.put(
        "subsidy_payments", SUBSIDY,
        subsidy(1, "王芳", **strength[1]), subsidy(2, "王芳", **strength[2]), subsidy(3, "王方", address=HOME),
    )  # fmt: skip
    before = office.run()
    with Reader(office.workspace).cursor() as connection:
        lowest = min(p for _, p in before.values() if p < 1)
        asked = round((lowest + 1) / 2, 9) if lowest > 0.999 else (lowest + 1) / 2
        foreseen = foresee(connection, "person", asked)
    assert foreseen.splits + foreseen.merges > 0
    (tmp_path / "config" / "settings").mkdir(parents=True)
    text = (HERE / "person.toml").read_text("utf-8")
    changed = re.sub(r"^threshold = .*$", f"threshold = {asked!r}", text, count=1, flags=re.M)
    (tmp_path / "config" / "settings" / "person.toml").write_text(changed, "utf-8")
    monkeypatch.setenv("CLUEGRAPH_CONFIG", str(tmp_path / "config"))
    resolve(office.workspace)
    with Reader(office.workspace).cursor() as connection:
        now = connection.execute(
            "SELECT count(DISTINCT entity_id) FROM entity_of JOIN mentions USING (mention_id) WHERE kind = 'person'"
        ).fetchall()
    assert (foreseen.entities, foreseen.asked_entities) == (
        len({entity for entity, _ in before.values()}),
        now[0][0],
    )


def test_the_present_threshold_changes_nothing_and_a_higher_one_only_splits(
    connection: duckdb.DuckDBPyConnection,
) -> None:
    same = foresee(connection, "person", read_settings("person").cluster.threshold)
    higher = foresee(connection, "person", 0.999)
    assert (same.merges, same.splits, same.changed) == (0, 0, frozenset())
    assert higher.merges == 0 and higher.splits > 0 and higher.asked_entities > higher.entities
    with pytest.raises(SettingsError, match=r"0\.5"):
        foresee(connection, "person", 0.2)


def test_a_clue_names_its_weakest_link_and_where_it_vanishes(connection: duckdb.DuckDBPyConnection) -> None:
    dataset, record, entity, probability = connection.execute(
        """SELECT dataset, record_id, entity_id, probability FROM entity_of JOIN mentions USING (mention_id)
        WHERE kind = 'person' AND probability BETWEEN 0.75 AND 0.99 ORDER BY mention_id LIMIT 1"""
    ).fetchall()[0]
    facts = [{"dataset": dataset, "record_id": record}]
    # a clue has the probability that the graph has: whole thousandths, rounded down
    found = footing(connection, facts, [entity], int(probability * 1000) / 1000)
    assert found.vanishes_above == probability and found.link is not None
    assert f"{found.vanishes_above:.4f}" in found.sentence
    assert found.link.probability == pytest.approx(probability)
    foreseen = foresee(connection, "person", min(1.0, probability + 1e-9))
    ends = {(end.dataset, end.record_id, entity) for end in (found.link.left, found.link.right)}
    assert entity in foreseen.changed and len(ends & foreseen.moved) == 1
    assert footing(connection, facts, [entity], 1.0).vanishes_above is None


def test_a_common_name_has_more_homonyms_to_expect_than_a_rare_one(connection: duckdb.DuckDBPyConnection) -> None:
    common, rare = (
        connection.execute(
            f"SELECT entity_id, homonyms FROM person_entities WHERE birth_date IS NOT NULL AND length(name) = 2"
            f" AND id_number IS NOT NULL ORDER BY homonyms {order}, entity_id LIMIT 1"
        ).fetchall()[0]
        for order in ("DESC", "ASC")
    )
    most, least = homonyms(connection, common[0]), homonyms(connection, rare[0])
    assert most is not None and least is not None
    assert most.expected / most.people > 3 * least.expected / least.people
    assert most.loaded == common[1] and most.name in most.sentence and str(most.birth_year) in most.sentence
    assert "除本人外预计另有 0." in most.sentence and "除本人外预计另有不足 0.001 名同名" in least.sentence


@given(st.lists(st.tuples(st.integers(0, 7), st.integers(0, 7), st.sampled_from([0.8, 0.9, 0.95, 0.99])), max_size=20))
def test_a_bridge_is_a_link_without_which_the_rest_falls_apart(edges: list[tuple[int, int, float]]) -> None:
    links = [Link(f"{a}", f"{b}", f"{a}", f"{b}", p, 0.0) for a, b, p in edges if a != b]
    links.sort(key=lambda link: -link.probability)
    sizes = {str(unit): 1 for unit in range(8)}
    joins = spanning(links, sizes)
    assert all(a.link.probability >= b.link.probability for a, b in pairwise(joins))
    for join in joins:
        rest = [link for link in links if link is not join.link]
        assert (len(spanning(rest, sizes)) < len(joins)) == (join.beside == 0)


def test_readers_share_one_connection_and_let_go_of_it(city: Workspace) -> None:
    reader = Reader(city)
    with reader.cursor() as one, reader.cursor() as two:
        assert one.execute("SELECT 1").fetchall() == two.execute("SELECT 1").fetchall()
    city.connect().close()  # nobody reads: it may be written


def test_a_workspace_that_is_written_is_busy_and_an_empty_one_says_so(office: Office) -> None:
    with pytest.raises(NotResolved), Reader(office.workspace).cursor():
        pass
    office.put("household", HOUSEHOLD, household(1, "张永强", A))
    office.run()
    writing = office.workspace.connect()
    with pytest.raises(WorkspaceBusy), Reader(office.workspace).cursor():
        pass
    writing.close()
