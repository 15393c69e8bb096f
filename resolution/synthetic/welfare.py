"""Allowances paid month by month, the disability register, deaths, and hospital bills."""

from __future__ import annotations

import numpy as np
import polars as pl

from resolution.synthetic.arrays import NO_DATE, Dates, Ints, Strings, days, objects, pick, plus, sample
from resolution.synthetic.people import TODAY
from resolution.synthetic.places import CITY, DISTRICTS
from resolution.synthetic.world import World

MINIMUM, POOR_DISABLED, SEVERE_DISABLED, OLD_AGE, PENSION = (
    "最低生活保障",
    "困难残疾人生活补贴",
    "重度残疾人护理补贴",
    "高龄津贴",
    "城乡居民养老金",
)
AMOUNTS = {MINIMUM: 650.0, POOR_DISABLED: 100.0, SEVERE_DISABLED: 120.0, OLD_AGE: 100.0, PENSION: 143.0}
HOSPITALS = objects(
    [f"{CITY}第{n}人民医院" for n in "一二三"]
    + [f"{CITY}中医医院", f"{CITY}妇幼保健院"]
    + [f"{CITY}{d}人民医院" for d in DISTRICTS.tolist()]
)


def registers(world: World) -> None:
    """The household register and the registration of deaths."""
    rng, people = world.random("household"), world.people
    who = np.flatnonzero(people.registered)
    dead = ~np.isnat(people.death[who])
    known = dead & (rng.random(len(who)) < 0.94)
    # struck off within days, in the month of death
    month_end = (people.death[who].astype("datetime64[M]") + 1).astype("datetime64[D]") - np.timedelta64(1, "D")
    struck = np.minimum(plus(people.death[who], rng.integers(0, 12, size=len(who))), month_end)
    gone = ~dead & (rng.random(len(who)) < 0.015)
    state = np.where(known, "死亡注销", np.where(gone, "迁出", "正常")).astype(object)
    left = days(rng, np.datetime64("2018-01-01"), TODAY, len(who))
    world.facts.add(
        "household",
        name=who,
        householdNumber=objects(f"H{430600000 + n}" for n in people.household[who].tolist()),
        status=state,
        statusDate=np.where(known, struck, np.where(gone, left, NO_DATE)),
    )
    moved = sample(rng, who[(people.home[who] != people.former_home[who]) & ~dead], len(who) // 150)
    world.facts.add(
        "household",
        name=moved,
        householdNumber=objects(f"H{430900000 + n}" for n in range(len(moved))),
        status=np.full(len(moved), "迁出", dtype=object),
        address=people.former_home[moved],
        statusDate=days(rng, np.datetime64("2015-01-01"), TODAY, len(moved)),
    )
    died = np.flatnonzero(~np.isnat(people.death))
    chosen = sample(rng, died, min(world.target("deaths"), int(len(died) * 0.93)))
    world.facts.add("deaths", name=chosen, deathDate=people.death[chosen], registrar=pick(rng, HOSPITALS, len(chosen)))


def disabled(world: World) -> None:
    """Disability certificates; a few people have an older one that was given up."""
    rng, people = world.random("disabled"), world.people
    age = people.age(np.arange(len(people)))
    who = sample(rng, np.flatnonzero((age >= 8) & people.registered), world.target("disability_register"))
    count = len(who)
    state = rng.choice(["有效", "注销", "迁出", "冻结"], size=count, p=[0.93, 0.03, 0.02, 0.02]).astype(object)
    when = days(rng, np.datetime64("2021-06-01"), np.datetime64("2024-09-30"), count)
    grade = rng.choice(["一级", "二级", "三级", "四级"], size=count, p=[0.22, 0.3, 0.25, 0.23]).astype(object)
    kinds = objects(["视力", "听力", "言语", "肢体", "智力", "精神"])
    kind = rng.integers(0, 6, size=count)
    suffix = objects(f"{k + 1}{'一二三四'.index(g[0]) + 1}" for k, g in zip(kind.tolist(), grade.tolist(), strict=True))
    dead = ~np.isnat(people.death[who])
    state[dead & (state == "有效") & (rng.random(count) < 0.5)] = "注销"
    when = np.where(dead, people.death[who] + np.timedelta64(25, "D"), when)
    world.facts.add(
        "disability_register",
        name=who,
        certificateNumber=people.id18[who] + suffix,
        category=kinds[kind],
        grade=grade,
        status=state,
        statusDate=np.where(state == "有效", NO_DATE, when),
    )


class Streams:
    """Monthly payments being planned; `pay` writes them all."""

    def __init__(self, world: World) -> None:
        self.world = world
        self._parts: list[tuple[Ints, Strings, Dates, Ints]] = []

    def add(self, who: Ints, kind: Strings | str, first: Dates, months: Ints) -> None:
        """People paid for `months` months from the month of `first` on (cut at the last day of the world)."""
        kinds = np.full(len(who), kind, dtype=object) if isinstance(kind, str) else kind
        self._parts.append((np.asarray(who), kinds, first, np.maximum(np.asarray(months), 0)))

    def __len__(self) -> int:
        last = np.datetime64("2025-03")
        return int(
            sum(
                np.minimum(months, np.maximum((last - first.astype("datetime64[M]")).astype(np.int64) + 1, 0)).sum()
                for _, _, first, months in self._parts
            )
        )

    def pay(self) -> None:
        """Write the payments: the same day each month and the same account, an amount by kind and year."""
        world, rng = self.world, self.world.random("payments")
        who = np.concatenate([part[0] for part in self._parts])
        kind = np.concatenate([part[1] for part in self._parts])
        first = np.concatenate([part[2] for part in self._parts]).astype("datetime64[M]")
        months = np.concatenate([part[3] for part in self._parts])
        stream = np.repeat(np.arange(len(who)), months)
        offset = np.arange(len(stream)) - np.repeat(np.cumsum(months) - months, months)
        day_of_month = rng.integers(5, 27, size=len(who))
        month = first[stream] + offset.astype("timedelta64[M]")
        paid = month.astype("datetime64[D]") + (day_of_month[stream] - 1).astype("timedelta64[D]")
        keep = paid <= TODAY
        stream, paid = stream[keep], paid[keep]
        account = objects(
            f"62{17 + n % 3}{rest:012d}" for n, rest in enumerate(rng.integers(0, 10**12, len(who)).tolist())
        )
        base = np.array([AMOUNTS[k] for k in kind.tolist()])
        collector = np.full(len(who), None, dtype=object)
        mates = world.relatives()[who]
        fetched = (mates >= 0) & (rng.random(len(who)) < 0.04)
        collector[fetched] = world.people.name[mates[fetched]]
        world.facts.add(
            "subsidy_payments",
            name=who[stream],
            subsidyType=kind[stream],
            paidOn=paid,
            amount=base[stream] + (years_after(paid) * 10),
            bankAccount=account[stream],
            collector=collector[stream],
        )


def years_after(paid: Dates) -> Ints:
    """Years since 2021, in which the rates were raised."""
    return np.maximum(paid.astype("datetime64[Y]").astype(np.int64) - 51, 0)


def pay_the_rest(world: World, streams: Streams) -> None:
    """Ordinary streams, to people who are alive, at large, and entitled, until the target is reached."""
    rng, people = world.random("streams"), world.people
    sat = np.zeros(len(people), dtype=bool)
    sat[world.facts.parties("prison_terms", "name")] = True
    everyone = np.arange(len(people))
    ok = ~sat & np.isnat(people.death)
    age = people.age(everyone)
    register = world.facts.frame("disability_register").filter(pl.col("status") == "有效")
    valid = register["name"].to_numpy()
    severe = register.filter(pl.col("grade").is_in(["一级", "二级"]))["name"].to_numpy()
    pools = {
        MINIMUM: (everyone[ok & (age >= 20)], 0.27),
        PENSION: (everyone[ok & (age >= 62)], 0.27),
        OLD_AGE: (everyone[ok & (age >= 82)], 0.12),
        POOR_DISABLED: (valid[ok[valid]], 0.2),
        SEVERE_DISABLED: (severe[ok[severe]], 0.14),
    }
    rest = world.target("subsidy_payments") - len(streams)
    for kind, (pool, share) in pools.items():
        want = int(rest * share)
        months = rng.integers(3, 15, size=want // 4 + 20)
        months = months[: int(np.searchsorted(np.cumsum(months), want)) + 1]
        who = pick(rng, pool, len(months)) if len(months) > len(pool) else sample(rng, pool, len(months))
        first = days(rng, np.datetime64("2021-01-01"), np.datetime64("2024-01-31"), len(who))
        streams.add(who, kind, first, months)


def hospital(world: World, count: int) -> None:
    """Hospital and surgery bills of people who are alive and, when in bed, at large."""
    rng, people = world.random("medical"), world.people
    ok = np.ones(len(people), dtype=bool)
    ok[world.facts.parties("prison_terms", "name")] = False
    ok[~np.isnat(people.death)] = False
    who = pick(rng, np.flatnonzero(ok), count)
    stays = rng.random(count) < 0.55
    admitted = days(rng, np.datetime64("2021-01-01"), np.datetime64("2025-02-20"), count)
    add_claims(
        world, who, stays, admitted, np.where(stays, rng.integers(3, 18, size=count), 0), pick(rng, HOSPITALS, count)
    )


def add_claims(world: World, who: Ints, stays: np.ndarray, admitted: Dates, nights: Ints, hospital: Strings) -> Ints:
    """Rows of medical_claims; returns the row numbers."""
    rng = world.random("claims", str(world.facts.size("medical_claims")))
    count = len(who)
    left = plus(admitted, nights)
    money = np.where(stays, rng.lognormal(9.0, 0.7, count), rng.lognormal(5.2, 0.6, count))
    return world.facts.add(
        "medical_claims",
        name=who,
        hospital=hospital,
        visitType=np.where(stays, "住院", "门诊").astype(object),
        admittedOn=admitted,
        dischargedOn=left,
        fundPaid=np.round(money, 2),
        settledOn=np.minimum(plus(left, rng.integers(0, 4, size=count)), TODAY),
    )
