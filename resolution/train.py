"""Learning how often one entity looks alike (m) and how often two do (u) from the data that is loaded.

m comes from rows that a valid number makes one for certain, u from rows of different entities; Splink estimates both.
Where too few rows bear a number, m can be had of all rows instead, by expectation maximisation (see `expectation`).
What follows from the number itself (the number, birth date and sex read off it) cannot be learnt so and is left out:
the settings say `learn = false` there. Rows with a number stand for those without one: where agencies that ask for no
number are more careless than the others, the truth lies lower than what is learnt.
"""

from __future__ import annotations

import logging
import os
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

import duckdb
from splink import DuckDBAPI, Linker

from resolution.expectation import NotEstimated, expected, rows
from resolution.link import splink_settings
from resolution.settings import HERE, Kind, Settings, read_settings_file, settings_path
from resolution.weights import frequencies, level_columns, population

LEAST_PAIRS = 500
"""Pairs of rows known to be one, and of rows known to be two, that training needs."""
LEAST_SEEN = 20
"""A figure moves only where at least so many pairs showed it."""
MOST_ROWS = 200_000
MOST_ROWS_OF_ONE = 20
U_PAIRS = 2e6
TOLD_ROWS = 500
NOTICED = 0.05
"""Smaller relative changes are left as they are."""
MARK = "# 训练"
Method = Literal["number", "em"]


class TrainingError(Exception):
    """Nothing can be learnt, or the result cannot be written; the message says what to do."""


@dataclass(frozen=True)
class Moved:
    """One figure of one level before and after; `seen` is how many pairs showed the level."""

    comparison: str
    title: str
    number: int
    level: str
    figure: str
    before: float
    after: float
    seen: int


@dataclass(frozen=True)
class Learnt:
    """What the data says. `same` and `different` are the pairs that it was learnt from.

    `method` says where m comes from: pairs that a `number` joins, or `em`, by which `same` is estimated.
    """

    kind: Kind
    method: Method
    same: int
    different: int
    moved: tuple[Moved, ...]
    blocks: tuple[str, ...] = ()
    """The blocks that `em` learnt from, as their columns."""

    @property
    def told(self) -> str:
        """What it was learnt from, in a sentence without its end."""
        em = f"期望最大化（EM，含无号码的记载，分组依据 {'、'.join(self.blocks)}）估计"
        by = "有效号码确定" if self.method == "number" else em
        return f"{by}为同一实体的记载 {self.same:,} 对，不同实体的记载 {self.different:,} 对"


@dataclass(frozen=True)
class Training:
    """What was learnt, and where it is written. `former` keeps the settings of before."""

    learnt: Learnt
    file: Path | None
    former: Path | None


def train(
    connection: duckdb.DuckDBPyConnection, kind: Kind, dry_run: bool = False, method: Method = "number"
) -> Training:
    """Learn, and write `$CLUEGRAPH_CONFIG/settings/<kind>.toml`; the former file is kept beside it under its time.

    The shipped file is never written. Raises TrainingError when the data holds too little, when no figure moves far
    enough to be worth it, or when there is no folder to write to.
    """
    source = settings_path(kind)
    folder = None if dry_run else _folder()
    learnt = learn(connection, read_settings_file(source), method)
    if folder is None or not learnt.moved:
        return Training(learnt, None, None)
    now = datetime.now(UTC)
    text = rewritten(source.read_text("utf-8"), learnt, now)
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / f"{kind}.toml"
    former = folder / f"{kind}.before-{now:%Y%m%dT%H%M%S}Z.toml"
    fresh = folder / f".{kind}.{os.getpid()}.toml"
    fresh.write_text(text, "utf-8")
    try:
        # what cannot be read back must not come into force
        read_settings_file(fresh)
        former.write_bytes(source.read_bytes())
        fresh.replace(file)
    finally:
        fresh.unlink(missing_ok=True)
    return Training(learnt, file, former)


