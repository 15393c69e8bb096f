"""False certificates, loans on borrowed names, suits for show, wages owed (M14, M15, M17, M19)."""

from __future__ import annotations

import datetime

import numpy as np
import polars as pl

from resolution.synthetic import estate
from resolution.synthetic.arrays import Batch, Ints, Strings, days, objects, pick, plus, sample
from resolution.synthetic.companies import BUILDING
from resolution.synthetic.enforcement import add_judgments
from resolution.synthetic.facts import COMPANY
from resolution.synthetic.people import TODAY
from resolution.synthetic.places import OFFICE
from resolution.synthetic.work import (
    BANKS,
    OFFICIAL,
    WORK_TYPES,
    add_loans,
    add_registry,
    add_shown,
    add_wages,
    add_withdrawals,
    certificate_numbers,
)
from resolution.synthetic.world import FactRow, World, rows_of

YOUNG_DAYS, SHORT_DAYS, ADDRESS_SHARE, MIN_SIGNS, RING = 90, 365, 3, 2, 3
FAST_DAYS, FUND_DAYS, ARREARS_DAYS = 15, 90, 30
FALSE_HOSTS = ("cx-mem.gov.cn.yjzs.org", "www.cx-mem.com", "cx.mem.gov.cn.zgzcx.net")


def plant_certificates(world: World) -> None:
    """Certificates nobody issued, of others, run out, for other work, shown by a false site; and renewed ones."""
    rng, people = world.random("M14"), world.people
    each = world.some(0.8, 2)
    adults = people.adults()
    known = world.facts.parties("certificate_registry", "name")
    who = iter(sample(rng, adults[~np.isin(adults, known)], each * 10).reshape(10, -1))
    seen = days(rng, np.datetime64("2023-01-01"), np.datetime64("2025-03-10"), each)
    low, high = np.full(each, WORK_TYPES[0], dtype=object), np.full(each, WORK_TYPES[3], dtype=object)

    def shown(person: Ints, kind: Strings = low, number: Strings | None = None, host: str = OFFICIAL) -> Ints:
        own = certificate_numbers(people.id18[person]) if number is None else number
        return add_shown(world, person, own, kind, seen, host)

    def issued(person: Ints, kind: Strings = low, back: int = 400, status: str = "有效") -> Ints:
        return add_registry(
            world, person, certificate_numbers(people.id18[person]), kind, plus(seen, -back), status=status
        )

    shown(next(who))
    other, person = next(who), next(who)
    issued(other)
    shown(person, number=certificate_numbers(people.id18[other]))
    for back, status in ((2400, "有效"), (400, "撤销")):
        person = next(who)
        issued(person, back=back, status=status)
        shown(person)
    person = next(who)
    issued(person, high)
    shown(person)
    person = next(who)
    issued(person)
    shown(person, host=str(rng.choice(FALSE_HOSTS)))

    person = next(who)
    old, new = issued(person, back=2600), issued(person, back=300)
    for row, a, b in zip(shown(person).tolist(), old.tolist(), new.tolist(), strict=True):
        facts = [("work_certificates", row), ("certificate_registry", a), ("certificate_registry", b)]
        world.trap("M14", "renewed", facts, "旧证到期，已换发新证")
    person = next(who)
    issued(person, back=2191)
    # out of force a few days after it was shown
    person = next(who)
    rows = issued(person, back=2180)
    for row, a in zip(shown(person).tolist(), rows.tolist(), strict=True):
        world.trap(
            "M14", "expired after", [("work_certificates", row), ("certificate_registry", a)], "出示当日仍在有效期内"
        )


