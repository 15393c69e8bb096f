"""Who and what the texts of calls, grid events and reports name, where that is certain.

A name of a company, shop, school or address (see `names`) that stands in 内容, 被反映主体 or 地址 is tied to its
bearer: `(:Fact)-[:NAMES {role, words, positions, probability}]->(:Company|:TradeName|:School|:Address)`.

- Of names that overlap, the longest counts. An abbreviation stands alone: after something known, before no legal form.
- A registered name that one bearer has is certain anywhere. Any other needs the place of the report (its 街道 or 地址,
  or the one street that its text names): the bearer is the only one of that name in the street or, when none is known
  there, in the district. Whatever may be somebody else is not tied.
- `role` is the column; 处所 when the text says by the name where something is (…门口). `words[i]` begins at character
  `positions[i]` of that column, counted from 1.
- 被反映主体 is tied when its words are known from texts alone: what other records have resolved stays as it is.
- An address is tied when the row has none of its own and its text names one.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Sequence
from importlib.resources import files

import duckdb
import polars as pl
from rjieba import Jieba

from graph import names
from graph.draft import Draft, literal, quoted, staged
from graph.keywords import TEXTS
from graph.names import AS_NAMED, STREET
from resolution.normalise.lexicon import lexicon
from resolution.source import Source

CONTENT, SUBJECT, ADDRESS, WHERE = "内容", "被反映主体", "地址", "处所"
_COLUMNS = {SUBJECT: "subject", CONTENT: "content", ADDRESS: "address"}
IN_STREET, IN_DISTRICT = 0.95, 0.9
"""How sure a tie is at most that rests on there being no other of that name in the street, or in the district."""

_MORE_OF_AN_ADDRESS = "^(?:[0-9A-Z#-]|[一二三四五六七八九十]*(?:号楼|号|栋|幢|座|单元|室|层|附))"
_BRANCH = (
    "^(?:（[^）]{1,8}(?:店|部|厂|公司)|[^，。；、\\s]{0,4}(?:分店|分公司|支行|分行)"
    "|第?[一二三四五六七八九十0-9]+(?:店|分|部|号店))"
)
_END_OF_PLACE = re.compile(r"(?:[省市区县镇乡村路街巷弄号栋幢座楼层室]|街道|社区|街道办|大道)$|[^\u3400-\u9fffA-Z]$|^$")


def normalise(connection: duckdb.DuckDBPyConnection, sources: Sequence[Source]) -> None:
    """See to it that the names to be looked for are parsed."""
    if any(source.name in TEXTS for source in sources):
        names.normalise(connection, sources)


def draw(draft: Draft) -> None:
    """Add the ties from texts to what they name."""
    texts = [source for source in draft.sources if source.name in TEXTS]
    if not texts:
        return
    names.gather(draft.connection, draft.sources)
    _said(draft.connection, texts)
    find(draft.connection)
    _place(draft.connection)
    _tie(draft.connection, texts)
    draft.add_relationships("""
        SELECT 'NAMES' AS type, 'Fact' AS from_general, key AS from_key, general AS to_general, bearer AS to_key,
               probability, role, words, positions
        FROM named_things
    """)


STEPS = (draw,)


def _said(connection: duckdb.DuckDBPyConnection, texts: Sequence[Source]) -> None:
    """`said`: every cell to read, with row (`key`), column (`role`) and the row's street and district."""
    cells = " UNION ALL ".join(
        f"""SELECT {literal(source.name + "/")} || s."recordId" AS key, {literal(role)} AS role,
                   {AS_NAMED.format(f"s.{quoted(column)}")} AS text,
                   {_cell(source, "street")} AS street, {_cell(source, "address")} AS address
            FROM {staged(source)} s WHERE s.{quoted(column)} <> ''"""
        for source in texts
        for role, column in _COLUMNS.items()
        if column in source.columns
    )
    connection.execute(f"""
        CREATE OR REPLACE TEMP TABLE said AS
        SELECT c.key, c.role, c.text,
               coalesce(nullif(regexp_extract(c.street, '{STREET}', 1), ''), nullif(a.street, '')) AS street,
               nullif(a.district, '') AS district, p.place IS NOT NULL AS placed
        FROM ({cells}) c LEFT JOIN norm.address a ON a.value = c.address LEFT JOIN places p ON p.value = c.address
    """)


def _cell(source: Source, column: str) -> str:
    return f"s.{quoted(column)}" if column in source.columns else "NULL::VARCHAR"


