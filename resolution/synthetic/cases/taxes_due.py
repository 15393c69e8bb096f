"""Taxes that were not filed, or not in full (M07 land-use-tax, M10 environment-tax, M13 fuel-tax)."""

from __future__ import annotations

import numpy as np
import polars as pl

from resolution.synthetic import estate
from resolution.synthetic.arrays import Dates, Ints, days, objects, pick, sample
from resolution.synthetic.companies import FUEL, TRADE_OF
from resolution.synthetic.facts import COMPANY
from resolution.synthetic.offences import DISCHARGE, OFFENCES, add_penalties
from resolution.synthetic.people import TODAY
from resolution.synthetic.tax import YEARS, add_discharges, add_fuel_filings, add_sales, land
from resolution.synthetic.world import FactRow, World, day, rows_of

DECLARED_RATIO, TOLERANCE, MIN_MONTHS = 0.95, 0.1, 3
DIRTY_TRADES = ("化学原料和化学制品制造业", "金属制品业", "食品制造业", "酒、饮料和精制茶制造业", "医药制造业")


def plant_land(world: World) -> None:
    """Parcels that some year was not filed for, too little was, or nothing was due."""
    rng, units, companies = world.random("M07"), world.properties, world.companies
    each = world.some(1.5, 4)
    taxable = np.flatnonzero(np.isin(units.use, ["工业", "商业"]) & (units.owner >= COMPANY) & (units.second == ""))
    owners = world.free(np.unique(units.owner[taxable]) - COMPANY) + COMPANY
    taxable = rng.permutation(taxable[np.isin(units.owner[taxable], owners)])
    _, first = np.unique(units.owner[taxable], return_index=True)
    taxable = taxable[np.sort(first)][: each * 5]
    world.reserve(units.owner[taxable] - COMPANY)
    missing, short, enough, closed, late = (taxable[n * each : (n + 1) * each] for n in range(5))
    skip = {(int(u), int(y)) for u, y in zip(missing, pick(rng, np.array(YEARS), len(missing)), strict=True)}
    part = dict(zip(short.tolist(), rng.uniform(0.2, 0.9, len(short)).tolist(), strict=True))
    part |= dict(zip(enough.tolist(), rng.uniform(0.96, 0.99, len(enough)).tolist(), strict=True))
    firms = units.owner[closed] - COMPANY
    companies.state[firms] = "注销"
    companies.state_date[firms] = days(rng, np.datetime64("2023-02-01"), np.datetime64("2023-12-20"), len(firms))
    units.registered[closed] = np.minimum(units.registered[closed], np.datetime64("2019-05-01"))
    units.registered[late] = days(rng, np.datetime64("2024-01-10"), np.datetime64("2024-11-30"), len(late))
    moved = np.concatenate([closed, late])
    units.certificate[moved] = estate.certificates(units.registered[moved], 3_000_000 + np.arange(len(moved)))
    land(world, skip, part)
    world.notes["M07"] = {"enough": enough.tolist(), "closed": closed.tolist(), "late": late.tolist()}


def trap_land(world: World) -> None:
    """Write the traps of M07, now that the parcels are registered."""
    titles = _titles(world)
    why = {"enough": "申报面积已达95%", "closed": "纳税人当年已注销", "late": "当年尚未登记"}
    for kind, units in world.notes["M07"].items():
        for unit in units:
            world.trap("M07", kind, [("real_estate", titles[unit][0])], why[kind])


def _titles(world: World) -> dict[int, list[int]]:
    titles: dict[int, list[int]] = {}
    for row, unit in world.facts.frame("real_estate").select("row", "property").iter_rows():
        titles.setdefault(unit, []).append(row)
    return titles


