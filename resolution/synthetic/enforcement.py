"""Suits, their enforcement, and leases set against it (M02 false-lease)."""

from __future__ import annotations

import numpy as np
import polars as pl

from resolution.synthetic.arrays import (
    NO_DATE,
    Bools,
    Dates,
    Ints,
    Strings,
    days,
    either,
    objects,
    pick,
    plus,
    sample,
    texts,
    years,
)
from resolution.synthetic.facts import COMPANY
from resolution.synthetic.people import TODAY
from resolution.synthetic.world import World

CAUSES = objects(
    [
        "民间借贷纠纷",
        "买卖合同纠纷",
        "金融借款合同纠纷",
        "建设工程施工合同纠纷",
        "房屋租赁合同纠纷",
        "离婚纠纷",
        "机动车交通事故责任纠纷",
    ]
)
GROUNDS = objects(
    ["主张对查封房屋享有所有权", "主张已付购房款", "主张共有份额", "主张优先受偿权", "主张对案涉款项享有权利"]
)
RENT = np.array([24.0, 22, 19, 15, 13, 12])  # yuan per m² and month, by district
RENT_OF_USE = {"住宅": 1.0, "商业": 2.4, "工业": 0.6, "公共": 0.8}
PAYMENTS = np.array(["按月", "按季", "按年"], dtype=object)
COURTS = np.array(["0600", "0602", "0603", "0611", "0621", "0623", "0626"], dtype=object)


def document_numbers(rng: np.random.Generator, day: Dates, kind: str, first: int) -> Strings:
    """Numbers of court documents, such as （2021）湘0602民初001234号."""
    serial = objects(f"{n:06d}" for n in range(first, first + len(day)))
    return texts("（", years(day), "）湘", pick(rng, COURTS, len(day)), kind, serial, "号")


def add_judgments(world: World, **columns: object) -> Ints:
    """Rows of judgments with fresh document numbers; returns the row numbers."""
    rng = world.random("judgments", str(world.facts.size("judgments")))
    judged = columns["judgedOn"]
    assert isinstance(judged, np.ndarray)
    numbers = document_numbers(rng, judged, "民初", 1000 + world.facts.size("judgments"))
    return world.facts.add("judgments", documentNumber=numbers, **columns)


def parties(world: World, rng: np.random.Generator, count: int, firms: float = 0.4) -> Ints:
    """People and existing businesses at random."""
    companies = pick(rng, np.flatnonzero(world.companies.parent < 0), count) + COMPANY
    return np.where(rng.random(count) < firms, companies, pick(rng, world.people.adults(), count))


