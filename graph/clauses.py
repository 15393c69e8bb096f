"""The clauses of a query as steps: what is matched hop by hop, what is asked of the rows, what is handed on."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise

from graph.expressions import NOTHING, case_edge, closing, split, variables
from graph.statement import Statement, Token, depths

AGGREGATES = frozenset(
    {"collect", "count", "sum", "min", "max", "avg", "percentilecont", "percentiledisc", "stdev", "stdevp"}
)
_STARTS = ("MATCH", "OPTIONAL", "WITH", "UNWIND", "CALL", "RETURN", "UNION")


@dataclass(frozen=True)
class Hop:
    """One relationship of a pattern with its two nodes, or one node alone; `text` is Cypher."""

    text: str
    names: tuple[str, ...]
    """The variables of its nodes and, in the middle, of its relationship."""
    types: tuple[str, ...] = ()

    @property
    def nodes(self) -> tuple[str, ...]:
        """The variables of its nodes."""
        return self.names[::2]


@dataclass(frozen=True)
class Item:
    """A column of WITH or RETURN."""

    name: str
    tokens: tuple[Token, ...]
    aggregates: bool


@dataclass(frozen=True)
class Step:
    """One clause. `kind` is match, optional, with, filter, unwind, call or return."""

    kind: str
    text: str
    """The clause without its WHERE."""
    where: tuple[tuple[Token, ...], ...] = ()
    """The conditions that must all hold, in the order in which they stand."""
    where_texts: tuple[str, ...] = ()
    hops: tuple[Hop, ...] = ()
    """The pattern in pieces; empty when it stays whole."""
    labels: dict[str, tuple[str, ...]] = field(default_factory=dict)
    items: tuple[Item, ...] = ()
    everything: bool = False
    """WITH *: all that is there stays."""
    expression: tuple[Token, ...] = ()
    branches: tuple[tuple[Step, ...], ...] = ()
    """The ways through a CALL { … UNION … }."""
    imports: str | None = None
    names: tuple[str, ...] = ()
    """Variables that the clause adds."""

    @property
    def aggregates(self) -> bool:
        """Whether rows are put together here."""
        return any(item.aggregates for item in self.items)

    def cypher(self, *more: str) -> str:
        """The clause as Cypher, with further conditions."""
        conditions = [*more, *self.where_texts]
        return f"{self.text}\nWHERE " + "\n  AND ".join(f"({c})" for c in conditions) if conditions else self.text


def read(query: str) -> list[Step]:
    """The steps of a query, in order; the last is RETURN."""
    reader = _Reader(query)
    return reader.steps(reader.statement.tokens)


def scope(steps: Sequence[Step]) -> set[str]:
    """Variables that are there after these steps."""
    known: set[str] = set()
    for step in steps:
        if step.kind in ("with", "return") and not step.everything:
            known = {item.name for item in step.items}
        else:
            known |= {*step.names, *(item.name for item in step.items)}
    return known


class _Reader:
    def __init__(self, query: str) -> None:
        self.statement = Statement(query)
        self._made = 0

    def steps(self, tokens: Sequence[Token]) -> list[Step]:
        found: list[Step] = []
        for clause in _clauses(tokens):
            made = self._step(clause)
            if made.kind == "with" and made.where:
                # told apart where it can be: what is projected, and what is asked of it
                projected = replace(made, where=(), where_texts=())
                if all(variables(part) <= scope([*found, projected]) for part in made.where):
                    found.append(projected)
                    made = Step("filter", "WITH *", made.where, made.where_texts, everything=True)
            found.append(made)
        return found

    def _step(self, clause: list[Token]) -> Step:
        head = clause[0]
        if head.says("MATCH"):
            return self._match("match", clause, 1)
        if head.says("OPTIONAL"):
            return self._match("optional", clause, 2)
        if head.says("UNWIND"):
            body, _, name = _last(clause[1:], "AS")
            return Step("unwind", self._text(clause), expression=tuple(body), names=(name[0].text,))
        if head.says("CALL"):
            return self._call(clause)
        return self._projection(clause)

    def _projection(self, clause: list[Token]) -> Step:
        body, conditions = self._where(clause)
        rest = body[2:] if len(body) > 1 and body[1].says("DISTINCT") else body[1:]
        listed = split(rest, "ORDER", "SKIP", "OFFSET", "LIMIT")[0]
        items, everything = [], False
        for part in split(listed, ","):
            if len(part) == 1 and part[0].text == "*":
                everything = True
            elif part:
                value, aliased, name = _last(part, "AS")
                items.append(Item(name[0].text if aliased else part[-1].text, tuple(value), _aggregates(value)))
        kind = "return" if clause[0].says("RETURN") else "with"
        return Step(kind, self._text(body), *conditions, items=tuple(items), everything=everything)

    def _match(self, kind: str, clause: list[Token], first: int) -> Step:
        body, (where, texts) = self._where(clause)
        pattern = body[first:]
        hops, labels, extra = self._pattern(pattern)
        if not hops:
            names = tuple(_pattern_names(pattern))
            return Step(kind, self._text(body), where, texts, labels=_labels(pattern), names=names)
        if kind == "optional":
            return Step(kind, self._text(body), where, texts, hops, labels, names=_named(hops))
        return Step(
            kind,
            "MATCH " + ", ".join(hop.text for hop in hops),
            (*(tuple(Statement(text).tokens) for text in extra), *where),
            (*extra, *texts),
            hops,
            labels,
            names=_named(hops),
        )

    def _where(self, clause: list[Token]) -> tuple[list[Token], tuple[tuple[tuple[Token, ...], ...], tuple[str, ...]]]:
        parts = split(clause, "WHERE")
        if len(parts) != 2:
            return clause, ((), ())
        conditions = [tuple(part) for part in split(parts[1], "AND")]
        # `a OR b AND c`: AND binds closer, so that the parts are no conditions of their own
        if len(split(parts[1], "OR", "XOR")) > 1:
            conditions = [tuple(parts[1])]
        return parts[0], (tuple(conditions), tuple(self._text(part) for part in conditions))

    def _call(self, clause: list[Token]) -> Step:
        opening = next((i for i, token in enumerate(clause) if token.text == "{"), None)
        if opening is None:
            return Step("call", self._text(clause))
        before = clause[1:opening]
        imports = self._text(before[1:-1]) if before and before[0].text == "(" else None
        inner = clause[opening + 1 : -1]
        branches = []
        for part in split(inner, "UNION"):
            branches.append(tuple(self.steps(part[1:] if part and part[0].says("ALL", "DISTINCT") else part)))
        if before and before[0].text != "(":  # what may stand between CALL and { is not read
            branches = []
        names = tuple(item.name for item in branches[0][-1].items) if branches and branches[0] else ()
        return Step("call", self._text(clause), branches=tuple(branches), imports=imports, names=names)

    def _pattern(self, tokens: list[Token]) -> tuple[tuple[Hop, ...], dict[str, tuple[str, ...]], list[str]]:
        """The hops of a pattern, the labels of its variables, and its {maps} as conditions; no hops when unreadable."""
        hops: list[Hop] = []
        labels: dict[str, tuple[str, ...]] = {}
        extra: list[str] = []
        for path in split(tokens, ","):
            read = self._path(path, labels, extra)
            if read is None:
                return (), {}, []
            hops += read
        return tuple(hops), labels, extra

    def _path(self, path: list[Token], labels: dict[str, tuple[str, ...]], extra: list[str]) -> list[Hop] | None:
        pieces = _pieces(path)
        if pieces is None:
            return None
        read = []
        for opening, content, ending in pieces:
            element = self._element(content, extra)
            if element is None:
                return None
            name, kinds, text = element
            if opening == "(" and kinds:
                labels[name] = kinds
            read.append((name, kinds, f"{opening}{text}{ending}"))
        if len(read) == 1:
            return [Hop(read[0][2], (read[0][0],))]
        return [
            Hop(
                read[i - 1][2] + read[i][2] + read[i + 1][2],
                (read[i - 1][0], read[i][0], read[i + 1][0]),
                read[i][1],
            )
            for i in range(1, len(read), 2)
        ]

    def _element(self, content: list[Token], extra: list[str]) -> tuple[str, tuple[str, ...], str] | None:
        """Name, labels or types, and text of what stands in one pair of brackets; None when it is more than that."""
        brace = next((i for i, token in enumerate(content) if token.text == "{"), len(content))
        plain, braced = content[:brace], content[brace:]
        if any(token.says("WHERE") or token.text == "*" for token in plain):
            return None
        named = bool(plain) and plain[0].text != ":"
        if named:
            name = plain[0].text
        else:
            self._made += 1
            name = f"unnamed{self._made}"
        kinds = tuple(t.text for t in plain[1 if named else 0 :] if t.kind in ("word", "quoted"))
        for pair in split(braced[1:-1], ",") if braced else []:
            if len(pair) > 2 and pair[1].text == ":":
                extra.append(f"{name}.{pair[0].text} = {self._text(pair[2:])}")
        suffix = self._text(plain[1 if named else 0 :])
        return name, kinds, f"{name}{suffix}"

    def _text(self, tokens: Sequence[Token]) -> str:
        return self.statement.source(tokens)


def _clauses(tokens: Sequence[Token]) -> Iterator[list[Token]]:
    clause: list[Token] = []
    listed = list(tokens)
    cases = 0
    for index, (token, depth) in enumerate(depths(listed)):
        before = listed[index - 1] if index else NOTHING
        after = listed[index + 1] if index + 1 < len(listed) else NOTHING
        cases += case_edge(listed, index)
        begins = depth == 0 and cases == 0 and token.says(*_STARTS) and before.text not in (".", ":", "[", "(", ",")
        if before.says("STARTS", "ENDS", "OPTIONAL") or after.text in (".", ":", ",", ")", "]"):
            begins = False
        if token.says("MATCH") and after.text != "(" and listed[index + 2 : index + 3] != []:
            begins = begins and (
                listed[index + 2].text == "=" or after.text.lower().startswith(("shortest", "all", "any"))
            )
        if begins and clause:
            yield clause
            clause = []
        clause.append(token)
    if clause:
        yield clause


def _pieces(path: list[Token]) -> list[tuple[str, list[Token], str]] | None:
    """Nodes and relationships of a path, each as opening, content and closing; None when it is no plain path."""
    found: list[tuple[str, list[Token], str]] = []
    i = 0
    while i < len(path):
        if path[i].text != "(":
            return None
        end = closing(path, i)
        found.append(("(", path[i + 1 : end], ")"))
        i = end + 1
        if i == len(path):
            return found
        arrow = ""
        while i < len(path) and path[i].text in ("<", "-"):
            arrow += path[i].text
            i += 1
        content: list[Token] = []
        opened = ""
        if i < len(path) and path[i].text == "[":
            end = closing(path, i)
            content, opened, i = path[i + 1 : end], "[", end + 1
        tail = ""
        while i < len(path) and path[i].text in ("-", ">"):
            tail += path[i].text
            i += 1
        if not opened:  # (a)--(b), (a)-->(b)
            arrow, tail = {"--": ("-", "-"), "<--": ("<-", "-")}.get(arrow, ("-", "->" if ">" in tail else "-"))
        found.append((arrow + "[", content, "]" + tail))
    return None


def _aggregates(tokens: Sequence[Token]) -> bool:
    return any(
        token.kind == "word" and token.text.lower() in AGGREGATES and after.text == "("
        for token, after in pairwise(tokens)
    )


def _last(tokens: Sequence[Token], word: str) -> tuple[list[Token], bool, list[Token]]:
    """What stands before and after the last such word, and whether there is one."""
    if len(tokens) > 2 and tokens[-2].says(word):
        return list(tokens[:-2]), True, list(tokens[-1:])
    return list(tokens), False, []


def _named(hops: Sequence[Hop]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name for hop in hops for name in hop.names if not name.startswith("unnamed")))


def _pattern_names(tokens: Sequence[Token]) -> Iterator[str]:
    for token, after in pairwise(tokens):
        if token.text in ("(", "[") and after.kind in ("word", "quoted"):
            yield after.text
    if len(tokens) > 1 and tokens[1].text == "=":
        yield tokens[0].text


def _labels(tokens: Sequence[Token]) -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for i, token in enumerate(tokens[:-3]):
        if token.text == "(" and tokens[i + 1].kind == "word" and tokens[i + 2].text == ":":
            found[tokens[i + 1].text] = (tokens[i + 3].text,)
    return found