def find_certificates(world: World) -> None:
    """M14 by its rule."""
    registry: dict[str, list[dict[str, object]]] = {}
    for row in world.facts.frame("certificate_registry").iter_rows(named=True):
        registry.setdefault(row["certificateNumber"], []).append(row)
    for shown in world.facts.frame("work_certificates").iter_rows(named=True):
        fact: FactRow = ("work_certificates", shown["row"])
        own = registry.get(shown["certificateNumber"], [])
        mine = [r for r in own if r["name"] == shown["name"]]
        valid = [r for r in mine if r["status"] == "有效" and r["validTo"] >= shown["shownOn"]]
        reasons = []
        if not own:
            reasons.append("a 登记簿无此证")
        elif not mine:
            reasons.append("b 登记在他人名下")
        elif not valid:
            reasons.append("c 已失效")
        elif not any(r["workType"] == shown["workType"] for r in valid):
            reasons.append("d 作业类别不符")
        url = shown["queryUrl"] or ""
        false_site = bool(url) and url.split("://")[-1].split("/")[0].split(":")[0] != OFFICIAL
        proof: list[FactRow] = [("certificate_registry", int(str(r["row"]))) for r in (mine or own)]
        if reasons or false_site:
            key = [fact] if false_site else [fact, *proof]
            world.clue("M14", key, [fact, *proof], "；".join([*reasons, *(["e 非官方网址"] if false_site else [])]))


def plant_loans(world: World, ordinary: Ints) -> None:
    """Rings of loans by one broker or one clerk, and rings that are too small or too clean.

    `ordinary` are businesses whose age and owners may be changed for it.
    """
    rng, companies, people = world.random("M15"), world.companies, world.people
    rings = world.some(0.8, 3)
    pool = ordinary[
        np.isin(companies.form[ordinary], ["有限公司", "有限责任公司"]) & (companies.state[ordinary] == "存续")
    ]
    pool = iter(world.reserve(sample(rng, world.free(pool), rings * 26)).tolist())
    adults = rng.permutation(people.adults())
    brokers, actors = iter(rng.permutation(people.professionals()).tolist()), iter(adults.tolist())

    batch = Batch()

    def ring(size: int, suspect: int, broker: int, clerk: int, bank: int) -> slice:
        firms = np.array([next(pool) for _ in range(size)])
        lent = days(rng, np.datetime64("2021-01-01"), np.datetime64("2024-02-28"), size)
        owner = companies.representative[firms].copy()
        bad = np.arange(size) < suspect
        companies.founded[firms] = np.where(bad, plus(lent, -rng.integers(15, 85, size=size)), plus(lent, -1500))
        way = rng.integers(0, 3, size=size)
        short = firms[bad & (way == 0)]
        companies.state[short] = "注销"
        companies.state_date[short] = plus(lent[bad & (way == 0)], rng.integers(60, 350, size=len(short)))
        strangers = bad & (way == 1)
        owner[strangers] = [next(actors) for _ in range(int(strangers.sum()))]
        bought = np.where(bad & (way == 2), plus(lent, -rng.integers(10, 80, size=size)), plus(lent, -2000))
        return batch.add(size, firm=firms, lent=lent, owner=owner, bought=bought, broker=broker, clerk=clerk, bank=bank)

    traps: list[tuple[str, slice, str]] = []
    for n in range(rings):
        clerk, bank = 100 + n % 50, n % len(BANKS)
        ring(int(rng.integers(3, 6)), 5, next(brokers), clerk, bank)
        ring(3, 3, -1, clerk + 1000, (n + 3) % len(BANKS))
        traps.append(("two suspect", ring(3, 2, next(brokers), clerk + 2000, (n + 5) % len(BANKS)), "可疑贷款仅两笔"))
        traps.append(("clean", ring(4, 0, next(brokers), clerk + 3000, (n + 7) % len(BANKS)), "同一中介的正常贷款"))
    traps.append(
        ("one office", _shared_office(world, rng, batch, [next(pool) for _ in range(4)]), "仅同一地址一项异常")
    )
    unit = estate.add(world, batch["owner"], objects(["住宅"] * len(batch)), batch["bought"])
    world.planted_units = np.concatenate([world.planted_units, unit])
    rows = add_loans(
        world,
        batch["firm"] + COMPANY,
        batch["owner"],
        unit,
        batch["lent"],
        batch["broker"],
        batch["bank"],
        batch["clerk"],
    )
    for kind, where, why in traps:
        world.trap("M15", kind, rows_of("mortgage_loans", rows[where][:3].tolist()), why)


