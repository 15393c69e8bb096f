"""How good resolution and clues are against a known truth, as figures and as a table."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from resolution.workspace import Workspace

KINDS = {"person": "人员", "company": "单位", "property": "不动产", "trade_name": "商号"}
METHODS = {"resolution": "cluegraph", "exact_number": "号码相同", "eight_rules": "八条规则"} | {
    "splink": "仅 Splink",
    "splink_vetoes": "Splink + 否决",
    "splink_vetoes_rivals": "Splink + 否决 + 同名者",
    "splink_vetoes_context": "Splink + 否决 + 关联",
    "without_vetoes": "不用否决",
    "without_frequency": "不看常见与否",
    "without_address": "不看地址",
}


def evaluate(workspace: Workspace, truth: Path) -> dict[str, Any]:
    """Pairs and clusters by kind (`entities`), and the clues by model (`clues`)."""
    from graph.clues import ClueStore
    from graph.score import score
    from resolution import evaluate as resolution

    return {
        "entities": resolution.evaluate(workspace, truth),
        "clues": {
            model: each.as_dict() for model, each in score(ClueStore(workspace).every(gone=False), truth).items()
        },
    }


def table(scores: dict[str, Any]) -> str:
    """The scores for people."""
    from io import StringIO

    from rich.console import Console
    from rich.table import Table

    entities = Table("实体", "方法", *["对 P", "对 R", "对 F1", "簇 P", "簇 R", "簇 F1", "无号码 F1"], title="实体归并")
    for kind, methods in scores["entities"].items():
        for method, found in methods.items():
            names = [f"{part}{figure}" for part in ("", "bcubed_") for figure in ("precision", "recall", "f1")]
            figures = [_figure(found.get(name)) for name in [*names, "unnumbered_f1"]]
            entities.add_row(KINDS.get(kind, kind), METHODS.get(method, method), *figures)
    clues = Table("模型", "线索", "真值", "准确率", "召回率", "陷阱", "落入", title="线索")
    for model, found in scores["clues"].items():
        counts = [str(found[name]) for name in ("clues", "truths")]
        rates = [_figure(found[name]) for name in ("precision", "recall")]
        clues.add_row(model, *counts, *rates, str(found["traps"]), str(found["trap_hits"]))
    text = StringIO()
    console = Console(file=text, width=110)
    console.print(entities)
    console.print(clues)
    return text.getvalue().rstrip()


def _figure(value: float | None) -> str:
    return "—" if value is None else f"{value:.4f}"
