"""Splink's charts of the last run as HTML files that hold all they need and open with no network.

What stands in them of people is masked more strictly than on the pages, for a file may be passed on: of a name the
first character, of a birth date the year, of an address its beginning, of a number its ends, of contexts how many.
Weights in them are Splink's, but for the chart of thresholds: it is drawn on the probabilities that the office's
threshold is set against, with rivals and the open world weighed in, over the pairs that people have decided.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from math import log2
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
from splink import DuckDBAPI, Linker
from splink.internals.accuracy import truth_space_table_from_labels_with_predictions_sqls
from splink.internals.charts import ThresholdSelectionToolChart
from splink.internals.html_utils import chart_html
from splink.internals.pipeline import CTEPipeline

from resolution.disclosure import shown
from resolution.judged_measure import Labelled, labelled
from resolution.judgements import Judgement
from resolution.link import splink_settings
from resolution.settings import Kind, Settings, SettingsError, read_settings
from resolution.weights import frequencies, population

PAIRS_SHOWN = 12
ENTITIES_SHOWN = 10
LARGEST_SHOWN = 30  # rows: a larger entity is no picture
SAMPLED = 20_000
PAIRS_VIEWED = 5_000
MOST_BITS = 25  # further out a number decides, or there is nothing left to decide
_OUTSIDE = re.compile(r"<link\b[^>]*\bhref=\"https?://[^>]*>")
_NAMES = {"name", "surname", "given", "pinyin", "fuzzy", "shape", "rare_name", "pool"}
_PLACES = {"address", "place"}
Aliases = dict[str, str]


@dataclass(frozen=True)
class LeftOut:
    """A chart that is not written, and why; `why` is for people to read."""

    file: Path
    why: str


def write(
    connection: duckdb.DuckDBPyConnection, kind: Kind, directory: Path, said: Iterable[Judgement]
) -> Iterator[Path | LeftOut]:
    """Write the charts of one kind into `directory`, one file after the other. Raises SettingsError without scores.

    `said` are all judgements: thresholds are drawn from the pairs that people decided.
    """
    settings = read_settings(kind)
    if not settings.comparison:
        raise SettingsError(f"{kind} is resolved without scores: there are no charts of it")
    labels = labelled(connection, kind, said)
    directory.mkdir(parents=True, exist_ok=True)
    memory = duckdb.connect(":memory:")
    try:
        memory.execute("SET enable_external_access=false; SET lock_configuration=true")
        _copy(connection, memory, settings)
        api = DuckDBAPI(connection=memory)
        entities = population(connection, kind)
        linker = _linker(api, "profile", settings, entities)
        charts = linker.visualisations
        weights = api.table_to_splink_dataframe("__splink__df_predict", "score")
        # a profile's id may be made of what the row says
        aliases: Aliases = {}
        pairs = _predicted(linker, api, memory, "drawn_pair", aliases)
        yield _save(directory / "match_weights.html", charts.match_weights_chart().to_html(inline=True))
        yield _save(directory / "m_u_parameters.html", charts.m_u_parameters_chart().to_html(inline=True))
        if memory.execute("SELECT 1 FROM score LIMIT 1").fetchall():
            yield _save(directory / "histogram.html", charts.match_weights_histogram(weights).to_html(inline=True))
        yield _thresholds(api, memory, labels, settings.cluster.threshold, directory / "threshold_selection.html")
        yield _save(directory / "unlinkables.html", linker.evaluation.unlinkables_chart().to_html(inline=True))
        spread = pairs[:: max(1, len(pairs) // PAIRS_SHOWN)][:PAIRS_SHOWN]
        if spread:
            yield _save(directory / "waterfall.html", charts.waterfall_chart(spread).to_html(inline=True))
            yield _cluster_studio(linker, api, memory, pairs, directory / "cluster_studio.html", aliases)
        viewer = _linker(api, "viewed", settings, entities)
        if viewed := _predicted(viewer, api, memory, "viewed_pair", aliases):
            yield _comparison_viewer(viewer, api, memory, viewed, directory / "comparison_viewer.html")
    finally:
        memory.close()


def hidden(column: str, value: Any) -> Any:
    """One attribute as a chart may hold it."""
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, list):
        return f"{len(value)} 项"
    if isinstance(value, date):
        return f"{value.year}-**-**"
    text = str(value)
    if column in _NAMES:
        # the first syllable of what is spelt, the first character of what is written
        parts = text.split(" ")
        return " ".join([parts[0], *("*" for _ in parts[1:])]) if parts[1:] else text[0] + "*" * (len(text) - 1)
    if column in _PLACES:
        return f"{text[:6]}…"
    if column.startswith("id_") and len(text) <= 10:
        return "*" * len(text)
    return shown("id_number" if column.startswith(("id_", "anchor")) else column, text)


def _copy(connection: duckdb.DuckDBPyConnection, memory: duckdb.DuckDBPyConnection, settings: Settings) -> None:
    """What is drawn: scores of all pairs, a sample of profiles, and the entities shown with the pairs inside them."""
    kind = settings.kind
    drawn = f"""WITH sized AS (
            SELECT e.entity_id, count(DISTINCT f.unique_id) AS n, min(e.probability) AS weakest
            FROM {kind}_profile_of f JOIN entity_of e USING (mention_id) GROUP BY ALL
            HAVING n BETWEEN 3 AND {LARGEST_SHOWN}),
        -- the most doubtful ones are the ones to look at
        chosen AS (SELECT entity_id FROM sized ORDER BY weakest, n DESC, entity_id LIMIT {ENTITIES_SHOWN})
        SELECT DISTINCT e.entity_id AS cluster_id, f.unique_id FROM chosen JOIN entity_of e USING (entity_id)
        JOIN {kind}_profile_of f USING (mention_id)"""
    _take(memory, "drawn", connection.sql(drawn))
    _take(memory, "score", connection.sql(
        f"SELECT bits AS match_weight, probability AS match_probability FROM {kind}_pair"))  # fmt: skip
    wanted = _column(memory, "SELECT DISTINCT unique_id FROM drawn")
    _take(memory, "profile", connection.sql(
        f"""(FROM {kind}_profile WHERE unique_id IN (SELECT unnest($wanted)))
        UNION ALL BY NAME (FROM {kind}_profile WHERE unique_id NOT IN (SELECT unnest($wanted))
            ORDER BY md5(unique_id) LIMIT {SAMPLED})""", params={"wanted": wanted}
    ))  # fmt: skip
    _take(memory, "viewed_pair", connection.sql(
        f"""SELECT '0' AS match_key, l AS join_key_l, r AS join_key_r FROM {kind}_pair
        ORDER BY md5(l || '/' || r) LIMIT {PAIRS_VIEWED}"""
    ))  # fmt: skip
    seen = _column(memory, "SELECT join_key_l FROM viewed_pair UNION SELECT join_key_r FROM viewed_pair")
    # rows of their own: rows that were compared would not be a sample of all
    _take(memory, "viewed", connection.sql(
        f"FROM {kind}_profile WHERE unique_id IN (SELECT unnest($seen))", params={"seen": seen}))  # fmt: skip
    for name in frequencies(settings):
        _take(memory, f"frequency_{name}", connection.sql(f"FROM frequency_{name}"))
    memory.execute(
        """CREATE TABLE drawn_pair AS SELECT '0' AS match_key, l.unique_id AS join_key_l, r.unique_id AS join_key_r
        FROM drawn l JOIN drawn r ON l.cluster_id = r.cluster_id AND l.unique_id < r.unique_id"""
    )


def _take(memory: duckdb.DuckDBPyConnection, name: str, rows: duckdb.DuckDBPyRelation) -> None:
    memory.register("taken", rows.to_arrow_table())
    memory.execute(f'CREATE TABLE "{name}" AS FROM taken')
    memory.unregister("taken")


def _column(connection: duckdb.DuckDBPyConnection, query: str) -> list[str]:
    return [value for (value,) in connection.execute(query).fetchall()]


def _linker(api: DuckDBAPI, rows: str, settings: Settings, entities: float) -> Linker:
    creator = splink_settings(settings, entities)
    creator.retain_matching_columns = True
    linker = Linker(api.register(rows, table_name=f"splink_{rows}"), creator, log_level=logging.ERROR)
    for name in frequencies(settings):
        table = api.register(f"frequency_{name}", table_name=f"splink_{rows}_frequency_{name}")
        linker.table_management.register_term_frequency_lookup(table, name)
    return linker


def _predicted(
    linker: Linker, api: DuckDBAPI, memory: duckdb.DuckDBPyConnection, pairs: str, aliases: Aliases
) -> list[dict[str, Any]]:
    """The pairs of a table as Splink scores them, the least likely first: masked."""
    if not memory.execute(f"SELECT 1 FROM {pairs} LIMIT 1").fetchall():
        return []
    linker.table_management.register_blocked_pairs_for_predict(api.register(pairs, table_name=f"splink_{pairs}"))
    rows = linker.inference.predict(warning_mode="never").as_record_list()
    rows.sort(key=lambda row: (row["match_weight"], row["unique_id_l"], row["unique_id_r"]))
    return _masked(rows, aliases)


def _masked(rows: list[dict[str, Any]], aliases: Aliases) -> list[dict[str, Any]]:
    told = []
    for row in rows:
        kept = {}
        for name, value in row.items():
            if name in ("unique_id", "unique_id_l", "unique_id_r"):
                kept[name] = aliases.setdefault(str(value), f"记载 {len(aliases) + 1}")
            elif name.startswith(("gamma_", "mw_", "bf_", "tf_", "match_", "cluster_id")):
                kept[name] = value
            else:
                kept[name] = hidden(re.sub("_[lr]$", "", name), value)
        told.append(kept)
    return told


def _rows(memory: duckdb.DuckDBPyConnection, name: str, rows: list[dict[str, Any]]) -> None:
    memory.register("taken", pa.Table.from_pylist(rows))
    memory.execute(f"CREATE TABLE {name} AS FROM taken")
    memory.unregister("taken")


def _thresholds(
    api: DuckDBAPI, memory: duckdb.DuckDBPyConnection, labels: Labelled, in_force: float, file: Path
) -> Path | LeftOut:
    """Splink's tool over the probabilities that the threshold is set against, which are not Splink's alone."""
    file.unlink(missing_ok=True)  # one of an earlier run would be taken for this one
    if labels.missing:
        return LeftOut(file, labels.missing)
    rows = [{"probability": p, "truth": float(truth)}
            for p, truth in zip(labels.probabilities, labels.truths, strict=True)]  # fmt: skip
    _rows(memory, "label", rows)
    pipeline = CTEPipeline()
    # what was not even compared is below every threshold
    pipeline.enqueue_sql(
        f"""SELECT truth AS clerical_match_score, probability > 0 AS found_by_blocking_rules,
            CASE WHEN probability <= 0 THEN -{MOST_BITS} WHEN probability >= 1 THEN {MOST_BITS} ELSE
                greatest(-{MOST_BITS}, least({MOST_BITS}, log2(probability / (1 - probability)))) END AS match_weight
        FROM label""",
        "__splink__labels_with_predictions",
    )
    pipeline.enqueue_list_of_sqls(truth_space_table_from_labels_with_predictions_sqls())
    chart = ThresholdSelectionToolChart(
        api.sql_pipeline_to_splink_dataframe(pipeline).as_record_list(), add_metrics=["f1"]
    )
    spec = chart.chart_dict
    if len(spec["data"]["values"]) < 2:
        return LeftOut(file, "准确率和召回率都高于 50% 的阈值不足两个，画不成曲线；见 cluegraph review measure。")
    weight = log2(in_force / (1 - in_force)) if in_force < 1 else MOST_BITS
    spec["title"]["subtitle"][1] = (
        f"由 {len(rows)} 对已判定的记载得出（同一 {labels.same}，不同 {labels.not_same}），均为存疑对，不代表全部记载；"
        f"现行阈值 {in_force:g}，即权重 {weight:+.2f}。"
    )
    return _save(file, chart_html(spec, inline=True, fullhtml=True))  # type: ignore[no-untyped-call]


def _cluster_studio(
    linker: Linker,
    api: DuckDBAPI,
    memory: duckdb.DuckDBPyConnection,
    pairs: list[dict[str, Any]],
    file: Path,
    aliases: Aliases,
) -> Path:
    nodes = memory.sql(
        "SELECT d.cluster_id, p.* FROM drawn d JOIN profile p USING (unique_id) ORDER BY 1, unique_id"
    ).to_arrow_table()
    _rows(memory, "node", _masked(nodes.to_pylist(), aliases))
    _rows(memory, "edge", pairs)
    ids = _column(memory, "SELECT DISTINCT cluster_id FROM node ORDER BY 1")
    linker.visualisations.cluster_studio_dashboard(
        api.table_to_splink_dataframe("__splink__df_predict", "edge"),
        api.register("node", table_name="splink_node"),
        str(file),
        cluster_ids=ids,
        cluster_names=ids,
        overwrite=True,
    )
    return _save(file, file.read_text("utf-8"))


def _comparison_viewer(
    linker: Linker, api: DuckDBAPI, memory: duckdb.DuckDBPyConnection, pairs: list[dict[str, Any]], file: Path
) -> Path:
    _rows(memory, "viewed_edge", pairs)
    linker.visualisations.comparison_viewer_dashboard(
        api.table_to_splink_dataframe("__splink__df_predict", "viewed_edge"), str(file), overwrite=True
    )
    return _save(file, file.read_text("utf-8"))


def _save(file: Path, html: str) -> Path:
    """Nothing in the file points outside: what it loads is in it."""
    file.write_text(_OUTSIDE.sub("", html), "utf-8")
    return file