def _shared_office(world: World, rng: np.random.Generator, batch: Batch, chosen: list[int]) -> slice:
    """Firms of one office, grown and owned by the borrowers: one sign each, and no more."""
    companies, firms = world.companies, np.array(chosen)
    companies.home[firms] = world.places.add(rng, np.array([OFFICE]))[0]
    lent = days(rng, np.datetime64("2022-01-01"), np.datetime64("2024-02-28"), len(firms))
    companies.founded[firms] = plus(lent, -1800)
    broker = int(pick(rng, world.people.professionals(), 1)[0])
    return batch.add(
        len(firms),
        firm=firms,
        lent=lent,
        owner=companies.representative[firms],
        bought=plus(lent, -2500),
        broker=broker,
        clerk=77,
        bank=1,
    )


def find_loans(world: World) -> None:
    """M15 by its rule."""
    companies, units = world.companies, world.properties
    loans = world.facts.frame("mortgage_loans").sort("lentOn", "row")
    places, homes = world.places, companies.home
    spot: dict[object, set[int]] = {}
    keys = {}
    for firm in set((loans["borrower"] - COMPANY).to_list()):
        keys[firm] = places.key(int(homes[firm]))
        spot.setdefault(keys[firm], set()).add(firm)
    members = set(world.facts.frame("shareholders").select("companyName", "shareholder").iter_rows())
    brokers: dict[int, list[int]] = {}
    clerks: dict[tuple[str, str], list[int]] = {}
    for row in loans.iter_rows(named=True):
        firm, actual, lent = row["borrower"] - COMPANY, row["actualBorrower"], np.datetime64(row["lentOn"])
        since = (lent - companies.founded[firm]).astype(int)
        ended = companies.state[firm] in ("注销", "吊销")
        left = (companies.state_date[firm] - lent).astype(int) if ended else 10**6
        own = (lent - units.registered[row["unit"]]).astype(int)
        signs = [
            since < YOUNG_DAYS,
            0 <= left < SHORT_DAYS,
            len(spot[keys[firm]]) >= ADDRESS_SHARE,
            (row["borrower"], actual) not in members and companies.representative[firm] != actual,
            units.owner[row["unit"]] in (row["borrower"], actual) and 0 <= own < YOUNG_DAYS,
        ]
        if sum(map(bool, signs)) >= MIN_SIGNS:
            if row["broker"] >= 0:
                brokers.setdefault(row["broker"], []).append(row["row"])
            clerks.setdefault((row["bank"], row["clerk"]), []).append(row["row"])
    firm_of = dict(loans.select("row", "borrower").iter_rows())
    for who, rings in (("中介", brokers), ("银行经办人", clerks)):
        for rows in rings.values():
            if len(rows) >= RING:
                firms = [
                    ("companies", firm_of[r] - COMPANY) for r in rows if companies.registered[firm_of[r] - COMPANY]
                ]
                facts = rows_of("mortgage_loans", rows)
                world.clue("M15", facts[:3], [*facts, *firms], f"{who}经手可疑贷款{len(rows)}笔")


