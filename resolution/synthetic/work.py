"""Work and money: operating certificates, wages owed, loans on homes, housing fund (M14, M15, M17, M19)."""

from __future__ import annotations

import numpy as np

from resolution.synthetic import estate
from resolution.synthetic.arrays import Dates, Ints, Strings, days, either, objects, pick, plus, sample
from resolution.synthetic.companies import BUILDING
from resolution.synthetic.facts import COMPANY
from resolution.synthetic.people import TODAY
from resolution.synthetic.world import World

WORK_TYPES = objects(["低压电工作业", "高压电工作业", "熔化焊接与热切割作业", "高处作业", "制冷与空调作业"])
BANKS = objects(
    [
        f"{bank}{branch}支行"
        for bank in ("湘陵农商银行", "洞庭村镇银行", "湘陵银行")
        for branch in ("临湖", "楚台", "白鹭", "南屏", "桃溪")
    ]
)
OFFICIAL = "cx.mem.gov.cn"


def certificates(world: World, shown: int, registered: int) -> None:
    """Certificates of operators: registered, in force, shown to the employer as they are."""
    rng, people = world.random("certificates"), world.people
    adults = people.adults()
    taken = world.facts.parties("certificate_registry", "name")
    who = sample(rng, adults[(people.age(adults) <= 62) & ~np.isin(adults, taken)], registered)
    count = len(who)
    kind = pick(rng, WORK_TYPES, count)
    issued = days(rng, np.datetime64("2020-06-01"), np.datetime64("2024-12-31"), count)
    number = certificate_numbers(people.id18[who])
    add_registry(world, who, number, kind, issued)
    rows = sample(rng, np.arange(count), shown)
    seen = np.minimum(plus(issued[rows], rng.integers(20, 900, size=len(rows))), TODAY)
    add_shown(world, who[rows], number[rows], kind[rows], seen)


def certificate_numbers(ids: Strings) -> Strings:
    """Certificate numbers: T and the holder's ID."""
    return objects("T" + number for number in ids.tolist())


def add_registry(
    world: World, who: Ints, number: Strings, kind: Strings, issued: Dates, years: int = 6, status: str = "有效"
) -> Ints:
    """Rows of certificate_registry; returns the row numbers."""
    return world.facts.add(
        "certificate_registry",
        name=who,
        certificateNumber=number,
        workType=kind,
        issuedOn=issued,
        validTo=plus(issued, years * 365),
        status=np.full(len(who), status, dtype=object),
    )


def add_shown(world: World, who: Ints, number: Strings, kind: Strings, seen: Dates, host: str = OFFICIAL) -> Ints:
    """Rows of work_certificates; returns the row numbers."""
    rng = world.random("shown", str(world.facts.size("work_certificates")))
    count = len(who)
    way = rng.random(count)
    urls = np.where(
        way < 0.4, "", np.where(way < 0.7, f"http://{host}/", objects(f"https://{host}/cert/{n}" for n in number))
    )
    if host != OFFICIAL:
        urls = objects(f"http://{host}/query?no={n}" for n in number)
    return world.facts.add(
        "work_certificates",
        name=who,
        certificateNumber=number,
        workType=kind,
        shownOn=seen,
        employer=pick(rng, world.companies.alive(), count) + COMPANY,
        queryUrl=urls,
    )


