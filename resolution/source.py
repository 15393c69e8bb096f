"""A source: what one agency dataset looks like, and what in it cannot be so. `source_files` reads them."""

from __future__ import annotations

import codecs
import hashlib
import json
import re
import unicodedata
from collections.abc import Iterator
from string import Formatter
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field

ColumnType = Literal[
    "text", "reference", "id", "uscc", "party_id", "date", "datetime", "month", "year", "money", "number",
    "phone", "account", "address", "lon", "lat", "enum", "bool",
]  # fmt: skip
EVENT_TYPES = frozenset({"date", "datetime", "month"})
DAY_TYPES = EVENT_TYPES | {"year"}
MENTION_TYPES: dict[str, frozenset[str]] = {
    "name": frozenset({"text"}),
    "former_name": frozenset({"text"}),
    "id": frozenset({"id", "uscc", "party_id", "reference"}),
    "sex": frozenset({"enum", "text"}),
    "birth_date": frozenset({"date"}),
    "address": frozenset({"address", "text"}),
    "phone": frozenset({"phone"}),
}


class _Strict(BaseModel):
    model_config = ConfigDict(strict=True, extra="forbid", frozen=True, populate_by_name=True)


def _one_or_many(value: Any) -> Any:
    return (value,) if isinstance(value, str) else tuple(value) if isinstance(value, list) else value


def _some_text(headers: tuple[str, ...]) -> tuple[str, ...]:
    if not headers or not all(header.strip() for header in headers):
        raise ValueError("give at least one header, and none that is empty")
    return headers


def _codec(name: str) -> str:
    try:
        return codecs.lookup(name).name
    except LookupError:
        raise ValueError("no encoding of that name; take utf-8, gb18030, utf-16 or big5") from None


Identifier = Annotated[str, Field(pattern=r"^[a-z][A-Za-z0-9]*$")]
Tuple = BeforeValidator(_one_or_many)


class Column(_Strict):
    """One column of an agency's table: how the agency heads it and what its cells mean."""

    headers: Annotated[tuple[str, ...], Tuple, AfterValidator(_some_text)] = Field(alias="header")
    """Headers that the column may have; the first is the one that the contract names."""
    type: ColumnType
    optional: bool = False
    """The cell may be empty, and the column may be missing."""
    values: Annotated[tuple[str, ...], Tuple] = ()
    """For an enum: all that may stand in it."""
    event: bool = False
    """The day is one on which something happened, so the newest of them says how far the data reaches."""
    shared: bool = False
    """Two people of one name who share this cell are rarely two people (a place of work, the clerk who saw them)."""

    @property
    def header(self) -> str:
        """The header as the contract names it."""
        return self.headers[0]


class Mention(_Strict):
    """Who a row speaks of in one role, and which of its columns describe them."""

    kind: Literal["person", "company", "party", "property", "trade_name"]
    name: str | None = None
    former_name: str | None = None
    id: str | None = None
    sex: str | None = None
    birth_date: str | None = None
    address: str | None = None
    phone: str | None = None
    link: str = Field(pattern=r"^[A-Z][A-Z0-9_]*$")
    """Relationship from the row to the entity."""
    profession: bool = False
    """One who appears in this role for a living: where nothing else is known, a name is its bearer."""
    adult: bool = False
    """Nobody under 16 stands in this role."""
    among: str | None = None
    """dataset/role whose people these are taken from: who is granted a commutation is in prison."""


class Join(_Strict):
    """Rows of another dataset (`dataset.column`), or `property`, that a number in this column points to."""

    column: str
    to: str
    link: str = Field(pattern=r"^[A-Z][A-Z0-9_]*$")


class Place(_Strict):
    """An address column that becomes an Address node."""

    column: str
    link: str = Field(pattern=r"^[A-Z][A-Z0-9_]*$")


class Group(_Strict):
    """A column whose equal values tie rows to one node (a household)."""

    column: str
    label: str = Field(pattern=r"^[A-Z][A-Za-z0-9]*$")
    link: str = Field(pattern=r"^[A-Z][A-Z0-9_]*$")


class FactNode(_Strict):
    """The node that a row becomes in the graph."""

    label: str = Field(pattern=r"^[A-Z][A-Za-z0-9]*$")
    caption: str
    on: str | None = None
    """Column of the day from which the row exists for a model asked as of a day."""
    joins: Annotated[tuple[Join, ...], Tuple] = ()
    places: Annotated[tuple[Place, ...], Tuple] = ()
    groups: Annotated[tuple[Group, ...], Tuple] = ()


class Lookup(_Strict):
    """What a local wording means, and why we think so."""

    value: str
    why: str = Field(min_length=1)


class Rows(_Strict):
    """How many rows a file is expected to have: fewer stops the load, more warns."""

    min: int = Field(default=0, ge=0)
    max: int | None = Field(default=None, ge=0)


class Expect(_Strict):
    """What a delivery is expected to look like."""

    rows: Rows = Rows()