def plant_suits(world: World) -> None:
    """Suits settled in days to draw out housing fund, by one plaintiff or one agent; and settlements in good faith."""
    rng = world.random("M17")
    rings = world.some(0.5, 2)
    adults = iter(rng.permutation(world.people.adults()).tolist())
    agents = iter(rng.permutation(world.people.professionals()).tolist())

    batch = Batch()

    def ring(size: int, plaintiffs: int, agent: int, fast: bool = True, closure: str = "调解", delay: int = 0) -> slice:
        filed = days(rng, np.datetime64("2021-01-01"), np.datetime64("2024-09-30"), size)
        own = np.array([next(adults) for _ in range(plaintiffs)])
        judged = plus(filed, rng.integers(3, 15, size=size) if fast else rng.integers(20, 60, size=size))
        return batch.add(
            size,
            filed=filed,
            judged=judged,
            plaintiff=own[np.arange(size) % plaintiffs],
            defendant=np.array([next(adults) for _ in range(size)]),
            agent=agent,
            closure=closure,
            amount=np.round(rng.uniform(1e5, 8e5, size=size), -3),
            taken=plus(judged, rng.integers(2, 80, size=size) + delay),
        )

    traps: list[tuple[str, slice, str]] = []
    for _ in range(rings):
        ring(int(rng.integers(3, 7)), 1, next(agents) if rng.random() < 0.5 else -1)
        size = int(rng.integers(3, 6))
        ring(size, size, next(agents))
        traps.append(("two suits", ring(2, 1, -1), "仅两案"))
        traps.append(("slow", ring(3, 1, -1, fast=False), "非快速调解"))
        traps.append(("judged", ring(3, 1, -1, closure="判决"), "判决结案，非调解"))
        traps.append(("late withdrawal", ring(3, 1, -1, delay=100), "裁判九十日之后提取"))
    rows = add_judgments(
        world,
        cause=np.full(len(batch), "民间借贷纠纷", dtype=object),
        filedOn=batch["filed"],
        judgedOn=batch["judged"],
        plaintiff=batch["plaintiff"],
        defendant=batch["defendant"],
        agent=batch["agent"],
        closure=batch["closure"],
        amount=batch["amount"],
    )
    numbers = objects(world.facts.frame("judgments")["documentNumber"].to_list())[rows]
    add_withdrawals(world, batch["defendant"], batch["taken"], np.full(len(batch), "司法扣划", dtype=object), numbers)
    for kind, where, why in traps:
        world.trap("M17", kind, rows_of("judgments", rows[where][:3].tolist()), why)


def find_suits(world: World) -> None:
    """M17 by its rule."""
    fund = (
        world.facts.frame("housing_fund_withdrawals")
        .filter(pl.col("reason") == "司法扣划")
        .select(
            pl.col("row").alias("withdrawal"),
            pl.col("name").alias("defendant"),
            "withdrawnOn",
            pl.col("judgmentNumber").alias("documentNumber"),
            "amount",
        )
    )
    fast = (
        world.facts.frame("judgments")
        .drop("amount")
        .filter((pl.col("closure") == "调解") & (pl.col("judgedOn") - pl.col("filedOn") <= pl.duration(days=FAST_DAYS)))
        .join(fund, on=["defendant", "documentNumber"])
        .filter(
            (pl.col("withdrawnOn") >= pl.col("judgedOn"))
            & (pl.col("withdrawnOn") - pl.col("judgedOn") <= pl.duration(days=FUND_DAYS))
        )
        .sort("judgedOn", "row")
    )
    found: list[set[int]] = []
    for column in ("plaintiff", "agent"):
        for (who,), group in fast.filter(pl.col(column) >= 0).group_by(column, maintain_order=True):
            suits = list(dict.fromkeys(group["row"].to_list()))
            if len(suits) < RING or any(set(suits) <= one for one in found):
                continue
            if column == "plaintiff":
                found.append(set(suits))
            pair = dict(group.select("row", "withdrawal").reverse().iter_rows())
            key = [fact for s in suits[:3] for fact in (("judgments", s), ("housing_fund_withdrawals", pair[s]))]
            facts = (*rows_of("judgments", suits), *rows_of("housing_fund_withdrawals", group["withdrawal"].to_list()))
            role = "原告" if column == "plaintiff" else "代理人"
            world.clue("M17", key, facts, f"同一{role}{len(suits)}案，提取{group['amount'].sum():.0f}元")
            del who


