"""The patterns of a Cypher query: its nodes, its relationships, and the subqueries that they stand in.

Read from the tokens of `graph.statement`, far enough to know which names a query uses and where a row comes from.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal

from graph.statement import Token

Kind = Literal["query", "CALL", "EXISTS", "COUNT", "COLLECT"]
Name = tuple[str, int]
"""A name in the text and its line."""

_OPENS, _CLOSES = frozenset("([{"), frozenset(")]}")
_END = Token("mark", "", 0)


@dataclass(eq=False)
class Segment:
    """A query or a branch of a UNION in it, as the range of its tokens."""

    start: int
    end: int
    kind: Kind
    parent: Segment | None
    imports: bool = False
    """A CALL that is run for each row of what surrounds it."""

    def within(self, other: Segment) -> bool:
        """Whether this is the other segment or stands inside it."""
        return other.start <= self.start and self.end <= other.end


@dataclass(frozen=True)
class Node:
    """A node of a pattern."""

    at: int
    end: int
    """The token after it."""
    line: int
    variable: str
    labels: tuple[Name, ...]
    keys: tuple[Name, ...]


@dataclass(frozen=True)
class Relationship:
    """A relationship of a pattern; `arrow` is `>` from left to right, `<` the other way, empty for either."""

    at: int
    line: int
    variable: str
    types: tuple[Name, ...]
    keys: tuple[Name, ...]
    left: Node
    right: Node
    arrow: str
    several: bool
    """Of variable length."""


@dataclass
class Patterns:
    """All patterns of a query."""

    tokens: list[Token]
    nodes: list[Node] = field(default_factory=list)
    relationships: list[Relationship] = field(default_factory=list)
    predicates: set[int] = field(default_factory=set)
    """Where the nodes and relationships stand that are asked about in a condition and not matched."""
    owner: list[Segment] = field(default_factory=list)
    """The innermost segment of each token."""

    def says(self, at: int, *words: str) -> bool:
        """Whether the token there is one of these keywords."""
        return self.token(at).says(*words)

    @property
    def covered(self) -> set[int]:
        """The tokens that nodes and relationships take up."""
        nodes = {at for node in self.nodes for at in range(node.at, node.end)}
        return nodes | {at for each in self.relationships for at in range(each.at, each.right.end)}

    def token(self, at: int) -> Token:
        """The token there, an empty one outside the text."""
        return self.tokens[at] if 0 <= at < len(self.tokens) else _END


def read(tokens: list[Token]) -> Patterns:
    """The patterns of these tokens."""
    found = Patterns(tokens)
    _segments(found)
    at, matching = 0, False
    while at < len(tokens):
        if tokens[at].text == "(" and not _called(found, at):
            after = tokens[at - 1].text == "," and matching
            end = _chain(found, at, alone=after or found.says(at - 1, "MATCH"))
            if end:
                at, matching = end, True
                continue
        matching = matching and tokens[at].text == ","
        at += 1
    return found


def names(tokens: list[Token], start: int, end: int) -> Iterator[str]:
    """The variables in a range of tokens: words that are no property, label, function or key of a map."""
    for at in range(start, min(end, len(tokens))):
        token = tokens[at]
        before = tokens[at - 1].text if at else ""
        after = tokens[at + 1].text if at + 1 < len(tokens) else ""
        if token.kind in ("word", "quoted") and before not in (".", ":") and after not in ("(", ":"):
            yield token.text.strip("`")


def matching(tokens: list[Token], at: int) -> int:
    """Where the bracket that opens here is closed; the end of the text when it is not."""
    depth = 0
    for index in range(at, len(tokens)):
        if tokens[index].kind == "mark":
            depth += (tokens[index].text in _OPENS) - (tokens[index].text in _CLOSES)
            if depth == 0:
                return index
    return len(tokens)


def _segments(found: Patterns) -> None:
    tokens = found.tokens
    current = Segment(0, len(tokens), "query", None)
    stack: list[Segment | None] = []  # what each open bracket returns to; None for brackets within a segment
    for at, token in enumerate(tokens):
        found.owner.append(current)
        if token.kind != "mark":
            if token.says("UNION") and (not stack or stack[-1] is not None):
                current.end = at
                skip = 2 if found.says(at + 1, "ALL", "DISTINCT") else 1
                end = stack[-1].end if stack and stack[-1] else len(tokens)
                current = Segment(at + skip, end, current.kind, current.parent, current.imports)
        elif token.text in _OPENS:
            kind, imports = _subquery(found, at) if token.text == "{" else (None, False)
            if kind:
                stack.append(current)
                current = Segment(at + 1, matching(tokens, at), kind, current, imports)
            else:
                stack.append(None)
        elif token.text in _CLOSES and stack:
            outer = stack.pop()
            if outer is not None:
                current.end = at
                current = outer
                found.owner[at] = current


def _subquery(found: Patterns, at: int) -> tuple[Kind | None, bool]:
    """What the brace there opens; no kind for a map or a quantifier."""
    before = found.token(at - 1)
    if before.says("EXISTS", "COUNT", "COLLECT", "CALL"):
        kind: Kind = before.text.upper()  # type: ignore[assignment]
        return kind, False
    if before.text == ")":
        opened = at - 1
        while opened >= 0 and matching(found.tokens, opened) != at - 1:
            opened -= 1
        if found.says(opened - 1, "CALL"):
            return "CALL", at - 1 - opened > 1
    return None, False


def _called(found: Patterns, at: int) -> bool:
    """Whether the bracket there belongs to a function or to CALL."""
    before = found.token(at - 1)
    if before.kind == "quoted":
        return True
    return before.kind == "word" and not before.says(
        "MATCH", "WHERE", "AND", "OR", "XOR", "NOT", "WHEN", "THEN", "RETURN"
    )


def _chain(found: Patterns, at: int, *, alone: bool) -> int:
    """Take up the pattern that begins there; where it ends, 0 when there is none."""
    first = _node(found, at)
    if first is None:
        return 0
    node, at = first
    nodes, relationships = [node], list[Relationship]()
    while (step := _relationship(found, at, node)) is not None:
        relationship, at = step
        node = relationship.right
        nodes.append(node)
        relationships.append(relationship)
    if not relationships and not alone:
        return 0
    found.nodes += nodes
    found.relationships += relationships
    if not alone and not found.says(nodes[0].at - 1, "MATCH") and not _braced(found, nodes[0].at):
        found.predicates.update([*(each.at for each in nodes), *(each.at for each in relationships)])
    return at


def _braced(found: Patterns, at: int) -> bool:
    """Whether the pattern is all that a subquery says: `EXISTS { (a)-->(b) }`."""
    return found.token(at - 1).text == "{" or found.token(at - 1).text == "("


def _node(found: Patterns, at: int) -> tuple[Node, int] | None:
    tokens = found.tokens
    if found.token(at).text != "(":
        return None
    end = matching(tokens, at)
    variable, labels, keys, rest = _inside(found, at + 1, end)
    if rest != end:
        return None
    return Node(at, end + 1, tokens[at].line, variable, labels, keys), end + 1


def _relationship(found: Patterns, at: int, left: Node) -> tuple[Relationship, int] | None:
    begin = at
    arrow = ""
    if found.token(at).text == "<":
        arrow, at = "<", at + 1
    if found.token(at).text != "-":
        return None
    at += 1
    variable, several = "", False
    types: tuple[Name, ...] = ()
    keys: tuple[Name, ...] = ()
    if found.token(at).text == "[":
        end = matching(found.tokens, at)
        variable, types, keys, rest = _inside(found, at + 1, end)
        several = found.token(rest).text == "*"
        if rest != end and not several:
            return None
        at = end + 1
    if found.token(at).text != "-":
        return None
    at += 1
    if found.token(at).text == ">":
        arrow, at = arrow or ">", at + 1
    second = _node(found, at)
    if second is None:
        return None
    right, at = second
    line = found.tokens[begin].line
    return Relationship(begin, line, variable, types, keys, left, right, arrow, several), at


def _inside(found: Patterns, at: int, end: int) -> tuple[str, tuple[Name, ...], tuple[Name, ...], int]:
    """What stands between the brackets of a node or relationship: variable, labels, keys of its map; where it ends."""
    variable = ""
    if at < end and found.token(at).kind in ("word", "quoted"):
        variable, at = found.token(at).text.strip("`"), at + 1
    labels: list[Name] = []
    if at < end and found.token(at).text == ":":
        at += 1
        while at < end and (found.token(at).kind in ("word", "quoted") or found.token(at).text in "|&!:()%"):
            token = found.token(at)
            if token.says("WHERE"):
                break
            if token.kind in ("word", "quoted"):
                labels.append((token.text.strip("`"), token.line))
            at += 1
    keys: list[Name] = []
    if at < end and found.token(at).text == "{":
        closed = matching(found.tokens, at)
        keys = [
            (found.tokens[i].text.strip("`"), found.tokens[i].line)
            for i in range(at + 1, closed)
            if found.token(i + 1).text == ":" and found.token(i - 1).text in ("{", ",")
        ]
        at = closed + 1
    if at < end and found.says(at, "WHERE"):
        at = end
    return variable, tuple(labels), tuple(keys), at
