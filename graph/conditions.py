"""A condition of a model, taken apart: what is compared, what must exist, and what it is made of.

`condition(text)` reads one condition; `because(…)` follows the values it names back to the conditions that made them
(`grounds <> []` ← `[…a…]` ← `commutation.months > $max_months`). A `Probe` gathers the Cypher expressions whose values
tell how each condition stands in a row.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from graph.expressions import NOTHING, case_edge, closing, split, variables
from graph.statement import Statement, Token, depths

MOST_ELEMENTS = 50
_NEGATION = {
    "<": ">=", ">=": "<", ">": "<=", "<=": ">", "=": "<>", "<>": "=",
    "IS NULL": "IS NOT NULL", "IS NOT NULL": "IS NULL",
}  # fmt: skip
_COMMENT = re.compile(r"//[^\n]*|/\*.*?\*/|('(?:\\.|[^'\\])*'|\"(?:\\.|[^\"\\])*\")", re.DOTALL)


@dataclass(frozen=True)
class Condition:
    """One condition. `kind` is all, any, not, compare, exists, absent, case, elements or other.

    all, any, not: of `parts`. compare: `left operator right`. exists, absent: the pattern in `body`. case: `parts` are
    when, then, when, then …, else. elements: one `parts[0]` asked of each `variable` of the list `left`.
    """

    kind: str
    text: str
    operator: str = ""
    left: str = ""
    right: str = ""
    body: str = ""
    variable: str = ""
    parts: tuple[Condition, ...] = ()
    because: tuple[Condition, ...] = ()
    name: str = ""
    """The value that it makes, where it stands under `because`."""

    @property
    def names(self) -> set[str]:
        """Variables that it asks about."""
        return variables(Statement(self.text).tokens) - {self.variable}


def plain(text: str) -> str:
    """The text of an expression on one line, without comments."""
    return re.sub(r"\s+", " ", _COMMENT.sub(lambda match: match[1] or " ", text)).strip()


def condition(text: str, name: str = "") -> Condition:
    """Take one condition apart."""
    statement = Statement(text)
    tokens = _bare(statement.tokens)
    whole = statement.source(tokens)

    def parts(word: str) -> list[str]:
        found = split(tokens, word)
        return [statement.source(part) for part in found] if len(found) > 1 else []

    if some := parts("OR"):
        return Condition("any", whole, parts=tuple(map(condition, some)), name=name)
    if some := parts("AND"):
        return Condition("all", whole, parts=tuple(map(condition, some)), name=name)
    if not tokens or parts("XOR"):
        return Condition("other", whole, name=name)
    first = tokens[0]
    if first.says("NOT"):
        inner = condition(statement.source(tokens[1:]))
        if inner.kind == "exists":
            return Condition("absent", whole, body=inner.body, name=name)
        if inner.kind == "compare" and inner.operator in _NEGATION:
            return Condition("compare", whole, _NEGATION[inner.operator], inner.left, inner.right, name=name)
        return Condition("not", whole, parts=(inner,), name=name)
    if first.says("EXISTS") and tokens[1].text == "{":
        return Condition("exists", whole, body=statement.source(tokens[2:-1]), name=name)
    if first.says("CASE") and case_edge(tokens, 0) and tokens[-1].says("END"):
        return Condition("case", whole, parts=tuple(_case(statement, tokens)), name=name)
    if first.text.lower() == "coalesce" and tokens[-1].text == ")" and tokens[1].text == "(":
        arguments = split(tokens[2:-1], ",")
        if len(arguments) == 2 and arguments[1][0].says("FALSE", "TRUE"):
            return condition(statement.source(arguments[0]), name)
    return _elements_of_any(statement, tokens, name) or _comparison(statement, tokens, name)


def because(
    found: Condition,
    known: Mapping[str, tuple[Token, ...]],
    source: Callable[[Sequence[Token]], str],
    scope: set[str],
    seen: frozenset[str] = frozenset(),
) -> Condition:
    """The condition with the conditions that made the values it names, as far as these can be seen from here."""
    if found.kind in ("all", "any", "not", "case"):
        parts = tuple(because(part, known, source, scope, seen) for part in found.parts)
        return Condition(**{**vars(found), "parts": parts})
    made: list[Condition] = []
    for name in sorted(found.names & known.keys() - seen):
        text = source(known[name])
        made += made_by(name, text, known, source, scope, seen | {name})
    return Condition(**{**vars(found), "because": tuple(made)})


def made_by(
    name: str,
    text: str,
    known: Mapping[str, tuple[Token, ...]],
    source: Callable[[Sequence[Token]], str],
    scope: set[str],
    seen: frozenset[str],
) -> list[Condition]:
    """The conditions in the expression that makes a value."""
    if len(seen) > 6:
        return []
    direct = condition(text, name)
    if direct.kind not in ("other", "case") and direct.names <= scope:
        return [because(direct, known, source, scope, seen)]
    statement = Statement(text)
    found: list[Condition] = []
    for each in (*_whens(statement), *_filtered(statement)):
        if each.names <= scope:
            found.append(because(each, known, source, scope, seen))
    asked = {name for each in found for name in each.names}
    for inner in sorted((variables(statement.tokens) & known.keys()) - seen - asked):
        found += made_by(inner, source(known[inner]), known, source, scope, seen | {inner})
    return found


@dataclass
class Probe:
    """Expressions to ask of each row, and where in the answer the values of each condition stand."""

    expressions: list[str] = field(default_factory=list)

    def add(self, expression: str) -> int:
        """The place of an expression's value."""
        text = _guarded(plain(expression))
        if text not in self.expressions:
            self.expressions.append(text)
        return self.expressions.index(text)

    def take(self, found: Condition) -> dict[str, Any]:
        """Where the values of a condition stand: `holds`, `left`, `right`, `shown`, `parts`, `because`."""
        places: dict[str, Any] = {"condition": found}
        if found.kind == "elements":
            inner = Probe()
            places["inner"] = inner.take(found.parts[0])
            fields = ", ".join(inner.expressions)
            places["each"] = self.add(f"[{found.variable} IN {plain(found.left)} | [{fields}]][0..{MOST_ELEMENTS}]")
            return places | {"because": [self.take(each) for each in found.because]}
        places["holds"] = self.add(f"({found.text})")
        if found.kind == "compare":
            places["left"] = self.add(found.left)
            if found.right:
                places["right"] = self.add(found.right)
        if found.kind == "absent" and (shown := _witness(found.body)):
            places["witness"] = self.add(shown)
        if found.kind == "other":
            places["shown"] = [(name, self.add(name)) for name in _properties(found.text)]
        places["parts"] = [self.take(part) for part in found.parts]
        places["because"] = [self.take(each) for each in found.because]
        return places


