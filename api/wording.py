"""The graph's labels, relationships and columns, and what people do with clues, in the words of the field."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

from graph.clue_files import SEVERITY_WORDS, STATUS_WORDS
from graph.ontology import Ontology, describe
from resolution.source_files import read_sources

ENTITIES = ("Person", "Company", "TradeName", "Property")
SEVERITIES, STATUSES = SEVERITY_WORDS, STATUS_WORDS
GENERAL = frozenset({"Entity", "Fact"})
# what the service needs and nobody reads: keys, hashes, sounds; a node's name and record number stand above its columns
UNSEEN = frozenset(
    {"key", "entityId", "name", "dataset", "recordId", "knownFrom", "idHash"}
    | {"pinyin", "markPinyin", "tradeNamePinyin", "trades"}
)


@dataclass(frozen=True)
class Dataset:
    """One agency dataset, as the pages need it."""

    title: str
    events: dict[str, str]
    """Date columns that tell a happening (ends of terms do not), with their headers."""


@cache
def datasets() -> dict[str, Dataset]:
    """Every dataset that the service takes in, by name."""
    return {
        name: Dataset(source.title, {column: spec.header for column, spec in source.columns.items() if spec.event})
        for name, source in read_sources().items()
    }


@cache
def _ontology() -> Ontology:
    return describe()


def own_label(labels: list[str]) -> str:
    """The label that says what a node is (every entity and fact has a general one beside it)."""
    return next((label for label in labels if label not in GENERAL), labels[0] if labels else "")


def label_title(label: str) -> str:
    """A label in Chinese, without the explanation that a dataset's title may have in brackets."""
    kind = _ontology().labels.get(label)
    return kind.title.split("（")[0] if kind else label


def dataset_title(name: str) -> str:
    """A dataset as its agency calls it."""
    return datasets()[name].title if name in datasets() else name


def record_named(value: Any) -> Any:
    """A fact's key (`prison_terms/FX0001`) as people say it; any other value as it is."""
    dataset, slash, record = value.partition("/") if isinstance(value, str) else ("", "", "")
    return f"{dataset_title(dataset).split('（')[0]} {record}" if slash and dataset in datasets() else value


def edge_title(kind: str, role: str | None) -> str:
    """What a relationship says: the role that the row names, else its own words."""
    stated = _ontology().relationships.get(kind)
    return role or (stated.title if stated else kind)


def columns(label: str) -> dict[str, str]:
    """Columns of a label that people may see, in the agency's order, with their titles."""
    kind = _ontology().labels.get(label)
    return {name: each.title for name, each in kind.properties.items() if name not in UNSEEN} if kind else {}


def plain(value: Any) -> Any:
    """A property as JSON holds it: dates as ISO text, numbers without a needless fraction."""
    if hasattr(value, "iso_format"):
        return value.iso_format()
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return int(value)
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    if value is None or isinstance(value, str | int | float | bool):
        return value
    return str(value)