def suits(world: World, count: int) -> None:
    """Ordinary civil suits."""
    rng = world.random("suits")
    lawyers = sample(rng, world.people.professionals(), max(3, count // 30))
    filed = days(rng, np.datetime64("2019-01-01"), np.datetime64("2024-12-20"), count)
    agent = np.where(rng.random(count) < 0.28, pick(rng, lawyers, count), -1)
    plaintiff, defendant = parties(world, rng, count), parties(world, rng, count)
    defendant = np.where(plaintiff == defendant, pick(rng, world.people.adults(), count), defendant)
    cause = pick(rng, CAUSES, count)
    both = (plaintiff < COMPANY) & (defendant < COMPANY)
    cause = np.where((cause == "离婚纠纷") & ~both, "民间借贷纠纷", cause)
    judged = np.minimum(plus(filed, rng.integers(16, 220, size=count)), np.datetime64("2025-03-25"))
    add_judgments(
        world,
        cause=cause,
        filedOn=filed,
        judgedOn=judged,
        plaintiff=plaintiff,
        defendant=defendant,
        agent=agent,
        closure=rng.choice(["判决", "调解", "撤诉"], size=count, p=[0.62, 0.26, 0.12]),
        amount=np.round(rng.lognormal(11.8, 1.0, size=count), -2),
    )


def enforcements(world: World, count: int) -> None:
    """Enforcement of some of the suits, now and then over a property of the debtor."""
    rng = world.random("enforcements")
    suits_ = world.facts.frame("judgments").filter(pl.col("closure") != "撤诉")
    chosen = suits_[sample(rng, np.arange(len(suits_)), count).tolist()]
    count = len(chosen)
    debtor = chosen["defendant"].to_numpy()
    filed = plus(chosen["judgedOn"].to_numpy(), rng.integers(25, 420, size=count))
    filed = np.minimum(filed, np.datetime64("2025-03-20"))
    owned = {int(owner): row for row, owner in enumerate(world.properties.owner.tolist())}
    seized = np.array([owned.get(int(who), -1) for who in debtor.tolist()], dtype=np.int64)
    seized[rng.random(count) < 0.3] = -1
    number = np.array(chosen["documentNumber"].to_list(), dtype=object)
    lost = rng.random(count) < 0.12
    number[lost] = document_numbers(rng, chosen["judgedOn"].to_numpy(), "民初", 900_000)[lost]
    add_enforcements(
        world,
        number,
        chosen["plaintiff"].to_numpy(),
        debtor,
        filed,
        seized,
        rng.choice(["执行中", "终结本次执行", "结案"], size=count, p=[0.4, 0.32, 0.28]).astype(object),
    )


def add_enforcements(
    world: World,
    judgment: Strings,
    applicant: Ints,
    debtor: Ints,
    filed: Dates,
    seized: Ints,
    status: Strings,
    seized_on: Dates | None = None,
) -> Ints:
    """Rows of enforcement_cases; `seized` is a property, or -1. Returns the row numbers."""
    start, count = world.facts.size("enforcement_cases"), len(filed)
    rng = world.random("enforcement", str(start))
    if seized_on is None:
        seized_on = np.minimum(plus(filed, rng.integers(3, 200, size=count)), np.datetime64("2025-03-28"))
    units, known = world.properties, np.maximum(seized, 0)
    certificate = np.where(
        (units.second[known] != "") & (rng.random(count) < 0.4), units.second[known], units.certificate[known]
    )
    return world.facts.add(
        "enforcement_cases",
        caseNumber=document_numbers(rng, filed, "执", 1000 + start),
        judgmentNumber=judgment,
        applicant=applicant,
        debtor=debtor,
        filedOn=filed,
        status=status,
        outstanding=np.round(rng.lognormal(11.9, 0.9, size=count), -2),
        seizedCertificate=either(seized >= 0, certificate, None),
        seizedProperty=seized,
        seizedOn=np.where(seized >= 0, seized_on, NO_DATE),
    )


def add_leases(
    world: World,
    unit: Ints,
    tenant: Ints,
    signed: Dates,
    filed: Dates,
    months: Ints,
    factor: np.ndarray,
    payment: Strings,
    landlord: Ints | None = None,
) -> Ints:
    """Rows of leases; `factor` is the rent as a multiple of what is usual in the district. Returns the row numbers."""
    start, count = world.facts.size("leases"), len(unit)
    units = world.properties
    usual = RENT[np.minimum(world.places.district[units.home[unit]], 5)]
    usual = usual * np.array([RENT_OF_USE[use] for use in units.use[unit].tolist()])
    area = np.where(units.use[unit] == "住宅", units.area[unit], np.round(units.area[unit] * 0.9, 2))
    end = plus(filed, months * 30 + months // 2 - 1)
    return world.facts.add(
        "leases",
        property=unit,
        filingNumber=objects(f"陵租备{n:07d}" for n in range(start + 1, start + count + 1)),
        area=area,
        landlord=units.owner[unit] if landlord is None else landlord,
        tenant=tenant,
        signedOn=signed,
        filedOn=filed,
        termStart=filed,
        termEnd=end,
        monthlyRent=np.maximum(np.round(usual * area * factor), 50),
        payment=payment,
    )


def leases(world: World, count: int) -> None:
    """Ordinary leases at ordinary rents; the tenant is of another household."""
    rng = world.random("ordinary leases")
    units = world.properties
    free = units.use != "公共"
    free[world.planted_units] = False
    unit = pick(rng, np.flatnonzero(free), count)
    tenant = parties(world, rng, count, firms=0.18)
    filed = days(
        rng,
        np.maximum(units.registered[unit] + np.timedelta64(20, "D"), np.datetime64("2019-01-01")),
        np.datetime64("2025-03-10"),
        count,
    )
    filed = np.minimum(filed, np.datetime64("2025-03-28"))
    owner = units.owner[unit]
    ok = (owner != tenant) & ~_one_household(world, owner, tenant)
    unit, tenant, filed = unit[ok], tenant[ok], filed[ok]
    count = len(unit)
    add_leases(
        world,
        unit,
        tenant,
        plus(filed, -rng.integers(0, 21, size=count)),
        filed,
        rng.choice([12, 24, 36, 60], size=count, p=[0.5, 0.25, 0.18, 0.07]),
        rng.uniform(0.75, 1.3, size=count),
        pick(rng, PAYMENTS, count),
    )


def _one_household(world: World, a: Ints, b: Ints) -> Bools:
    persons = (a < COMPANY) & (b < COMPANY)
    first, second = (world.people.household[np.where(persons, party, 0)] for party in (a, b))
    together: Bools = persons & (first == second) & (first >= 0)
    return together


def objections(world: World, count: int) -> None:
    """Objections by strangers on other grounds."""
    rng = world.random("objections")
    cases = world.facts.frame("enforcement_cases")
    rows = pick(rng, np.arange(len(cases)), count)
    filed = np.minimum(plus(cases["filedOn"].to_numpy()[rows], rng.integers(20, 300, size=count)), TODAY)
    numbers = objects(cases["caseNumber"].to_list())
    world.facts.add(
        "enforcement_objections",
        caseNumber=numbers[rows],
        objector=pick(rng, world.people.adults(), count),
        filedOn=filed,
        grounds=pick(rng, GROUNDS, count),
    )


def usage(world: World, unit: Ints, first: Dates, months: Ints, idle: Ints, missing: Ints | None = None) -> None:
    """Meter readings from `first` on; `idle` months in the middle read nothing, month `missing` has no row."""
    rng = world.random("usage", str(world.facts.size("utility_usage")))
    stream = np.repeat(np.arange(len(unit)), months)
    offset = np.arange(len(stream)) - np.repeat(np.cumsum(months) - months, months)
    month = first.astype("datetime64[M]")[stream] + offset.astype("timedelta64[M]")
    empty = (offset >= 1) & (offset <= idle[stream])
    keep = month < np.datetime64("2025-03")
    if missing is not None:
        keep &= offset != missing[stream]
    power = np.where(empty, 0, rng.integers(25, 420, size=len(stream)))
    water = np.where(empty, 0, rng.integers(2, 32, size=len(stream)))
    world.facts.add(
        "utility_usage",
        property=unit[stream][keep],
        month=month.astype("datetime64[D]")[keep],
        electricity=power[keep].astype(float),
        water=water[keep].astype(float),
    )


def readings(world: World, count: int) -> None:
    """Meter readings of ordinary properties; a few stand empty for some months."""
    rng = world.random("readings")
    streams = max(1, count // 13)
    free = world.properties.use == "住宅"
    free[world.planted_units] = False
    unit = sample(rng, np.flatnonzero(free), streams)
    months = rng.integers(8, 20, size=len(unit))
    # the last stream is cut so that the number of rows is kept
    total = np.cumsum(months)
    keep = total <= max(count, int(months[0]))
    unit, months = unit[keep], months[keep]
    first = days(rng, np.datetime64("2020-01-01"), np.datetime64("2023-06-01"), len(unit))
    usage(world, unit, first, months, np.where(rng.random(len(unit)) < 0.1, rng.integers(2, 5, size=len(unit)), 0))