def wages(world: World, count: int) -> None:
    """Wages owed by builders: mostly settled, or without evidence."""
    rng = world.random("wages")
    workers = sample(rng, world.people.adults(), count)
    builders = pick(rng, sample(rng, world.free(world.companies.of_trade(BUILDING)), max(2, count // 7)), len(workers))
    settled = rng.random(len(workers)) < 0.72
    status = np.where(settled, "已解决", rng.choice(["未解决", "调解中"], size=len(workers))).astype(object)
    proof = np.where(settled, rng.random(len(workers)) < 0.6, False)
    add_wages(
        world,
        workers,
        builders + COMPANY,
        days(rng, np.datetime64("2021-06-01"), np.datetime64("2024-09-30"), len(workers)),
        status,
        proof,
    )


def add_wages(world: World, worker: Ints, employer: Ints, since: Dates, status: Strings, proof: np.ndarray) -> Ints:
    """Rows of wage_arrears; returns the row numbers."""
    rng = world.random("wage", str(world.facts.size("wage_arrears")))
    count = len(worker)
    until = plus(since, rng.integers(30, 150, size=count))
    return world.facts.add(
        "wage_arrears",
        worker=worker,
        employer=employer,
        amount=np.round(rng.lognormal(9.9, 0.6, size=count), -3) + 1000,
        owedFrom=since,
        owedTo=np.minimum(until, TODAY),
        status=status,
        hasEvidence=proof,
        registeredOn=np.minimum(plus(until, rng.integers(5, 40, size=count)), TODAY),
    )


def loans(world: World, count: int) -> None:
    """Loans to grown firms whose owner pledges a home of long standing."""
    rng, companies = world.random("loans"), world.companies
    alive = companies.alive()
    alive = world.free(alive)
    old = alive[companies.founded[alive] < np.datetime64("2019-01-01")]
    firm = sample(rng, old[np.isin(companies.form[old], ["有限公司", "有限责任公司"])], count)
    brokers = sample(rng, world.people.professionals(), max(3, count // 12))
    lent = days(rng, np.datetime64("2020-06-01"), np.datetime64("2024-12-31"), len(firm))
    owner = companies.representative[firm]
    unit = estate.add(
        world,
        owner,
        objects(["住宅"] * len(firm)),
        days(rng, np.datetime64("2008-01-01"), np.datetime64("2018-12-31"), len(firm)),
    )
    broker = np.where(rng.random(len(firm)) < 0.6, pick(rng, brokers, len(firm)), -1)
    add_loans(
        world,
        firm + COMPANY,
        owner,
        unit,
        lent,
        broker,
        rng.integers(0, len(BANKS), size=len(firm)),
        rng.integers(0, 4, size=len(firm)),
    )


def add_loans(
    world: World, borrower: Ints, actual: Ints, unit: Ints, lent: Dates, broker: Ints, bank: Ints, clerk: Ints
) -> Ints:
    """Rows of mortgage_loans; `clerk` numbers the staff of the bank. Returns the row numbers."""
    start, count = world.facts.size("mortgage_loans"), len(borrower)
    rng = world.random("loan", str(start))
    people = world.people
    adults = people.adults()
    clerks = people.name[adults[(bank * 7919 + clerk * 31337) % len(adults)]]
    return world.facts.add(
        "mortgage_loans",
        contractNumber=objects(f"陵抵贷{n:07d}" for n in range(start, start + count)),
        borrower=borrower,
        actualBorrower=actual,
        certificateNumber=world.properties.certificate[unit],
        unit=unit,
        bank=BANKS[bank],
        lentOn=lent,
        amount=np.round(rng.uniform(30, 600, size=count)) * 10_000,
        broker=broker,
        clerk=clerks,
    )


def withdrawals(world: World, count: int) -> None:
    """Housing fund taken out for the usual reasons."""
    rng, people = world.random("withdrawals"), world.people
    adults = people.adults()
    who = pick(rng, adults, count)
    reason = rng.choice(["购房", "租房", "退休", "还贷"], size=count, p=[0.35, 0.25, 0.15, 0.25]).astype(object)
    add_withdrawals(
        world, who, days(rng, np.datetime64("2020-01-01"), TODAY, count), reason, np.full(count, None, dtype=object)
    )


def add_withdrawals(world: World, who: Ints, day: Dates, reason: Strings, judgment: Strings) -> Ints:
    """Rows of housing_fund_withdrawals; returns the row numbers."""
    rng = world.random("withdrawal", str(world.facts.size("housing_fund_withdrawals")))
    count = len(who)
    firms = world.party_names(pick(rng, world.employers, count) + COMPANY)
    return world.facts.add(
        "housing_fund_withdrawals",
        name=who,
        withdrawnOn=np.minimum(day, TODAY),
        reason=reason,
        judgmentNumber=judgment,
        amount=np.round(rng.lognormal(10.9, 0.6, size=count), -3),
        employer=either(rng.random(count) < 0.5, firms, None),
    )
