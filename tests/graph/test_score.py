"""Clues against a known truth, by the rules of the contract."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from graph.score import TruthError, score

TERM, PAID, LATE = ["prison_terms", "T1"], ["subsidy_payments", "S1"], ["subsidy_payments", "S2"]


def truth(folder: Path, clues: list[dict[str, Any]], traps: list[dict[str, Any]]) -> Path:
    for name, lines in (("clues", clues), ("traps", traps)):
        text = "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines)
        (folder / f"{name}.jsonl").write_text(text, encoding="utf-8")
    return folder


def clue(key: str, *facts: list[str], model: str = "M03", status: str = "new") -> dict[str, Any]:
    said = [{"dataset": dataset, "record_id": record} for dataset, record in facts]
    return {"model": model, "key": key, "status": status, "facts": said}


def test_a_clue_finds_a_truth_when_its_facts_hold_all_key_facts(tmp_path: Path) -> None:
    folder = truth(tmp_path, [{"model": "M03", "key_facts": [TERM, PAID]}], [])
    result = score([clue("a", TERM, PAID, LATE), clue("b", TERM, LATE)], folder)["M03"]
    assert (result.precision, result.recall, result.false) == (0.5, 1.0, ["b"])


def test_two_clues_of_one_truth_find_it_once(tmp_path: Path) -> None:
    folder = truth(
        tmp_path, [{"model": "M03", "key_facts": [TERM, PAID]}, {"model": "M03", "key_facts": [TERM, LATE]}], []
    )
    result = score([clue("a", TERM, PAID), clue("b", TERM, PAID)], folder)["M03"]
    assert (result.precision, result.recall) == (1.0, 0.5)
    assert result.missed == [{"model": "M03", "key_facts": [TERM, LATE]}]


def test_a_clue_whose_facts_hold_a_whole_trap_fell_into_it(tmp_path: Path) -> None:
    traps = [
        {"model": "M03", "facts": [TERM, PAID], "why": "同名"},
        {"model": "M03", "facts": [TERM, LATE], "why": "释放之后"},
    ]
    result = score([clue("a", TERM, PAID)], truth(tmp_path, [], traps))["M03"]
    assert (result.traps, result.trap_hits) == (2, 1)
    assert (result.trapped[0]["why"], result.trapped[0]["clues"]) == ("同名", ["a"])


def test_the_truth_of_another_model_is_not_found(tmp_path: Path) -> None:
    folder = truth(tmp_path, [{"model": "M01", "key_facts": [TERM, PAID]}], [])
    scores = score([clue("a", TERM, PAID)], folder)
    assert (scores["M03"].precision, scores["M03"].recall) == (None, None)
    assert (scores["M01"].precision, scores["M01"].recall) == (None, 0.0)


def test_a_clue_that_is_gone_counts_neither_way(tmp_path: Path) -> None:
    folder = truth(tmp_path, [{"model": "M03", "key_facts": [TERM, PAID]}], [])
    result = score([clue("a", TERM, PAID, status="gone")], folder)["M03"]
    assert (result.clues, result.recall) == (0, 0.0)


def test_a_spoilt_truth_is_refused_at_its_line(tmp_path: Path) -> None:
    folder = truth(tmp_path, [{"model": "M03", "key_facts": [TERM]}, {"model": "M03"}], [])
    with pytest.raises(TruthError, match=r"clues\.jsonl:2"):
        score([], folder)
    with pytest.raises(TruthError, match="cluegraph generate"):
        score([], tmp_path / "nowhere")
