"""Allowances that go on while the beneficiary sits in prison (M03 prisoner-subsidy)."""

from __future__ import annotations

import datetime

import numpy as np
import polars as pl

from resolution.synthetic.arrays import Ints, Strings, plus
from resolution.synthetic.people import TODAY
from resolution.synthetic.prison import IN_PRISON
from resolution.synthetic.welfare import MINIMUM, PENSION, Streams
from resolution.synthetic.world import World, rows_of

GRACE_MONTHS = 1


def plant(world: World, streams: Streams) -> None:
    """Prisoners whose allowance goes on (M03), and those near it: outside prison, before, after."""
    rng = world.random("M03")
    terms = world.facts.frame("prison_terms").filter(
        pl.col("admissionDate") > datetime.date(2020, 6, 1),
        pl.col("admissionDate") < datetime.date(2024, 6, 1),
    )
    terms = terms[rng.permutation(len(terms)).tolist()].unique("name", keep="first", maintain_order=True)
    inside = terms.filter(pl.col("execution") == IN_PRISON)
    outside = terms.filter(pl.col("execution") != IN_PRISON)
    # whoever is paid must be alive and of age for it
    positives = inside.head(world.some(9, 22))
    near = inside.slice(len(positives), world.some(6, 16))
    free = outside.head(world.some(4, 10))

    start = positives["admissionDate"].to_numpy()
    who = positives["name"].to_numpy()
    lead = rng.integers(0, 7, size=len(who))
    sat = (positives["termEnd"].to_numpy() - start).astype(np.int64) // 30
    first = (start.astype("datetime64[M]") - lead.astype("timedelta64[M]")).astype("datetime64[D]")
    months = lead + 1 + np.minimum(rng.integers(2, 14, size=len(who)), np.maximum(sat - 2, 2))
    streams.add(who, _types(world, rng, who), first, months)

    start, who = near["admissionDate"].to_numpy(), near["name"].to_numpy()
    end = near.select(pl.coalesce("releaseDate", "termEnd"))["releaseDate"].to_numpy()
    before = rng.random(len(who)) < 0.6
    lead = rng.integers(2, 9, size=len(who))
    # the last payment falls into the month of admission
    until = (start.astype("datetime64[M]") - lead.astype("timedelta64[M]")).astype("datetime64[D]")
    after = plus(end, 31)
    streams.add(who[before], _types(world, rng, who[before]), until[before], lead[before] + 1)
    done = ~before & (after < TODAY)
    streams.add(who[done], _types(world, rng, who[done]), after[done], rng.integers(2, 8, size=int(done.sum())))

    start, who = free["admissionDate"].to_numpy(), free["name"].to_numpy()
    streams.add(who, _types(world, rng, who), plus(start, 40), rng.integers(3, 9, size=len(who)))
    _namesakes_paid(world, streams, inside.slice(0, 10_000), rng)


def _namesakes_paid(world: World, streams: Streams, inside: pl.DataFrame, rng: np.random.Generator) -> None:
    """People who share name and, some of them, birth year with a prisoner go on being paid."""
    people = world.people
    prisoners = inside["name"].to_numpy()
    sat = set(world.facts.frame("prison_terms")["name"].to_list())
    adults = people.adults()
    by_name: dict[str, list[int]] = {}
    wanted = set(people.name[prisoners].tolist())
    for person, name in zip(adults.tolist(), people.name[adults].tolist(), strict=True):
        if name in wanted and person not in sat:
            by_name.setdefault(name, []).append(person)
    pairs = [
        (by_name[name][0], start)
        for name, start in zip(people.name[prisoners].tolist(), inside["admissionDate"].to_numpy(), strict=True)
        if name in by_name
    ][: world.some(5, 12)]
    if pairs:
        who = np.array([person for person, _ in pairs])
        first = plus(np.array([start for _, start in pairs], dtype="datetime64[D]"), 70)
        streams.add(who, _types(world, rng, who), first, rng.integers(4, 10, size=len(who)))


def _types(world: World, rng: np.random.Generator, who: Ints) -> Strings:
    age = world.people.age(who)
    return np.where(age >= 62, np.where(rng.random(len(who)) < 0.75, PENSION, MINIMUM), MINIMUM).astype(object)


