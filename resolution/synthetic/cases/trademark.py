"""Firms that bear a mark they have no right to (M01 trademark-misuse)."""

from __future__ import annotations

import numpy as np
import polars as pl

from resolution.synthetic.companies import Companies
from resolution.synthetic.facts import COMPANY
from resolution.synthetic.marks import PLACE_SIGN, Market, Marks, pinyin, reach
from resolution.synthetic.people import TODAY
from resolution.synthetic.world import World

OWNER_SHARE = 20  # percent
GENERIC_LIMIT = 20  # firms before the application


def resemblances(companies: Companies, marks: Marks) -> pl.DataFrame:
    """Pairs (company, mark, match) of all registered firms whose 字号 is, contains or sounds like the mark."""
    top = np.where(companies.parent >= 0, companies.parent, np.arange(len(companies)))
    used = companies.mark[top]
    firms = pl.DataFrame({"company": np.arange(len(companies)), "used": used.tolist()}).filter(
        pl.Series(companies.registered)
    )
    pieces = [
        (text, text[i:j]) for text in set(used.tolist()) for i in range(len(text)) for j in range(i + 2, len(text) + 1)
    ]
    parts = pl.DataFrame(pieces, schema=["used", "text"], orient="row").unique()
    table = pl.DataFrame({"mark": np.arange(len(marks)), "text": marks.text.tolist()})
    same = (
        firms.join(parts, on="used")
        .join(table, on="text")
        .with_columns(
            pl.when(pl.col("used") == pl.col("text")).then(pl.lit("same")).otherwise(pl.lit("contains")).alias("match")
        )
    )
    sounds = pl.DataFrame({"used": sorted(set(used.tolist()))})
    sounds = sounds.with_columns(pl.Series("sound", [pinyin(t) for t in sounds["used"].to_list()]))
    by_sound = table.with_columns(pl.Series("sound", [pinyin(t) for t in marks.text.tolist()]))
    heard = (
        firms.join(sounds, on="used")
        .join(by_sound, on="sound")
        .filter((pl.col("used") != pl.col("text")) & (pl.col("used").str.len_chars() == pl.col("text").str.len_chars()))
        .with_columns(pl.lit("same sound").alias("match"))
    )
    columns = ["company", "mark", "match"]
    return (
        pl.concat([same.select(columns), heard.select(columns)])
        .unique(["company", "mark"], keep="first", maintain_order=True)
        .sort("company", "mark")
    )


def find(world: World, market: Market) -> None:
    """The clues and traps of M01."""
    marks, scenes = market.marks, market.scenes
    companies = world.companies
    pairs = resemblances(companies, marks)
    firm, mark = pairs["company"].to_numpy(), pairs["mark"].to_numpy()
    written = (pairs["match"] != "same sound").to_numpy()
    before = written & (companies.founded[firm] < marks.applied[mark]) & (companies.parent[firm] < 0)
    carriers = np.bincount(mark[before], minlength=len(marks))
    sign = marks.kind[mark] == PLACE_SIGN
    good = (companies.state[firm] == "存续") & marks.valid[mark] & (companies.founded[firm] > marks.applied[mark])
    good &= np.isnat(marks.until[mark]) | (companies.founded[firm] <= marks.until[mark])
    good &= (carriers[mark] <= GENERIC_LIMIT) & (written | ~sign)
    reaches = [reach(str(k), int(n)) for k, n in zip(marks.kind, marks.nice, strict=True)]
    good &= np.array([int(companies.trade[f]) in reaches[m] for f, m in zip(firm.tolist(), mark.tolist(), strict=True)])
    holders = _holders(world)
    licences = _licences(world)
    number_of = {number: row for row, number in enumerate(marks.number.tolist())}
    licensed = {(number_of[number], who): spans for (number, who), spans in licences.items()}
    found: set[tuple[int, int]] = set()
    matches = pairs["match"].to_list()
    for i in np.flatnonzero(good).tolist():
        f, m = int(firm[i]), int(mark[i])
        owner = int(marks.owner[m])
        if f + COMPANY == owner or int(companies.parent[f]) + COMPANY == owner:
            continue
        if holders.get((f, owner), 0) >= OWNER_SHARE:
            continue
        if owner >= COMPANY and holders.get((owner - COMPANY, f + COMPANY), 0) >= OWNER_SHARE:
            continue
        if any(covers(span, companies.founded[f]) for span in licensed.get((m, f + COMPANY), [])):
            continue
        found.add((f, m))
        facts = [("companies", f), ("trademarks", m)]
        world.clue("M01", facts, facts, f"字号与商标{marks.text[m]}：{matches[i]}")
    for scene in scenes:
        if scene.trap and (scene.company, scene.mark) not in found:
            facts = [("companies", scene.company), ("trademarks", scene.mark)]
            world.trap("M01", scene.trap, facts, scene.why)


def covers(span: tuple[np.datetime64, np.datetime64], founded: np.datetime64) -> bool:
    """Whether a licence covers the founding day or is still in force."""
    start, end = span
    return bool(np.isnat(end) or end >= TODAY or (start <= founded <= end))


def _holders(world: World) -> dict[tuple[int, int], float]:
    frame = world.facts.frame("shareholders").filter(pl.col("share").is_not_null())
    return {
        (company - COMPANY, holder): share
        for company, holder, share in frame.select("companyName", "shareholder", "share").iter_rows()
    }


def _licences(world: World) -> dict[tuple[str, int], list[tuple[np.datetime64, np.datetime64]]]:
    frame = world.facts.frame("trademark_licences")
    result: dict[tuple[str, int], list[tuple[np.datetime64, np.datetime64]]] = {}
    if not len(frame):
        return result
    spans = zip(frame["licensedFrom"].to_numpy(), frame["licensedTo"].to_numpy(), strict=True)
    for number, who, span in zip(frame["registrationNumber"], frame["licensee"], spans, strict=True):
        result.setdefault((number, who), []).append(span)
    return result
