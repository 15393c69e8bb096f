"""Why a model has no clue: on the cases of the models, the near misses name the condition that is missed."""

from __future__ import annotations

from typing import Any

import pytest
from cypher_cases import Case, build, read

from graph.catalogue import catalogue
from graph.detect import run_model
from graph.explain import ExplainError, explain
from graph.explanation import Explanation

MODELS = catalogue()
CASES = read()


def case(model: str, words: str) -> Case:
    return next(case for case in CASES if case.model == model and words in case.name and case.kind == "near miss")


def asked(graph: Any, case: Case, entity: str) -> Explanation:
    return explain(graph, MODELS[case.model], entity, case.as_of, case.params, min_confidence=case.min_confidence)


def missed(explanation: Explanation) -> set[tuple[str, str]]:
    """The innermost conditions that fail in the nearest rows, with what is lacking."""
    return {
        (leaf.text, leaf.gap)
        for row in explanation.attempts[0].nearest
        for condition in row.conditions
        for leaf in condition.failing()
    }


@pytest.mark.parametrize(
    ("model", "words", "entity", "text", "gap"),
    [
        ("M02", "filed before the judgment", "p-debtor", "lease.filedOn > after", "差 1 天"),
        ("M03", "in the month of admission", "p1", "payment.paidOn >= countedFrom", "差 1 天"),
        ("M03", "in the month of admission", "p1", "payment.paidOn < released", "差 1 天"),
        ("M03", "served in the community", "p1", "term.execution = '监狱服刑'", ""),
        ("M04", "taken off line", "c1", "listing.delistedOn > $as_of", "差 1 天"),
        ("M05", "half performed", "p1", "commutation.monthlySpending >= $spending", "差 1 元"),
        ("M07", "registered after the year", "h1", "title.registeredOn <= yearEnd", "差 1 天"),
        (
            "M09", "in the month of death", "p1",
            "p.row.paidOn >= date.truncate('month', death.day) + duration({months: 1})", "差 21 天",
        ),
        ("M10", "the quarter ends on the day", "c1", "ends < $as_of", "差 1 天"),
        ("M11", "entered the payroll", "p1", "employment.enteredOn <= decided", "差 1 天"),
        ("M12", "the day after it ended", "p1", "day <= correction.endsOn", "差 1 天"),
        ("M13", "two months only", "c1", "size(months) >= $min_months", "差 1 个月"),
        (
            "M16", "one day of overlap", "p1",
            "duration.inDays(later, earlier).days > $overlap_days", "恰好相等",
        ),
        (
            "M17", "sixteen days", "d1",
            "duration.inDays(suit.filedOn, suit.judgedOn).days <= $fast_days", "差 1 天",
        ),
        ("M18", "closed", "c1", "premises.status = '营业'", ""),
        ("M19", "29 days", "w1", "arrears.registeredOn <= $as_of - duration({days: $days})", "差 1 天"),
        ("M20", "recovered whole", "p1", "case.amountInvolved > coalesce(case.recovered, 0)", "恰好相等"),
        ("M21", "too little money", "c1", "penalty.amountInvolved >= $criminal_amount", "差 1 元"),
        ("M22", "no caller", "c1", "callers >= $subject_callers", "差 1 个"),
    ],
)  # fmt: skip
def test_a_near_miss_names_the_condition_it_misses(
    graph: Any, model: str, words: str, entity: str, text: str, gap: str
) -> None:
    near = case(model, words)
    build(graph, near)
    explanation = asked(graph, near, entity)
    assert not explanation.found
    assert not explanation.problem
    assert (text, gap) in missed(explanation)


def test_the_sentences_are_those_of_the_field(graph: Any) -> None:
    near = case("M03", "in the month of admission")
    build(graph, near)
    told = asked(graph, near, "p1").text()
    assert "李强（p1）没有线索" in told
    assert "补贴发放的发放日期（2020-03-31）须不早于计发起日（收监当月过后）（2020-04-01），差 1 天" in told
    assert "subsidy_payments/S2020-03-31" in told


def test_another_person_of_the_name_is_told_apart(graph: Any) -> None:
    near = case("M03", "another person of the same name")
    build(graph, near)
    assert "同名的另一实体（p2）有" in asked(graph, near, "p1").attempts[0].sentence


def test_what_must_not_be_there_is_named(graph: Any) -> None:
    near = case("M11", "disciplined on the day")
    build(graph, near)
    assert "disciplinary_actions/D1" in asked(graph, near, "p1").attempts[0].sentence


def test_a_model_that_has_nothing_to_do_with_such_an_entity_says_so(graph: Any) -> None:
    near = case("M03", "in the month of admission")
    build(graph, near)
    graph.write("CREATE (:Entity:Company {key: 'c9', entityId: 'c9', name: '某公司'})")
    explanation = asked(graph, near, "c9")
    assert explanation.attempts == []
    assert "该模型不涉及单位" in explanation.text()


def test_a_ring_is_counted_whole_for_each_of_its_members(graph: Any) -> None:
    near = case("M17", "two such suits")
    build(graph, near)
    assert ("size(suits) >= $ring", "差 1 件") in missed(asked(graph, near, "d1"))


@pytest.mark.parametrize("model", MODELS)
def test_an_entity_that_is_found_is_told_the_key_of_its_clue(graph: Any, model: str) -> None:
    found = next(case for case in CASES if case.model == model and case.kind == "found")
    build(graph, found)
    clue = run_model(graph, MODELS[model], found.as_of, MODELS[model].parameters(found.params)).clues[0]
    fact = clue.facts[0]
    entity = clue.subjects[0]["entity_id"] if clue.subjects else f"{fact['dataset']}/{fact['record_id']}"
    explanation = asked(graph, found, entity)
    assert clue.key in [told["key"] for told in explanation.clues]
    assert clue.key in explanation.text()


def test_an_entity_that_is_not_there_is_refused(graph: Any) -> None:
    near = case("M03", "in the month of admission")
    build(graph, near)
    with pytest.raises(ExplainError, match="list of entities"):
        asked(graph, near, "p77")
