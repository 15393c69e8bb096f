"""Sentences shortened against the rules (M05 commutation)."""

from __future__ import annotations

import numpy as np
import polars as pl

from resolution.synthetic.arrays import days, plus, sample
from resolution.synthetic.people import TODAY
from resolution.synthetic.prison import add_commutations
from resolution.synthetic.world import FactRow, World

PERFORMED_RATIO, SPENDING, MAX_MONTHS, MIN_REWARDS, MIN_GAP = 0.5, 500, 9, 2, 12


def plant(world: World) -> None:
    """One commutation of each fault and of each near miss."""
    rng = world.random("M05")
    each = world.some(1, 3)
    prisoners = world.facts.frame("prison_terms").filter(pl.col("execution") == "监狱服刑")
    terms = prisoners.filter(
        (pl.col("termEnd") > pl.lit(np.datetime64("2024-12-31")))
        & (pl.col("admissionDate") < pl.lit(np.datetime64("2021-06-01")))
    )
    pool = terms["name"].unique(maintain_order=True).to_numpy()
    if len(pool) < each * 10:
        others = np.setdiff1d(prisoners["name"].to_numpy(), pool)
        pool = np.concatenate([pool, sample(rng, others, min(len(others), each * 10 - len(pool)))])
    if len(pool) < each * 10:
        men = world.people.adults()
        pool = np.concatenate(
            [pool, sample(rng, np.setdiff1d(men[~world.people.female[men]], pool), each * 10 - len(pool))]
        )
    who = iter(rng.permutation(pool)[: each * 10].reshape(10, -1))

    def ruled(count: int = each) -> np.ndarray:
        return days(rng, np.datetime64("2022-08-01"), np.datetime64("2024-10-31"), count)

    def amount(value: float) -> np.ndarray:
        return np.full(each, value)

    rich = {"propertyPenalty": amount(50_000), "performed": amount(5_000), "monthlySpending": amount(760)}
    add_commutations(world, next(who), ruled(), **rich)
    add_commutations(world, next(who), ruled(), violations=rng.integers(1, 4, size=each))
    add_commutations(world, next(who), ruled(), months=rng.integers(10, 15, size=each))
    add_commutations(world, next(who), ruled(), rewards=rng.integers(0, 2, size=each))
    people, first = next(who), ruled()
    add_commutations(world, people, plus(first, -250))
    add_commutations(world, people, first)

    near = {
        "spends little": {
            "propertyPenalty": amount(50_000),
            "performed": amount(5_000),
            "monthlySpending": amount(495),
        },
        "half performed": {
            "propertyPenalty": amount(50_000),
            "performed": amount(25_000),
            "monthlySpending": amount(800),
        },
        "at the limits": {"months": np.full(each, 9), "rewards": np.full(each, 2)},
    }
    whys = {
        "spends little": "月均消费未达标准",
        "half performed": "财产性判项已履行一半",
        "at the limits": "减刑月数与表扬次数均在限内",
    }
    for kind, given in near.items():
        for row in add_commutations(world, next(who), ruled(), **given).tolist():
            world.trap("M05", kind, [("commutations", row)], whys[kind])
    people, first = next(who), days(rng, np.datetime64("2022-01-05"), np.datetime64("2023-09-20"), each)
    one = add_commutations(world, people, first)
    later = add_commutations(world, people, plus(first, 372))
    for a, b in zip(one.tolist(), later.tolist(), strict=True):
        world.trap("M05", "a year apart", [("commutations", a), ("commutations", b)], "两次减刑间隔满十二个月")
    _namesakes(world, each)


def _namesakes(world: World, count: int) -> None:
    """Two prisoners of one name whose rulings lie close together."""
    people = world.people
    rng = world.random("M05 namesakes")
    taken = set(world.facts.frame("commutations")["name"].to_list())
    adults = people.adults()
    adults = adults[~people.female[adults] & ~np.isin(adults, list(taken))]
    pairs = people.namesakes(rng, adults, count)
    if not pairs:
        return
    day = days(rng, np.datetime64("2022-08-01"), np.datetime64("2024-06-30"), len(pairs))
    one = add_commutations(world, np.array([a for a, _ in pairs]), day)
    two = add_commutations(world, np.array([b for _, b in pairs]), plus(day, 120))
    for a, b in zip(one.tolist(), two.tolist(), strict=True):
        world.trap("M05", "namesake", [("commutations", a), ("commutations", b)], "同名不同人，各减刑一次")


def find(world: World) -> None:
    """M05 by its rule."""
    frame = (
        world.facts.frame("commutations")
        .sort("rulingDate", "row")
        .with_columns(
            pl.col("rulingDate").shift(1).over("name").alias("before"),
            pl.col("row").shift(1).over("name").alias("earlier"),
        )
    )
    assert frame["rulingDate"].max() <= TODAY.astype(object)
    for row in frame.iter_rows(named=True):
        able = (
            row["propertyPenalty"] > 0
            and row["performed"] < PERFORMED_RATIO * row["propertyPenalty"]
            and row["monthlySpending"] >= SPENDING
        )
        reasons = [
            *(["a 有能力不履行财产性判项"] if able else []),
            *(["b 考核期内违规"] if row["violations"] >= 1 else []),
            *(["c 减刑幅度超限"] if row["months"] > MAX_MONTHS else []),
            *(["d 表扬不足"] if row["rewards"] < MIN_REWARDS else []),
        ]
        key: list[FactRow] = [("commutations", row["row"])]
        facts = list(key)
        if row["before"] is not None and row["rulingDate"] < _months_later(row["before"], MIN_GAP):
            facts.append(("commutations", row["earlier"]))
            key = key if reasons else list(facts)
            reasons.append("e 间隔不足十二个月")
        if reasons:
            world.clue("M05", key, facts, "；".join(reasons))


def _months_later(day: object, months: int) -> object:
    return pl.Series([day]).dt.offset_by(f"{months}mo")[0]
