"""How good the scores are where people have judged: precision and recall at thresholds, from the review queue.

The pairs are those that people looked at, so the figures are of pairs in doubt, not of all: the many that nobody
doubts would make both look better. Judgements themselves are left out of the scores that are measured.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import duckdb
import pyarrow as pa

from resolution.cluster import weigh_candidates
from resolution.judgements import NOT_SAME, SAME, Judgement, Mention, by_pair, decided
from resolution.settings import KINDS, Kind, read_settings

LEAST_PAIRS = 30
LEAST_OF_EACH = 10
THRESHOLDS = (0.3, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.99)


@dataclass(frozen=True)
class At:
    """What one threshold would do with the judged pairs. Precision is None where nothing reaches the threshold."""

    threshold: float
    in_force: bool
    joined: int
    rightly: int
    precision: float | None
    recall: float


@dataclass(frozen=True)
class Measured:
    """The judged pairs of one kind. `at` is empty, and `missing` says what is needed, where they are too few."""

    kind: Kind
    same: int
    not_same: int
    missing: str
    at: tuple[At, ...]


@dataclass(frozen=True)
class Labelled:
    """How likely each judged pair is one by the scores alone (0 to 1), and whether people say that it is.

    Both are empty, and `missing` says what is needed, where too few pairs are judged.
    """

    kind: Kind
    same: int
    not_same: int
    missing: str
    probabilities: tuple[float, ...]
    truths: tuple[bool, ...]


def measure(connection: duckdb.DuckDBPyConnection, said: Iterable[Judgement]) -> list[Measured]:
    """Precision and recall of the last run's scores by kind, from pairs that people decided.

    Pairs of unsure or disagreeing people, and pairs whose rows are gone, are left out.
    """
    pairs = _judged(connection, said)
    return [
        _measured(_labelled(connection, kind, pairs[kind]))
        for kind in KINDS
        if pairs[kind] or kind in ("person", "company")
    ]


def labelled(connection: duckdb.DuckDBPyConnection, kind: Kind, said: Iterable[Judgement]) -> Labelled:
    """The judged pairs of one kind with what the last run's scores alone make of them."""
    return _labelled(connection, kind, _judged(connection, said)[kind])


Pair = tuple[str, str, bool]


def _judged(connection: duckdb.DuckDBPyConnection, said: Iterable[Judgement]) -> dict[Kind, list[Pair]]:
    words = [word for word in map(decided, by_pair(said).values()) if word and word.verdict in (SAME, NOT_SAME)]
    places = _places(connection, {side for word in words for side in (word.left, word.right)})
    pairs: dict[Kind, list[Pair]] = defaultdict(list)
    for word in words:
        left, right = places.get(word.left), places.get(word.right)
        if left and right and left[0] == right[0]:
            pairs[left[0]].append((left[1], right[1], word.verdict == SAME))
    return pairs


def _labelled(connection: duckdb.DuckDBPyConnection, kind: Kind, pairs: list[Pair]) -> Labelled:
    same = sum(truth for *_, truth in pairs)
    not_same = len(pairs) - same
    if len(pairs) < LEAST_PAIRS or min(same, not_same) < LEAST_OF_EACH:
        missing = (
            f"已判定 {len(pairs)} 对（同一 {same}，不同 {not_same}）；至少需要 {LEAST_PAIRS} 对，"
            f"且同一、不同各不少于 {LEAST_OF_EACH} 对，方可计算。"
        )
        return Labelled(kind, same, not_same, missing, (), ())
    probabilities = tuple(_probabilities(connection, kind, pairs))
    return Labelled(kind, same, not_same, "", probabilities, tuple(truth for *_, truth in pairs))


def _measured(found: Labelled) -> Measured:
    if found.missing:
        return Measured(found.kind, found.same, found.not_same, found.missing, ())
    now = read_settings(found.kind).cluster.threshold
    return Measured(found.kind, found.same, found.not_same, "", tuple(
        _at(each, each == now, found.probabilities, found.truths) for each in sorted({*THRESHOLDS, now})
    ))  # fmt: skip


def _at(threshold: float, in_force: bool, probabilities: Sequence[float], truths: Sequence[bool]) -> At:
    joined = [truth for probability, truth in zip(probabilities, truths, strict=True) if probability >= threshold]
    return At(threshold, in_force, len(joined), sum(joined), sum(joined) / len(joined) if joined else None,
              sum(joined) / sum(truths))  # fmt: skip


def _places(connection: duckdb.DuckDBPyConnection, mentions: set[Mention]) -> dict[Mention, tuple[Kind, str]]:
    """Kind and profile of each mention that is loaded."""
    if not mentions:
        return {}
    columns = [list(each) for each in zip(*sorted(mentions), strict=True)]
    found: dict[Mention, tuple[Kind, str]] = {}
    for kind in KINDS:
        rows = connection.execute(
            f"""WITH asked AS (SELECT unnest($1) AS dataset, unnest($2) AS record_id, unnest($3) AS role)
            SELECT dataset, record_id, role, unique_id FROM asked JOIN mentions m USING (dataset, record_id, role)
            JOIN {kind}_profile_of USING (mention_id) WHERE m.kind = '{kind}'""",
            columns,
        ).fetchall()
        found |= {Mention(*row[:3]): (kind, row[3]) for row in rows}
    return found


def _probabilities(connection: duckdb.DuckDBPyConnection, kind: Kind, pairs: list[Pair]) -> list[float]:
    """How likely each pair is one by its scores: 1 where a number joins both, 0 where they were not even compared."""
    memory = duckdb.connect(":memory:")
    try:
        for name, columns in {"profile": "unique_id, anchor, outside", "pair": "l, r, bits"}.items():
            memory.register("taken", connection.sql(f"SELECT {columns} FROM {kind}_{name}").to_arrow_table())
            memory.execute(f"CREATE TABLE {name} AS FROM taken")
            memory.unregister("taken")
        weigh_candidates(memory, read_settings(kind))
        asked = pa.table({
            "n": range(len(pairs)), "a": [pair[0] for pair in pairs], "b": [pair[1] for pair in pairs]})  # fmt: skip
        memory.register("asked", asked)
        rows = memory.execute(
            """WITH unit AS (SELECT unique_id, coalesce(anchor, unique_id) AS unit FROM profile),
            joined AS (SELECT least(x.unit, y.unit) AS a, greatest(x.unit, y.unit) AS b, max(probability) AS p FROM edge
                JOIN unit x ON x.unique_id = l JOIN unit y ON y.unique_id = r GROUP BY ALL)
            SELECT CASE WHEN x.unit = y.unit THEN 1.0 ELSE coalesce(p, 0.0) END FROM asked
            JOIN unit x ON x.unique_id = asked.a JOIN unit y ON y.unique_id = asked.b
            LEFT JOIN joined j ON j.a = least(x.unit, y.unit) AND j.b = greatest(x.unit, y.unit) ORDER BY n"""
        ).fetchall()
        return [float(probability) for (probability,) in rows]
    finally:
        memory.close()
