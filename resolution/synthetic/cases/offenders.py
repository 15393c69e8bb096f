"""Convicted staff, offenders under correction, proceeds not sought, cases not handed over (M11, M12, M20, M21)."""

from __future__ import annotations

import datetime

import numpy as np
import polars as pl

from resolution.synthetic.arrays import Dates, Ints, Strings, days, objects, pick, plus, sample
from resolution.synthetic.facts import COMPANY
from resolution.synthetic.offences import (
    ACTIONS,
    EXPLOSIVES,
    MONEY_FIELDS,
    OTHER_CRIMES,
    PROPERTY_CRIMES,
    add_cases,
    add_corrections,
    add_penalties,
)
from resolution.synthetic.people import TODAY
from resolution.synthetic.world import FactRow, World, rows_of

DANGEROUS = ("爆炸物", "枪支", "弹药", "烟花爆竹")
GREEDY = ("诈骗", "盗窃", "侵占", "非法吸收", "集资", "职务", "贪污", "受贿")
CRIMINAL_AMOUNT, BEFORE_DAYS, AFTER_DAYS, REVERSE_DAYS = 50_000, 30, 180, 90


def _tried(count: int) -> Strings:
    return np.full(count, "起诉", dtype=object)


def plant_staff(world: World) -> None:
    """Staff who were convicted: disciplined or not, gone or not, or only of the same name."""
    rng = world.random("M11")
    each = world.some(1.5, 5)
    staff = world.facts.frame("public_employees").filter(
        (pl.col("status") == "在编") & (pl.col("enteredOn") < datetime.date(2019, 1, 1))
    )
    gone = world.facts.frame("public_employees").filter(
        (pl.col("status") == "离编") & (pl.col("enteredOn") < datetime.date(2018, 1, 1))
    )
    staff = staff[sample(rng, np.arange(len(staff)), each * 5).tolist()]
    groups = [staff[n * each : (n + 1) * each] for n in range(5)]

    def charge(group: pl.DataFrame, outcome: Strings) -> tuple[Ints, Dates]:
        count = len(group)
        accepted = days(rng, np.datetime64("2019-06-01"), np.datetime64("2024-08-31"), count)
        crime = pick(rng, np.concatenate([OTHER_CRIMES, PROPERTY_CRIMES]), count)
        guilty = np.where(outcome == "起诉", "有罪", "").astype(object)
        guilty[guilty == ""] = None
        return add_cases(world, group["name"].to_numpy(), crime, accepted, outcome, guilty), accepted

    charge(groups[0], _tried(len(groups[0])))
    charge(groups[1].head(max(1, each // 2)), np.full(max(1, each // 2), "相对不起诉", dtype=object)[: len(groups[1])])
    # disciplined before the case came in, and not since
    rows, accepted = charge(groups[2].head(max(1, each // 2)), _tried(len(groups[2].head(max(1, each // 2)))))
    _discipline(world, groups[2].head(len(rows)), plus(accepted, -rng.integers(60, 400, size=len(rows))))

    rows, accepted = charge(groups[3], _tried(len(groups[3])))
    _discipline(world, groups[3], plus(accepted, rng.integers(0, 200, size=len(rows))))
    _traps(world, "M11", "disciplined", rows, groups[3], "受理后已处分")
    rows, _ = charge(groups[4], np.full(len(groups[4]), "存疑不起诉", dtype=object))
    _traps(world, "M11", "not prosecuted for doubt", rows, groups[4], "存疑不起诉，不属涉刑")
    left = gone.head(each)
    rows, _ = charge(left, _tried(len(left)))
    _traps(world, "M11", "left", rows, left, "已离编")
    _namesakes(world, rng, each)


def _discipline(world: World, group: pl.DataFrame, day: Dates) -> None:
    rng = world.random("measures", str(world.facts.size("disciplinary_actions")))
    world.facts.add(
        "disciplinary_actions",
        name=group["name"].to_numpy(),
        employer=objects(group["employer"].to_list()),
        action=pick(rng, ACTIONS, len(group)),
        decidedOn=np.minimum(day, TODAY),
    )


def _traps(world: World, model: str, kind: str, rows: Ints, group: pl.DataFrame, why: str) -> None:
    for row, other in zip(rows.tolist(), group["row"].to_list(), strict=True):
        world.trap(model, kind, [("criminal_cases", row), ("public_employees", other)], why)


def _namesakes(world: World, rng: np.random.Generator, count: int) -> None:
    people = world.people
    staff = world.facts.frame("public_employees").filter(pl.col("status") == "在编")
    on_payroll = set(staff["name"].to_list())
    by_name: dict[str, int] = {}
    for row, person in staff.select("row", "name").iter_rows():
        by_name.setdefault(people.name[person], row)
    adults = rng.permutation(people.adults()).tolist()
    pairs = [(p, by_name[people.name[p]]) for p in adults if people.name[p] in by_name and p not in on_payroll][:count]
    if pairs:
        who = np.array([p for p, _ in pairs])
        accepted = days(rng, np.datetime64("2020-06-01"), np.datetime64("2024-08-31"), len(who))
        rows = add_cases(
            world,
            who,
            pick(rng, OTHER_CRIMES, len(who)),
            accepted,
            _tried(len(who)),
            np.full(len(who), "有罪", dtype=object),
        )
        for row, (_, other) in zip(rows.tolist(), pairs, strict=True):
            world.trap(
                "M11", "namesake", [("criminal_cases", row), ("public_employees", other)], "与在编人员同名，并非一人"
            )


def find_staff(world: World) -> None:
    """M11 by its rule."""
    cases = (
        world.facts.frame("criminal_cases")
        .with_columns(
            pl.when(pl.col("verdict") == "有罪")
            .then(pl.col("judgedOn"))
            .when(pl.col("outcome") == "相对不起诉")
            .then(pl.col("decidedOn"))
            .alias("day")
        )
        .filter(pl.col("day").is_not_null())
        .select("row", "suspect", "acceptedOn", "day")
    )
    staff = world.facts.frame("public_employees").select(
        pl.col("row").alias("post"), pl.col("name").alias("suspect"), "enteredOn", "status", "leftOn", "system"
    )
    actions = (
        world.facts.frame("disciplinary_actions")
        .group_by(pl.col("name").alias("suspect"))
        .agg(pl.col("decidedOn").max().alias("latest"))
    )
    hits = (
        cases.join(staff, on="suspect")
        .join(actions, on="suspect", how="left")
        .filter(
            pl.col("enteredOn") <= pl.col("day"),
            (pl.col("status") == "在编") | (pl.col("leftOn") > TODAY.astype(object)),
            pl.col("latest").is_null() | (pl.col("latest") < pl.col("acceptedOn")),
        )
        .sort("row")
    )
    for row in hits.iter_rows(named=True):
        facts: list[FactRow] = [("criminal_cases", row["row"]), ("public_employees", row["post"])]
        world.clue("M11", facts, facts, f"{row['system']}系统，受理后无处分")


def plant_corrections(world: World) -> None:
    """People under correction for explosives who offend again, in time or not."""
    rng, people = world.random("M12"), world.people
    each = world.some(0.8, 3)
    taken = np.concatenate([world.facts.parties(d, "name") for d in ("prison_terms", "community_corrections")])
    adults = people.adults()
    who = iter(sample(rng, adults[~np.isin(adults, taken)], each * 5).reshape(5, -1))
    start = days(rng, np.datetime64("2021-03-01"), np.datetime64("2023-06-30"), each)
    length = np.full(each, 500)
    brawls, subject = objects(["殴打他人", "赌博", "非法携带管制器具"]), np.full(each, "治安", dtype=object)

    def correct(chosen: Ints, crime: Strings = EXPLOSIVES) -> Ints:
        return add_corrections(world, chosen, start, length, pick(rng, crime, each))

    def fined(chosen: Ints, shift: Ints) -> Ints:
        return add_penalties(world, chosen, subject, np.minimum(plus(start, shift), TODAY), pick(rng, brawls, each))

    one = next(who)
    correct(one)
    fined(one, rng.integers(20, 480, size=each))
    one = next(who)
    correct(one)
    add_cases(world, one, pick(rng, OTHER_CRIMES, each), plus(start, rng.integers(30, 450, size=each)), _tried(each))
    for kind, crime, shift, why in (
        ("after the term", EXPLOSIVES, 530, "矫正期满后的处罚"),
        ("before the term", EXPLOSIVES, -40, "矫正开始前的处罚"),
        ("other crime", OTHER_CRIMES, 200, "罪名不涉枪爆"),
    ):
        one = next(who)
        rows, later = correct(one, crime), fined(one, np.full(each, shift))
        for a, b in zip(rows.tolist(), later.tolist(), strict=True):
            world.trap("M12", kind, [("community_corrections", a), ("admin_penalties", b)], why)


def find_corrections(world: World) -> None:
    """M12 by its rule."""
    frame = world.facts.frame("community_corrections").filter(
        pl.any_horizontal(*(pl.col("crime").str.contains(w, literal=True) for w in DANGEROUS))
    )
    later: dict[int, list[tuple[datetime.date, FactRow]]] = {}
    for who, day, row in world.facts.frame("admin_penalties").select("party", "penalisedOn", "row").iter_rows():
        later.setdefault(who, []).append((day, ("admin_penalties", row)))
    for who, day, row in world.facts.frame("criminal_cases").select("suspect", "acceptedOn", "row").iter_rows():
        later.setdefault(who, []).append((day, ("criminal_cases", row)))
    for row, who, start, end in frame.select("row", "name", "startsOn", "endsOn").iter_rows():
        hits = [fact for day, fact in sorted(later.get(who, [])) if start <= day <= end]
        if hits:
            first: FactRow = ("community_corrections", row)
            world.clue("M12", [first, *hits[:3]], [first, *hits], f"矫正期内再违法{len(hits)}次")


def plant_proceeds(world: World) -> None:
    """Convicts who own something while what they took is out; and such as own nothing, or gave it back."""
    rng, units, companies = world.random("M20"), world.properties, world.companies
    each = world.some(1, 3)
    owners = np.unique(units.owner[units.owner < COMPANY])
    charged = world.facts.parties("criminal_cases", "suspect")
    staff = world.facts.parties("public_employees", "name")
    free = rng.permutation(owners[~np.isin(owners, np.concatenate([charged, staff]))])
    groups = iter(free[: each * 5].reshape(5, -1))
    day = days(rng, np.datetime64("2020-01-01"), np.datetime64("2024-06-30"), each)
    taken = np.round(rng.lognormal(11.3, 0.8, size=each), -3) + 1000
    guilty, no, yes = (
        np.full(each, "有罪", dtype=object),
        np.full(each, False, dtype=object),
        np.full(each, True, dtype=object),
    )

    def convict(who: Ints, recovered: np.ndarray, started: Strings, crime: Strings = PROPERTY_CRIMES) -> Ints:
        return add_cases(
            world,
            who,
            pick(rng, crime, len(who)),
            day[: len(who)],
            _tried(len(who)),
            guilty[: len(who)],
            taken[: len(who)],
            recovered[: len(who)],
            started[: len(who)],
        )

    convict(next(groups), np.zeros(each), no)
    convict(next(groups), np.full(each, np.nan), np.full(each, None, dtype=object))
    shops = companies.of_trade(0)
    keepers = companies.representative[shops[companies.kind[shops] == "个体工商户"]]
    keepers = sample(rng, np.unique(keepers[~np.isin(keepers, np.concatenate([charged, owners]))]), each)
    convict(keepers, taken * 0.3, no)
    for kind, recovered, started, crime, why in (
        ("recovered", taken, no, PROPERTY_CRIMES, "已全额追缴"),
        ("under way", np.zeros(each), yes, PROPERTY_CRIMES, "已开展追赃挽损"),
        ("other crime", np.zeros(each), no, OTHER_CRIMES, "罪名不属侵财类"),
    ):
        for row in convict(next(groups), recovered, started, crime).tolist():
            world.trap("M20", kind, [("criminal_cases", row)], why)


def find_proceeds(world: World) -> None:
    """M20 by its rule."""
    companies = world.companies
    owned: dict[int, list[FactRow]] = {}
    for row, who in world.facts.frame("real_estate").select("row", "owner").iter_rows():
        owned.setdefault(who, []).append(("real_estate", row))
    shares = world.facts.frame("shareholders").filter(pl.col("share") > 0)
    for row, firm, who in shares.select("row", "companyName", "shareholder").iter_rows():
        if companies.state[firm - COMPANY] == "存续":
            owned.setdefault(who, []).append(("shareholders", row))
    own = np.isin(companies.kind, ["个体工商户", "个人独资企业"]) & (companies.state == "存续") & companies.registered
    for firm in np.flatnonzero(own).tolist():
        owned.setdefault(int(companies.representative[firm]), []).append(("companies", firm))
    cases = world.facts.frame("criminal_cases").filter(
        pl.col("verdict") == "有罪",
        pl.any_horizontal(*(pl.col("crime").str.contains(w, literal=True) for w in GREEDY)),
        pl.col("amountInvolved") > pl.col("recovered").fill_null(0),
        pl.col("recoveryStarted").fill_null(False).not_(),
    )
    for row, who, amount, back in cases.select("row", "suspect", "amountInvolved", "recovered").iter_rows():
        if assets := owned.get(who):
            case: FactRow = ("criminal_cases", row)
            world.clue(
                "M20",
                [case, *(assets if len(assets) == 1 else [])],
                [case, *assets],
                f"未追回{amount - (back or 0):.0f}元",
            )


def plant_transfers(world: World) -> None:
    """Penalties that were crimes, and crimes not prosecuted that still deserve a penalty."""
    rng, companies = world.random("M21"), world.companies
    each = world.some(1.2, 4)
    firms = iter(world.reserve(sample(rng, world.free(companies.alive()), each * 4)).reshape(4, -1))
    charged = world.facts.parties("criminal_cases", "suspect")
    adults = world.people.adults()
    people = iter(sample(rng, adults[~np.isin(adults, charged)], each * 6).reshape(6, -1))
    subject = pick(rng, objects(MONEY_FIELDS), each)
    day = days(rng, np.datetime64("2021-01-01"), np.datetime64("2024-08-31"), each)
    large = np.round(rng.uniform(52_000, 400_000, size=each), -3)

    def fined(who: Ints, amount: np.ndarray, when: Dates = day, moved: bool = False) -> Ints:
        return add_penalties(world, who, subject, when, amount=amount, transferred=np.full(each, moved))

    def trap(kind: str, rows: Ints, why: str) -> None:
        for row in rows.tolist():
            world.trap("M21", kind, [("admin_penalties", row)], why)

    fined(next(firms) + COMPANY, large)
    fined(next(people), large)
    fined(next(firms) + COMPANY, np.full(each, 50_000.0))
    trap("below", fined(next(people), np.full(each, 49_900.0)), "涉案金额未达标准")
    trap("transferred", fined(next(firms) + COMPANY, large, moved=True), "已移送公安")
    chief = next(firms)
    trap("chief charged", fined(chief + COMPANY, large), "法定代表人已立案")
    add_cases(
        world,
        companies.representative[chief],
        pick(rng, PROPERTY_CRIMES, each),
        plus(day, rng.integers(5, 150, size=each)),
        _tried(each),
    )
    recent = days(rng, np.datetime64("2024-12-01"), np.datetime64("2025-03-20"), each)
    trap("too recent", fined(next(people), large, recent), "处罚后一百八十日未满")

    spared, proposed = np.full(each, "相对不起诉", dtype=object), np.full(each, True, dtype=object)
    accepted = days(rng, np.datetime64("2021-01-01"), np.datetime64("2024-08-31"), each)
    add_cases(world, next(people), pick(rng, OTHER_CRIMES, each), accepted, spared, proposed=proposed)
    who = next(people)
    rows = add_cases(world, who, pick(rng, OTHER_CRIMES, each), accepted, spared, proposed=proposed)
    decided = world.facts.frame("criminal_cases")["decidedOn"].to_numpy()[rows]
    add_penalties(world, who, np.full(each, "治安", dtype=object), plus(decided, rng.integers(5, 88, size=each)))
    for row in rows.tolist():
        world.trap("M21", "penalised", [("criminal_cases", row)], "九十日内已作出行政处罚")


def find_transfers(world: World) -> None:
    """M21 by its rule, both ways."""
    companies = world.companies
    cases = world.facts.frame("criminal_cases")
    received: dict[int, list[datetime.date]] = {}
    for who, day in cases.select("suspect", "acceptedOn").iter_rows():
        received.setdefault(who, []).append(day)
    penalties = world.facts.frame("admin_penalties")
    today = TODAY.astype(object)
    large = penalties.filter(
        pl.col("field").is_in(list(MONEY_FIELDS)),
        pl.col("amountInvolved") >= CRIMINAL_AMOUNT,
        pl.col("transferredToPolice").not_(),
        pl.col("penalisedOn") + pl.duration(days=AFTER_DAYS) < today,
    )
    for row, who, day, amount in large.select("row", "party", "penalisedOn", "amountInvolved").iter_rows():
        parties = [who] if who < COMPANY else [who, int(companies.representative[who - COMPANY])]
        first, last = day - datetime.timedelta(days=BEFORE_DAYS), day + datetime.timedelta(days=AFTER_DAYS)
        if not any(first <= d <= last for p in parties for d in received.get(p, [])):
            world.clue("M21", [("admin_penalties", row)], [("admin_penalties", row)], f"正向：涉案{amount:.0f}元未移送")
    fined: dict[int, list[datetime.date]] = {}
    for who, day in penalties.select("party", "penalisedOn").iter_rows():
        fined.setdefault(who, []).append(day)
    spared = cases.filter(
        pl.col("outcome") == "相对不起诉",
        pl.col("penaltyProposed"),
        pl.col("decidedOn") + pl.duration(days=REVERSE_DAYS) < today,
    )
    for row, who, day in spared.select("row", "suspect", "decidedOn").iter_rows():
        last = day + datetime.timedelta(days=REVERSE_DAYS)
        if not any(day <= d <= last for d in fined.get(who, [])):
            facts = rows_of("criminal_cases", [row])
            world.clue("M21", facts, facts, "反向：提出处罚意见后九十日内无处罚")
