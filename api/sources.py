"""What the pages need to know of each agency dataset: its titles and the columns that may be seen."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from types import MappingProxyType

from resolution.source import Source, read_sources

HIDDEN_TYPES = frozenset({"id", "party_id", "phone", "account"})
RENAMED = {"name": "personName"}  # `name` is every node's caption


@dataclass(frozen=True)
class Dataset:
    """One agency dataset."""

    name: str
    title: str
    agency: str
    label: str
    columns: dict[str, str]
    """Property in the graph → header of the agency, without columns that identify."""
    events: tuple[str, ...]
    """Date columns that tell a happening (ends of terms do not)."""

    @property
    def short_title(self) -> str:
        """The title without its bracketed explanation."""
        return self.title.split("（")[0]


@cache
def datasets() -> MappingProxyType[str, Dataset]:
    """Every dataset that the service takes in, by name."""
    return MappingProxyType({name: _dataset(name, source) for name, source in read_sources().items()})


def _dataset(name: str, source: Source) -> Dataset:
    shown = {column: spec for column, spec in source.columns.items() if spec.type not in HIDDEN_TYPES}
    return Dataset(
        name=name,
        title=source.title,
        agency=source.agency,
        label=source.fact.label,
        columns={RENAMED.get(column, column): spec.header for column, spec in shown.items()},
        events=tuple(column for column, spec in shown.items() if spec.event),
    )
