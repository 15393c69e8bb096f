"""The office's keyword rules over texts: hotline calls, grid events, reports on harm to minors.

A rule is an entry of a `.toml` file under the shipped `cypher/rules` or, over it, `$CLUEGRAPH_CONFIG/rules`: words of
which any, all or none must stand in the text, areas, the unit to receive it, the model that it feeds. A word counts
where it begins and ends at the edge of a token, so 电动车 is not found in 电动车间, and 充电 not in 充电宝;
`dictionary.txt` beside the rules (word, frequency, part of speech, as jieba has it) says what is one token; a word of
frequency 0 is none, and what it is made of is read: 拖欠 and 工资 in 拖欠工资.

Matches become `(:Fact)-[:MATCHES {words, positions}]->(:Rule)` in the desired graph: `words[i]` begins at character
`positions[i]`, counted from 1.
"""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Collection, Iterable, Iterator, Mapping
from copy import copy
from dataclasses import dataclass
from importlib.resources import files
from itertools import accumulate
from pathlib import Path
from typing import Literal

import duckdb
import pyarrow as pa
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from rjieba import Jieba

from graph.draft import Draft, literal, staged
from graph.fault import Fault
from resolution.source import Source

TEXTS = ("hotline_calls", "grid_events", "mandatory_reports")
"""The datasets with a text (内容, `content`) that is read for rules and for names."""


class RuleError(Exception):
    """The rules cannot be used; `faults` has every reason with file, line and remedy."""

    def __init__(self, faults: list[Fault]) -> None:
        super().__init__("\n".join(map(str, faults)))
        self.faults = faults


class Rule(BaseModel):
    """Which texts are told to whom."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: str = Field(pattern=r"^[a-z0-9][a-z0-9-]*$")
    theme: str = Field(min_length=1)
    any: list[str] = Field(default_factory=list)
    all: list[str] = Field(default_factory=list)
    none: list[str] = Field(default_factory=list)
    areas: list[str] = Field(default_factory=list)
    receiver: str = Field(min_length=1)
    line: Literal["刑事", "刑事执行", "民事", "行政", "公益", "未检"]
    feeds: str = ""

    @property
    def wanted(self) -> list[str]:
        """Words of which at least one must stand in the text."""
        return [*self.any, *self.all]


@dataclass(frozen=True)
class Hit:
    """A rule that a text meets, with the words found and where each begins (from 1)."""

    rule: str
    words: list[str]
    positions: list[int]


class Rules:
    """All rules, and the tokens that they are read on."""

    def __init__(self, rules: Iterable[Rule], dictionary: Iterable[tuple[str, int, str]] = ()) -> None:
        self.rules = list(rules)
        self._jieba = Jieba()
        for word, frequency, kind in dictionary:
            self._jieba.add_word(word, frequency, kind)

    def only(self, ids: Collection[str]) -> Rules:
        """These rules of them, read on the same tokens."""
        some = copy(self)
        some.rules = [rule for rule in self.rules if rule.id in ids]
        return some

    @property
    def words(self) -> list[str]:
        """Every word that can make a text match."""
        return sorted({word for rule in self.rules for word in rule.wanted})

    def hits(self, text: str) -> list[Hit]:
        """The rules that the text meets, whatever its area."""
        edges = {0, *accumulate(len(token) for token in self._jieba.cut(text, False))}
        places: dict[str, list[int]] = {}

        def found(word: str) -> list[int]:
            if word not in places:
                places[word] = list(_standing(word, text, edges))
            return places[word]

        met = []
        for rule in self.rules:
            if (
                all(found(word) for word in rule.all)
                and (not rule.any or any(found(word) for word in rule.any))
                and not any(found(word) for word in rule.none)
            ):
                at = sorted((place, word) for word in set(rule.wanted) for place in found(word))
                met.append(Hit(rule.id, [word for _, word in at], [place + 1 for place, _ in at]))
        return met


def read_rules(folders: list[Path] | None = None, written: Mapping[Path, str] | None = None) -> Rules:
    """The rules of these folders, a later folder's lying over an earlier one's of the same id.

    `written` are files as they would be saved, by path: they are read instead of what lies there.
    Raises RuleError with every fault found.
    """
    drafts = written or {}
    rules: dict[str, Rule] = {}
    dictionary: list[tuple[str, int, str]] = []
    faults: list[Fault] = []
    for folder in folders or default_folders():
        own: dict[str, Path] = {}
        for path in sorted({*folder.glob("*.toml"), *(path for path in drafts if path.parent == folder)}):
            text = drafts[path] if path in drafts else path.read_text(encoding="utf-8")
            for rule, line in _parsed(path, text, faults):
                if rule.id in own:
                    faults.append(Fault(path, line, f"give another id: {rule.id} is in {own[rule.id].name} too"))
                own[rule.id] = path
                rules[rule.id] = rule
        dictionary += _dictionary(folder / "dictionary.txt", faults)
    if faults:
        raise RuleError(faults)
    return Rules(rules.values(), dictionary)


def default_folders() -> list[Path]:
    """The shipped rules, and the data office's own."""
    folders = [Path(str(files("cypher"))) / "rules"]
    if config := os.environ.get("CLUEGRAPH_CONFIG"):
        folders.append(Path(config) / "rules")
    return folders