class Source(_Strict):
    """One agency dataset."""

    name: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    """The dataset's name: the stem of its file."""
    title: str = Field(min_length=1)
    agency: str = Field(min_length=1)
    grade: Literal["一般", "敏感", "核心"]
    """Grade of the data (数据分级)."""
    key: Literal["recordId"]
    """The column that tells rows apart."""
    description: str = ""
    custodian: str = ""
    """Who answers for the data."""
    encoding: Annotated[str, AfterValidator(_codec)] | None = None
    """Encoding of the agency's text files where it cannot be told from them (big5)."""
    registers: bool = False
    """The agency registers the people it writes about: its rows weigh more when one number stands beside two names."""
    one_each: bool = False
    """The register lists each person once: who stands in it by number is hardly meant by another of its rows."""
    columns: dict[Identifier, Column]
    mentions: dict[str, Mention] = {}
    fact: FactNode
    lookups: dict[str, dict[str, Lookup]] = {}
    expect: Expect = Expect()

    @property
    def digest(self) -> str:
        """Hash of all that decides how a file's cells are read: when it changes, files are read again."""
        shape = self.model_dump(mode="json", include={"columns", "lookups", "encoding", "key"})
        return hashlib.sha256(json.dumps(shape, sort_keys=True, ensure_ascii=False).encode()).hexdigest()


Contradiction = tuple[tuple[str, ...], str, str]


def contradictions(source: Source, sources: dict[str, Source], names: set[str]) -> Iterator[Contradiction]:
    """What is well-formed in one source but cannot be so: place, message, remedy."""
    known = sorted(source.columns)
    absent = f"the columns are {', '.join(known)}"
    if source.key not in source.columns:
        yield ("columns",), f"key {source.key!r} is no column", 'add recordId = {header = "记录编号", type = "text"}'
    elif source.columns[source.key].optional:
        yield ("columns", source.key), "the key may not be optional", "remove optional"
    taken: dict[str, str] = {}
    for name, column in source.columns.items():
        place = ("columns", name)
        for header in column.headers:
            if taken.setdefault(plain_header(header), name) != name:
                other = taken[plain_header(header)]
                yield place, f"header {header!r} is also that of {other!r}", "give each column a header of its own"
        if column.type == "enum" and not column.values:
            yield place, f"enum {name!r} has no values", 'add values = ["…"]'
        if column.type != "enum" and column.values:
            yield place, f"{name!r} has values but is no enum", "make it an enum or remove values"
        if column.event and column.type not in EVENT_TYPES:
            yield place, f"{name!r} is an event but no day", "remove event or make it a date, datetime or month"
    for role, mention in source.mentions.items():
        yield from _of_mention(source, role, mention, absent)
    yield from _of_fact(source, sources, names, absent)
    for name, lookups in source.lookups.items():
        place = ("lookups", name)
        if name not in source.columns:
            yield place, f"lookups for {name!r}, which is no column", absent
            continue
        values = source.columns[name].values
        for wording, lookup in lookups.items():
            if values and lookup.value not in values:
                yield (*place, wording), f"{wording!r} means {lookup.value!r}", f"take one of {', '.join(values)}"


def _of_mention(source: Source, role: str, mention: Mention, absent: str) -> Iterator[Contradiction]:
    place = ("mentions", role)
    for field, types in MENTION_TYPES.items():
        name = getattr(mention, field)
        if name is None:
            continue
        if name not in source.columns:
            yield (*place, field), f"mention {role!r} names {name!r}, which is no column", absent
        elif source.columns[name].type not in types:
            kind = source.columns[name].type
            yield (*place, field), f"{name!r} is {kind}, not {' or '.join(sorted(types))}", "name another column"
    if mention.kind == "property" and not (mention.id or mention.address):
        yield place, f"property {role!r} has neither id nor address", "name a column for one of them"
    if mention.kind != "property" and not mention.name:
        yield place, f"{mention.kind} {role!r} has no name", 'add name = "<column>"'


def _of_fact(source: Source, sources: dict[str, Source], names: set[str], absent: str) -> Iterator[Contradiction]:
    fact = source.fact
    try:
        named = [name for _, name, _, _ in Formatter().parse(fact.caption) if name is not None]
    except ValueError as error:
        yield ("fact", "caption"), f"caption cannot be read: {error}", "write columns as {name}"
        named = []
    for name in named:
        if name not in source.columns:
            yield ("fact", "caption"), f"the caption names {name!r}, which is no column", absent
    if fact.on is not None and fact.on not in source.columns:
        yield ("fact", "on"), f"on = {fact.on!r} is no column", absent
    elif fact.on is not None and source.columns[fact.on].type not in DAY_TYPES:
        yield ("fact", "on"), f"{fact.on!r} is no day", "name a column of type date, datetime, month or year"
    used = {
        "joins": [join.column for join in fact.joins],
        "places": [place.column for place in fact.places],
        "groups": [group.column for group in fact.groups],
    }
    for kind, columns in used.items():
        for name in columns:
            if name not in source.columns:
                yield ("fact", kind), f"{kind} name {name!r}, which is no column", absent
    for join in fact.joins:
        dataset, _, column = join.to.partition(".")
        if join.to == "property" or (dataset in names and dataset not in sources):
            continue
        if dataset not in sources:
            yield ("fact", "joins"), f"to = {join.to!r}: no such dataset", "write <dataset>.<column> or property"
        elif column not in sources[dataset].columns:
            known = ", ".join(sources[dataset].columns)
            yield ("fact", "joins"), f"to = {join.to!r}: no such column", f"{dataset} has {known}"


def plain_header(text: str) -> str:
    """A header without what agencies vary: spaces, full-width forms, case, byte order marks, a star for "required"."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    return re.sub(r"[\s\ufeff\u200b-\u200f*\"']", "", folded)
