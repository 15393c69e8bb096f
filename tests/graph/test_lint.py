"""A model whose words, rows or conditions cannot be right is told, with the line and what to do. No Neo4j is asked."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graph.catalogue import catalogue
from graph.lint import doubts, refusals
from graph.model import Model, read
from graph.words import Words, words

TEXT = """/*+++
id = "X01"
slug = "paid-in-prison"
title = "服刑期间发放"
lines = ["行政"]
receivers = ["民政局"]
description = "服刑期间的发放"
misses = "无"
maturity = "draft"
timeout_seconds = 10
identity = ["term"]
severity = "一律 medium"
[datasets]
prison_terms = ["execution", "admissionDate", "termEnd"]
subsidy_payments = ["paidOn", "amount"]
[returns]
term = {title = "刑罚执行记录"}
total = {title = "总额（元）"}
+++*/
MATCH (term:PrisonTerm {execution: '监狱服刑'})-[served:SERVED_BY]->(person:Person)
WHERE term.knownFrom <= $as_of AND served.probability >= $min_confidence
MATCH (person)<-[paid:PAID_TO]-(payment:SubsidyPayment)
WHERE payment.knownFrom <= $as_of AND paid.probability >= $min_confidence
  AND payment.paidOn >= term.admissionDate AND payment.paidOn < term.termEnd
WITH term, served, person, collect(payment) AS payments, collect(paid) AS links
RETURN term.key AS term, reduce(sum = 0, p IN payments | sum + p.amount) AS total,
       [person] AS subjects, [term] + payments AS facts, [served] + links AS links, ['x'] AS reasons, 'low' AS severity