def find_land(world: World) -> None:
    """M07 by its rule."""
    units, companies, titles = world.properties, world.companies, _titles(world)
    named: dict[tuple[int, int], float] = {}
    blank: dict[tuple[int, int], float] = {}
    filings: dict[tuple[int, int], list[int]] = {}
    for row, who, unit, year, area in (
        world.facts.frame("land_use_tax").select("row", "taxpayer", "filedUnit", "year", "declaredArea").iter_rows()
    ):
        filings.setdefault((who, year), []).append(row)
        target, key = (named, (unit, year)) if unit >= 0 else (blank, (who, year))
        target[key] = target.get(key, 0.0) + area
    registered = units.registered.astype("datetime64[Y]").astype(np.int64) + 1970
    taxable = np.flatnonzero(np.isin(units.use, ["工业", "商业"]) & ~np.isnan(units.land))
    of_owner: dict[int, list[int]] = {}
    for unit in taxable.tolist():
        of_owner.setdefault(int(units.owner[unit]), []).append(unit)
    for owner, own in of_owner.items():
        end = companies.state_date[owner - COMPANY] if owner >= COMPANY else np.datetime64("NaT")
        ended = owner >= COMPANY and companies.state[owner - COMPANY] == "注销"
        for year in YEARS:
            if ended and end <= np.datetime64(f"{year}-12-31"):
                continue
            parcels = [u for u in own if registered[u] <= year]
            total = sum(float(units.land[u]) for u in parcels)
            for unit in parcels:
                area = float(units.land[unit])
                declared = named.get((unit, year), 0.0) + blank.get((owner, year), 0.0) * area / total
                if declared < DECLARED_RATIO * area:
                    rows = rows_of("real_estate", titles[unit])
                    proof = rows_of("land_use_tax", filings.get((owner, year), []))
                    world.clue("M07", rows[:1], [*rows, *proof], f"{year}年 登记{area:.0f}㎡ 申报{declared:.0f}㎡")


def plant_discharges(world: World) -> None:
    """Works fined for a discharge whose quarter was, was not, or was half filed for."""
    rng = world.random("M10")
    each = world.some(1.2, 4)
    works = np.concatenate([world.companies.of_trade(TRADE_OF[t]) for t in DIRTY_TRADES])
    works = world.reserve(sample(rng, world.free(works), each * 6))
    each = len(works) // 6
    groups = iter(works[: each * 6].reshape(6, -1) + COMPANY)
    dirty = objects(f for f in OFFENCES["生态环境"].split() if any(w in f for w in DISCHARGE))
    subject = np.full(each, "生态环境", dtype=object)
    quarters = np.array([np.datetime64(f"{y}-{m:02d}-01") for y in (2022, 2023, 2024) for m in (1, 4, 7, 10)])

    def fined(who: Ints) -> tuple[Dates, Ints]:
        quarter = pick(rng, quarters, len(who))
        return quarter, add_penalties(
            world,
            who,
            subject,
            quarter + rng.integers(3, 86, size=len(who)).astype("timedelta64[D]"),
            pick(rng, dirty, len(who)),
        )

    fined(next(groups))
    who = next(groups)
    quarter, _ = fined(who)
    add_discharges(world, who, quarter, np.zeros(each))
    who = next(groups)
    quarter, _ = fined(who)
    add_discharges(world, who, quarter, rng.lognormal(8, 0.5, each), months=2)

    who = next(groups)
    quarter, rows = fined(who)
    add_discharges(world, who, quarter, rng.lognormal(8, 0.5, each), months=1)
    add_discharges(
        world, who, (quarter.astype("datetime64[M]") + 1).astype("datetime64[D]"), rng.lognormal(8, 0.5, each), months=2
    )
    _traps(world, "M10", "filed by month", "admin_penalties", rows, "两次申报合起来覆盖该季度")
    who = next(groups)
    quarter, rows = fined(who)
    add_discharges(world, who, quarter, rng.lognormal(8, 0.5, each))
    _traps(world, "M10", "filed", "admin_penalties", rows, "该季度已申报纳税")
    who = next(groups)
    rows = add_penalties(
        world,
        who,
        subject,
        days(rng, np.datetime64("2025-01-05"), np.datetime64("2025-03-28"), each),
        pick(rng, dirty, each),
    )
    _traps(world, "M10", "quarter not over", "admin_penalties", rows, "处罚所在季度尚未结束")


def _traps(world: World, model: str, kind: str, dataset: str, rows: Ints, why: str) -> None:
    for row in rows.tolist():
        world.trap(model, kind, [(dataset, row)], why)


