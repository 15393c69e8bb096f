"""The text of one Cypher query, read far enough to know what it may do and what it returns.

Neo4j Community has no roles, so the service alone keeps models from writing: text is refused here before it
ever reaches the server, and runs in a READ session after that.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

WRITING = frozenset(
    {
        *("CREATE", "MERGE", "SET", "DELETE", "DETACH", "REMOVE", "FOREACH", "LOAD", "INSERT"),
        *("DROP", "ALTER", "GRANT", "DENY", "REVOKE", "TERMINATE"),
    }
)
ELSEWHERE = {
    "USE": "a model reads the service's own graph only",
    "SHOW": "a model reads the graph, not the server",
    "EXPLAIN": "leave the plan to `cluegraph config check`",
    "PROFILE": "leave the plan to `cluegraph config check`",
}
READING_PROCEDURES = frozenset(
    {"db.index.fulltext.queryNodes", "db.index.fulltext.queryRelationships", "db.labels", "db.relationshipTypes"}
)
FUNCTION_SPACES = frozenset({"date", "datetime", "localdatetime", "time", "localtime", "duration", "point"})

_TOKEN = re.compile(
    r"""(?P<comment>//[^\n]*|/\*.*?\*/)
      | (?P<string>'(?:\\.|[^'\\])*'|"(?:\\.|[^"\\])*")
      | (?P<quoted>`(?:``|[^`])*`)
      | (?P<parameter>\$(?:\w+|`(?:``|[^`])*`))
      | (?P<number>\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)
      | (?P<word>[^\W\d]\w*)
      | (?P<space>\s+)
      | (?P<mark>.)""",
    re.VERBOSE | re.DOTALL,
)


@dataclass(frozen=True)
class Token:
    """One word or mark of the query; `line` counts from 1 within the text, `start` is its place in it (from 0)."""

    kind: str
    text: str
    line: int
    start: int = 0

    @property
    def end(self) -> int:
        """The place behind it."""
        return self.start + len(self.text)

    def says(self, *words: str) -> bool:
        """Whether this is one of these keywords, in any case."""
        return self.kind == "word" and self.text.upper() in words


@dataclass(frozen=True)
class Refusal:
    """What is wrong with a query, where (line within the text), and what to do."""

    line: int
    message: str


class Statement:
    """One query as tokens: what it asks for (`parameters`), what it answers (`columns`), why not to run it."""

    def __init__(self, text: str) -> None:
        self.text = text.strip().removesuffix(";").rstrip()
        self._offset = text[: len(text) - len(text.lstrip())].count("\n")

    @cached_property
    def tokens(self) -> list[Token]:
        """All tokens but comments and white space."""
        found, line = [], 1 + self._offset
        for match in _TOKEN.finditer(self.text):
            if match.lastgroup not in ("comment", "space"):
                found.append(Token(str(match.lastgroup), match.group(), line, match.start()))
            line += match.group().count("\n")
        return found

    @cached_property
    def parameters(self) -> dict[str, int]:
        """Names after `$`, with the line where each stands first."""
        names: dict[str, int] = {}
        for token in self.tokens:
            if token.kind == "parameter":
                names.setdefault(token.text[1:].strip("`"), token.line)
        return names

    @cached_property
    def columns(self) -> dict[str, int]:
        """Column names of the last RETURN, with their lines. An item without AS that is no plain name is kept whole."""
        names: dict[str, int] = {}
        for item in self._returned():
            aliased = len(item) > 2 and item[-2].says("AS")
            name = item[-1].text if aliased else "".join(part.text for part in item)
            names[name.strip("`")] = item[-1].line
        return names

    def source(self, tokens: Sequence[Token]) -> str:
        """The text from the first to the last of these tokens, as it is written."""
        return self.text[tokens[0].start : tokens[-1].end] if tokens else ""

    def refusals(self) -> list[Refusal]:
        """Every reason not to run this text: it may only read, in one statement, and leave no row out silently."""
        found = []
        tokens = self.tokens
        if escape := re.search(r"\\u", self.text):
            line = self.text[: escape.start()].count("\n") + 1 + self._offset
            found.append(Refusal(line, "write characters themselves, not \\u escapes: Neo4j turns those into keywords"))
        for index, token in enumerate(tokens):
            before = tokens[index - 1] if index else Token("mark", "", 0)
            after = tokens[index + 1] if index + 1 < len(tokens) else Token("mark", "", 0)
            if token.kind == "mark" and token.text == ";":
                found.append(Refusal(token.line, "keep one statement a file: remove what follows ';'"))
            if token.kind == "mark" and token.text in ("'", '"', "`"):
                found.append(Refusal(token.line, f"close the quotation that {token.text} opens"))
            if token.kind != "word" or before.text in (".", ":") or after.text == ":":
                continue  # a property, a label, or the key of a map
            if token.says(*WRITING) and after.text != ".":
                found.append(Refusal(token.line, f"remove {token.text.upper()}: a model only reads"))
            elif token.says(*ELSEWHERE) and (before.text in ("", "{") or before.says("UNION", "ALL")):
                found.append(Refusal(token.line, f"remove {token.text.upper()}: {ELSEWHERE[token.text.upper()]}"))
            elif token.says("IN") and after.says("TRANSACTIONS", "CONCURRENT"):
                found.append(Refusal(token.line, "remove IN TRANSACTIONS: a model only reads"))
            elif token.says("CALL") and after.text not in ("{", "("):
                found += self._procedure(index)
            elif (
                after.text == "."
                and not before.says("CALL")
                and token.text.lower() not in FUNCTION_SPACES
                and self._is_function(index)
            ):
                found.append(
                    Refusal(token.line, f"do without {self._path(index)}(): only Neo4j's own functions may be used")
                )
        found += self._shape()
        return found

    def _shape(self) -> list[Refusal]:
        tail = self._last_return()
        if not tail:
            return [Refusal(self.tokens[-1].line if self.tokens else 1, "end the query with RETURN … AS …")]
        cut = [token for token, depth in depths(tail) if depth == 0 and token.says("LIMIT", "SKIP", "OFFSET")]
        joined = [token for token, depth in depths(self.tokens) if depth == 0 and token.says("UNION")]
        return [
            Refusal(token.line, f"remove {token.text.upper()} after RETURN: the run sets the row cap, and reports it")
            for token in cut
        ] + [
            Refusal(token.line, "put UNION inside CALL () { … } so that one RETURN ends the query") for token in joined
        ]

    def _last_return(self) -> list[Token]:
        """What follows the RETURN that ends the query."""
        starts = [i for i, (token, depth) in enumerate(depths(self.tokens)) if depth == 0 and token.says("RETURN")]
        if not starts:
            return []
        tail = self.tokens[starts[-1] + 1 :]
        return tail[1:] if tail and tail[0].says("DISTINCT") else tail

    def _returned(self) -> list[list[Token]]:
        """The items of the last RETURN, each as its tokens."""
        items: list[list[Token]] = [[]]
        for token, depth in depths(self._last_return()):
            if depth == 0 and token.says("ORDER", "SKIP", "OFFSET", "LIMIT"):
                break
            if depth == 0 and token.text == ",":
                items.append([])
            else:
                items[-1].append(token)
        return [item for item in items if item]

    def _path(self, index: int) -> str:
        """The dotted name that begins at a token."""
        name = ""
        for token in self.tokens[index:]:
            if token.kind not in ("word", "quoted") and token.text != ".":
                break
            if name and not name.endswith(".") and token.text != ".":
                break
            name += token.text
        return name

    def _is_function(self, index: int) -> bool:
        name = self._path(index)
        end = index + 2 * name.count(".") + 1
        return end < len(self.tokens) and self.tokens[end].text == "("

    def _procedure(self, index: int) -> list[Refusal]:
        name = self._path(index + 1)
        if name in READING_PROCEDURES:
            return []
        return [
            Refusal(
                self.tokens[index].line,
                f"do without the procedure {name}: a model may call {', '.join(sorted(READING_PROCEDURES))} only",
            )
        ]


def depths(tokens: Iterable[Token]) -> Iterator[tuple[Token, int]]:
    """Each token with how many brackets stand open around it (an opening or closing one counts as inside)."""
    depth = 0
    for token in tokens:
        closes = token.kind == "mark" and token.text in ")]}"
        opens = token.kind == "mark" and token.text in "([{"
        yield token, depth + opens
        depth += opens - closes