def match(connection: duckdb.DuckDBPyConnection, sources: Iterable[Source], rules: Rules) -> None:
    """Leave the temporary table `rule_matches`: key (dataset/记录编号) of a text, rule, words, positions."""
    texts = " UNION ALL ".join(_text_query(source) for source in sources if source.name in TEXTS)
    # RE2 alternatives of literals: only texts that hold some word are cut into tokens
    pattern = "|".join(re.escape(word) for word in rules.words)
    connection.execute(
        f"""CREATE OR REPLACE TEMP TABLE rule_texts AS
            SELECT DISTINCT content FROM ({texts}) WHERE regexp_matches(content, $pattern)""",
        {"pattern": pattern},
    )
    contents = connection.sql("SELECT content FROM rule_texts").to_arrow_table().column(0).to_pylist()
    connection.register("rule_hits", _hits(rules, contents))
    connection.execute(f"""
        CREATE OR REPLACE TEMP TABLE rule_matches AS
        SELECT t.key, h.rule, h.words, h.positions
        FROM ({texts}) t JOIN rule_hits h ON h.content = t.content
        WHERE len(h.areas) = 0 OR len(list_filter(h.areas, lambda a: contains(t.area, a))) > 0
    """)
    connection.unregister("rule_hits")


def draw(draft: Draft) -> None:
    """Add the rules, and the texts that match them, to the desired graph."""
    sources = [source for source in draft.sources if source.name in TEXTS]
    if not sources:
        return
    rules = read_rules()
    match(draft.connection, sources, rules)
    draft.connection.register("rule_table", _table(rules))
    draft.add_nodes("Rule", "Rule", "SELECT 'rule/' || id AS key, theme AS name, * FROM rule_table")
    draft.connection.unregister("rule_table")
    draft.add_relationships("""
        SELECT 'MATCHES' AS type, 'Fact' AS from_general, key AS from_key, 'Rule' AS to_general,
               'rule/' || rule AS to_key, words, positions
        FROM rule_matches
    """)


STEPS = (draw,)


def _text_query(source: Source) -> str:
    places = ", ".join(["''", *(name for name in ("street", "address") if name in source.columns)])
    return f"""SELECT {literal(source.name + "/")} || "recordId" AS key, content, concat({places}) AS area
               FROM {staged(source)}"""


def _hits(rules: Rules, contents: list[str]) -> pa.Table:
    areas = {rule.id: rule.areas for rule in rules.rules}
    rows = [(text, hit) for text in contents for hit in rules.hits(text)]
    return pa.table(
        {
            "content": pa.array([text for text, _ in rows], pa.string()),
            "rule": pa.array([hit.rule for _, hit in rows], pa.string()),
            "words": pa.array([hit.words for _, hit in rows], pa.list_(pa.string())),
            "positions": pa.array([hit.positions for _, hit in rows], pa.list_(pa.int64())),
            "areas": pa.array([areas[hit.rule] for _, hit in rows], pa.list_(pa.string())),
        }
    )


def _table(rules: Rules) -> pa.Table:
    schema = pa.schema([pa.field(name, pa.string()) for name in ("id", "theme", "receiver", "line", "feeds")])
    return pa.Table.from_pylist([rule.model_dump(include=set(schema.names)) for rule in rules.rules], schema)


def _standing(word: str, text: str, edges: set[int]) -> Iterator[int]:
    """Where the word stands with a token's edge before and behind it."""
    start = text.find(word)
    while start >= 0:
        if start in edges and start + len(word) in edges:
            yield start
        start = text.find(word, start + 1)


def _parsed(path: Path, text: str, faults: list[Fault]) -> Iterator[tuple[Rule, int]]:
    """The rules of a file's text with their lines; what is wrong is added to `faults`."""
    try:
        said = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        place = re.search(r"at line (\d+)", str(error))
        faults.append(Fault(path, int(place[1]) if place else 1, f"mend the TOML: {error}"))
        return
    starts = [i for i, line in enumerate(text.split("\n"), 1) if re.match(r"\s*\[\[\s*rule\s*\]\]", line)]
    for name in said.keys() - {"rule"}:
        faults.append(Fault(path, 1, f"remove {name}: a rule file holds [[rule]] entries only"))
    for entry, line in zip(said.get("rule", []), starts, strict=False):
        try:
            rule = Rule(**entry)
        except ValidationError as error:
            for item in error.errors():
                key = ".".join(map(str, item["loc"]))
                faults.append(Fault(path, line, f"correct {key} of the rule: {item['msg']}"))
            continue
        if not rule.wanted:
            faults.append(Fault(path, line, f"give {rule.id} a word in any or all: it would match every text"))
        elif empty := [word for word in (*rule.wanted, *rule.none) if not word.strip()]:
            faults.append(Fault(path, line, f"remove the empty word from {rule.id} ({empty!r})"))
        else:
            yield rule, line


def _dictionary(path: Path, faults: list[Fault]) -> Iterator[tuple[str, int, str]]:
    if not path.exists():
        return
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        parts = line.split()
        if not parts or line.startswith("#"):
            continue
        if len(parts) > 3 or (len(parts) > 1 and not parts[1].isdigit()):
            faults.append(Fault(path, number, "write word, frequency, part of speech: 电动车间 2000 n"))
            continue
        yield parts[0], int(parts[1]) if len(parts) > 1 else 2000, parts[2] if len(parts) > 2 else "n"
