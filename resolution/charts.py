"""Splink's charts of the last run as HTML files that hold all they need and open with no network.

What stands in them of people is masked more strictly than on the pages, for a file may be passed on: of a name the
first character, of a birth date the year, of an address its beginning, of a number its ends, of contexts how many.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
from splink import DuckDBAPI, Linker

from resolution.disclosure import shown
from resolution.link import splink_settings
from resolution.settings import Kind, Settings, SettingsError, read_settings
from resolution.weights import frequencies, population

PAIRS_SHOWN = 12
ENTITIES_SHOWN = 10
LARGEST_SHOWN = 30  # rows: a larger entity is no picture
SAMPLED = 20_000
_OUTSIDE = re.compile(r"<link\b[^>]*\bhref=\"https?://[^>]*>")
_NAMES = {"name", "surname", "given", "pinyin", "fuzzy", "shape", "rare_name", "pool"}
_PLACES = {"address", "place"}


def write(connection: duckdb.DuckDBPyConnection, kind: Kind, directory: Path) -> Iterator[Path]:
    """Write the charts of one kind into `directory`, one file after the other. Raises SettingsError without scores."""
    settings = read_settings(kind)
    if not settings.comparison:
        raise SettingsError(f"{kind} is resolved without scores: there are no charts of it")
    directory.mkdir(parents=True, exist_ok=True)
    memory = duckdb.connect(":memory:")
    try:
        memory.execute("SET enable_external_access=false; SET lock_configuration=true")
        _copy(connection, memory, settings)
        api = DuckDBAPI(connection=memory)
        linker = _linker(api, memory, settings, population(connection, kind))
        charts = linker.visualisations
        weights = api.table_to_splink_dataframe("__splink__df_predict", "score")
        predicted = _predicted(linker, api, memory)
        yield _save(directory / "match_weights.html", charts.match_weights_chart().to_html(inline=True))
        yield _save(directory / "m_u_parameters.html", charts.m_u_parameters_chart().to_html(inline=True))
        if memory.execute("SELECT 1 FROM score LIMIT 1").fetchall():
            yield _save(directory / "histogram.html", charts.match_weights_histogram(weights).to_html(inline=True))
        yield _save(directory / "unlinkables.html", linker.evaluation.unlinkables_chart().to_html(inline=True))
        pairs = predicted.as_record_list()
        spread = pairs[:: max(1, len(pairs) // PAIRS_SHOWN)][:PAIRS_SHOWN]
        if spread:
            yield _save(directory / "waterfall.html", charts.waterfall_chart(spread).to_html(inline=True))
            ids = [
                cluster for (cluster,) in memory.execute("SELECT DISTINCT cluster_id FROM node ORDER BY 1").fetchall()
            ]
            file = directory / "cluster_studio.html"
            charts.cluster_studio_dashboard(
                predicted,
                api.register("node", table_name="splink_node"),
                str(file),
                cluster_ids=ids,
                cluster_names=ids,
                overwrite=True,
            )
            yield _save(file, file.read_text("utf-8"))
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
    wanted = ", ".join(f"'{name}'" for name in _column(memory, "SELECT unique_id FROM drawn")) or "NULL"
    _take(memory, "profile", connection.sql(
        f"""(FROM {kind}_profile WHERE unique_id IN ({wanted}))
        UNION ALL BY NAME (FROM {kind}_profile WHERE unique_id NOT IN ({wanted})
            ORDER BY md5(unique_id) LIMIT {SAMPLED})"""
    ))  # fmt: skip
    for name in frequencies(settings):
        _take(memory, f"frequency_{name}", connection.sql(f"FROM frequency_{name}"))
    memory.execute(
        """CREATE TABLE blocked AS SELECT '0' AS match_key, l.unique_id AS join_key_l, r.unique_id AS join_key_r
        FROM drawn l JOIN drawn r ON l.cluster_id = r.cluster_id AND l.unique_id < r.unique_id"""
    )


def _take(memory: duckdb.DuckDBPyConnection, name: str, rows: duckdb.DuckDBPyRelation) -> None:
    memory.register("taken", rows.to_arrow_table())
    memory.execute(f'CREATE TABLE "{name}" AS FROM taken')
    memory.unregister("taken")


def _column(connection: duckdb.DuckDBPyConnection, query: str) -> list[str]:
    return [value for (value,) in connection.execute(query).fetchall()]


def _linker(api: DuckDBAPI, memory: duckdb.DuckDBPyConnection, settings: Settings, entities: float) -> Linker:
    creator = splink_settings(settings, entities)
    creator.retain_matching_columns = True
    linker = Linker(api.register("profile", table_name="splink_profile"), creator, log_level=logging.ERROR)
    for name in frequencies(settings):
        table = api.register(f"frequency_{name}", table_name=f"splink_frequency_{name}")
        linker.table_management.register_term_frequency_lookup(table, name)
    return linker


def _predicted(linker: Linker, api: DuckDBAPI, memory: duckdb.DuckDBPyConnection) -> Any:
    """The pairs inside the entities shown, as Splink scores them, and these entities' rows: masked, as tables."""
    linker.table_management.register_blocked_pairs_for_predict(api.register("blocked", table_name="splink_blocked"))
    predicted = linker.inference.predict(warning_mode="never")
    aliases: dict[str, str] = {}

    def masked(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
        told = []
        for row in rows:
            kept = {}
            for name, value in row.items():
                if name in ("unique_id", "unique_id_l", "unique_id_r"):
                    # a profile's id may be made of what the row says
                    kept[name] = aliases.setdefault(str(value), f"记载 {len(aliases) + 1}")
                elif name.startswith(("gamma_", "mw_", "bf_", "tf_", "match_", "cluster_id")):
                    kept[name] = value
                else:
                    kept[name] = hidden(re.sub("_[lr]$", "", name), value)
            told.append(kept)
        return told

    pairs = masked(sorted(predicted.as_record_list(), key=lambda row: (row["match_weight"], row["unique_id_l"])))
    nodes = memory.sql(
        "SELECT d.cluster_id, p.* FROM drawn d JOIN profile p USING (unique_id) ORDER BY 1, unique_id"
    ).to_arrow_table()
    for name, rows in (("node", masked(nodes.to_pylist())), ("edge", pairs)):
        if rows:
            memory.register("taken", pa.Table.from_pylist(rows))
            memory.execute(f"CREATE TABLE {name} AS FROM taken")
            memory.unregister("taken")
    return api.table_to_splink_dataframe("__splink__df_predict", "edge") if pairs else predicted


def _save(file: Path, html: str) -> Path:
    """Nothing in the file points outside: what it loads is in it."""
    file.write_text(_OUTSIDE.sub("", html), "utf-8")
    return file