def _guarded(text: str) -> str:
    """With date.truncate(…) empty where its day is: Neo4j refuses an empty day there."""
    tokens = Statement(text).tokens
    for i in range(len(tokens) - 3, -1, -1):
        if [t.text.lower() for t in tokens[i : i + 4]] == ["date", ".", "truncate", "("]:
            inside = tokens[i + 4 : closing(tokens, i + 3)]
            end = inside[-1].end + 1
            day = split(inside, ",")[1]
            said = text[day[0].start : day[-1].end]
            whole = text[tokens[i].start : end]
            text = f"{text[: tokens[i].start]}CASE WHEN {said} IS NOT NULL THEN {whole} END{text[end:]}"
    return text


def _bare(tokens: list[Token]) -> list[Token]:
    """Without brackets around the whole."""
    while len(tokens) > 2 and tokens[0].text == "(" and tokens[-1].text == ")":
        inner = list(depths(tokens))
        if any(depth == 0 for _, depth in inner):
            break
        # (a)-[:X]->(b) begins and ends with brackets too
        if sum(1 for token, depth in inner if depth == 1 and token.text in "()") > 2:
            break
        tokens = tokens[1:-1]
    return tokens


def _comparison(statement: Statement, tokens: list[Token], name: str) -> Condition:
    whole = statement.source(tokens)
    marks = list(depths(tokens))
    if any(
        depth == 0
        and token.text == "-"
        and tokens[i - 1].text in (")", "]", "<")
        and tokens[i + 1].text in ("[", "-", ">", "(")
        for i, (token, depth) in enumerate(marks)
        if 0 < i < len(tokens) - 1
    ):
        return Condition("other", whole, name=name)
    cases = 0
    for i, (token, depth) in enumerate(marks):
        cases += case_edge(tokens, i)
        if depth or cases:
            continue
        after = tokens[i + 1] if i + 1 < len(tokens) else NOTHING
        operator, width = "", 1
        if token.text in ("<", ">", "="):
            joined = token.text + after.text if after.text in ("=", ">") and after.start == token.end else token.text
            operator, width = joined, len(joined)
        elif token.says("IN", "CONTAINS"):
            operator = token.text.upper()
        elif token.says("STARTS", "ENDS") and after.says("WITH"):
            operator, width = f"{token.text.upper()} WITH", 2
        elif token.says("IS"):
            operator = " ".join(t.text.upper() for t in tokens[i:])
            return Condition("compare", whole, operator, statement.source(tokens[:i]), name=name)
        if operator and i:
            right = tokens[i + width :]
            if any(d == 0 and t.text in ("<", ">", "=") for t, d in depths(right)):
                break  # a < b < c
            return Condition(
                "compare", whole, operator, statement.source(tokens[:i]), statement.source(right), name=name
            )
    return Condition("other", whole, name=name)