def find_discharges(world: World) -> None:
    """M10 by its rule."""
    filed: dict[int, list[tuple[object, object]]] = {}
    paid = world.facts.frame("environment_tax").filter(pl.col("taxPaid") > 0)
    for who, start, end in paid.select("taxpayer", "periodStart", "periodEnd").iter_rows():
        filed.setdefault(who, []).append((start, end))
    fines = (
        world.facts.frame("admin_penalties")
        .filter(
            (pl.col("field") == "生态环境")
            & pl.any_horizontal(*(pl.col("facts").str.contains(w, literal=True) for w in DISCHARGE))
        )
        .with_columns(pl.col("penalisedOn").dt.truncate("1q").alias("quarter"))
        .sort("penalisedOn", "row")
    )
    for (who, quarter), group in fines.group_by("party", "quarter", maintain_order=True):
        first = np.datetime64(str(quarter))
        last = (first.astype("datetime64[M]") + 3).astype("datetime64[D]") - np.timedelta64(1, "D")
        if last >= TODAY or _covered(filed.get(int(str(who)), []), first, last):
            continue
        rows = rows_of("admin_penalties", group["row"].to_list())
        world.clue("M10", rows[:3], rows, f"{day(first)} 起的季度无有效申报")


def _covered(spans: list[tuple[object, object]], first: np.datetime64, last: np.datetime64) -> bool:
    reached = first
    for start, end in sorted((np.datetime64(str(a)), np.datetime64(str(b))) for a, b in spans):
        if start <= reached and end >= reached:
            reached = end + np.timedelta64(1, "D")
    return bool(reached > last)


def plant_fuel(world: World) -> None:
    """Stations that declare less than they sell, and such as come near it."""
    rng = world.random("M13")
    each = world.some(0.4, 2)
    stations = world.free(world.companies.of_trade(FUEL))
    stations = world.reserve(sample(rng, stations, min(each * 6, len(stations) // 2)))
    months = (np.datetime64("2025-03") - np.arange(12, 0, -1)).astype("datetime64[D]")
    kinds = ("short", "unfiled", "few", "within", "split", "short")
    for n, station in enumerate(stations.tolist()):
        sold = np.round(rng.uniform(110, 420) * rng.uniform(0.85, 1.15, size=12), 1)
        who, kind = np.full(12, station + COMPANY), kinds[n % len(kinds)]
        rows = add_sales(world, who, months, sold)
        tons = sold * rng.uniform(0.96, 1.01, size=12)
        low = rng.permutation(12)[: int(rng.integers(3, 10))]
        if kind == "few":
            low = low[:2]
        if kind in ("short", "few"):
            tons[low] = sold[low] * rng.uniform(0.35, 0.85, size=len(low))
        elif kind == "within":
            tons[low] = sold[low] * rng.uniform(0.91, 0.94, size=len(low))
        keep = np.full(12, True)
        if kind == "unfiled":
            keep[low] = False
        if kind == "split":
            add_fuel_filings(world, who[low], months[low], tons[low] * 0.4)
            tons[low] *= 0.6
        add_fuel_filings(world, who[keep], months[keep], tons[keep])
        why = {"few": "仅两个月少报", "within": "差额在容许范围内", "split": "同月分两次申报，合计相符"}
        if kind in why:
            world.trap("M13", kind, rows_of("fuel_records", sorted(rows[low].tolist())[:3]), why[kind])


def find_fuel(world: World) -> None:
    """M13 by its rule."""
    sold = world.facts.frame("fuel_records").select("row", "month", pl.col("station").alias("who"), "soldTons")
    filed = (
        world.facts.frame("fuel_tax_filings")
        .group_by(pl.col("taxpayer").alias("who"), "month")
        .agg(pl.col("declaredTons").sum(), pl.col("row").alias("filings"))
    )
    low = (
        sold.join(filed, on=["who", "month"], how="left")
        .filter(pl.col("declaredTons").fill_null(0) < (1 - TOLERANCE) * pl.col("soldTons"))
        .sort("month", "row")
    )
    for _, group in low.group_by("who", maintain_order=True):
        if len(group) >= MIN_MONTHS:
            rows = rows_of("fuel_records", group["row"].to_list())
            more: list[FactRow] = [("fuel_tax_filings", f) for own in group["filings"].to_list() for f in own or []]
            gap = float(group["soldTons"].sum()) - float(group["declaredTons"].fill_null(0).sum())
            world.clue("M13", rows[:3], [*rows, *more], f"{len(group)}个月少申报{gap:.1f}吨")
