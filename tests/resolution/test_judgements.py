"""What people say of two mentions counts at the next run, holds through reloads, and can be taken back."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from resolution import judgement_files
from resolution.agreement import agreement
from resolution.explain import why
from resolution.foresight import foresee
from resolution.growth import MentionKey
from resolution.judgements import JudgementError, JudgementStore, Mention, mention, pair_key
from resolution.reading import Reader
from resolution.resolve import resolve
from tests.resolution.test_resolve import HOUSEHOLD, SUBSIDY, A, B, C, Office, household, subsidy

H1, H2 = Mention("household", "H1", "人员"), Mention("household", "H2", "人员")
S1, S2 = Mention("subsidy_payments", "S1", "领取人"), Mention("subsidy_payments", "S2", "领取人")
HOME = "兰州市城关区白银路12号锦绣家园3号楼1单元502室"


@pytest.fixture
def office(tmp_path: Path) -> Office:
    return Office(tmp_path)


@pytest.fixture
def store(office: Office) -> JudgementStore:
    return JudgementStore(office.workspace)


def ids(found: dict[tuple[str, str, str], tuple[str, float]]) -> dict[Mention, str]:
    return {Mention(*key): entity for key, (entity, _) in found.items()}


def asked(office: Office, sql: str) -> list[tuple[Any, ...]]:
    connection = office.workspace.connect()
    rows = connection.execute(sql).fetchall()
    connection.close()
    return rows


def test_not_the_same_splits_though_the_number_is_one(office: Office, store: JudgementStore) -> None:
    office.put("household", HOUSEHOLD, household(1, "张永强", A))
    office.put("subsidy_payments", SUBSIDY, subsidy(1, "张永强", A), subsidy(2, "张永强", A))
    before = ids(office.run())
    assert len(set(before.values())) == 1
    store.say(H1, S1, "not_same", "李检", "冒用证件")
    after = ids(office.run())
    assert after[H1] == after[S2] == before[H1]
    assert after[S1] != after[H1]


def test_not_the_same_splits_rows_that_are_equal_in_all(office: Office, store: JudgementStore) -> None:
    office.put("subsidy_payments", SUBSIDY, *(subsidy(n, "张永强", "", HOME, "13900010001") for n in (1, 2)))
    assert len(set(ids(office.run()).values())) == 1
    store.say(S1, S2, "not_same", "李检")
    assert len(set(ids(office.run()).values())) == 2


def test_why_and_what_if_know_what_was_said(office: Office, store: JudgementStore) -> None:
    office.put("household", HOUSEHOLD, household(1, "张永强", A))
    office.put("subsidy_payments", SUBSIDY, subsidy(1, "张永强", A), subsidy(2, "张永强", A))
    store.say(H1, S1, "not_same", "李检", "冒用证件")
    office.run()
    with Reader(office.workspace).cursor() as connection:
        found = why(connection, MentionKey(*H1), MentionKey(*S1), store.told)
        nothing = foresee(connection, "person")
    assert found.decision == "judged"
    assert "李检" in found.sentences[0] and "不是同一主体：冒用证件" in found.sentences[0]
    assert (nothing.entities, nothing.asked_entities, nothing.merges, nothing.splits) == (2, 2, 0, 0)


def test_not_the_same_holds_through_a_chain(office: Office, store: JudgementStore) -> None:
    rows = [subsidy(1, "欧阳铁锤", "", HOME), subsidy(2, "欧阳铁锤", "", HOME, "13900010001")]
    rows += [subsidy(3, "欧阳铁锤", "", "", "13900010001")]
    office.put("subsidy_payments", SUBSIDY, *rows)
    s3 = Mention("subsidy_payments", "S3", "领取人")
    assert len(set(ids(office.run()).values())) == 1
    store.say(S1, s3, "not_same", "李检")
    after = ids(office.run())
    assert after[S1] != after[s3]


def test_the_same_joins_two_rows_without_numbers(office: Office, store: JudgementStore) -> None:
    office.put("household", HOUSEHOLD, household(1, "王芳", A), household(2, "王芳", B), household(3, "王芳", C))
    office.put("subsidy_payments", SUBSIDY, subsidy(1, "王芳"), subsidy(2, "王小芳"))
    before = ids(office.run())
    store.say(S1, S2, "same", "李检", "本人确认曾用名")
    found = office.run()
    assert found[S1][0] == found[S2][0] != before[H1]
    assert found[S2][1] == 1.0


def test_the_same_joins_over_a_veto_and_the_run_says_so(office: Office, store: JudgementStore) -> None:
    office.put("household", HOUSEHOLD, household(1, "王建军", A), household(2, "王建军", B))
    before = ids(office.run())
    store.say(H1, H2, "same", "李检", "一人两证")
    after = ids(office.run())
    assert after[H1] == after[H2] and before[H1] != before[H2]
    assert resolve(office.workspace)["person"]["judged_over_veto"] == 1


def test_what_is_ruled_out_no_longer_competes(office: Office, store: JudgementStore) -> None:
    office.put(
        "household", HOUSEHOLD, household(1, "王芳", A, phone="13900010001"), household(2, "王芳", B, address=HOME)
    )
    office.put("subsidy_payments", SUBSIDY, subsidy(1, "王芳", "", HOME, "13900010001"))
    first = ids(office.run())
    rival, other = (H1, H2) if first[S1] == first[H1] else (H2, H1)
    store.say(S1, rival, "not_same", "李检")
    after = ids(office.run())
    assert after[S1] == after[other] != after[rival]


@pytest.mark.parametrize(("verdict", "rows"), [("not_same", (A, A)), ("same", (A, B))])
def test_taking_back_brings_the_old_state_and_the_old_ids_back(
    office: Office, store: JudgementStore, verdict: str, rows: tuple[str, str]
) -> None:
    office.put(
        "household", HOUSEHOLD, *(household(n, "王建军", number) for n, number in zip((1, 2), rows, strict=True))
    )
    before = ids(office.run())
    store.say(H1, H2, verdict, "李检")
    changed = ids(office.run())
    assert (changed[H1] == changed[H2]) != (before[H1] == before[H2])
    store.withdraw(pair_key(H1, H2), "王检")
    assert ids(office.run()) == before
    assert asked(office, "SELECT former_id FROM redirect WHERE former_id IN (SELECT entity_id FROM entity_of)") == []
    said = store.of(pair_key(H1, H2))
    assert [(each.verdict, each.withdrawn_by) for each in said] == [(verdict, "王检")]


def test_a_decision_survives_a_reload_and_lies_dormant_while_its_row_is_gone(
    office: Office, store: JudgementStore
) -> None:
    office.put("household", HOUSEHOLD, household(1, "张永强", A))
    office.put("subsidy_payments", SUBSIDY, subsidy(1, "张永强", A), subsidy(2, "张永强", A))
    office.run()
    store.say(H1, S1, "not_same", "李检")
    split = ids(office.run())
    office.put("subsidy_payments", SUBSIDY, subsidy(2, "张永强", A))
    assert set(ids(office.run())) == {H1, S2}
    office.put("subsidy_payments", SUBSIDY, subsidy(1, "张永强", A), subsidy(2, "张永强", A))
    assert ids(office.run()) == split


def test_another_threshold_changes_no_decision(
    office: Office, store: JudgementStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    office.put("subsidy_payments", SUBSIDY, *(subsidy(n, "张永强", "", HOME, "13900010001") for n in (1, 2)))
    store.say(S1, S2, "not_same", "李检")
    before = ids(office.run())
    settings = (Path(__file__).parents[2] / "resolution/settings/person.toml").read_text("utf-8")
    (tmp_path / "config" / "settings").mkdir(parents=True)
    (tmp_path / "config" / "settings" / "person.toml").write_text(
        settings.replace("threshold = 0.75", "threshold = 0.5")
    )
    monkeypatch.setenv("CLUEGRAPH_CONFIG", str(tmp_path / "config"))
    assert ids(office.run()) == before
    assert before[S1] != before[S2]


def test_of_words_that_contradict_each_other_the_latest_counts_and_the_run_tells(
    office: Office, store: JudgementStore
) -> None:
    office.put("household", HOUSEHOLD, *(household(n, name) for n, name in ((1, "甲天"), (2, "乙地"), (3, "丙人"))))
    h3 = Mention("household", "H3", "人员")
    start = datetime(2026, 1, 1, tzinfo=UTC)
    for hour, (one, other, verdict) in enumerate([(H1, H2, "same"), (H2, h3, "same"), (H1, h3, "not_same")]):
        store.say(one, other, verdict, "李检", at=start + timedelta(hours=hour))
    found = ids(office.run())
    assert found[H2] == found[h3] != found[H1]
    assert "H1" in resolve(office.workspace)["person"]["contradictions"][0]


def test_what_became_of_entities_is_told_and_recorded(office: Office, store: JudgementStore) -> None:
    office.put("household", HOUSEHOLD, household(1, "张永强", A), household(2, "王建军", B))
    office.run()
    office.put("subsidy_payments", SUBSIDY, subsidy(1, "张永强", A))
    before = ids(office.run())
    store.say(H1, H2, "same", "李检")
    after = ids(office.run())
    store.withdraw(pair_key(H1, H2), "李检")
    office.run()
    office.put("household", HOUSEHOLD, household(1, "张永强", A))
    office.run()
    kept, lost = after[H1], (set(before.values()) - set(after.values())).pop()
    assert asked(
        office, "SELECT run, event, entity_id, other_id, mentions FROM entity_event WHERE run > 1 ORDER BY run"
    ) == [
        (2, "joined", before[H1], None, 1),
        (3, "merged", kept, lost, 1),
        (4, "split", kept, lost, 1),
        (5, "gone", before[H2], None, 1),
    ]


def test_an_id_merged_twice_leads_to_who_is_there_now(office: Office, store: JudgementStore) -> None:
    rows = [household(1, "甲天", A), household(2, "乙地", B), household(3, "丙人", C), household(4, "丙人", C)]
    office.put("household", HOUSEHOLD, *rows, household(5, "丙人", C), household(6, "乙地", B))
    before = ids(office.run())
    store.say(H1, H2, "same", "李检")
    office.run()
    store.say(H2, Mention("household", "H3", "人员"), "same", "李检")
    after = ids(office.run())
    assert len(set(after.values())) == 1
    leads = dict(asked(office, "SELECT former_id, entity_id FROM redirect"))
    assert leads == {former: after[H1] for former in before.values() if former != after[H1]}


def test_blind_words_count_when_two_people_agree(office: Office, store: JudgementStore) -> None:
    office.put("household", HOUSEHOLD, household(1, "王建军", A), household(2, "王建军", B))
    store.say(H1, H2, "same", "李检", blind=True)
    found = ids(office.run())
    assert found[H1] != found[H2]
    store.say(H2, H1, "same", "王检", blind=True)
    found = ids(office.run())
    assert found[H1] == found[H2]


def test_agreement_is_a_share_and_what_goes_beyond_chance(store: JudgementStore) -> None:
    said = [("same", "same")] * 4 + [("not_same", "not_same")] * 3 + [("same", "not_same")] * 2 + [("not_same", "same")]
    for number, verdicts in enumerate(said):
        for who, verdict in zip(("李检", "王检"), verdicts, strict=True):
            store.say(H1, Mention("household", f"N{number}", "人员"), verdict, who, blind=True)
    store.say(H1, H2, "same", "李检", blind=True)
    figures = agreement(store.every())
    assert (figures.pairs, figures.waiting, figures.share) == (10, 1, 0.7)
    assert figures.kappa == pytest.approx(0.4)


def test_judgements_go_through_a_file_and_back(office: Office, store: JudgementStore, tmp_path: Path) -> None:
    store.say(S1, H1, "not_same", "李检", f"证件 {A} 冒用，见 2024-01-10 笔录")
    store.say(H1, H2, "same", "王检")
    store.withdraw(pair_key(H1, H2), "李检")
    judgement_files.write(store, tmp_path / "said.jsonl")
    text = (tmp_path / "said.jsonl").read_text("utf-8")
    assert A not in text and "2024-01-10" in text
    (tmp_path / "elsewhere").mkdir()
    other = JudgementStore(Office(tmp_path / "elsewhere").workspace)
    assert judgement_files.read(other, tmp_path / "said.jsonl") == {"new": 2, "withdrawn": 0, "known": 0}
    assert judgement_files.read(other, tmp_path / "said.jsonl") == {"new": 0, "withdrawn": 0, "known": 2}
    judgement_files.write(other, tmp_path / "again.jsonl")
    assert (tmp_path / "again.jsonl").read_text("utf-8") == text


def test_a_faulty_line_is_named_and_nothing_is_taken(store: JudgementStore, tmp_path: Path) -> None:
    sides = [{"dataset": "household", "record_id": record, "role": "人员"} for record in ("H1", "H2")]
    said = {"left": sides[0], "right": sides[1], "verdict": "same", "who": "李检", "at": "2026-01-01T09:00:00+08:00"}
    good = json.dumps(said, ensure_ascii=False)
    (tmp_path / "said.jsonl").write_text(f"{good}\n{good.replace('same', 'maybe')}\n", "utf-8")
    with pytest.raises(JudgementError, match=r"said.jsonl:2: verdict"):
        judgement_files.read(store, tmp_path / "said.jsonl")
    assert store.every() == []


@pytest.mark.parametrize("text", ["", "household", "household/H1", "/H1/人员"])
def test_a_mention_written_badly_is_refused(text: str) -> None:
    with pytest.raises(JudgementError, match="DATASET/RECORD/ROLE"):
        mention(text)