def plant_wages(world: World) -> None:
    """Workers who could sue and did not; who sued; whose employer is gone; who came yesterday."""
    rng, companies = world.random("M19"), world.companies
    each = world.some(1.2, 4)
    workers = iter(sample(rng, world.people.adults(), each * 6).reshape(6, -1))
    builders = world.reserve(sample(rng, world.free(companies.of_trade(BUILDING)), max(2, each // 2)))
    gone = builders[: max(1, len(builders) // 3)]
    companies.state[gone], companies.state_date[gone] = "注销", np.datetime64("2024-05-20")
    alive = builders[len(gone) :] if len(builders) > len(gone) else world.free(companies.of_trade(BUILDING))
    since = days(rng, np.datetime64("2022-01-01"), np.datetime64("2024-06-30"), each)
    open_ = pick(rng, objects(["未解决", "调解中"]), each)
    proof = np.full(each, True)

    def owed(who: Ints, employer: Ints, status: Strings = open_, evidence: np.ndarray = proof) -> Ints:
        return add_wages(world, who, employer + COMPANY, since, status, evidence)

    def sue(who: Ints, employer: Ints, shift: int) -> None:
        filed = plus(since, shift)
        add_judgments(
            world,
            cause=np.full(each, "追索劳动报酬纠纷", dtype=object),
            filedOn=filed,
            judgedOn=np.minimum(plus(filed, 60), TODAY),
            plaintiff=who,
            defendant=employer + COMPANY,
            agent=np.full(each, -1),
            amount=np.full(each, 20_000.0),
            closure=rng.choice(["判决", "调解", "撤诉"], size=each).astype(object),
        )

    def trap(kind: str, rows: Ints, why: str) -> None:
        for row in rows.tolist():
            world.trap("M19", kind, [("wage_arrears", row)], why)

    owed(next(workers), pick(rng, alive, each))
    # sued once before, over other wages
    who, employer = next(workers), pick(rng, alive, each)
    owed(who, employer)
    sue(who, employer, -500)
    who, employer = next(workers), pick(rng, alive, each)
    trap("sued", owed(who, employer), "劳动者已起诉用人单位")
    sue(who, employer, 200)
    trap("employer gone", owed(next(workers), pick(rng, gone, each)), "用人单位已注销")
    trap(
        "settled",
        owed(next(workers), pick(rng, alive, each), status=np.full(each, "已解决", dtype=object)),
        "欠薪已解决",
    )
    trap("no evidence", owed(next(workers), pick(rng, alive, each), evidence=~proof), "无证据")


def find_wages(world: World) -> None:
    """M19 by its rule."""
    companies = world.companies
    sued: dict[tuple[int, int], list[datetime.date]] = {}
    for who, whom, day in world.facts.frame("judgments").select("plaintiff", "defendant", "filedOn").iter_rows():
        sued.setdefault((who, whom), []).append(day)
    limit = (TODAY - np.timedelta64(ARREARS_DAYS, "D")).astype(object)
    arrears = (
        world.facts.frame("wage_arrears")
        .filter((pl.col("status") != "已解决") & pl.col("hasEvidence") & (pl.col("registeredOn") <= limit))
        .sort("registeredOn", "row")
    )
    for (who, whom), group in arrears.group_by("worker", "employer", maintain_order=True):
        firm = int(str(whom)) - COMPANY
        open_ = [
            row
            for row, since in group.select("row", "owedFrom").iter_rows()
            if not any(day >= since for day in sued.get((int(str(who)), int(str(whom))), []))
        ]
        if open_ and companies.state[firm] != "注销":
            rows = rows_of("wage_arrears", open_)
            proof = [("companies", firm)] if companies.registered[firm] else []
            world.clue("M19", rows[:1], [*rows, *proof], "欠薪有证据而未起诉")
