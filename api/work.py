"""The steps from agency files to clues, one after the other, and how their reports are shown."""

from __future__ import annotations

import dataclasses
import os
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from api.progress import Progress
from resolution.workspace import Workspace

if TYPE_CHECKING:
    from graph.detect import DetectReport


def engine(workspace: Workspace) -> None:
    """Have a Neo4j to talk to: the one that NEO4J_URI names, or our own, started or taken up."""
    if not os.environ.get("NEO4J_URI"):
        from graph import server

        server.start(workspace)


def generated(directory: Path, *, records: int, seed: int, progress: Progress) -> dict[str, int]:
    """Write synthetic agency files and their truth; rows by dataset."""
    from resolution import synthetic

    written = 0

    def tell(_: str) -> None:
        nonlocal written
        written += 1
        progress("generate", written, None)

    return synthetic.generate(directory, records=records, seed=seed, progress=tell)


def resolved(
    workspace: Workspace, *, progress: Progress, backend: str = "duckdb", anew: bool = False
) -> dict[str, Any]:
    """Resolve, and bring the review queue to what is in doubt now."""
    from graph import review
    from resolution import resolve

    report = resolve.resolve(workspace, backend=backend, progress=progress, anew=anew)
    review.prepare(workspace)
    return report


def run_all(workspace: Workspace, folder: Path, *, as_of: date | None, progress: Progress) -> dict[str, Any]:
    """Load, resolve, publish and detect; the report of each step under its name."""
    from graph import detect, publish
    from resolution import intake

    report: dict[str, Any] = {"load": intake.load(workspace, folder, progress=progress)}
    report["resolve"] = resolved(workspace, progress=progress)
    engine(workspace)
    report["publish"] = publish.publish(workspace, progress=progress)
    report["detect"] = detected(detect.detect(workspace, as_of=as_of, progress=progress))
    return report


def detected(report: DetectReport, *, with_clues: bool = False) -> dict[str, Any]:
    """A detection in figures: what each model found, and what kept any from running."""
    told: dict[str, Any] = {
        "models": [run.summary() for run in report.runs],
        "failed": [run.model.id for run in report.failed],
        "faults": report.faults,
    }
    if with_clues:
        told["clues"] = [clue.as_dict() for clue in report.clues]
    return told


def detected_text(told: dict[str, Any]) -> str:
    """A detection for people: one line a model, then what is wrong with any."""
    lines = []
    for run in told["models"]:
        more = " (more than the row cap: narrow the parameters)" if run["truncated"] else ""
        found = run["problem"] or f"{run['clues']:,} clues{more}, {run['seconds']} s"
        unseen = f" (partly: {'；'.join(run['unseen'])})" if run["unseen"] and not run["problem"] else ""
        lines.append(f"{run['model']} {run['title']}: {found}{unseen}")
    return "\n".join([*lines, *told["faults"]])


def as_dict(report: Any) -> Any:
    """A step's report as plain values that JSON can hold."""
    if hasattr(report, "as_dict"):
        return report.as_dict()
    if hasattr(report, "model_dump"):
        return report.model_dump(mode="json")
    if dataclasses.is_dataclass(report) and not isinstance(report, type):
        return {field.name: as_dict(getattr(report, field.name)) for field in dataclasses.fields(report)}
    if isinstance(report, dict):
        return {str(key): as_dict(value) for key, value in report.items()}
    if isinstance(report, list | tuple | set | frozenset):
        return [as_dict(value) for value in report]
    if isinstance(report, Path | date):
        return str(report)
    return report


def as_text(report: Any) -> str:
    """A step's report for people: its own words where it has some, else name and value line by line."""
    if hasattr(report, "text"):
        return str(report.text() if callable(report.text) else report.text)
    return "\n".join(_lines(as_dict(report), 0))


def _lines(value: Any, depth: int) -> list[str]:
    pad = "  " * depth
    if not isinstance(value, dict):
        return [f"{pad}{_cell(value)}"]
    lines = []
    for key, inner in value.items():
        if not isinstance(inner, dict):
            lines.append(f"{pad}{key}: {_cell(inner)}")
        elif any(isinstance(each, dict) for each in inner.values()):
            lines += [f"{pad}{key}", *_lines(inner, depth + 1)]
        else:
            told = ", ".join(f"{name} {_cell(each)}" for name, each in inner.items() if each)
            lines.append(f"{pad}{key}: {told or '-'}")
    return lines


def _cell(value: Any) -> str:
    if isinstance(value, list):
        return "; ".join(map(_cell, value)) or "-"
    if isinstance(value, bool) or value is None:
        return {True: "yes", False: "no", None: "-"}[value]
    return f"{value:,}" if isinstance(value, int) else str(value)