def find(connection: duckdb.DuckDBPyConnection) -> None:
    """Leave `hits(text, name, position, role)`: the names of `called` in the texts of `said`.

    `role` is 处所 where the text says by the name where something is, else empty.
    """
    # a name whose first or last characters stand in no text need not be looked for
    connection.execute("""
        CREATE OR REPLACE TEMP TABLE pieces AS
        SELECT DISTINCT unnest(list_transform(range(1, length(text) - 1), lambda i: text[i:i + 2])) AS piece
        FROM (SELECT DISTINCT text FROM said)
    """)
    wanted = connection.sql("""
        SELECT name, bool_and(NOT whole) AS short, bool_and(bare) AS bare, bool_or(kind = 'address') AS address
        FROM called WHERE name[:3] IN (FROM pieces) AND name[-3:] IN (FROM pieces)
        GROUP BY name ORDER BY length(name) DESC, name
    """).pl()
    texts = connection.sql("SELECT DISTINCT text FROM said ORDER BY text").pl()
    found = (
        texts.with_columns(
            name=pl.col("text").str.extract_many(wanted["name"].implode(), leftmost=True),
            byte=pl.col("text").str.find_many(wanted["name"].implode(), leftmost=True),
        )
        .explode("name", "byte", empty_as_null=False)
        .join(wanted, on="name")
        .with_columns(
            ahead=pl.col("text").cast(pl.Binary).bin.slice(0, pl.col("byte")).cast(pl.String),
        )
        .with_columns(position=pl.col("ahead").str.len_chars().cast(pl.Int64) + 1)
        .with_columns(
            behind=pl.col("text").str.slice(pl.col("position") - 1 + pl.col("name").str.len_chars().cast(pl.Int64))
        )
    )
    found = _standing(found)
    connection.register("found_names", found.to_arrow())
    connection.execute("CREATE OR REPLACE TEMP TABLE hits AS FROM found_names")
    connection.unregister("found_names")


def _standing(found: pl.DataFrame) -> pl.DataFrame:
    """Those that stand as names: no word of everyday speech, not part of a longer name, an address that is complete."""
    words, beside = lexicon(), _beside()
    jieba = Jieba()
    trades = "|".join(sorted(map(re.escape, words["trades"]), key=len, reverse=True))
    endings = "|".join(map(re.escape, words["trade_endings"]))
    forms = "|".join(sorted(map(re.escape, words["forms"]), key=len, reverse=True))
    named = found["name"].unique()
    # a word of the dictionary, or nothing but trade words (烧烤摊), is how people speak of any shop
    plain = re.compile(f"(?:{trades}|{endings})+")
    common = [name for name in named.to_list() if plain.fullmatch(name) or len(jieba.cut(name, False)) == 1]
    heads = found.filter("bare")["ahead"].unique().to_list()
    before = set(beside["before"])
    open_heads = [head for head in heads if _END_OF_PLACE.search(head) or jieba.cut(head, False)[-1] in before]
    address, behind = pl.col("address"), pl.col("behind")
    more = behind.str.contains(f"^(?:{forms})|{_BRANCH}") | (
        # 盛宁建筑 goes on in 盛宁建筑工程; 福信超市 is whole, whatever comes after it
        behind.str.contains(f"^(?:{trades}|馆|厂|坊|行|社)")
        & ~pl.col("name").str.contains(f"(?:{endings}|超市|小学|中学|学校|公司)$")
    )
    return found.filter(
        ~(pl.col("short") & pl.col("name").is_in(common)),
        ~pl.col("bare") | pl.col("ahead").is_in(open_heads),
        pl.when(address).then(~behind.str.contains(_MORE_OF_AN_ADDRESS)).otherwise(~more),
    ).select(
        "text",
        "name",
        "position",
        role=pl.when(behind.str.contains(f"^(?:{'|'.join(beside['where'])})"))
        .then(pl.lit(WHERE))
        .otherwise(pl.lit("")),
    )


def _beside() -> dict[str, list[str]]:
    """Words that may stand beside a name, from `cypher/lookups/beside_names.toml`."""
    text = files("cypher").joinpath("lookups/beside_names.toml").read_text(encoding="utf-8")
    found: dict[str, list[str]] = tomllib.loads(text)
    return found


