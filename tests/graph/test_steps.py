"""A model's query taken apart: its steps, its conditions, and the words for values that it computes."""

from __future__ import annotations

from pathlib import Path

import pytest

from graph.catalogue import catalogue
from graph.clauses import scope
from graph.conditions import condition
from graph.expressions import variables
from graph.model import ModelError, read
from graph.statement import Statement
from graph.steps import definitions, ways

QUERY = """
MATCH (case:CriminalCase {verdict: '有罪'})-[charged:CHARGES]->(person:Person)<-[:PAID_TO]-(payment)
WHERE case.knownFrom <= $as_of AND (case.amount > 5 OR case.name STARTS WITH 'a') // AND nothing
WITH person, collect(case) AS cases, CASE WHEN person.sex = '男' THEN 1 ELSE 0 END AS male
WHERE size(cases) >= 2
RETURN person, male
"""


def test_a_query_is_told_apart_step_by_step() -> None:
    (way,) = ways(QUERY)
    assert [step.kind for step in way] == ["match", "with", "filter", "return"]
    assert [hop.types for hop in way[0].hops] == [("CHARGES",), ("PAID_TO",)]
    assert way[0].where_texts[0] == "case.verdict = '有罪'"
    assert way[0].where_texts[2] == "(case.amount > 5 OR case.name STARTS WITH 'a')"
    assert way[2].where_texts == ("size(cases) >= 2",)
    assert scope(way[:2]) == {"person", "cases", "male"}
    assert set(definitions(way)) == {"cases", "male"}


@pytest.mark.parametrize(("model", "count"), [("M03", 1), ("M16", 3), ("M21", 2), ("M06", 4), ("M02", 1), ("M24", 5)])
def test_a_model_of_several_patterns_has_as_many_ways(model: str, count: int) -> None:
    assert len(ways(catalogue()[model].query)) == count


@pytest.mark.parametrize(
    ("text", "kind", "operator"),
    [
        ("a.x >= b", "compare", ">="),
        ("NOT a.x < b", "compare", ">="),
        ("a.x IS NOT NULL", "compare", "IS NOT NULL"),
        ("a.name STARTS WITH 'x'", "compare", "STARTS WITH"),
        ("a AND b OR c", "any", ""),
        ("(a OR b) AND c", "all", ""),
        ("NOT EXISTS { MATCH (a)-[:X]->(:Y) WHERE a.z = 1 }", "absent", ""),
        ("EXISTS { (a)-[:X]->(b) }", "exists", ""),
        ("(a)-[:X]->(b)", "other", ""),
        ("coalesce(a.x > b, false)", "compare", ">"),
        ("CASE WHEN a THEN b = 1 ELSE c END", "case", ""),
        ("any(r IN rows WHERE r.day < x)", "elements", ""),
        ("any(w IN $words WHERE a.text CONTAINS w)", "other", ""),
        ("a < b < c", "other", ""),
    ],
)
def test_a_condition_is_read_for_what_it_asks(text: str, kind: str, operator: str) -> None:
    found = condition(text)
    assert (found.kind, found.operator) == (kind, operator)


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("[x IN xs WHERE x.day > case.day | x]", {"xs", "case"}),
        ("reduce(sum = 0, x IN xs | sum + x.n) > count", {"xs", "count"}),
        ("duration.inDays(begins, ends).days > $n", {"begins", "ends"}),
        ("EXISTS { MATCH (a)<-[:X]-(row:Death) WHERE row.day < day }", {"a", "day"}),
    ],
)
def test_an_expression_takes_only_the_names_from_around_it(text: str, names: set[str]) -> None:
    assert variables(Statement(text).tokens) == names


def test_words_for_a_value_that_the_query_does_not_compute_are_refused(tmp_path: Path) -> None:
    text = catalogue()["M03"].path.read_text(encoding="utf-8").replace('countedFrom = "', 'countedForm = "')
    (tmp_path / "M03.cypher").write_text(text, encoding="utf-8")
    with pytest.raises(ModelError, match=r"M03.cypher:\d+: compute countedForm"):
        read(tmp_path / "M03.cypher")
