"""The words of the graph that a query may use, and those that it uses and the graph does not have.

A label, relationship type or property that is not in the ontology finds nothing and says nothing: it is refused, with
the word that was probably meant.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from graph.ontology import HIDDEN_TYPES, NodeKind, Ontology, describe
from graph.pattern import Name, Node, Patterns, Relationship
from resolution.source import Source
from resolution.source_files import read_sources, stamp

# components of days, times, durations and points
_COMPONENTS = frozenset(
    {"year", "quarter", "month", "week", "day", "ordinalDay", "dayOfWeek", "dayOfQuarter", "weekYear", "hour", "minute"}
    | {"second", "millisecond", "microsecond", "nanosecond", "timezone", "epochSeconds", "epochMillis", "x", "y", "z"}
    | {"years", "quarters", "months", "weeks", "days", "hours", "minutes", "seconds", "milliseconds", "microseconds"}
    | {"nanoseconds", "monthsOfYear", "daysOfWeek", "daysOfMonth", "minutesOfHour", "secondsOfMinute"}
    | {"longitude", "latitude", "height", "srid", "crs"}
)


@dataclass(frozen=True, eq=False)
class Words:
    """The graph's labels, types and properties, and the sources that they come from."""

    ontology: Ontology
    sources: dict[str, Source]

    @property
    def properties(self) -> set[str]:
        """Every property of any node or relationship."""
        held = {name for kind in self.ontology.labels.values() for name in kind.properties}
        return held | set(self.ontology.relationship_properties)

    def of(self, labels: Iterable[str]) -> set[str]:
        """The properties that nodes of any of these labels may have."""
        found: set[str] = set()
        for label in labels:
            kind = self.ontology.labels.get(label)
            if kind is None:
                continue
            found |= set(kind.properties)
            if kind.under:
                found |= set(self.ontology.labels[kind.under].properties)
            for other in self._below(label):
                found |= set(other.properties)
        return found

    def may_be(self, label: str, other: str) -> bool:
        """Whether a node of one label may bear the other: the same, or the general one above it."""
        labels = self.ontology.labels
        return label == other or labels[label].under == other or labels[other].under == label

    def days(self, label: str) -> set[str]:
        """The columns that say from which day facts of this label exist; none when they always did."""
        kind = self.ontology.labels.get(label)
        datasets = kind.datasets if kind else ()
        return {str(self.sources[name].fact.on) for name in datasets if self.sources[name].fact.on}

    def facts(self, labels: Iterable[str]) -> set[str]:
        """Those of these labels that are facts dated by a column, or facts in general."""
        return {label for label in labels if label == "Fact" or self.days(label)}

    def identities(self, types: Iterable[str]) -> set[str]:
        """Those of these relationships that rest on resolution."""
        known = self.ontology.relationships
        return {name for name in types if name in known and "probability" in known[name].properties}

    def _below(self, label: str) -> Iterator[NodeKind]:
        return (kind for kind in self.ontology.labels.values() if kind.under == label)


_known: tuple[object, Words] | None = None


def words(over: Path | None = None) -> Words:
    """The words of the sources in force, with those of a folder laid over them. Raises SourceError.

    The same object is answered as long as no source changes.
    """
    global _known
    if over is not None:
        sources = read_sources(over)
        return Words(describe(sources), sources)
    now = stamp()
    if _known is None or _known[0] != now:
        sources = read_sources()
        _known = (now, Words(describe(sources), sources))
    return _known[1]


def unknown(patterns: Patterns, known: Words) -> Iterator[Name]:
    """What the query names and the graph does not have: what to do about it, and the line."""
    labels, types = known.ontology.labels, known.ontology.relationships
    bound: dict[str, set[str]] = {}
    for node in patterns.nodes:
        yield from _missing("label", node.labels, labels)
        if node.variable:
            bound.setdefault(node.variable, set()).update(label for label, _ in node.labels)
        if node.labels and all(label in labels for label, _ in node.labels):
            yield from _missing("property", node.keys, known.of(label for label, _ in node.labels), node.labels[0][0])
    tied: dict[str, set[str]] = {}
    for each in patterns.relationships:
        yield from _missing("relationship", each.types, types)
        if each.variable:
            tied.setdefault(each.variable, set()).update(name for name, _ in each.types)
        yield from _astray(each, bound, known)
    yield from _predicates(patterns, known)
    yield from _properties(patterns, known, bound, tied)


def unknown_fields(datasets: dict[str, list[str]], sources: dict[str, Source]) -> Iterator[tuple[str, str, str]]:
    """Datasets and fields of a header that no source has: dataset, field (or empty), what to do."""
    for dataset, fields in datasets.items():
        if dataset not in sources:
            yield dataset, "", f"no dataset {dataset}{_meant(dataset, sources)}"
            continue
        for field in fields:
            if field not in sources[dataset].columns:
                yield dataset, field, f"{dataset} has no field {field}{_meant(field, sources[dataset].columns)}"


