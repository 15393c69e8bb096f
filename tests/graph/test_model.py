"""A model file is taken up whole or refused with file, line and remedy."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from graph.catalogue import catalogue
from graph.model import Model, ModelError, Parameter, ParameterError, read

HEADER = """\
id = "X01"
slug = "death-pay"
title = "死后领取"
lines = ["行政"]
receivers = ["民政局"]
description = "死亡之后的发放"
misses = "未登记的死亡"
maturity = "draft"
timeout_seconds = 10
identity = ["payment"]
severity = "一律 medium"

[datasets]
subsidy_payments = ["paidOn"]
deaths = ["deathDate"]
[params.grace_days]
type = "integer"
default = 0
min = 0
max = 365
description = "宽限"

[returns]
payment = {title = "发放记录"}
"""
QUERY = """\
MATCH (death:Death)-[d:DEATH_OF]->(person:Person)<-[p:PAID_TO]-(payment:SubsidyPayment)
WHERE payment.knownFrom <= $as_of AND payment.paidOn > death.deathDate + duration({days: $grace_days})
WITH payment, p, person, head(collect(death)) AS death, head(collect(d)) AS d
RETURN payment.key AS payment, [person] AS subjects, [death, payment] AS facts, [d, p] AS links,
       ['死亡之后发放'] AS reasons, 'medium' AS severity
