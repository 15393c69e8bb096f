"""How a changed model, or the same model with other parameters, finds differently from before on the same data."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path
from typing import Any, Literal

from graph.catalogue import Catalogue, catalogue
from graph.clues import ClueStore
from graph.connection import Graph
from graph.detect import Run, detect
from graph.model import Model, read
from graph.overlap import Overlap, overlap
from resolution.workspace import Workspace

Against = Literal["store", "shipped"]


class VersionError(Exception):
    """The two cannot be compared; the message says what to do."""


@dataclass(frozen=True)
class Version:
    """What a changed model adds, loses and keeps. Clues stand as key and title."""

    model: str
    title: str
    as_of: str
    against: str
    before: int
    after: int
    added: list[dict[str, Any]]
    gone: list[dict[str, Any]]
    kept: list[dict[str, Any]]
    """`changed`: whether rows, columns or severity differ."""
    overlap: Overlap
    """What other models have of the clues that are added."""

    def as_dict(self) -> dict[str, Any]:
        """The difference as plain values, for JSON."""
        return asdict(self)

    def text(self) -> str:
        """The difference for people."""
        other = "线索库" if self.against == "store" else "现行版本"
        changed = sum(1 for clue in self.kept if clue["changed"])
        lines = [
            f"{self.model} {self.title}，截至 {self.as_of}，与{other}比较：原有 {self.before} 条，现有 {self.after} 条",
            f"新增 {len(self.added)} 条，消失 {len(self.gone)} 条，"
            f"保留 {len(self.kept)} 条（其中内容有变 {changed} 条）",
        ]
        for mark, clues in (("+", self.added), ("-", self.gone), ("~", [c for c in self.kept if c["changed"]])):
            lines += [f"  {mark} {clue['key']} {clue['title']}" for clue in clues]
        for shared in self.overlap.others:
            lines.append(f"新增的线索中 {shared.clues} 条已有 {shared.model} 的线索涉及同一记录或者同一主体")
        return "\n".join(lines)


def compare(
    workspace: Workspace,
    wanted: str,
    *,
    as_of: date | None = None,
    params: Mapping[str, object] | None = None,
    against: Against = "store",
    graph: Graph | None = None,
    source: Catalogue | None = None,
    recorded: ClueStore | None = None,
) -> Version:
    """Run a model file, or a model by its id, without recording anything, and compare what it finds.

    `against` is what the clue store has of the model, or what the version in force finds now with its defaults.
    Raises VersionError, ModelError for a faulty file, KeyError for an unknown model, ParameterError, DetectError.
    """
    known = source or catalogue()
    model = _model(wanted, known)
    reader = graph or Graph(workspace)
    after = _run(workspace, reader, model, as_of, params or {})
    store = recorded or ClueStore(workspace)
    if against == "shipped":
        if model.id not in known:
            raise VersionError(f"no model {model.id} is in force to compare with: compare with the store")
        before = [clue.as_dict() for clue in _run(workspace, reader, known[model.id], after.as_of, {}).clues]
    else:
        before = list(store.every([model.id], gone=False))
    now = {clue.key: clue.as_dict() for clue in after.clues}
    then = {clue["key"]: clue for clue in before}
    added = [now[key] for key in now if key not in then]
    return Version(
        model.id,
        model.title,
        after.as_of.isoformat(),
        against,
        len(then),
        len(now),
        _told(added),
        _told(clue for key, clue in then.items() if key not in now),
        [
            {**told, "changed": _differs(now[told["key"]], then[told["key"]])}
            for told in _told(clue for key, clue in now.items() if key in then)
        ],
        overlap(model.id, added, store.every(gone=False)),
    )


def _model(wanted: str, known: Catalogue) -> Model:
    path = Path(wanted)
    if path.suffix == ".cypher" or path.is_file():
        return read(path)
    return known.select([wanted])[0]


def _run(workspace: Workspace, graph: Graph, model: Model, as_of: date | None, params: Mapping[str, object]) -> Run:
    only = Catalogue({model.id: model}, [])
    run = detect(workspace, [model.id], as_of, params, dry_run=True, graph=graph, source=only).runs[0]
    if run.problem:
        raise VersionError(f"{model.id} did not run: {run.problem}")
    if run.truncated:
        raise VersionError(f"{model.id} finds more than {model.row_cap:,} clues: narrow it, or raise its row_cap")
    return run


def _told(clues: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    return [{"key": clue["key"], "title": clue["title"]} for clue in clues]


def _differs(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    def rows(clue: Mapping[str, Any]) -> list[str]:
        return sorted(f"{fact['dataset']}/{fact['record_id']}" for fact in clue["facts"])

    return rows(one) != rows(other) or any(one[name] != other[name] for name in ("severity", "columns"))