def _properties(
    patterns: Patterns, known: Words, bound: dict[str, set[str]], tied: dict[str, set[str]]
) -> Iterator[Name]:
    """Properties asked of variables: of its labels where these are known, else of anything."""
    tokens = patterns.tokens
    made = {tokens[at].text.strip("`") for at in _keys(patterns)}
    anything = known.properties | made | _COMPONENTS
    hidden = {name for source in known.sources.values() for name, c in source.columns.items() if c.type in HIDDEN_TYPES}
    for at, token in enumerate(tokens):
        owner, dot = patterns.token(at - 2), patterns.token(at - 1)
        if dot.text != "." or token.kind not in ("word", "quoted") or patterns.token(at + 1).text == "(":
            continue
        name = token.text.strip("`")
        labels = bound.get(owner.text, set()) if owner.kind == "word" and patterns.token(at - 3).text != "." else set()
        types = tied.get(owner.text, set()) if owner.kind == "word" else set()
        if labels and labels <= known.ontology.labels.keys() and not types:
            allowed, where = known.of(labels), "/".join(sorted(labels))
        elif types and types <= known.ontology.relationships.keys() and not labels:
            allowed = {name for kind in types for name in known.ontology.relationships[kind].properties}
            where = "/".join(sorted(types))
        else:
            allowed, where = anything, ""
        if name in allowed or (where and name in made):
            continue
        if name in hidden:
            yield f"do without {name}: ID numbers, phones and accounts are not in the graph", token.line
        else:
            has = f"{where} has no property" if where else "nothing has a property"
            yield f"{has} {name}{_meant(name, allowed)}", token.line


def _predicates(patterns: Patterns, known: Words) -> Iterator[Name]:
    """Labels asked for in conditions: `text:MandatoryReport`."""
    tokens, covered, keys = patterns.tokens, patterns.covered, _keys(patterns)
    for at, token in enumerate(tokens):
        before, after = patterns.token(at - 1), patterns.token(at + 1)
        if (
            token.text == ":"
            and at not in covered
            and at - 1 not in keys
            and before.kind in ("word", "quoted")
            and after.kind in ("word", "quoted")
        ):
            yield from _missing("label", [(after.text.strip("`"), after.line)], known.ontology.labels)


def _keys(patterns: Patterns) -> set[int]:
    """Where the keys of maps stand."""
    tokens, found, maps = patterns.tokens, set(), []
    for at, token in enumerate(tokens):
        if token.kind == "mark" and token.text in "([{":
            inner = patterns.owner[at + 1] if at + 1 < len(tokens) else patterns.owner[at]
            maps.append(token.text == "{" and inner is patterns.owner[at])
        elif token.kind == "mark" and token.text in ")]}" and maps:
            maps.pop()
        elif patterns.token(at + 1).text == ":" and patterns.token(at - 1).text in ("{", ",") and maps and maps[-1]:
            found.add(at)
    return found


def _astray(each: Relationship, bound: dict[str, set[str]], known: Words) -> Iterator[Name]:
    """A relationship between labels that it never ties, or drawn the wrong way round."""
    kinds = [known.ontology.relationships[name] for name, _ in each.types if name in known.ontology.relationships]
    if not kinds or len(kinds) < len(each.types) or not each.arrow or each.several:
        return
    start, end = (each.left, each.right) if each.arrow == ">" else (each.right, each.left)

    def labels(node: Node) -> set[str]:
        held = {label for label, _ in node.labels} or bound.get(node.variable, set())
        return held if held <= known.ontology.labels.keys() else set()

    def fits(held: set[str], ends: Iterable[str]) -> bool:
        return not held or any(known.may_be(one, other) for one in held for other in ends)

    starts = {label for kind in kinds for label in kind.start}
    ends = {label for kind in kinds for label in kind.end}
    if fits(labels(start), starts) and fits(labels(end), ends):
        return
    name = "|".join(name for name, _ in each.types)
    yield (
        f"{name} leads from {'/'.join(sorted(starts))} to {'/'.join(sorted(ends))}: mend its ends or its arrow",
        each.line,
    )


def _missing(kind: str, names: Iterable[Name], known: Iterable[str], where: str = "") -> Iterator[Name]:
    held = list(known)
    for name, line in names:
        if name not in held:
            has = f"{where} has no {kind}" if where else f"the graph has no {kind}"
            yield f"{has} {name}{_meant(name, held)}", line


def _meant(name: str, known: Iterable[str]) -> str:
    by_small = {each.lower(): each for each in sorted(known)}
    close = difflib.get_close_matches(name.lower(), by_small, n=1, cutoff=0.6)
    return f": did you mean {by_small[close[0]]}?" if close else ""
