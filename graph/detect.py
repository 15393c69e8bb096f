"""Runs the models over the graph, read-only, and hands on the clues they find."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from neo4j import Record

from graph.catalogue import Catalogue, catalogue
from graph.clue import Clue, ClueError, brief, from_brief, from_record, merged
from graph.clues import ClueStore
from graph.connection import Graph, GraphError, GraphUnavailable, QueryTimeout, QueryTooLarge
from graph.model import Model, ParameterError
from graph.readiness import Readiness, readiness
from graph.review import rest
from resolution.workspace import Workspace

Progress = Callable[[str, int, int | None], None]


class DetectError(Exception):
    """No model could be run; the message says what to do."""


@dataclass(frozen=True)
class Run:
    """What one model did. A run that is not `complete` leaves the clues there are as they are."""

    model: Model
    as_of: date
    parameters: dict[str, Any]
    clues: list[Clue] = field(default_factory=list)
    seconds: float = 0.0
    problem: str = ""
    """Why the model did not run, or failed; empty when it ran."""
    truncated: bool = False
    """More than the row cap was found; the clues are the first of them."""
    repeated: int = 0
    """Rows that gave a clue again and were merged into it."""
    unseen: tuple[str, ...] = ()
    """What the model could not see in the data loaded, in Chinese."""

    @property
    def complete(self) -> bool:
        """Whether `clues` are all that the model finds."""
        return not self.problem and not self.truncated

    def summary(self) -> dict[str, Any]:
        """The run in figures, as JSON takes it."""
        return {
            "model": self.model.id,
            "title": self.model.title,
            "as_of": self.as_of.isoformat(),
            "clues": None if self.problem else len(self.clues),
            "unseen": list(self.unseen),
            "seconds": round(self.seconds, 2),
            "problem": self.problem,
            "truncated": self.truncated,
            "repeated": self.repeated,
        }


@dataclass(frozen=True)
class DetectReport:
    """All runs of one call, and the model files that could not be used."""

    runs: list[Run]
    faults: list[str]

    @property
    def clues(self) -> list[Clue]:
        """The clues of all runs."""
        return [clue for run in self.runs for clue in run.clues]

    @property
    def failed(self) -> list[Run]:
        """Runs that ended with a problem other than missing data."""
        return [run for run in self.runs if run.problem and not run.problem.startswith("not ready")]


def detect(
    workspace: Workspace,
    models: list[str] | None = None,
    as_of: date | None = None,
    params: Mapping[str, object] | None = None,
    dry_run: bool = False,
    progress: Progress | None = None,
    *,
    min_confidence: float = 0.0,
    row_cap: int | None = None,
    graph: Graph | None = None,
    source: Catalogue | None = None,
) -> DetectReport:
    """Run models (all, or those with these ids or slugs) and record their clues.

    `as_of` is the day on which the models look, by default that of the newest event loaded. `params` are given by
    name to every model that has the parameter, or as `M03.grace_months` to one. `min_confidence` (0 to 1) leaves out
    identity links below it. With `dry_run` nothing is recorded. `row_cap` stands in for that of each model.

    Raises DetectError when nothing is published, KeyError for an unknown model, ParameterError for a refused value.
    """
    known = source or catalogue()
    chosen = known.select(models)
    given = _by_model(chosen, params or {})
    reader = graph or Graph(workspace)
    loaded, newest = _datasets(reader)
    able = readiness(workspace, chosen, loaded)
    day = as_of or newest
    if day is None:
        raise DetectError("the loaded data names no event day: give --as-of YYYY-MM-DD")
    store = None if dry_run else ClueStore(workspace)
    runs = []
    for done, model in enumerate(chosen):
        if progress:
            progress(f"{model.id} {model.title}", done, len(chosen))
        run = run_model(reader, model, day, given[model.id], min_confidence, able.get(model.id), row_cap)
        if store and not run.problem:
            store.record(run.model.id, run.clues, run.parameters, complete=run.complete)
        runs.append(run)
    if store:
        rest(workspace)
    if progress:
        progress("models", len(chosen), len(chosen))
    return DetectReport(runs, [str(fault) for fault in known.faults])


def run_model(
    graph: Graph,
    model: Model,
    as_of: date,
    parameters: Mapping[str, Any],
    min_confidence: float = 0.0,
    able: Readiness | None = None,
    row_cap: int | None = None,
) -> Run:
    """Run one model. What goes wrong in the model stays in its Run; a lost connection is raised.

    `able` is what the data loaded lets the model see. A model that cannot look is not run: it would take the absence
    of a register for the absence of an entry.
    """
    given = dict(parameters)
    if able and able.state == "no":
        return Run(model, as_of, given, problem=f"not ready: {'；'.join(able.remedies)}", unseen=tuple(able.lost))
    unseen = tuple(able.lost) if able else ()
    cap = row_cap or model.row_cap
    query = f"{model.query}\nLIMIT $row_cap"
    bound = {**given, "as_of": as_of, "min_confidence": min_confidence, "row_cap": cap + 1}
    started = time.monotonic()
    try:
        try:
            rows = graph.read(brief(model, query), bound, timeout=model.timeout_seconds)
            found = _clues(model, rows[:cap], from_brief, as_of)
        except (GraphUnavailable, QueryTimeout, QueryTooLarge):
            raise
        except (ClueError, GraphError, TypeError, ValueError):
            # an answer that is no clue: the whole of it says best what is wrong with it
            rows = graph.read(query, bound, timeout=model.timeout_seconds)
            found = _clues(model, rows[:cap], from_record, as_of)
    except GraphUnavailable:
        raise
    except (ClueError, GraphError) as error:
        seconds, problem = time.monotonic() - started, _explained(model, error)
        return Run(model, as_of, given, seconds=seconds, problem=problem, unseen=unseen)
    return Run(
        model,
        as_of,
        given,
        list(found.values()),
        time.monotonic() - started,
        truncated=len(rows) > cap,
        repeated=min(len(rows), cap) - len(found),
        unseen=unseen,
    )


def _clues(
    model: Model, rows: list[Record], reading: Callable[[Model, Record, date], Clue], as_of: date
) -> dict[str, Clue]:
    """The clues of an answer by key; rows of one key become one clue."""
    found: dict[str, Clue] = {}
    for row in rows:
        clue = reading(model, row, as_of)
        found[clue.key] = merged(found[clue.key], clue) if clue.key in found else clue
    return found


def published(graph: Graph) -> dict[str, int]:
    """Rows in the graph by dataset; none when nothing is published."""
    rows = graph.read("MATCH (d:Dataset) RETURN d.dataset AS name, d.rows AS rows", timeout=30)
    return {row["name"]: row["rows"] or 0 for row in rows}


def default_as_of(graph: Graph) -> date | None:
    """The newest day of an event in the loaded facts; None when nothing is published."""
    return _datasets(graph)[1]


def _datasets(graph: Graph) -> tuple[dict[str, int], date | None]:
    """Rows by dataset, and the newest event among them."""
    rows = graph.read(
        "MATCH (d:Dataset) RETURN d.dataset AS name, d.rows AS rows, d.lastEvent AS lastEvent", {}, timeout=30
    )
    if not rows:
        raise DetectError("the graph is empty: run `cluegraph publish` first")
    days = [row["lastEvent"].to_native() for row in rows if row["lastEvent"] is not None]
    return {row["name"]: row["rows"] or 0 for row in rows}, max(days, default=None)


def _by_model(models: list[Model], params: Mapping[str, object]) -> dict[str, dict[str, Any]]:
    """The parameters of each model, all of them with values."""
    given: dict[str, dict[str, object]] = {model.id: {} for model in models}
    for name, value in params.items():
        owner, _, plain_name = name.rpartition(".")
        holders = [m for m in models if plain_name in m.params and owner in ("", m.id, m.slug)]
        if not holders:
            known = sorted({parameter for model in models for parameter in model.params})
            raise ParameterError(f"no model chosen has a parameter {name}; they have: {', '.join(known) or 'none'}")
        for model in holders:
            given[model.id][plain_name] = value
    return {model.id: model.parameters(given[model.id]) for model in models}


def _explained(model: Model, error: Exception) -> str:
    if isinstance(error, QueryTimeout):
        return f"stopped after {model.timeout_seconds:g} s: narrow it, or raise timeout_seconds in {model.path.name}"
    return f"{model.path.name}: {error}"
