"""Sentences served, and subsidies paid meanwhile (M03 prisoner-subsidy)."""

from __future__ import annotations

import numpy as np
import polars as pl

from resolution.synthetic.arrays import (
    NO_DATE,
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
from resolution.synthetic.people import TODAY
from resolution.synthetic.world import World

CRIMES = objects(
    [
        "盗窃罪",
        "诈骗罪",
        "故意伤害罪",
        "寻衅滋事罪",
        "贩卖毒品罪",
        "开设赌场罪",
        "合同诈骗罪",
        "非法吸收公众存款罪",
        "交通肇事罪",
        "抢劫罪",
        "职务侵占罪",
        "聚众斗殴罪",
        "帮助信息网络犯罪活动罪",
    ]
)
PRISONS = objects(["湘陵监狱", "津市监狱", "德山监狱", "坪塘监狱", "赤山监狱", "湖南省女子监狱"])
IN_PRISON, CORRECTION, MEDICAL = "监狱服刑", "社区矫正", "暂予监外执行"


def serve(world: World, count: int) -> None:
    """Prison terms: mostly men, some twice, some outside prison."""
    rng = world.random("prison")
    people = world.people
    adults = people.adults()
    adults = adults[(people.age(adults) >= 24) & (people.age(adults) <= 72)]
    men, women = adults[~people.female[adults]], adults[people.female[adults]]
    again = int(count * 0.05)
    who = rng.permutation(
        np.concatenate(
            [
                sample(rng, men, int((count - again) * 0.84)),
                sample(rng, women, count - again - int((count - again) * 0.84)),
            ]
        )
    )
    start = days(rng, np.datetime64("2016-03-01"), np.datetime64("2024-11-30"), len(who))
    add_terms(
        world,
        who,
        start,
        np.clip(rng.lognormal(3.2, 0.7, len(who)), 6, 180).astype(np.int64),
        rng.choice([IN_PRISON, CORRECTION, MEDICAL], size=len(who), p=[0.8, 0.14, 0.06]).astype(object),
    )
    # the same person, years later
    terms = world.facts.frame("prison_terms").filter(pl.col("releaseDate") < pl.lit(np.datetime64("2022-01-01")))
    second = terms.head(again)
    later = plus(second["releaseDate"].to_numpy(), rng.integers(100, 800, size=len(second)))
    add_terms(
        world,
        second["name"].to_numpy(),
        later,
        rng.integers(8, 40, size=len(second)),
        np.full(len(second), IN_PRISON, dtype=object),
    )


def add_terms(world: World, who: Ints, start: Dates, months: Ints, execution: Strings) -> Ints:
    """Rows of prison_terms; those that end before the world's last day are mostly released a little early."""
    begin = world.facts.size("prison_terms")
    rng = world.random("terms", str(begin))
    count = len(who)
    end = plus(start, (months * 30.4).astype(np.int64) - 1)
    # released on the last day, or after a commutation
    early = np.where(rng.random(count) < 0.4, rng.random(count) * 0.2, 0.0)
    release = plus(start, ((end - start).astype(np.int64) * (1 - early)).astype(np.int64))
    over = release <= TODAY
    unwritten = over & (early == 0) & (rng.random(count) < 0.08)
    place = np.where(world.people.female[who], PRISONS[-1], pick(rng, PRISONS[:-1], count))
    return world.facts.add(
        "prison_terms",
        name=who,
        crime=pick(rng, CRIMES, count),
        execution=execution,
        admissionDate=start,
        termEnd=end,
        releaseDate=np.where(over & ~unwritten, release, NO_DATE),
        prison=either(execution == CORRECTION, None, place),
        judgmentNumber=texts("（", years(start), "）湘06刑初", objects(f"{begin + n:06d}" for n in range(count)), "号"),
    )


def commute(world: World, count: int) -> None:
    """Commutations granted by the book to people in prison."""
    rng = world.random("commutations")
    terms = (
        world.facts.frame("prison_terms")
        .filter(
            (pl.col("execution") == "监狱服刑")
            & (pl.col("termEnd") - pl.col("admissionDate") > pl.duration(days=900))
            & (pl.col("admissionDate") < pl.lit(np.datetime64("2023-01-01")))
        )
        .unique("name", keep="first", maintain_order=True)
    )
    terms = terms[sample(rng, np.arange(len(terms)), count).tolist()]
    latest = np.minimum(terms.select(pl.coalesce("releaseDate", "termEnd"))["releaseDate"].to_numpy(), TODAY)
    first = plus(terms["admissionDate"].to_numpy(), 500)
    add_commutations(world, terms["name"].to_numpy(), days(rng, first, np.maximum(first, latest), len(terms)))
    missing = min(count - len(terms), len(terms) // 8)
    if missing > 0:
        # the terms of some began before the register of terms does
        men = world.people.adults()
        men = men[~world.people.female[men] & ~np.isin(men, world.facts.parties("prison_terms", "name"))]
        who = sample(rng, men, missing)
        add_commutations(world, who, days(rng, np.datetime64("2018-06-01"), np.datetime64("2024-12-01"), len(who)))


def add_commutations(world: World, who: Ints, ruled: Dates, **given: np.ndarray) -> Ints:
    """Rows of commutations, regular but for what is given; returns the row numbers."""
    rng = world.random("commutation", str(world.facts.size("commutations")))
    count = len(who)
    until = plus(ruled, -rng.integers(40, 70, size=count))
    fine = rng.choice([0.0, 5000, 10_000, 20_000, 50_000], size=count, p=[0.3, 0.2, 0.25, 0.15, 0.1])
    columns: dict[str, object] = {
        "months": rng.integers(3, 10, size=count),
        "rewards": rng.integers(3, 8, size=count),
        "violations": np.zeros(count, dtype=np.int64),
        "propertyPenalty": fine,
        "performed": np.round(fine * rng.choice([1.0, 0.8, 0.6], size=count)),
        "monthlySpending": np.round(rng.uniform(80, 420, size=count)),
    }
    return world.facts.add(
        "commutations",
        name=who,
        rulingDate=np.minimum(ruled, TODAY),
        assessedTo=until,
        assessedFrom=plus(until, -rng.integers(420, 700, size=count)),
        **{**columns, **given},
    )
