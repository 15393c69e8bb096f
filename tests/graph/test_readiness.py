"""What a model can do with the data loaded: told before it runs, from the rows themselves."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import duckdb
import pytest

from graph.catalogue import catalogue
from graph.fill import measure
from graph.model import Model, ModelError, read
from graph.readiness import Readiness, readiness
from resolution.workspace import Workspace

HEADER = """/*+++
id = "X01"
slug = "paid-after-death"
title = "死后发放"
lines = ["行政"]
receivers = ["民政局"]
description = "死亡之后的发放"
misses = "无"
maturity = "draft"
timeout_seconds = 60
identity = ["payment"]
severity = "一律 low"
optional = ["deaths", "household"]
at_least_one = ["deaths", "household"]
may_be_empty = ["subsidy_payments.collector"]
[datasets]
subsidy_payments = ["paidOn", "amount", "collector"]
deaths = ["deathDate"]
household = ["statusDate"]
[without]
deaths = "死亡登记在册的查不出"
[returns]
payment = {title = "发放记录"}
+++*/
MATCH (payment:SubsidyPayment) WHERE payment.knownFrom <= $as_of
RETURN payment.key AS payment, [] AS subjects, [payment] AS facts, [] AS links, ['x'] AS reasons, 'low' AS severity
"""

PAYMENTS = "subsidy_payments (paidOn DATE, amount DOUBLE, collector VARCHAR)"
DEATHS = "deaths (deathDate DATE)"
HOUSEHOLD = "household (statusDate DATE)"

Load = Callable[..., Workspace]


@pytest.fixture
def model(tmp_path: Path) -> Model:
    path = tmp_path / "X01.cypher"
    path.write_text(HEADER, encoding="utf-8")
    return read(path)


@pytest.fixture
def load(tmp_path: Path) -> Load:
    workspace = Workspace(tmp_path / "home")

    def loaded(**tables: str) -> Workspace:
        """Tables by what they are, each with a query for its rows."""
        with workspace.connect() as connection:
            for table, rows in tables.items():
                columns = {"payments": PAYMENTS, "deaths": DEATHS, "household": HOUSEHOLD}[table]
                connection.execute(f"CREATE TABLE staged.{columns}")
                connection.execute(f"INSERT INTO staged.{columns.split(' ')[0]} {rows}")
        return workspace

    return loaded


FOUR_PAYMENTS = "SELECT DATE '2024-01-01', CASE WHEN i < 3 THEN 100.0 END, '' FROM range(4) r(i)"
ONE_DEATH = "VALUES (DATE '2023-05-01')"


def of(workspace: Workspace, model: Model, published: dict[str, int] | None = None) -> Readiness:
    return readiness(workspace, [model], published)[model.id]


def test_rows_that_lack_a_needed_field_are_not_counted_as_tested(load: Load, model: Model) -> None:
    able = of(load(payments=FOUR_PAYMENTS, deaths=ONE_DEATH, household=ONE_DEATH), model)
    assert (able.state, able.words) == ("ready", "数据齐备")
    payments = able.datasets[0]
    # an empty collector says that the person came alone: such rows are tested all the same
    assert (payments.title, payments.rows, payments.testable) == ("社会救助和补贴发放", 4, 3)
    assert {field.name: (field.title, field.share, field.needed) for field in payments.fields} == {
        "paidOn": ("发放日期", 1.0, True),
        "amount": ("金额", 0.75, True),
        "collector": ("代领人", 0.0, False),
    }


def test_a_dataset_that_can_be_missing_costs_what_the_header_says(load: Load, model: Model) -> None:
    able = of(load(payments=FOUR_PAYMENTS, household=ONE_DEATH), model)
    assert (able.state, able.words) == ("partly", "部分可用：死亡登记在册的查不出")
    assert able.remedies == ["请载入死亡登记（deaths）"]


def test_a_field_that_is_nearly_empty_is_told_with_the_rows_left(load: Load, model: Model) -> None:
    rows = "SELECT DATE '2024-01-01', CASE WHEN i = 0 THEN 1.0 END, '' FROM range(200) r(i)"
    able = of(load(payments=rows, deaths=ONE_DEATH, household=ONE_DEATH), model)
    assert (able.state, able.lost) == ("partly", ["只能测试社会救助和补贴发放中填有金额的 1 行"])


def test_a_field_at_the_bound_is_filled_well_enough(load: Load, model: Model) -> None:
    rows = "SELECT DATE '2024-01-01', CASE WHEN i = 0 THEN 1.0 END, '' FROM range(100) r(i)"
    assert of(load(payments=rows, deaths=ONE_DEATH, household=ONE_DEATH), model).state == "ready"


@pytest.mark.parametrize(
    ("tables", "words"),
    [
        (
            {},
            "请载入社会救助和补贴发放（subsidy_payments）；"
            "下列各项至少要有一项——请载入死亡登记（deaths）、请载入户籍人口（household）",
        ),
        ({"deaths": ONE_DEATH}, "请载入社会救助和补贴发放（subsidy_payments）"),
        (
            {"payments": "SELECT DATE '2024-01-01', NULL, 'x' FROM range(4)", "deaths": ONE_DEATH},
            "社会救助和补贴发放（subsidy_payments）没有一行填齐所需各项：请提供单位补填金额",
        ),
        (
            {"payments": FOUR_PAYMENTS},
            "下列各项至少要有一项——请载入死亡登记（deaths）、请载入户籍人口（household）",
        ),
    ],
)
def test_a_model_that_cannot_look_says_what_to_load(
    load: Load, model: Model, tables: dict[str, str], words: str
) -> None:
    able = of(load(**tables), model)
    assert (able.state, able.words) == ("no", f"不能运行：{words}")


def test_what_is_loaded_and_not_published_cannot_be_seen(load: Load, model: Model) -> None:
    workspace = load(payments=FOUR_PAYMENTS, deaths=ONE_DEATH)
    able = of(workspace, model, {"subsidy_payments": 0, "deaths": 1})
    assert able.state == "no" and "还没有发布：请运行 cluegraph resolve、cluegraph publish" in able.words
    assert of(workspace, model, {"subsidy_payments": 4, "deaths": 1}).state == "partly"


def test_a_graph_without_its_workspace_is_judged_by_its_rows(tmp_path: Path, model: Model) -> None:
    able = of(Workspace(tmp_path / "other"), model, {"subsidy_payments": 4, "deaths": 1, "household": 1})
    assert able.state == "ready"
    assert able.datasets[0].testable is None and able.datasets[0].fields[0].share is None


def test_nothing_loaded_means_that_no_model_can_look(tmp_path: Path) -> None:
    found = readiness(Workspace(tmp_path / "empty"), catalogue().values())
    assert {each.state for each in found.values()} == {"no"} and found.keys() == catalogue().keys()


def test_new_rows_are_seen_and_a_database_in_use_is_answered_as_it_was(load: Load, model: Model) -> None:
    workspace = load(payments=FOUR_PAYMENTS, deaths=ONE_DEATH)
    assert of(workspace, model).state == "partly"
    load(household=ONE_DEATH)
    assert of(workspace, model).state == "ready"
    with duckdb.connect(str(workspace.duckdb_path)) as busy:
        busy.execute("DROP TABLE staged.deaths")
        busy.execute("CHECKPOINT")
        assert of(workspace, model).state == "ready"
    assert of(workspace, model).state == "partly"


def test_every_dataset_is_counted_in_one_pass(load: Load) -> None:
    workspace = load(payments=FOUR_PAYMENTS)
    fill = measure(workspace, {"subsidy_payments": frozenset({("amount", "paidOn"), ("paidOn",), ("colour",)})})
    assert fill is not None
    assert fill["subsidy_payments"].shares == {"amount": 0.75, "paidOn": 1.0, "colour": 0.0}
    assert fill["subsidy_payments"].whole == {("amount", "paidOn"): 3, ("paidOn",): 4, ("colour",): 0}


@pytest.mark.parametrize(
    ("before", "after", "words"),
    [
        ('at_least_one = ["deaths", "household"]', 'at_least_one = ["subsidy_payments"]', "add subsidy_payments"),
        ('may_be_empty = ["subsidy_payments.collector"]', 'may_be_empty = ["collector"]', "dataset.field"),
        ('deaths = "死亡登记在册的查不出"', 'birth = "x"', "name an optional dataset"),
    ],
)
def test_a_header_that_names_what_it_does_not_have_is_refused(
    tmp_path: Path, before: str, after: str, words: str
) -> None:
    assert before in HEADER
    path = tmp_path / "X01.cypher"
    path.write_text(HEADER.replace(before, after), encoding="utf-8")
    with pytest.raises(ModelError, match=words):
        read(path)
