"""What firms file with the tax office: land, discharges, fuel (M07, M10, M13)."""

from __future__ import annotations

import numpy as np

from resolution.synthetic.arrays import Dates, Ints, either, objects, pick, sample, years
from resolution.synthetic.companies import FUEL, TRADE_OF
from resolution.synthetic.facts import COMPANY
from resolution.synthetic.world import World

LAND_RATE = 4.0
FUEL_RATE = 850.0
YEARS = (2022, 2023, 2024)
TAX_ITEMS = objects(["大气污染物", "水污染物", "固体废物", "噪声"])


def add_land_filings(world: World, taxpayer: Ints, unit: Ints, year: Ints, area: np.ndarray) -> Ints:
    """Rows of land_use_tax; `unit` -1 for a filing without certificate. Returns the row numbers."""
    units = world.properties
    rng = world.random("land", str(world.facts.size("land_use_tax")))
    second = (units.second[np.maximum(unit, 0)] != "") & (rng.random(len(unit)) < 0.4)
    number = np.where(second, units.second[np.maximum(unit, 0)], units.certificate[np.maximum(unit, 0)])
    return world.facts.add(
        "land_use_tax",
        taxpayer=taxpayer,
        certificateNumber=either(unit >= 0, number, None),
        filedUnit=unit,
        year=year,
        declaredArea=np.round(area),
        taxPaid=np.round(area) * LAND_RATE,
    )


def land(world: World, skip: set[tuple[int, int]], part: dict[int, float]) -> None:
    """Filings of every owner of taxable land for each year, some without the certificate.

    Left out are the (property, year) in `skip`; of the properties in `part` only that share of the area is filed.
    """
    units, companies = world.properties, world.companies
    taxable = np.flatnonzero(np.isin(units.use, ["工业", "商业"]))
    unit = np.repeat(taxable, len(YEARS))
    year = np.tile(np.array(YEARS), len(taxable))
    due = years(units.registered[unit]) <= year
    firm = np.maximum(units.owner[unit] - COMPANY, 0)
    gone = (units.owner[unit] >= COMPANY) & (companies.state[firm] == "注销")
    due &= ~gone | (years(np.where(gone, companies.state_date[firm], np.datetime64("2100-01-01"))) > year)
    due &= np.array([pair not in skip for pair in zip(unit.tolist(), year.tolist(), strict=True)])
    unit, year = unit[due], year[due]
    # an owner names the certificates of all parcels or of none, else shares would have to be guessed
    blank = ((units.owner[unit] * 31 + year * 7) % 100 < 15) & ~np.isin(unit, list(part))
    share = np.array([part.get(u, 1.0) for u in unit.tolist()])
    add_land_filings(world, units.owner[unit], np.where(blank, -1, unit), year, units.land[unit] * share)


def add_discharges(world: World, taxpayer: Ints, quarter: Dates, tax: np.ndarray, months: int = 3) -> Ints:
    """Rows of environment_tax for the periods that begin on `quarter`; returns the row numbers."""
    rng = world.random("discharge", str(world.facts.size("environment_tax")))
    end = (quarter.astype("datetime64[M]") + months).astype("datetime64[D]") - np.timedelta64(1, "D")
    return world.facts.add(
        "environment_tax",
        taxpayer=taxpayer,
        taxItem=pick(rng, TAX_ITEMS, len(quarter)),
        periodStart=quarter,
        periodEnd=end,
        taxPaid=np.round(tax, 2),
    )


def discharges(world: World, count: int) -> None:
    """Works that file every quarter."""
    rng, companies = world.random("discharges"), world.companies
    works = np.concatenate(
        [
            companies.of_trade(TRADE_OF[t])
            for t in ("化学原料和化学制品制造业", "金属制品业", "食品制造业", "酒、饮料和精制茶制造业", "医药制造业")
        ]
    )
    works = sample(rng, world.free(works), max(1, count // 8))
    quarters = np.array([np.datetime64(f"{y}-{m:02d}-01") for y in (2023, 2024) for m in (1, 4, 7, 10)])
    firm, quarter = np.repeat(works, len(quarters)), np.tile(quarters, len(works))
    add_discharges(world, firm + COMPANY, quarter, rng.lognormal(8.0, 0.9, size=len(firm)))


def fuel(world: World, count: int) -> None:
    """Filling stations: a year of sales and of filings that agree with them."""
    rng = world.random("fuel")
    stations = sample(rng, world.free(world.companies.of_trade(FUEL)), max(2, count // 12))
    each = int(np.clip(round(count / max(1, len(stations))), 12, 48))
    months = (np.datetime64("2025-03") - np.arange(each, 0, -1)).astype("datetime64[D]")
    station, month = np.repeat(stations, each), np.tile(months, len(stations))
    level = np.repeat(rng.uniform(110, 420, size=len(stations)), each)
    sold = np.round(level * rng.uniform(0.85, 1.15, size=len(station)), 1)
    add_sales(world, station + COMPANY, month, sold)
    add_fuel_filings(world, station + COMPANY, month, sold * rng.uniform(0.96, 1.01, size=len(station)))


def add_sales(world: World, station: Ints, month: Dates, sold: np.ndarray) -> Ints:
    """Rows of fuel_records; returns the row numbers."""
    rng = world.random("sales", str(world.facts.size("fuel_records")))
    return world.facts.add(
        "fuel_records",
        station=station,
        month=month,
        soldTons=sold,
        purchasedTons=np.round(sold * rng.uniform(0.96, 1.05, size=len(sold)), 1),
    )


def add_fuel_filings(world: World, taxpayer: Ints, month: Dates, tons: np.ndarray) -> Ints:
    """Rows of fuel_tax_filings; returns the row numbers."""
    tons = np.round(tons, 2)
    return world.facts.add(
        "fuel_tax_filings", taxpayer=taxpayer, month=month, declaredTons=tons, taxDeclared=np.round(tons * FUEL_RATE, 2)
    )
