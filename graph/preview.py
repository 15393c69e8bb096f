"""What a changed or new rule file would add and drop on the texts loaded, before it is saved."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import duckdb

from graph import masking
from graph.draft import literal, staged
from graph.keywords import TEXTS, Rule, Rules, default_folders, match, read_rules
from resolution.source import Source
from resolution.source_files import read_sources
from resolution.workspace import Workspace

EXAMPLES = 20
AROUND = 30  # characters shown before and after the first word found
NOTHING_LOADED = f"no texts are loaded: load one of {', '.join(TEXTS)} first"
LARGEST = 200_000  # characters of a rule file


class PreviewError(Exception):
    """Nothing can be previewed; the message says what to do."""


@dataclass(frozen=True)
class Text:
    """A text that a rule meets: where it comes from, the words found, and what stands around the first of them.

    Resident IDs, phones and accounts are masked.
    """

    dataset: str
    record_id: str
    words: list[str]
    excerpt: str


@dataclass(frozen=True)
class RulePreview:
    """One rule now and after. `state` is new, changed, removed or same; `added` and `dropped` are the first of them."""

    rule: str
    theme: str
    state: str
    now: int
    after: int
    added_total: int
    dropped_total: int
    added: list[Text]
    dropped: list[Text]

    def text(self) -> str:
        """The rule for people."""
        states = {"new": "新增", "changed": "修改", "removed": "删除", "same": "不变"}
        lines = [
            f"{self.rule} {self.theme}（{states[self.state]}）：现命中 {self.now} 件，之后 {self.after} 件，"
            f"新增 {self.added_total} 件，减少 {self.dropped_total} 件"
        ]
        for mark, texts in (("+", self.added), ("-", self.dropped)):
            for each in texts:
                words = "、".join(dict.fromkeys(each.words))
                lines.append(f"  {mark} {each.dataset}/{each.record_id} [{words}] {each.excerpt}")
        return "\n".join(lines)


@dataclass(frozen=True)
class Preview:
    """All rules of a file, and those that the file had and would lose."""

    rules: list[RulePreview]
    texts: int
    """Texts that were looked through."""

    def as_dict(self) -> dict[str, Any]:
        """The preview as plain values, for JSON."""
        return asdict(self)

    def text(self) -> str:
        """The preview for people."""
        return "\n".join([f"已载入文本 {self.texts:,} 件", *(rule.text() for rule in self.rules)])


def preview(
    workspace: Workspace,
    text: str,
    name: str = "preview.toml",
    *,
    folders: list[Path] | None = None,
    examples: int = EXAMPLES,
) -> Preview:
    """Compare the rules in force with those that there would be if `text` were saved as the rule file `name`.

    A shipped file of that name is replaced as it is; any other is taken as one of the data office's own. Nothing is
    written. Raises RuleError with the faults of the text, PreviewError when no text is loaded.
    """
    if len(text) > LARGEST:
        raise PreviewError(f"keep a rule file under {LARGEST:,} characters: split it")
    if Path(name).name != name or not name.endswith(".toml"):
        raise PreviewError("name the rule file without a folder, as own.toml")
    known = folders or default_folders()
    now = read_rules(known)
    target = next((folder / name for folder in reversed(known) if (folder / name).exists()), None)
    if target is None:
        if len(known) == 1:  # nothing of the office's own yet: it would lie over what is shipped
            known = [*known, known[0] / "own"]
        target = known[-1] / name
    after = read_rules(known, {target: text})
    before, later = ({rule.id: rule for rule in rules.rules} for rules in (now, after))
    in_file = {rule.id for rule in read_rules([target.parent], {target: text}).rules} - {
        rule.id for rule in read_rules([target.parent], {target: ""}).rules
    }
    changed = {rule for rule in before.keys() | later.keys() if before.get(rule) != later.get(rule)}
    looked_at = sorted(in_file | changed)
    if not workspace.duckdb_path.exists():
        raise PreviewError(NOTHING_LOADED)
    with workspace.connect(read_only=True) as connection:
        sources = _loaded(connection)
        masking.install(connection)
        _matches(connection, sources, now.only(looked_at), "now")
        _matches(connection, sources, after.only(looked_at), "after")
        texts = " UNION ALL ".join(
            f'SELECT {literal(source.name)} AS dataset, "recordId" AS record_id, content FROM {staged(source)}'
            for source in sources
        )
        total = connection.sql(f"SELECT count(*) FROM ({texts})").fetchall()[0][0]
        found = [_compared(connection, texts, rule, before.get(rule), later.get(rule), examples) for rule in looked_at]
    return Preview(found, total)


def _loaded(connection: duckdb.DuckDBPyConnection) -> list[Source]:
    rows = connection.execute("SELECT table_name FROM information_schema.tables WHERE table_schema = 'staged'")
    there = {row[0] for row in rows.fetchall()}
    sources = [source for source in read_sources().values() if source.name in TEXTS and source.name in there]
    if not sources:
        raise PreviewError(NOTHING_LOADED)
    return sources


def _matches(connection: duckdb.DuckDBPyConnection, sources: Sequence[Source], rules: Rules, name: str) -> None:
    """Leave the temporary table matches_<name>: key, rule, words."""
    if rules.rules:
        match(connection, sources, rules)
        rows = "SELECT key, rule, words FROM rule_matches"
    else:  # no word at all would be found in every text
        rows = "SELECT '' AS key, '' AS rule, ['']  AS words WHERE false"
    connection.execute(f"CREATE OR REPLACE TEMP TABLE matches_{name} AS {rows}")


def _compared(
    connection: duckdb.DuckDBPyConnection, texts: str, rule: str, before: Rule | None, later: Rule | None, examples: int
) -> RulePreview:
    counts = {
        name: connection.execute(f"SELECT count(*) FROM matches_{name} WHERE rule = ?", [rule]).fetchall()[0][0]
        for name in ("now", "after")
    }
    totals, shown = {}, {}
    for name, other in (("after", "now"), ("now", "after")):
        query = f"""FROM matches_{name} m WHERE rule = $rule
                    AND NOT EXISTS (FROM matches_{other} o WHERE o.key = m.key AND o.rule = m.rule)"""
        totals[name] = connection.execute(f"SELECT count(*) {query}", {"rule": rule}).fetchall()[0][0]
        shown[name] = [
            Text(*row)
            for row in connection.execute(
                f"""WITH picked AS (SELECT key, words {query} ORDER BY key LIMIT $examples),
                    told AS (SELECT t.dataset, t.record_id, s.words, plain(masked(t.content)) AS said
                             FROM picked s JOIN ({texts}) t ON s.key = t.dataset || '/' || t.record_id),
                    placed AS (SELECT *, greatest(strpos(said, words[1]), 1) AS place FROM told)
                    SELECT dataset, record_id, words,
                           CASE WHEN place > $around + 1 THEN '…' ELSE '' END
                           || substr(said, greatest(place - $around, 1),
                                     least(place, $around + 1) - 1 + length(words[1]) + $around)
                           || CASE WHEN place + length(words[1]) + $around <= length(said) THEN '…' ELSE '' END
                    FROM placed ORDER BY dataset, record_id""",
                {"rule": rule, "examples": examples, "around": AROUND},
            ).fetchall()
        ]
    state = "new" if before is None else "removed" if later is None else "same" if before == later else "changed"
    theme = (later or before).theme if (later or before) else ""  # type: ignore[union-attr]
    return RulePreview(
        rule, theme, state, counts["now"], counts["after"], totals["after"], totals["now"], shown["after"], shown["now"]
    )