def find(world: World) -> None:
    """Payments inside a prison term, and those that only come near it."""
    terms = world.facts.frame("prison_terms").select(
        pl.col("row").alias("term"),
        "name",
        "execution",
        pl.col("admissionDate").alias("start"),
        pl.coalesce("releaseDate", "termEnd").alias("end"),
    )
    payments = world.facts.frame("subsidy_payments").select(pl.col("row").alias("payment"), "name", "paidOn", "amount")
    pairs = terms.join(payments, on="name").with_columns(
        pl.col("start").dt.truncate("1mo").dt.offset_by(f"{GRACE_MONTHS}mo").alias("from")
    )
    inside = pairs.filter((pl.col("paidOn") >= pl.col("from")) & (pl.col("paidOn") < pl.col("end")))
    found = inside.filter(pl.col("execution") == IN_PRISON).sort("paidOn", "payment")
    for (term,), group in found.group_by("term", maintain_order=True):
        rows = rows_of("subsidy_payments", group["payment"].to_list())
        first = ("prison_terms", int(term))
        note = f"服刑期间领取{len(group)}笔，共{group['amount'].sum():.0f}元"
        world.clue("M03", (first, *rows[:3]), (first, *rows), note)
    guilty = set(found["term"].to_list())
    _traps(world, pairs, inside.filter(pl.col("execution") != IN_PRISON), guilty)
    _namesakes(world, terms, guilty)


def _traps(world: World, pairs: pl.DataFrame, outside: pl.DataFrame, guilty: set[int]) -> None:
    limit = world.some(8, 20)
    for (term, execution), group in outside.sort("paidOn").group_by("term", "execution", maintain_order=True):
        rows = rows_of("subsidy_payments", group["payment"].to_list()[:3])
        world.trap("M03", str(execution), (("prison_terms", int(term)), *rows), f"{execution}期间领取，不在监狱")
    near = {
        "month of admission": (
            (pl.col("paidOn") < pl.col("from")) & (pl.col("paidOn") >= pl.col("start").dt.truncate("1mo")),
            "收监当月发放，不计",
        ),
        "after release": (
            (pl.col("paidOn") >= pl.col("end")) & (pl.col("paidOn") < pl.col("end").dt.offset_by("3mo")),
            "刑满释放后发放",
        ),
    }
    innocent = pairs.filter((pl.col("execution") == IN_PRISON) & ~pl.col("term").is_in(list(guilty)))
    for kind, (condition, why) in near.items():
        for term, payment in (
            innocent.filter(condition)
            .unique("term", keep="first", maintain_order=True)
            .select("term", "payment")
            .head(limit)
            .iter_rows()
        ):
            world.trap("M03", kind, (("prison_terms", term), ("subsidy_payments", payment)), why)


def _namesakes(world: World, terms: pl.DataFrame, guilty: set[int]) -> None:
    """Somebody of the prisoner's name was paid while the prisoner sat."""
    called = world.people.name
    payments = world.facts.frame("subsidy_payments").select(pl.col("row").alias("payment"), "name", "paidOn")
    paid = payments.with_columns(pl.Series("called", called[payments["name"].to_numpy()].tolist()))
    sat = terms.filter(pl.col("execution") == IN_PRISON)
    sat = sat.with_columns(pl.Series("called", called[sat["name"].to_numpy()].tolist()))
    pairs = (
        sat.join(paid, on="called", suffix="_paid")
        .filter(
            pl.col("name") != pl.col("name_paid"),
            pl.col("paidOn") > pl.col("start").dt.offset_by("2mo"),
            pl.col("paidOn") < pl.col("end"),
            ~pl.col("term").is_in(list(guilty)),
        )
        .sort("term", "paidOn")
    )
    for (term, _), group in list(pairs.group_by("term", "name_paid", maintain_order=True))[: world.some(8, 20)]:
        rows = rows_of("subsidy_payments", group["payment"].to_list()[:3])
        world.trap("M03", "namesake", (("prison_terms", int(term)), *rows), "同名不同人")
