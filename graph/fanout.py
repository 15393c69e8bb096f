"""Rows that a clue's identity does not tell apart: the same clue would come again and again.

Followed from clause to clause: what each MATCH and UNWIND multiplies, what each aggregation gathers, and whether the
identity columns decide it in the end. What comes out of a CALL is taken as it is.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import pairwise

from graph.pattern import Name, Patterns, Relationship, matching
from graph.statement import Token
from graph.words import Words

AGGREGATES = ("COUNT", "COLLECT", "SUM", "AVG", "MIN", "MAX", "STDEV", "STDEVP", "PERCENTILECONT", "PERCENTILEDISC")
KEYS = frozenset({"key", "entityId", "recordId", "id"})
"""Properties that stand for their node."""

_CLAUSES = ("MATCH", "WITH", "UNWIND", "CALL", "RETURN")


@dataclass(eq=False)
class Thing:
    """What a variable stands for at some place of the query."""

    name: str
    line: int
    node: bool = False
    multiplies: bool = False
    """A row for each: matched or unwound."""
    rests_on: set[Thing] = field(default_factory=set)
    """Decided together with it: what it was made from, or the keys that it was gathered by."""


@dataclass
class _Walk:
    patterns: Patterns
    known: Words
    scope: dict[str, Thing] = field(default_factory=dict)
    rows: set[Thing] = field(default_factory=set)
    ties: list[tuple[Thing, Thing, Thing, bool]] = field(default_factory=list)
    """Relationship, its start, its end, and whether the start decides the end."""


def repeated(patterns: Patterns, identity: list[str], known: Words) -> Iterator[Name]:
    """What multiplies rows and is not decided by the identity columns: what to do about it, and the line."""
    walk = _Walk(patterns, known)
    decided: set[Thing] = set()
    for start, end in _clauses(patterns):
        word = patterns.token(start).text.upper()
        if word == "MATCH":
            _match(walk, start, end)
        elif word == "UNWIND":
            _unwind(walk, start, end)
        elif word == "CALL":
            _call(walk, start, end)
        else:
            before = dict(walk.scope)
            items = _project(walk, start, end)
            if word == "RETURN":
                for name in identity:
                    decided |= _uses(patterns, before, *items[name]) if name in items else set()
    _close(decided, walk.ties)
    for thing in sorted(walk.rows - decided, key=lambda each: each.line):
        if thing.multiplies and thing.name:
            more = f"add {thing.name}.key or {thing.name}.entityId to identity" if thing.node else "add it to identity"
            yield f"identity does not tell the rows of {thing.name} apart: collect {thing.name}, or {more}", thing.line


def _close(decided: set[Thing], ties: list[tuple[Thing, Thing, Thing, bool]]) -> None:
    """Add what follows from what is decided."""
    while True:
        before = len(decided)
        for thing in list(decided):
            decided |= thing.rests_on
        for tie, start, end, leads in ties:
            if tie in decided or {start, end} <= decided or (leads and start in decided):
                decided |= {tie, start, end}
        if len(decided) == before:
            return


def _clauses(patterns: Patterns) -> Iterator[tuple[int, int]]:
    """The clauses of the outermost query, each from its first word to its end."""
    starts, depth = [], 0
    for at, token in enumerate(patterns.tokens):
        if token.kind == "mark":
            depth += (token.text in "([{") - (token.text in ")]}")
        elif depth == 0 and token.says(*_CLAUSES) and not _variable(patterns, at):
            starts.append(at)
    yield from pairwise([*starts, len(patterns.tokens)])


def _variable(patterns: Patterns, at: int) -> bool:
    """Whether the word there is a name that only looks like a clause: a relationship called match."""
    after = patterns.token(at + 1)
    return (
        patterns.token(at - 1).text in (".", ":")
        or after.text in (",", ".", ")")
        or after.says("AS", "IN")
        or not after.text
    )


def _match(walk: _Walk, start: int, end: int) -> None:
    outermost = walk.patterns.owner[start]

    def here(at: int) -> bool:
        return start < at < end and walk.patterns.owner[at] is outermost and at not in walk.patterns.predicates

    found: dict[int, Thing] = {}
    for node in walk.patterns.nodes:
        if here(node.at):
            thing = walk.scope.get(node.variable) or Thing(node.variable, node.line, node=True, multiplies=True)
            found[node.at] = thing
            if node.variable:
                walk.scope[node.variable] = thing
            walk.rows.add(thing)
    for each in walk.patterns.relationships:
        if here(each.at):
            tie = walk.scope.get(each.variable) or Thing(each.variable, each.line)
            if each.variable:
                walk.scope[each.variable] = tie
            walk.rows.add(tie)
            first, last = (each.right, each.left) if each.arrow == "<" else (each.left, each.right)
            if first.at in found and last.at in found:
                walk.ties.append((tie, found[first.at], found[last.at], _leads(each, walk.known)))


def _leads(each: Relationship, known: Words) -> bool:
    """Whether a row has one such relationship at most: from a fact to what it speaks of."""
    kinds = [known.ontology.relationships[name] for name, _ in each.types if name in known.ontology.relationships]
    labels = known.ontology.labels
    return bool(kinds) and all(
        labels[start].under == "Fact" and labels[end].under != "Fact"
        for kind in kinds
        for start in kind.start
        for end in kind.end
        if start in labels and end in labels
    ) and not {"RESEMBLES", "MATCHES"} & {name for name, _ in each.types}  # fmt: skip


def _unwind(walk: _Walk, start: int, end: int) -> None:
    alias = next((at for at in range(end - 1, start, -1) if walk.patterns.says(at, "AS")), end)
    token = walk.patterns.token(alias + 1)
    made_of = _uses(walk.patterns, walk.scope, start + 1, alias)
    thing = Thing(token.text, token.line, multiplies=True, rests_on=made_of)
    walk.scope[token.text] = thing
    walk.rows.add(thing)


def _call(walk: _Walk, start: int, end: int) -> None:
    """The columns of a subquery or procedure: opaque, so that nothing is said of them."""
    tokens = walk.patterns.tokens
    opened = next((at for at in range(start, end) if tokens[at].text == "{"), None)
    if opened is None:
        names = [tokens[at] for at in range(start, end) if tokens[at].kind == "word"]
    else:
        closed, depth, last = matching(tokens, opened), 0, opened
        for at in range(opened + 1, closed):
            if tokens[at].kind == "mark":
                depth += (tokens[at].text in "([{") - (tokens[at].text in ")]}")
            elif depth == 0 and tokens[at].says("RETURN"):
                last = at
        names = [_alias(tokens, *item) for item in _items(walk.patterns, last + 1, closed)]
        # a branch before a UNION has the same columns
    for token in names:
        walk.scope[token.text] = Thing(token.text, token.line)


def _project(walk: _Walk, start: int, end: int) -> dict[str, tuple[int, int]]:
    """WITH and RETURN: what goes on under which name, and which rows are gathered. The expressions by column."""
    tokens = walk.patterns.tokens
    first = start + 1
    distinct = walk.patterns.says(first, "DISTINCT")
    first += distinct
    scope: dict[str, Thing] = {}
    gathered: list[Thing] = []
    keys: set[Thing] = set()
    columns: dict[str, tuple[int, int]] = {}
    items = list(_items(walk.patterns, first, end))
    aggregates = [_aggregates(walk.patterns, *item) for item in items]
    for (begin, stop), gathers in zip(items, aggregates, strict=True):
        if tokens[begin].text == "*":
            scope |= walk.scope
            keys |= set(walk.scope.values())
            continue
        alias = _alias(tokens, begin, stop)
        expression = (begin, stop - 2 if stop - 2 > begin and tokens[stop - 2].says("AS") else stop)
        columns[alias.text.strip("`")] = expression
        plain = expression[1] - expression[0] == 1 and tokens[begin].text in walk.scope
        if plain:
            thing = walk.scope[tokens[begin].text]
        else:
            thing = Thing(alias.text, alias.line, rests_on=_uses(walk.patterns, walk.scope, *expression))
        scope[alias.text] = thing
        if gathers:
            gathered.append(thing)
        else:
            keys.add(thing)
    if distinct or any(aggregates):
        for thing in gathered:
            thing.rests_on |= keys
        walk.rows = keys
    walk.scope = scope
    return columns


def _items(patterns: Patterns, start: int, end: int) -> Iterator[tuple[int, int]]:
    """The items of WITH or RETURN, without what follows them."""
    depth, begin = 0, start
    for at in range(start, end):
        token = patterns.token(at)
        if token.kind == "mark" and depth == 0 and token.text == ",":
            yield begin, at
            begin = at + 1
        elif token.kind == "mark":
            depth += (token.text in "([{") - (token.text in ")]}")
        elif depth == 0 and token.says("WHERE", "ORDER", "SKIP", "OFFSET", "LIMIT", "OPTIONAL"):
            end = at
            break
    if begin < end:
        yield begin, end


def _alias(tokens: list[Token], begin: int, end: int) -> Token:
    return tokens[end - 1] if end - 2 > begin and tokens[end - 2].says("AS") else tokens[begin]


def _aggregates(patterns: Patterns, begin: int, end: int) -> bool:
    own = patterns.owner[begin]
    return any(
        patterns.says(at, *AGGREGATES) and patterns.token(at + 1).text == "(" and patterns.owner[at] is own
        for at in range(begin, end)
    )


def _uses(patterns: Patterns, scope: dict[str, Thing], begin: int, end: int) -> set[Thing]:
    """What an expression is made of and stands for: a node only by itself or by a property that is its own."""
    found = set()
    for at in range(begin, end):
        token = patterns.token(at)
        thing = scope.get(token.text.strip("`")) if token.kind in ("word", "quoted") else None
        if thing is None or patterns.token(at - 1).text in (".", ":"):
            continue
        if not thing.node or patterns.token(at + 1).text != "." or patterns.token(at + 2).text in KEYS:
            found.add(thing)
    return found