def _place(connection: duckdb.DuckDBPyConnection) -> None:
    """`spoken`: the cells with hits, their place completed by the one street that the text names."""
    connection.execute("""
        CREATE OR REPLACE TEMP TABLE spoken AS
        WITH street AS (
            SELECT h.text, min(c.street) AS street FROM hits h JOIN called c ON c.name = h.name AND c.kind = 'street'
            GROUP BY h.text HAVING count(DISTINCT c.street) = 1
        ), placed AS (
            SELECT s.* EXCLUDE (street), coalesce(s.street, t.street) AS street
            FROM said s SEMI JOIN hits h ON h.text = s.text LEFT JOIN street t ON t.text = s.text
        )
        SELECT p.* EXCLUDE (district), coalesce(p.district, d.district) AS district
        FROM placed p LEFT JOIN street_district d USING (street)
    """)


def _tie(connection: duckdb.DuckDBPyConnection, texts: Sequence[Source]) -> None:
    """`named_things(key, general, bearer, role, words, positions, probability)`, one row a text and thing named."""
    texts_only = ", ".join(literal(name) for name in TEXTS)
    # street is what the report and the bearer share; open says that the bearer may be there as well
    connection.execute("""
        CREATE OR REPLACE TEMP TABLE bearers AS
        SELECT s.key, s.role, h.name, h.position, h.role AS sense, c.general, c.key AS bearer,
               any_value(c.kind) AS kind, bool_or(c.whole) AS whole, max(c.probability) AS probability,
               coalesce(bool_or(c.street = s.street AND coalesce(c.district = s.district, true)), false) AS near,
               coalesce(bool_or(c.district = s.district), false) AS around,
               coalesce(bool_or(c.district = s.district AND (c.street IS NULL OR s.street IS NULL)), false)
                   OR bool_and(c.district IS NULL AND c.street IS NULL) AS open,
               bool_and(c.district IS NULL AND c.street IS NULL) AS lost
        FROM spoken s JOIN hits h ON h.text = s.text JOIN called c ON c.name = h.name
        WHERE c.kind <> 'street' AND (c.kind <> 'address' OR (s.role = '内容' AND NOT s.placed))
        GROUP BY ALL
    """)
    connection.execute(f"""
        CREATE OR REPLACE TEMP TABLE named_things AS
        WITH kept AS (
            -- who bears the name whole goes before those that it abbreviates
            SELECT * FROM bearers QUALIFY whole = bool_or(whole) OVER (PARTITION BY key, role, position)
        ), counted AS (
            SELECT *, count(*) OVER part AS bearing, count(*) FILTER (near) OVER part AS nearby,
                   count(*) FILTER (open AND NOT near) OVER part AS opens,
                   count(*) FILTER (around) OVER part AS arounds, count(*) FILTER (lost) OVER part AS losts
            FROM kept WINDOW part AS (PARTITION BY key, role, position)
        ), certain AS (
            SELECT *, CASE WHEN whole AND bearing = 1 THEN 1.0
                           WHEN near AND nearby = 1 AND opens = 0 THEN {IN_STREET}
                           WHEN nearby = 0 AND around AND arounds = 1 AND losts = 0 THEN {IN_DISTRICT} END AS likely
            FROM counted
        ), tied AS (
            SELECT key, general, bearer, kind, name, position, least(likely, probability) AS probability,
                   CASE WHEN sense <> '' AND role = '{CONTENT}' THEN sense ELSE role END AS role
            FROM certain WHERE likely IS NOT NULL
        ), resolved AS (
            SELECT DISTINCT m.dataset || '/' || m.record_id AS key
            FROM mentions m JOIN entity_of e USING (mention_id)
            WHERE m.dataset IN ({texts_only}) AND e.entity_id IN (
                SELECT entity_id FROM mentions JOIN entity_of USING (mention_id) WHERE dataset NOT IN ({texts_only}))
        ), meant AS (
            SELECT * FROM tied
            WHERE (role <> '{SUBJECT}' OR key NOT IN (SELECT key FROM resolved))
                AND (role <> '{ADDRESS}' OR kind = 'school')
            QUALIFY kind <> 'address' OR count(DISTINCT bearer) FILTER (kind = 'address') OVER (PARTITION BY key) = 1
        ), ranked AS (
            SELECT *, array_position(['{SUBJECT}', '{CONTENT}', '{WHERE}', '{ADDRESS}'], role) AS rank FROM meant
        ), first AS (
            -- what the text says of it counts, not where it stands for a place
            SELECT * FROM ranked WINDOW part AS (PARTITION BY key, bearer)
            QUALIFY rank = min(rank) OVER part OR (role = '{WHERE}' AND min(rank) OVER part = 2)
        )
        SELECT key, general, bearer, arg_min(role, rank) AS role, list(masked(name) ORDER BY position) AS words,
               list(position ORDER BY position) AS positions, max(probability) AS probability
        FROM first GROUP BY key, general, bearer
    """)
