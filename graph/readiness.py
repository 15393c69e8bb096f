"""Whether the data loaded lets a model look: which of its datasets are there, and how well its fields are filled.

`ready`: it sees all that it says; `partly`: something of it is not seen, and is told; `no`: it cannot look, so that
finding nothing would say nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

from graph.fill import Fields, Fill, measure
from graph.model import Model
from graph.words import words
from resolution.source import Source
from resolution.source_files import SourceError
from resolution.workspace import Workspace

NEARLY_EMPTY = 0.01
"""A field filled in a smaller share of the rows counts as not delivered."""

State = Literal["ready", "partly", "no"]


@dataclass(frozen=True)
class Field:
    """A field that a model reads: how well it is filled."""

    name: str
    title: str
    needed: bool
    """A row without it is not tested; else an empty cell says something of its own."""
    share: float | None
    """Share of the rows that have it, 0 to 1; None where rows cannot be looked at."""


@dataclass(frozen=True)
class Dataset:
    """A dataset that a model collides."""

    name: str
    title: str
    required: bool
    rows: int
    testable: int | None
    """Rows that have all fields needed; None where rows cannot be looked at."""
    fields: list[Field]


@dataclass(frozen=True)
class Readiness:
    """What a model can do with the data loaded."""

    state: State
    datasets: list[Dataset]
    lost: list[str]
    """What is not seen, in Chinese."""
    remedies: list[str]
    """What to load so that more is seen, in Chinese."""

    @property
    def words(self) -> str:
        """The state in Chinese, with all that belongs to it."""
        match self.state:
            case "ready":
                return "数据齐备"
            case "partly":
                return "部分可用：" + "；".join(self.lost)
            case "no":
                return "不能运行：" + "；".join(self.remedies)


def readiness(
    workspace: Workspace, models: Iterable[Model], published: Mapping[str, int] | None = None
) -> dict[str, Readiness]:
    """The readiness of each model, by id; empty when nothing can be said.

    `published` are the rows in the graph by dataset, which is where models look. Without it the rows loaded into the
    workspace are taken. Nothing can be said when neither the graph nor the workspace's database can be asked.
    """
    chosen = list(models)
    fills = measure(workspace, _needs(chosen))
    if fills is None and published is None:
        if workspace.duckdb_path.exists():
            return {}
        fills = {}
    try:
        sources = words().sources
    except SourceError:
        sources = {}  # titles only; `config check` tells the faults
    return {model.id: judge(model, fills or {}, published, sources) for model in chosen}


def judge(
    model: Model, fills: Mapping[str, Fill], published: Mapping[str, int] | None, sources: Mapping[str, Source]
) -> Readiness:
    """The readiness of one model, from the fill of the datasets loaded and the rows in the graph (None: unknown)."""
    datasets = [_dataset(model, name, fills.get(name), published, sources.get(name)) for name in model.datasets]
    absent = {each.name: _absent(each, fills.get(each.name)) for each in datasets if _blind(each)}
    lost, remedies = [], []
    for each in datasets:
        if each.name in absent:
            remedies.append(absent[each.name])
            if not each.required:
                lost.append(model.without.get(each.name, f"要用到{each.title}的情形查不出"))
            continue
        for field in each.fields:
            place = f"{each.name}.{field.name}"
            if (field.needed or place in model.without) and field.share is not None and field.share < NEARLY_EMPTY:
                lost.append(model.without.get(place, f"只能测试{each.title}中填有{field.title}的 {each.testable} 行"))
                remedies.append(f"请{each.title}的提供单位补填“{field.title}”（现只有 {field.share:.1%} 的行填写）")
    blind = [absent[each.name] for each in datasets if each.required and each.name in absent]
    if model.at_least_one and set(model.at_least_one) <= absent.keys():
        blind.append("下列各项至少要有一项——" + "、".join(absent[name] for name in model.at_least_one))
    if blind:
        return Readiness("no", datasets, lost, blind)
    if len(absent) == len(datasets):
        return Readiness("no", datasets, lost, list(absent.values()))
    return Readiness("partly" if lost else "ready", datasets, lost, remedies)


def _needs(models: list[Model]) -> dict[str, frozenset[Fields]]:
    """What is to be counted: for each dataset the fields that a model needs together, and all others alone."""
    needs: dict[str, set[Fields]] = {}
    for model in models:
        for dataset, fields in model.datasets.items():
            needs.setdefault(dataset, set()).update([tuple(sorted(model.filled(dataset))), *((f,) for f in fields)])
    return {dataset: frozenset(sets) for dataset, sets in needs.items()}


def _dataset(
    model: Model, name: str, fill: Fill | None, published: Mapping[str, int] | None, source: Source | None
) -> Dataset:
    needed = model.filled(name)
    rows = published.get(name, 0) if published is not None else fill.rows if fill else 0
    return Dataset(
        name,
        source.title.split("（")[0] if source else name,
        name in model.required,
        rows,
        fill.whole.get(tuple(sorted(needed))) if fill else None,
        [
            Field(
                field,
                source.columns[field].header if source and field in source.columns else field,
                field in needed,
                fill.shares.get(field) if fill else None,
            )
            for field in model.datasets[name]
        ],
    )


def _blind(dataset: Dataset) -> bool:
    """Whether not one row can be tested."""
    return dataset.rows == 0 or dataset.testable == 0


def _absent(dataset: Dataset, fill: Fill | None) -> str:
    """Why not one row of a dataset can be tested, and what to do."""
    if dataset.rows == 0:
        if fill and fill.rows:
            return f"{dataset.title}（{dataset.name}）已经读入，还没有发布：请运行 cluegraph resolve、cluegraph publish"
        return f"请载入{dataset.title}（{dataset.name}）"
    empty = [field.title for field in dataset.fields if field.needed and field.share == 0.0]
    return f"{dataset.title}（{dataset.name}）没有一行填齐所需各项：请提供单位补填{'、'.join(empty) or '各项'}"