def learn(connection: duckdb.DuckDBPyConnection, settings: Settings, method: Method = "number") -> Learnt:
    """What the data that is resolved says of the figures of `settings`; nothing is written. Raises TrainingError."""
    kind, blocks = settings.kind, tuple[str, ...]()
    if not settings.comparison:
        raise TrainingError(f"{kind} is resolved without scores: there is nothing to learn")
    memory = duckdb.connect(":memory:")
    try:
        # the settings hold SQL of the office's: it sees these rows and nothing else
        memory.execute("SET enable_external_access=false; SET lock_configuration=true")
        _take(memory, connection, "one_each", _one_each(kind))
        entities = population(connection, kind)
        rows_of_two = _count(memory, "SELECT count(*) FROM one_each")
        different = min(rows_of_two * (rows_of_two - 1) // 2, int(U_PAIRS))
        if different < LEAST_PAIRS:
            raise TrainingError(_too_few(kind, f"{different:,} pairs of rows of different entities"))
        told_different = [round(different * share) for share in _told(memory, settings, "one_each")]
        u = _estimated(memory, settings, entities, "one_each")
        if method == "em":
            _take(memory, connection, "row", rows(kind))
            for name in frequencies(settings):
                _take(memory, connection, f"frequency_{name}", f"FROM frequency_{name}")
            no_pairs = [0] * len(settings.comparison)
            fixed = applied(settings, _moved(settings, entities, u, u, no_pairs, told_different))
            found = expected(memory, fixed, entities)
            same, told_same, m, blocks = found.same, found.told, found.m, found.blocks
        else:
            _take(memory, connection, "alike", _alike(kind))
            same = _count(memory, "SELECT coalesce(sum(n * (n - 1) // 2), 0) FROM"
                                  " (SELECT count(*) AS n FROM alike GROUP BY anchor)")  # fmt: skip
            if same < LEAST_PAIRS:
                raise TrainingError(_too_few(kind, f"{same:,} pairs of rows that one valid number joins")
                                    + "; --em learns from rows without a number too")  # fmt: skip
            told_same = [round(same * share) for share in _told(memory, settings, "alike")]
            m = _estimated(memory, settings, entities, "alike")
    except NotEstimated as error:
        raise TrainingError(str(error)) from error
    finally:
        memory.close()
    moved = tuple(_moved(settings, entities, m, u, told_same, told_different))
    return Learnt(kind, method, same, different, moved, blocks)


def applied(settings: Settings, moved: Iterable[Moved]) -> Settings:
    """The settings with the figures moved."""
    wanted: dict[tuple[str, int], dict[str, float]] = {}
    for each in moved:
        wanted.setdefault((each.comparison, each.number), {})[each.figure] = each.after
    return settings.model_copy(update={"comparison": [
        comparison.model_copy(update={"level": [
            level.model_copy(update=wanted.get((comparison.name, number), {}))
            for number, level in enumerate(comparison.level)
        ]}) for comparison in settings.comparison
    ]})  # fmt: skip


def rewritten(text: str, learnt: Learnt, now: datetime) -> str:
    """The settings file with the figures moved and a head that says so; all else stays as the office wrote it."""
    wanted = {(each.comparison, each.number, each.figure): each.after for each in learnt.moved}
    lines, comparison, number = [], "", -1
    for line in text.splitlines():
        if line.startswith(MARK):
            continue
        if line.strip().startswith("[["):
            if line.strip() == "[[comparison]]":
                comparison, number = "", -1
            number += line.strip() == "[[comparison.level]]"
        elif not comparison and (named := re.match(r'\s*name\s*=\s*"([^"]+)"', line)):
            comparison = named[1]
        elif figure := re.match(r"(\s*(m|u|u_holders)\s*=\s*)[0-9.eE+-]+(.*)$", line):
            value = wanted.get((comparison, number, figure[2]))
            line = line if value is None else f"{figure[1]}{_plain(value)}{figure[3]}"
        lines.append(line)
    head = [
        f"{MARK}于 {now:%Y-%m-%d %H:%M} UTC：{learnt.told}。",
        *(f"{MARK}：{each.title}·{each.level} {each.figure} {_plain(each.before)} → {_plain(each.after)}"
          f"（{each.seen:,} 对）" for each in learnt.moved),
    ]  # fmt: skip
    return "\n".join([*head, *lines]) + "\n"


def _folder() -> Path:
    config = os.environ.get("CLUEGRAPH_CONFIG")
    if not config:
        raise TrainingError("set CLUEGRAPH_CONFIG to the folder of the office's own configuration, then train again")
    folder = Path(config) / "settings"
    if folder.resolve() == HERE.resolve():
        raise TrainingError("CLUEGRAPH_CONFIG names the shipped settings: name a folder of the office's own")
    return folder


def _alike(kind: Kind) -> str:
    """Rows that a valid number joins: one for each agency dataset and way to describe the entity."""
    return f"""WITH described AS (
            SELECT DISTINCT m.dataset, f.unique_id FROM {kind}_profile_of f JOIN mentions m USING (mention_id))
        SELECT p.* REPLACE (d.dataset || '/' || p.unique_id AS unique_id)
        FROM described d JOIN {kind}_profile p USING (unique_id)
        WHERE p.anchor IS NOT NULL AND p.anchor NOT LIKE 'own:%'
        QUALIFY count(*) OVER (PARTITION BY p.anchor) BETWEEN 2 AND {MOST_ROWS_OF_ONE}
        ORDER BY md5(p.anchor), unique_id LIMIT {MOST_ROWS}"""


def _one_each(kind: Kind) -> str:
    """One row of each entity: whatever two of them share, they are two."""
    return f"""WITH chosen AS (
            SELECT arg_min(f.unique_id, md5(f.unique_id)) AS unique_id
            FROM {kind}_profile_of f JOIN entity_of e USING (mention_id) GROUP BY e.entity_id)
        SELECT p.* FROM (SELECT DISTINCT unique_id FROM chosen) JOIN {kind}_profile p USING (unique_id)
        ORDER BY md5(unique_id) LIMIT {MOST_ROWS}"""


def _too_few(kind: Kind, held: str) -> str:
    return (f"{kind}: training needs {LEAST_PAIRS:,} pairs of one entity and as many of different ones; the data holds"
            f" {held}. Load more, or keep the settings")  # fmt: skip


def _take(memory: duckdb.DuckDBPyConnection, connection: duckdb.DuckDBPyConnection, name: str, query: str) -> None:
    memory.register("taken", connection.sql(query).to_arrow_table())
    memory.execute(f"CREATE TABLE {name} AS FROM taken")
    memory.unregister("taken")


def _count(connection: duckdb.DuckDBPyConnection, query: str) -> int:
    return int(connection.execute(query).fetchall()[0][0])


def _told(memory: duckdb.DuckDBPyConnection, settings: Settings, table: str) -> list[float]:
    """The share of pairs in which both sides tell what each comparison looks at."""
    counted = "".join(f", NULL::DOUBLE AS tf_{name}" for name in frequencies(settings))
    pairs = "l.anchor = r.anchor AND l.unique_id < r.unique_id" if table == "alike" else "l.unique_id < r.unique_id"
    source = f"(SELECT *{counted} FROM {table}{'' if table == 'alike' else f' LIMIT {TOLD_ROWS}'})"
    shares = ", ".join(
        f"avg((level_{comparison.name} NOT IN ({nothing}))::INT)"
        for comparison in settings.comparison
        if (nothing := ", ".join(str(i) for i, level in enumerate(comparison.level) if level.nothing) or "-1")
    )
    row = memory.execute(
        f"SELECT {shares} FROM (SELECT {level_columns(settings)} FROM {source} l JOIN {source} r ON {pairs})"
    ).fetchall()[0]
    return [share or 0.0 for share in row]


def _estimated(
    memory: duckdb.DuckDBPyConnection, settings: Settings, entities: float, table: str
) -> list[list[float | None]]:
    """Splink's m (of `alike`) or u (of `one_each`) of each level of each comparison; None where nothing showed it."""
    api = DuckDBAPI(connection=memory)
    linker = Linker(api.register(table, table_name=f"splink_{table}"), splink_settings(settings, entities),
                    log_level=logging.ERROR)  # fmt: skip
    if table == "alike":
        linker.training.estimate_m_from_label_column("anchor")
        figure = "m_probability"
    else:
        linker.training.estimate_u_using_random_sampling(max_pairs=U_PAIRS, seed=1, min_count_per_level=None)
        figure = "u_probability"
    model = linker.misc.save_model_to_json()
    return [
        [
            level.get(figure) if isinstance(level.get(figure), float) else None
            for level in comparison["comparison_levels"]
        ]
        for comparison in model["comparisons"]
    ]


def _moved(
    settings: Settings,
    entities: float,
    m: list[list[float | None]],
    u: list[list[float | None]],
    same: list[int],
    different: list[int],
) -> Iterable[Moved]:
    """`same` and `different` are the pairs in which both sides tell, by comparison."""
    for c, comparison in enumerate(settings.comparison):
        for number, level in enumerate(comparison.level):
            if level.nothing or not level.learn or not comparison.learn:
                continue
            figures: list[tuple[str, float | None, float | None, float, int]] = [
                ("m", level.m, m[c][number], 1.0, same[c])
            ]
            if not level.frequency:
                name, before = ("u", level.u) if level.u is not None else ("u_holders", level.u_holders)
                figures.append((name, before, u[c][number], 1.0 if name == "u" else entities, different[c]))
            for figure, before, share, times, pairs in figures:
                if before is None or pairs < LEAST_PAIRS:
                    continue
                seen, bound = round((share or 0.0) * pairs), LEAST_SEEN / pairs
                if figure != "m" and seen < LEAST_SEEN:
                    # to call it rarer on so little would make it stronger evidence than anybody has seen
                    continue
                # what hardly any pair showed is at most so frequent, and what nearly all show is not certain
                learnt = min(before / times, bound) if seen < LEAST_SEEN else min(share or 0.0, 1 - bound)
                after = float(f"{learnt * times:.3g}")
                if abs(after - before) > NOTICED * before:
                    yield Moved(comparison.name, comparison.title, number, level.label, figure, before, after, seen)


def _plain(value: Any) -> str:
    """A figure as people write it: no exponents."""
    return f"{value:.10f}".rstrip("0").rstrip(".") if value else "0"