"""
SHIPPED = catalogue()
TOKENS = st.sampled_from(
    [
        "",
        *"()[]{}:,-><*|.`'",
        "AS",
        "IN",
        "WITH",
        "MATCH",
        "RETURN",
        "UNION",
        "CALL",
        "EXISTS",
        "UNWIND",
        "DISTINCT",
        "x",
    ]
)


@pytest.fixture(scope="module")
def known() -> Words:
    return words()


def model(folder: Path, *changes: tuple[str, str]) -> Model:
    text = TEXT
    for before, after in changes:
        assert before in text
        text = text.replace(before, after)
    path = folder / "X01.cypher"
    path.write_text(text, encoding="utf-8")
    return read(path)


def test_a_sound_model_has_nothing_to_mend(tmp_path: Path, known: Words) -> None:
    assert refusals(model(tmp_path), known) + doubts(model(tmp_path), known) == []


@pytest.mark.parametrize(
    ("before", "after", "fault"),
    [
        ("payment:SubsidyPayment", "payment:SubsidyPayments",
         "22: the graph has no label SubsidyPayments: did you mean SubsidyPayment?"),
        ("(person)<-[paid", "(person:person)<-[paid", "22: the graph has no label person: did you mean Person?"),
        ("paid:PAID_TO", "paid:PAYED_TO", "22: the graph has no relationship PAYED_TO: did you mean PAID_TO?"),
        ("payment.paidOn <", "payment.payedOn <", "24: SubsidyPayment has no property payedOn: did you mean paidOn?"),
        ("{execution:", "{excution:", "20: PrisonTerm has no property excution: did you mean execution?"),
        ("served.probability", "served.probabilty",
         "21: SERVED_BY has no property probabilty: did you mean probability?"),
        ("p.amount)", "p.amuont)", "26: nothing has a property amuont: did you mean amount?"),
        ("[person] AS", "[person.idNumber] AS",
         "27: do without idNumber: ID numbers, phones and accounts are not in the graph"),
        ("AND payment.paidOn <", "AND payment:Leese AND payment.paidOn <",
         "24: the graph has no label Leese: did you mean Lease?"),
        ("]->(person:Person)", "]->(person:Company)",
         "20: SERVED_BY leads from PrisonTerm to Person: mend its ends or its arrow"),
        ("<-[paid:PAID_TO]-", "-[paid:PAID_TO]->",
         "22: PAID_TO leads from SubsidyPayment to Person: mend its ends or its arrow"),
        ('["paidOn", "amount"]', '["payedOn"]', "15: subsidy_payments has no field payedOn: did you mean paidOn?"),
        ("\nsubsidy_payments =", "\nsubsidy_payment =",
         "15: no dataset subsidy_payment: did you mean subsidy_payments?"),
        ('\nsubsidy_payments = ["paidOn", "amount"]', "",
         "21: add subsidy_payments to [datasets]: the query reads SubsidyPayment"),
    ],
)  # fmt: skip
def test_a_word_that_the_graph_does_not_have_is_refused_with_what_was_meant(
    tmp_path: Path, known: Words, before: str, after: str, fault: str
) -> None:
    told = [str(each) for each in refusals(model(tmp_path, (before, after)), known)]
    assert f"X01.cypher:{fault}" in told


@pytest.mark.parametrize(
    "harmless",
    [
        "WITH *, {colour: 'red', size: {most: 1}} AS paint WITH *, paint.colour AS colour, paint.size.most AS most",
        "WITH *, term.admissionDate.year AS year, duration.inDays(term.admissionDate, term.termEnd).days AS days",
        "WITH * WHERE person:Person|Company AND NOT EXISTS { (person)-[:POSSIBLY_SAME]-(:Person) }",
        "WITH *, COUNT { (person)--() } AS degree, [x IN labels(person) WHERE x <> 'Nothing:Here'] AS ls",
        "MATCH (person)-[own:HAS_PHONE|HAS_ADDRESS]->(place) WHERE own.probability >= $min_confidence"
        " WITH term, served, person, payments, links, collect(place) AS places",
        "CALL (person) { MATCH (person)<-[l:SERVED_BY]-(f:Fact) WHERE f.knownFrom <= $as_of RETURN count(f) AS n }",
    ],
)
def test_what_is_right_is_not_complained_of(tmp_path: Path, known: Words, harmless: str) -> None:
    made = model(tmp_path, ("RETURN term.key", f"{harmless}\nRETURN term.key"))
    assert refusals(made, known) + doubts(made, known) == []


@pytest.mark.parametrize(
    ("changes", "line", "thing"),
    [
        ([("collect(payment) AS payments, collect(paid)", "[payment] AS payments, [paid]")], 22, "payment"),
        ([("collect(payment) AS payments, collect(paid)", "payment, collect(payment) AS payments, collect(paid)")],
         22, "payment"),
        ([("RETURN term.key AS term", "UNWIND payments AS one RETURN term.key AS term")], 26, "one"),
        ([("RETURN term.key AS term", "MATCH (person)-[:HAS_PHONE]->(phone:Phone) RETURN term.key AS term")],
         26, "phone"),
        ([("RETURN term.key AS term", "RETURN term.crime AS term")], 20, "term"),
        ([("WITH term, served", "OPTIONAL MATCH (person)<-[:LET_BY]-(lease:Lease) WITH lease, term, served"),
          ("[datasets]", "[datasets]\nleases = []")], 26, "lease"),
    ],
)  # fmt: skip
def test_rows_that_the_identity_does_not_tell_apart_are_refused(
    tmp_path: Path, known: Words, changes: list[tuple[str, str]], line: int, thing: str
) -> None:
    told = [str(each) for each in refusals(model(tmp_path, *changes), known)]
    assert any(each.startswith(f"X01.cypher:{line}: identity does not tell the rows of {thing} apart") for each in told)


@pytest.mark.parametrize(
    "changes",
    [
        [("RETURN term.key AS term", "RETURN elementId(term) AS term")],
        # one payment a clue, when identity says so
        [("collect(payment) AS payments, collect(paid)", "[payment] AS payments, [paid]"),
         ("RETURN term.key AS term", "UNWIND payments AS one RETURN term.key + one.key AS term")],
        # a fact leads to one person, so the term decides it
        [("RETURN term.key AS term", "WITH *, person.entityId AS who RETURN term.key AS term")],
        [("WITH term, served, person, collect", "WITH DISTINCT term, served, person, payment, paid"
          " WITH term, served, person, collect")],
    ],
)  # fmt: skip
def test_rows_that_the_identity_tells_apart_are_taken(
    tmp_path: Path, known: Words, changes: list[tuple[str, str]]
) -> None:
    assert refusals(model(tmp_path, *changes), known) == []


@pytest.mark.parametrize(
    ("before", "after", "fault"),
    [
        ("payment.knownFrom <= $as_of AND ", "",
         "22: compare payment.knownFrom <= $as_of: a later SubsidyPayment does not exist for a model"),
        ("payment.knownFrom <= $as_of", "payment.knownFrom >= $as_of", "22: compare payment.knownFrom <= $as_of"),
        ("paid.probability >= $min_confidence", "true",
         "22: compare paid.probability >= $min_confidence: the clue rests on this PAID_TO"),
        ("RETURN term.key", "MATCH (person)<-[:LET_BY]-(:Lease) RETURN term.key",
         "26: name the link LET_BY and compare its probability"),
        ("RETURN term.key", "MATCH (person)<-[:LET_BY]-(:Lease) RETURN term.key",
         "26: name this Lease and compare its knownFrom"),
        ("RETURN term.key", "WITH * WHERE NOT EXISTS { (person)<-[:LET_BY]-(:Lease) } RETURN term.key",
         "26: name this Lease"),
    ],
)  # fmt: skip
def test_a_condition_without_which_the_clue_is_not_true_is_asked_for(
    tmp_path: Path, known: Words, before: str, after: str, fault: str
) -> None:
    told = [str(each) for each in doubts(model(tmp_path, (before, after)), known)]
    assert any(each.startswith(f"X01.cypher:{fault}") for each in told), told


@pytest.mark.parametrize(
    "changes",
    [
        [("payment.knownFrom <= $as_of", "$as_of >= payment.knownFrom")],
        [("payment.knownFrom <= $as_of", "payment.paidOn <= $as_of")],
        # compared after it was gathered, under another name
        [("paid.probability >= $min_confidence", "true"),
         ("RETURN term.key",
          "WITH * WHERE all(link IN links WHERE link.probability >= $min_confidence) RETURN term.key")],
        [("payment.knownFrom <= $as_of AND ", ""),
         ("RETURN term.key", "WITH *, [p IN payments WHERE p.knownFrom <= $as_of] AS then RETURN term.key")],
        # a register that keeps clues out may do so with a weak link
        [("RETURN term.key", "WITH * WHERE NOT EXISTS { (person)<-[:DEATH_OF]-(d:Death) WHERE d.knownFrom <= $as_of }"
          " RETURN term.key")],
        # and say how weak it may be
        [("RETURN term.key", "WITH * WHERE NOT EXISTS { (person)<-[dead:DEATH_OF]-(d:Death) WHERE d.knownFrom <= $as_of"
          " AND dead.probability < 1 } RETURN term.key")],
    ],
)  # fmt: skip
def test_a_condition_may_stand_further_down(tmp_path: Path, known: Words, changes: list[tuple[str, str]]) -> None:
    assert doubts(model(tmp_path, *changes), known) == []


@pytest.mark.parametrize("shipped", SHIPPED.values(), ids=lambda each: each.id)
def test_any_word_of_a_shipped_model_that_is_misspelt_is_refused(shipped: Model, known: Words) -> None:
    for word in sorted(set(re.findall(r":[A-Z]\w+", shipped.query))):
        query = re.sub(rf"{word}\b", f"{word}x", shipped.query)
        assert refusals(shipped.model_copy(update={"query": query}), known), word


@pytest.mark.parametrize("shipped", SHIPPED.values(), ids=lambda each: each.id)
def test_a_shipped_model_without_its_conditions_is_told(shipped: Model, known: Words) -> None:
    for condition in (r"\w+\.knownFrom <= \$as_of", r"[\w.]+\.probability >= \$min_confidence"):
        query, count = re.subn(condition, "true", shipped.query)
        assert bool(doubts(shipped.model_copy(update={"query": query}), known)) == bool(count)


def test_a_doubtful_model_is_in_use_and_told_and_a_wrong_one_is_not(tmp_path: Path) -> None:
    path = model(tmp_path, ("payment.knownFrom <= $as_of AND ", "")).path
    found = catalogue([tmp_path])
    assert list(found) == ["X01"] and found.faults == []
    assert [str(fault) for fault in found.doubts] == [
        "X01.cypher:22: compare payment.knownFrom <= $as_of: a later SubsidyPayment does not exist for a model"
    ]
    path.write_text(TEXT.replace("payment.paidOn", "payment.payedOn"), encoding="utf-8")
    found = catalogue([tmp_path])
    assert list(found) == [] and "did you mean paidOn?" in str(found.faults[0])


def test_a_dataset_of_the_office_s_own_brings_its_words(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made = model(tmp_path, ("paidOn", "handedOutOn"))
    assert refusals(made, words())
    sources = tmp_path / "office" / "sources"
    sources.mkdir(parents=True)
    (sources / "subsidy_payments.toml").write_text('[columns.handedOutOn]\nheader = "发放日"\ntype = "date"\n', "utf-8")
    assert refusals(made, words(sources)) == []
    monkeypatch.setenv("CLUEGRAPH_CONFIG", str(tmp_path / "office"))
    assert refusals(made, words()) == []


@settings(max_examples=150, deadline=None)
@given(shipped=st.sampled_from(sorted(SHIPPED)), edits=st.lists(st.tuples(st.integers(0, 2000), TOKENS), max_size=6))
def test_a_mangled_query_is_looked_at_without_a_failure(shipped: str, edits: list[tuple[int, str]]) -> None:
    tokens = re.split(r"(\W)", SHIPPED[shipped].query)
    for place, token in edits:
        tokens[place % len(tokens)] = token
    mangled = SHIPPED[shipped].model_copy(update={"query": "".join(tokens)})
    for fault in [*refusals(mangled, words()), *doubts(mangled, words())]:
        assert fault.line >= 1 and fault.message
