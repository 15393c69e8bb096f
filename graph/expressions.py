"""The tokens of an expression: where its parts begin and end, and which names it takes from around it."""

from __future__ import annotations

from collections.abc import Sequence

from graph.statement import FUNCTION_SPACES, Token, depths

_WORDS = frozenset(
    {
        *("AND", "OR", "XOR", "NOT", "IN", "IS", "NULL", "TRUE", "FALSE", "WHEN", "THEN", "ELSE", "END"),
        *("AS", "DISTINCT", "WHERE", "RETURN", "CONTAINS", "WITH", "ORDER", "BY", "ASC"),
        *("DESC", "LIMIT", "SKIP", "UNWIND", "CALL", "OPTIONAL"),
    }
)
NOTHING = Token("mark", "", 0)


def variables(tokens: Sequence[Token]) -> set[str]:
    """Names that an expression takes from around it; those that it brings itself (x IN xs) are left out."""
    found, own = set(), set()
    for index, token in enumerate(tokens):
        before = tokens[index - 1].text if index else ""
        after = tokens[index + 1] if index + 1 < len(tokens) else NOTHING
        if token.kind not in ("word", "quoted") or _keyword(tokens, index, after):
            continue
        reduces = index > 1 and after.text == "=" and tokens[index - 2].text.lower() == "reduce"
        if (before in ("(", "[") and (after.text == ":" or reduces)) or (
            before in ("(", "[", ",") and after.says("IN")
        ):
            own.add(token.text)
        elif (
            before not in (".", ":")
            and after.text not in ("(", ":")
            and not (after.text == "." and token.text.lower() in FUNCTION_SPACES)
        ):
            found.add(token.text)
    return found - own


def split(tokens: Sequence[Token], *words: str) -> list[list[Token]]:
    """The parts between these words (or this mark) where they stand outside all brackets and CASE … END."""
    parts: list[list[Token]] = [[]]
    cases = 0
    for index, (token, depth) in enumerate(depths(tokens)):
        named = index > 0 and tokens[index - 1].text in (".", ":")
        cases += case_edge(tokens, index)
        if depth == 0 and cases == 0 and not named and (token.says(*words) or token.text in words):
            parts.append([])
        else:
            parts[-1].append(token)
    return parts


def case_edge(tokens: Sequence[Token], index: int) -> int:
    """1 where a CASE begins, -1 where one ends, else 0; a variable named `case` is neither."""
    token = tokens[index]
    if index and tokens[index - 1].text in (".", ":"):
        return 0
    after = tokens[index + 1] if index + 1 < len(tokens) else NOTHING
    if token.says("CASE"):
        return int(after.kind != "mark" and not after.says("AS", "IS", "IN", "AND", "OR", "WHERE", "ORDER"))
    return -int(token.says("END") and after.text not in (".", ":"))


def _keyword(tokens: Sequence[Token], index: int, after: Token) -> bool:
    """Whether a word is one of Cypher's own here: `count`, `case` and `match` are names elsewhere."""
    token = tokens[index]
    if token.says("CASE"):
        return case_edge(tokens, index) == 1
    if token.says("STARTS", "ENDS"):
        return after.says("WITH")
    if token.says("EXISTS", "COUNT", "COLLECT"):
        return after.text in ("{", "(")
    return (token.says("MATCH") and after.text == "(") or token.text.upper() in _WORDS


def written(tokens: Sequence[Token]) -> str:
    """Tokens as text; those that stood side by side stay so."""
    text = ""
    for before, token in zip([None, *tokens], tokens, strict=False):
        text += ("" if before is None or before.end == token.start else " ") + token.text
    return text


def closing(tokens: Sequence[Token], opening: int) -> int:
    """Where the bracket that opens here is closed."""
    depth = 0
    for index in range(opening, len(tokens)):
        depth += tokens[index].text in ("(", "[", "{")
        depth -= tokens[index].text in (")", "]", "}")
        if depth == 0:
            return index
    return len(tokens) - 1
