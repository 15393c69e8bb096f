"""`cluegraph demo`: the whole way from synthetic agency files to the gravest clues, on a fresh machine."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import typer

from api import clues, evaluation
from api.access import access_token
from api.deps import Service
from api.models import column_titles
from api.progress import shown
from api.schemas import Record
from api.wording import SEVERITIES, record_named
from api.work import generated, run_all
from resolution.workspace import Workspace

MARK = "demonstration"
GRAVEST = 3
LOOKED_AT = 1000  # clues among which the gravest are picked
ROWS = 6  # evidence rows printed of one dataset


class DemoError(Exception):
    """The demonstration must not run here; the message says where to run it."""


def demonstrate(workspace: Workspace, directory: Path | None, *, records: int, seed: int) -> None:
    """Generate, run, evaluate, and print the scores and the gravest clues with their evidence."""
    _own(workspace)
    files = directory or workspace.home / f"demo-{records}-{seed}"
    started = time.monotonic()
    with shown() as progress:
        rows = generated(files, records=records, seed=seed, progress=progress)
        run_all(workspace, files, as_of=None, progress=progress)
    typer.echo(f"{sum(rows.values()):,} 行、{len(rows)} 个数据集，{time.monotonic() - started:.0f} 秒（{files}）\n")
    typer.echo(evaluation.table(evaluation.evaluate(workspace, files / "truth")))
    service = Service(workspace, access_token(workspace.home / "access.token"))
    found, total = clues.find(service, clues.Wanted(limit=LOOKED_AT))
    found = sorted(found, key=_rank(found))[:GRAVEST]
    typer.echo(f"\n最严重的 {len(found)} 条线索（共 {total:,} 条）")
    for clue in found:
        typer.echo("\n" + told(clue, clues.evidence(service, clue)))
    service.graph.close()


def _rank(found: list[dict[str, Any]]) -> Callable[[dict[str, Any]], tuple[int, float, int]]:
    """Severity, then confidence; among equals one of each model before a second of any."""
    seen: Counter[str] = Counter()
    turn = {}
    for clue in found:
        turn[clue["key"]] = seen[clue["model"]]
        seen[clue["model"]] += 1
    return lambda clue: (list(SEVERITIES).index(clue["severity"]), -clue["confidence"], turn[clue["key"]])


def told(clue: dict[str, Any], records: list[Record]) -> str:
    """A clue and the rows that prove it, for a terminal."""
    titles = column_titles(clue["model"])
    lines = [
        f"■ {clue['title']}",
        f"  严重程度 {SEVERITIES[clue['severity']]}  置信度 {clue['confidence']:.1%}  编号 {clue['key']}",
        *(f"  · {reason}" for reason in clue["reasons"]),
        *(f"  {titles.get(name, name)}：{_worded(value)}" for name, value in clue["columns"].items()),
    ]
    by_dataset: dict[str, list[Record]] = {}
    for record in records:
        by_dataset.setdefault(record.dataset_title, []).append(record)
    for title, rows in by_dataset.items():
        lines.append(f"  证据 {title}（{len(rows)} 行）")
        lines += [f"    {row.record_id}  {row.name}" for row in rows[:ROWS]]
        if len(rows) > ROWS:
            lines.append(f"    …… 另有 {len(rows) - ROWS} 行")
    return "\n".join(lines)


def _worded(value: Any) -> str:
    if isinstance(value, list):
        return "、".join(map(str, value))
    return "—" if value is None else str(record_named(value))


def _own(workspace: Workspace) -> None:
    """Invented people must not be mixed with an office's real data."""
    mark = workspace.home / MARK
    if workspace.duckdb_path.exists() and not mark.exists():
        raise DemoError(
            f"{workspace.home} holds data of your own; set CLUEGRAPH_HOME to a new folder for the demonstration."
        )
    mark.touch()
