"""Sentences served, and subsidies paid meanwhile (M03 prisoner-subsidy)."""

from __future__ import annotations

import numpy as np
import polars as pl

from resolution.synthetic.arrays import NO_DATE, Dates, Ints, Strings, days, objects, pick, plus, sample, texts, years
from resolution.synthetic.people import TODAY
from resolution.synthetic.world import World, rows_of

CRIMES = objects("盗窃罪 诈骗罪 故意伤害罪 寻衅滋事罪 贩卖毒品罪 开设赌场罪 合同诈骗罪 非法吸收公众存款罪 交通肇事罪 抢劫罪 "
                 "职务侵占罪 聚众斗殴罪 帮助信息网络犯罪活动罪".split())  # fmt: skip
PRISONS = objects("湘陵监狱 津市监狱 德山监狱 坪塘监狱 赤山监狱 湖南省女子监狱".split())
IN_PRISON, CORRECTION, MEDICAL = "监狱服刑", "社区矫正", "暂予监外执行"
GRACE_MONTHS = 1


def serve(world: World, count: int) -> None:
    """Prison terms: mostly men, some twice, some outside prison."""
    rng = world.random("prison")
    people = world.people
    adults = people.adults()
    adults = adults[(people.age(adults) >= 24) & (people.age(adults) <= 72)]
    men, women = adults[~people.female[adults]], adults[people.female[adults]]
    again = int(count * 0.05)
    who = rng.permutation(np.concatenate([
        sample(rng, men, int((count - again) * 0.84)), sample(rng, women, count - again - int((count - again) * 0.84)),
    ]))  # fmt: skip
    start = days(rng, np.datetime64("2016-03-01"), np.datetime64("2024-11-30"), len(who))
    add_terms(world, who, start, np.clip(rng.lognormal(3.2, 0.7, len(who)), 6, 180).astype(np.int64),
              rng.choice([IN_PRISON, CORRECTION, MEDICAL], size=len(who), p=[0.8, 0.14, 0.06]).astype(object))  # fmt: skip
    # the same person, years later
    terms = world.facts.frame("prison_terms").filter(pl.col("releaseDate") < pl.lit(np.datetime64("2022-01-01")))
    second = terms.head(again)
    later = plus(second["releaseDate"].to_numpy(), rng.integers(100, 800, size=len(second)))
    add_terms(world, second["name"].to_numpy(), later, rng.integers(8, 40, size=len(second)),
              np.full(len(second), IN_PRISON, dtype=object))  # fmt: skip


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
        "prison_terms", name=who, crime=pick(rng, CRIMES, count), execution=execution, admissionDate=start, termEnd=end,
        releaseDate=np.where(over & ~unwritten, release, NO_DATE),
        prison=np.where(execution == CORRECTION, None, place),
        judgmentNumber=texts("（", years(start), "）湘06刑初", objects(f"{begin + n:06d}" for n in range(count)), "号"),
    )  # fmt: skip


def find(world: World) -> None:
    """Payments inside a prison term, and those that only come near it."""
    terms = world.facts.frame("prison_terms").select(
        pl.col("row").alias("term"), "name", "execution", pl.col("admissionDate").alias("start"),
        pl.coalesce("releaseDate", "termEnd").alias("end"),
    )  # fmt: skip
    payments = world.facts.frame("subsidy_payments").select(pl.col("row").alias("payment"), "name", "paidOn", "amount")
    pairs = terms.join(payments, on="name").with_columns(
        pl.col("start").dt.truncate("1mo").dt.offset_by(f"{GRACE_MONTHS}mo").alias("from")
    )
    inside = pairs.filter((pl.col("paidOn") >= pl.col("from")) & (pl.col("paidOn") < pl.col("end")))
    found = inside.filter(pl.col("execution") == IN_PRISON).sort("paidOn", "payment")
    for (term,), group in found.group_by("term", maintain_order=True):
        rows = rows_of("subsidy_payments", group["payment"].to_list())
        first = ("prison_terms", int(term))  # type: ignore[call-overload]
        note = f"服刑期间领取{len(group)}笔，共{group['amount'].sum():.0f}元"
        world.clue("M03", (first, *rows[:3]), (first, *rows), note)
    guilty = set(found["term"].to_list())
    _traps(world, pairs, inside.filter(pl.col("execution") != IN_PRISON), guilty)
    _namesakes(world, terms, guilty)


def _traps(world: World, pairs: pl.DataFrame, outside: pl.DataFrame, guilty: set[int]) -> None:
    limit = world.some(8, 20)
    for (term, execution), group in outside.sort("paidOn").group_by("term", "execution", maintain_order=True):
        rows = rows_of("subsidy_payments", group["payment"].to_list()[:3])
        world.trap("M03", str(execution), (("prison_terms", int(term)), *rows), f"{execution}期间领取，不在监狱")  # type: ignore[call-overload]
    near = {
        "month of admission": (
            (pl.col("paidOn") < pl.col("from")) & (pl.col("paidOn") >= pl.col("start").dt.truncate("1mo")),
            "收监当月发放，不计",
        ),
        "after release": (
            (pl.col("paidOn") >= pl.col("end")) & (pl.col("paidOn") < pl.col("end").dt.offset_by("3mo")), "刑满释放后发放",
        ),
    }  # fmt: skip
    innocent = pairs.filter((pl.col("execution") == IN_PRISON) & ~pl.col("term").is_in(list(guilty)))
    for kind, (condition, why) in near.items():
        for term, payment in innocent.filter(condition).unique("term", keep="first", maintain_order=True).select(
            "term", "payment"
        ).head(limit).iter_rows():  # fmt: skip
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
        world.trap("M03", "namesake", (("prison_terms", int(term)), *rows), "同名不同人")  # type: ignore[call-overload]