ORDER BY payment
"""


def written(folder: Path, header: str = HEADER, query: str = QUERY, name: str = "X01.cypher") -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"/*+++\n{header}+++*/\n{query}", encoding="utf-8")
    return path


def refused(path: Path) -> list[str]:
    with pytest.raises(ModelError) as error:
        read(path)
    return [str(fault) for fault in error.value.faults]


def test_a_sound_file_is_a_model(tmp_path: Path) -> None:
    model = read(written(tmp_path))
    assert (model.id, model.required, list(model.returns)) == ("X01", ["subsidy_payments", "deaths"], ["payment"])
    assert model.parameters({"grace_days": "30"}) == {"grace_days": 30}


@pytest.mark.parametrize(
    ("before", "after", "line", "words"),
    [
        ('id = "X01"', 'id = "X01"\ncolour = "red"', 3, "unknown key colour"),
        ('title = "死后领取"\n', "", 2, "add title"),
        ("timeout_seconds = 10", "timeout_seconds = 0", 10, "timeout_seconds"),
        ('maturity = "draft"', "maturity = draft", 9, "TOML"),
        ('lines = ["行政"]', 'lines = ["交通"]', 5, "lines"),
        ("default = 0", "default = 900", 17, "at most 365"),
        ("max = 365", "most = 365", 21, "most"),
        ('identity = ["payment"]', 'identity = ["person"]', 11, "add person to [returns]"),
        ("[returns]\n", '[returns]\nperson = {title = "人"}\n', 25, "return person"),
        ("[params.grace_days]", '[params.span]\ntype = "integer"\ndefault = 1\ndescription = ""\n[params.grace_days]',
         17, "use $span"),
        ("[returns]\n", '[returns]\nfacts = {title = "事实"}\n', 25, "remove facts"),
    ],
)  # fmt: skip
def test_a_wrong_header_is_refused_at_its_line(tmp_path: Path, before: str, after: str, line: int, words: str) -> None:
    assert before in HEADER
    faults = refused(written(tmp_path, HEADER.replace(before, after, 1)))
    assert any(words in fault for fault in faults), faults
    assert any(fault.startswith(f"X01.cypher:{line}: ") for fault in faults), faults


@pytest.mark.parametrize(
    ("before", "after", "line", "words"),
    [
        ("$grace_days", "$grace_day", 28, "declare $grace_day"),
        ("payment.key AS payment", "payment.key AS payment, person.name AS who", 30, "declare the column who"),
        (", 'medium' AS severity", "", 31, "return the column severity"),
        ("ORDER BY payment", "ORDER BY payment LIMIT 5", 32, "remove LIMIT"),
        ("MATCH (death", "MERGE (death", 27, "remove MERGE"),
        ("ORDER BY payment", "ORDER BY payment; MATCH (n) RETURN n", 32, "one statement"),
        ("WHERE payment.knownFrom <= $as_of AND", "WHERE", 2, "$as_of"),
    ],
)
def test_a_wrong_query_is_refused_at_its_line(tmp_path: Path, before: str, after: str, line: int, words: str) -> None:
    assert before in QUERY
    faults = refused(written(tmp_path, query=QUERY.replace(before, after, 1)))
    assert any(words in fault and fault.startswith(f"X01.cypher:{line}: ") for fault in faults), faults


@pytest.mark.parametrize(
    "clause",
    [
        "CREATE (:Person)",
        "MERGE (x:Person {key: '1'})",
        "SET person.name = 'x'",
        "set person.name = 'x'",
        "Set /* hidden */ person:Gone",
        "REMOVE person.name",
        "DETACH DELETE person",
        "DELETE person",
        "FOREACH (x IN [1] | CREATE (:Person))",
        "LOAD CSV FROM 'file:///etc/passwd' AS line",
        "CALL db.createLabel('X')",
        "CALL apoc.cypher.doIt('CREATE (n)', {}) YIELD value",
        "CALL dbms.listConfig()",
        "CALL `db`.`createLabel`('X')",
        "CALL (person) { SET person.x = 1 }",
        "CALL { CREATE (:Person) } IN TRANSACTIONS OF 10 ROWS",
        "WITH person, apoc.cypher.runFirstColumnSingle('CREATE (n) RETURN n', {}) AS x",
        r"\u0053ET person.name = 'x'",
        "USE system MATCH (n)",
        "DROP CONSTRAINT x",
    ],
)
def test_a_model_that_writes_or_reaches_out_is_refused(tmp_path: Path, clause: str) -> None:
    text = QUERY.replace("RETURN payment", f"{clause}\nRETURN payment", 1)
    if clause.startswith("USE"):
        text = f"{clause.split(' MATCH')[0]}\n{QUERY}"
    assert refused(written(tmp_path, query=text))


@pytest.mark.parametrize(
    "harmless",
    [
        "WITH *, 'CREATE SET DELETE' AS text // MERGE (n)",
        "MATCH (person)<-[:CREATE]-(set:Set) WHERE set.delete IS NULL AND set.use = 'x'",
        "MATCH (o:Ownership {use: '商业'}) WITH *, o.use AS use",
        "CALL db.index.fulltext.queryNodes('names', 'x') YIELD node",
        "CALL (person) { MATCH (person)--(x) RETURN count(x) AS n UNION ALL RETURN 0 AS n }",
        "WITH *, date.truncate('month', payment.paidOn) AS month, duration.inDays(date(), date()).days AS days",
        "WITH *, [x IN labels(person) | x] AS `DELETE`",
    ],
)
def test_words_in_texts_comments_and_names_are_no_clauses(tmp_path: Path, harmless: str) -> None:
    assert read(written(tmp_path, query=QUERY.replace("RETURN payment", f"{harmless}\nRETURN payment", 1))).id == "X01"


def test_every_fault_of_a_file_is_told_at_once(tmp_path: Path) -> None:
    faults = refused(written(tmp_path, query=QUERY.replace("$grace_days", "1").replace("[d, p] AS links", "1 AS one")))
    assert len(faults) == 3


def parameter(kind: str, default: Any, **bounds: float) -> Parameter:
    return Parameter.model_validate({"type": kind, "default": default, "description": "", **bounds})


@pytest.mark.parametrize(
    ("kind", "default", "text", "value"),
    [
        ("integer", 1, "12", 12),
        ("number", 0.5, "0.25", 0.25),
        ("date", date(2020, 1, 1), "2024-06-30", date(2024, 6, 30)),
        ("boolean", False, "是", True),
        ("string", "a", "=1+1", "=1+1"),
        ("strings", [], "高龄津贴，最低生活保障", ["高龄津贴", "最低生活保障"]),
        ("integers", [], "2021,2022", [2021, 2022]),
        ("numbers", {"烟草零售": 100, "网吧": 200}, "网吧:300", {"烟草零售": 100, "网吧": 300.0}),
        ("numbers", {"烟草零售": 100, "网吧": 200}, "50", {"烟草零售": 50.0, "网吧": 50.0}),
    ],
)
def test_text_becomes_a_value_of_the_parameters_type(kind: str, default: Any, text: str, value: Any) -> None:
    assert parameter(kind, default).parse(text) == value


@pytest.mark.parametrize(
    ("kind", "default", "text", "words"),
    [
        ("integer", 1, "1.5", "whole number"),
        ("integer", 1, "many", "whole number"),
        ("number", 1, "nan", "a number"),
        ("number", 1, "-1", "at least 0"),
        ("date", date(2020, 1, 1), "30.6.2024", "2024-06-30"),
        ("boolean", False, "perhaps", "true or false"),
        ("numbers", {"网吧": 200}, "茶馆:10", "knows 网吧"),
        ("integers", [], "2021,x", "whole number"),
    ],
)
def test_a_value_that_does_not_fit_is_refused_with_what_would(kind: str, default: Any, text: str, words: str) -> None:
    with pytest.raises(ParameterError, match=words):
        parameter(kind, default, min=0).parse(text)


def test_an_unknown_parameter_is_refused_with_those_that_there_are(tmp_path: Path) -> None:
    with pytest.raises(ParameterError, match="it has: grace_days"):
        read(written(tmp_path)).parameters({"grace": 1})


def test_dropping_a_file_in_is_the_registration(tmp_path: Path) -> None:
    assert list(catalogue([tmp_path])) == []
    path = written(tmp_path, name="行政/X01.cypher")
    assert catalogue([tmp_path])["X01"].title == "死后领取"
    path.write_text(path.read_text(encoding="utf-8").replace("死后领取", "死后领取补贴"), encoding="utf-8")
    assert catalogue([tmp_path])["X01"].title == "死后领取补贴"
    path.unlink()
    assert list(catalogue([tmp_path])) == []


def test_the_data_offices_own_model_lies_over_the_shipped_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CLUEGRAPH_CONFIG", str(tmp_path))
    shipped = catalogue()
    own = HEADER.replace('"X01"', '"M03"').replace("death-pay", "prisoner-subsidy")
    written(tmp_path / "models", own, name="own.cypher")
    over = catalogue()
    assert set(over) == set(shipped)
    assert over["M03"].title == "死后领取"


def test_a_faulty_file_leaves_the_others_in_use(tmp_path: Path) -> None:
    written(tmp_path)
    written(tmp_path, query=QUERY.replace("MATCH", "MERGE", 1), name="bad.cypher")
    found = catalogue([tmp_path])
    assert list(found) == ["X01"]
    assert [str(fault) for fault in found.faults] == ["bad.cypher:27: remove MERGE: a model only reads"]


def test_two_files_of_one_id_are_told(tmp_path: Path) -> None:
    written(tmp_path)
    written(tmp_path, name="again.cypher")
    assert "give another id" in str(catalogue([tmp_path]).faults[0])


def test_models_are_chosen_by_id_or_slug(tmp_path: Path) -> None:
    written(tmp_path)
    chosen: list[Model] = catalogue([tmp_path]).select(["death-pay", "X01"])
    assert [model.id for model in chosen] == ["X01"]
    with pytest.raises(KeyError, match="there are: X01"):
        catalogue([tmp_path]).select(["M99"])
