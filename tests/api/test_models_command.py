"""`cluegraph models` as analysts meet it: list, one, map. No Neo4j runs here, and none is started."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from resolution.workspace import Workspace
from tests.api.test_cli import cluegraph

ROOT = Path(__file__).parents[2]


@pytest.fixture
def home(tmp_path: Path) -> Path:
    with Workspace(tmp_path).connect() as connection:
        connection.execute("CREATE TABLE staged.medical_claims (visitType VARCHAR, hospital VARCHAR)")
        columns = ("visitType", "hospital", "admittedOn", "dischargedOn", "fundPaid")
        connection.execute("CREATE OR REPLACE TABLE staged.medical_claims AS SELECT " + ", ".join(
            f"'x' AS {name}" for name in columns
        ))  # fmt: skip
    return tmp_path


def test_the_list_says_of_every_model_what_it_can_see(home: Path) -> None:
    lines = cluegraph(home, "models").stdout.splitlines()
    assert len(lines) == 24
    claims = next(line for line in lines if line.startswith("M16 "))
    assert "[刑事 / 行政]" in claims
    assert claims.endswith("部分可用：死亡以后结算的（a）查不出；服刑期间住院结算的（b）查不出")
    assert next(line for line in lines if line.startswith("M03 ")).endswith(
        "不能运行：请载入刑罚执行（prison_terms）；请载入社会救助和补贴发放（subsidy_payments）"
    )


def test_one_model_is_shown_by_id_or_slug_with_its_fill(home: Path) -> None:
    shown = cluegraph(home, "models", "show", "medical-fund-fraud").stdout
    assert "  医保结算（medical_claims）：1 行，可测试 1 行\n    就诊类型（visitType）100.0%" in shown
    assert "overlap_days = 1 天" in shown
    told = json.loads(cluegraph(home, "models", "show", "M16", "--json").stdout)
    assert (told["id"], told["readiness"]["state"]) == ("M16", "partly")


def test_a_model_that_there_is_not_is_wrong_use(home: Path) -> None:
    answer = cluegraph(home, "models", "show", "M99")
    assert answer.returncode == 2 and "no model M99" in answer.stderr


def test_the_map_in_the_docs_is_that_of_the_models(home: Path) -> None:
    answer = cluegraph(home, "models", "map")
    assert answer.returncode == 0
    committed = (ROOT / "docs" / "models.md").read_text(encoding="utf-8")
    assert answer.stdout == committed, "run: cluegraph models map -o docs/models.md"


def test_the_map_has_every_model_under_its_lines_and_datasets(home: Path) -> None:
    text = cluegraph(home, "models", "map").stdout
    line = next(each for each in text.splitlines() if each.startswith("| 刑事执行 |"))
    assert [f"M{n:02}" for n in range(1, 25) if f"[M{n:02} " in line] == ["M05", "M12", "M23"]
    deaths = next(each for each in text.splitlines() if each.startswith("| 死亡登记 |"))
    assert deaths == "| 死亡登记 | `deaths` | 卫健委 | — | [M09](#m09)、[M16](#m16) |"
    assert "- **看不到**：补贴发放表没有的种类" in text
    assert "| `grace_months` | 收监当月起不计的月数：1 即收监当月不计 | 1 个月 | 0–120 |" in text
    assert "《中华人民共和国监狱法》" in text