def _case(statement: Statement, tokens: list[Token]) -> Iterator[Condition]:
    """when, then, when, then …, else."""
    parts = split(tokens[1:-1], "WHEN", "THEN", "ELSE")
    subject = statement.source(parts[0])
    marks = [t for t, outside in _outside(tokens[1:-1]) if outside and t.says("WHEN", "THEN", "ELSE")]
    for token, part in zip(marks, parts[1:], strict=False):
        text = statement.source(part)
        yield condition(f"{subject} = {text}" if subject and token.says("WHEN") else text)


def _outside(tokens: Sequence[Token]) -> Iterator[tuple[Token, bool]]:
    """Each token with whether it stands outside brackets and CASE … END."""
    cases = 0
    for i, (token, depth) in enumerate(depths(tokens)):
        cases += case_edge(tokens, i)
        yield token, depth == 0 and cases == 0


def _whens(statement: Statement) -> Iterator[Condition]:
    """What decides whether CASE gives something or nothing, a count or zero; of other CASEs nothing."""
    tokens = statement.tokens
    for i, token in enumerate(tokens):
        if not token.says("WHEN") or tokens[i - 1].text == ".":
            continue
        when, *rest = split(tokens[i + 1 :], "THEN", "ELSE", "WHEN", "END")
        then = rest[0] if rest else []
        if not when or not then:
            continue
        nothing = [t.text for t in then] in (["[", "]"], ["0"])
        # [x IN xs WHERE …] ELSE [] decides; [x IN xs WHERE …] ELSE xs only chooses
        filtered = len(then) > 2 and then[2].says("IN")
        otherwise = [t.text for t in rest[1]] if len(rest) > 1 else []
        listed = then[0].text == "[" and (not filtered or otherwise == ["[", "]"])
        if nothing or listed or (len(then) == 1 and then[0].kind == "number"):
            text = statement.source(when)
            yield condition(f"NOT ({text})" if nothing else text)


def _filtered(statement: Statement) -> Iterator[Condition]:
    """What lists are filtered by: [x IN xs WHERE … | …], where xs is no list written out."""
    tokens = statement.tokens
    for i, token in enumerate(tokens[:-3]):
        if token.text == "[" and tokens[i + 1].kind == "word" and tokens[i + 2].says("IN"):
            inside = tokens[i + 1 : closing(tokens, i)]
            if made := _elements(statement, inside, ""):
                yield made


def _elements_of_any(statement: Statement, tokens: list[Token], name: str) -> Condition | None:
    """any(x IN xs WHERE …) over values that the graph holds."""
    if not (tokens[0].says("ANY") and len(tokens) > 4 and tokens[1].text == "(" and tokens[-1].text == ")"):
        return None
    if any(depth == 0 for token, depth in depths(tokens[1:])):
        return None
    return _elements(statement, tokens[2:-1], name)


def _elements(statement: Statement, inside: Sequence[Token], name: str) -> Condition | None:
    halves = split(inside, "WHERE")
    if len(halves) != 2 or halves[0][2].text in ("[", "range") or halves[0][2].kind == "parameter":
        return None
    asked = condition(statement.source(split(halves[1], "|")[0]))
    listed = statement.source(halves[0][2:])
    text = statement.source(inside)
    return Condition("elements", text, left=listed, variable=halves[0][0].text, parts=(asked,), name=name)


def _properties(text: str) -> list[str]:
    """The properties that a condition looks at: `case.crime`."""
    statement = Statement(text)
    tokens, outer = statement.tokens, variables(statement.tokens)
    found = []
    for i, token in enumerate(tokens[:-2]):
        begins = token.kind == "word" and token.text in outer and tokens[i - 1 if i else 0].text != "."
        ends = i + 3 >= len(tokens) or tokens[i + 3].text not in ("(", ".")
        if begins and ends and tokens[i + 1].text == ".":
            found.append(f"{token.text}.{tokens[i + 2].text}")
    return list(dict.fromkeys(found))[:6]


def _witness(body: str) -> str:
    """What is there although it may not be: the first node that the pattern names itself, a few of them."""
    statement = Statement(body)
    tokens = statement.tokens
    if not tokens or not tokens[0].says("MATCH"):
        return ""
    for i, token in enumerate(tokens[:-2]):
        if token.text == "(" and tokens[i + 1].kind == "word" and tokens[i + 2].text == ":":
            name = tokens[i + 1].text
            return (
                f"COLLECT {{ {plain(body)} RETURN coalesce({name}.key, '') + ' ' + coalesce({name}.name, '') LIMIT 3 }}"
            )
    return ""
