"""Allowances of the dead and of those without a right, bills that cannot be (M09, M16)."""

from __future__ import annotations

import datetime

import numpy as np
import polars as pl

from resolution.synthetic.arrays import Ints, days, objects, pick, plus, sample
from resolution.synthetic.prison import IN_PRISON
from resolution.synthetic.welfare import HOSPITALS, POOR_DISABLED, SEVERE_DISABLED, Streams, add_claims
from resolution.synthetic.world import FactRow, World, rows_of

DISABLED = (POOR_DISABLED, SEVERE_DISABLED)
ENDED = ("注销", "迁出", "冻结")
OVERLAP_DAYS = 1


def plant_allowances(world: World, streams: Streams) -> None:
    """Allowances that outlive their ground, and such as end in time."""
    rng, people = world.random("M09"), world.people
    each = world.some(1.2, 4)
    died = world.facts.frame("deaths").filter(
        pl.col("deathDate").is_between(datetime.date(2021, 6, 1), datetime.date(2024, 9, 30))
    )
    died = died[sample(rng, np.arange(len(died)), each * 2).tolist()]
    who, day = died["name"].to_numpy(), died["deathDate"].to_numpy()
    _certify(world, who, "二级")
    month = day.astype("datetime64[M]").astype("datetime64[D]")
    half = len(who) // 2
    streams.add(who[:half], POOR_DISABLED, plus(month[:half], -95), rng.integers(6, 11, size=half))
    # paid to the month of death
    streams.add(who[half:], POOR_DISABLED, plus(month[half:], -88), np.full(len(who) - half, 4))
    world.notes["M09 dead"] = {"month of death": who[half:].tolist()}

    fresh = np.flatnonzero((people.age(np.arange(len(people))) >= 20) & people.registered & np.isnat(people.death))
    known = world.facts.parties("disability_register", "name")
    sat = world.facts.parties("prison_terms", "name")
    fresh = fresh[~np.isin(fresh, np.concatenate([known, sat]))]
    groups = iter(sample(rng, fresh, each * 6).reshape(6, -1))
    # the certificate ends, the money goes on
    who = next(groups)
    end = days(rng, np.datetime64("2022-01-01"), np.datetime64("2024-06-30"), each)
    _certify(world, who, "二级", pick(rng, objects(ENDED), each), end)
    streams.add(who, POOR_DISABLED, plus(end, -95), rng.integers(6, 11, size=each))
    # the certificate ends, the money in the same month
    who = next(groups)
    _certify(world, who, "二级", pick(rng, objects(ENDED), each), end)
    streams.add(who, POOR_DISABLED, plus(end.astype("datetime64[M]").astype("datetime64[D]"), -88), np.full(each, 4))
    world.notes["M09 ended"] = {"month of end": who.tolist()}
    # a new certificate for the old one
    who = next(groups)
    _certify(world, who, "二级", np.full(each, "注销", dtype=object), end)
    _certify(world, who, "二级", suffix="B1")
    streams.add(who, POOR_DISABLED, plus(end, -60), np.full(each, 8))
    world.notes["M09 renewed"] = {"renewed": who.tolist()}
    # never had one
    streams.add(
        next(groups),
        pick(rng, objects(DISABLED), each),
        days(rng, np.datetime64("2022-01-01"), np.datetime64("2024-03-31"), each),
        rng.integers(4, 10, size=each),
    )
    # not severe
    who = next(groups)
    _certify(world, who, str(rng.choice(["三级", "四级"])))
    streams.add(who, SEVERE_DISABLED, end, rng.integers(4, 9, size=each))
    who = next(groups)
    _certify(world, who, "一级")
    streams.add(who, SEVERE_DISABLED, end, rng.integers(4, 9, size=each))


def _certify(
    world: World,
    who: Ints,
    grade: str,
    status: np.ndarray | None = None,
    day: np.ndarray | None = None,
    suffix: str = "",
) -> None:
    kinds = objects(["视力", "听力", "言语", "肢体", "智力", "精神"])
    kind = (who * 7919) % 6
    last = "一二三四".index(grade[0]) + 1
    world.facts.add(
        "disability_register",
        name=who,
        category=kinds[kind],
        grade=np.full(len(who), grade, dtype=object),
        certificateNumber=objects(
            f"{n}{k + 1}{last}{suffix}" for n, k in zip(world.people.id18[who], kind, strict=True)
        ),
        status=np.full(len(who), "有效", dtype=object) if status is None else status,
        statusDate=np.full(len(who), np.datetime64("NaT", "D")) if day is None else day,
    )


def trap_allowances(world: World) -> None:
    """Write the traps of M09, now that the money is paid."""
    why = {
        "month of death": "死亡当月发放，不计",
        "month of end": "残疾证失效当月发放，不计",
        "renewed": "旧证注销后已换发新证",
    }
    paid = world.facts.frame("subsidy_payments").filter(pl.col("subsidyType").is_in(list(DISABLED))).sort("paidOn")
    last = dict(paid.group_by("name", maintain_order=True).agg(pl.col("row").last()).iter_rows())
    for source, dataset in (
        ("M09 dead", "deaths"),
        ("M09 ended", "disability_register"),
        ("M09 renewed", "disability_register"),
    ):
        rows = dict(world.facts.frame(dataset).select("name", "row").reverse().iter_rows())
        for kind, people in world.notes[source].items():
            for person in people:
                world.trap("M09", kind, [("subsidy_payments", last[person]), (dataset, rows[person])], why[kind])


def find_allowances(world: World) -> None:
    """M09 by its rule."""
    paid = (
        world.facts.frame("subsidy_payments").filter(pl.col("subsidyType").is_in(list(DISABLED))).sort("paidOn", "row")
    )
    deaths: dict[int, list[tuple[datetime.date, FactRow]]] = {}
    for dataset, day, frame in (
        ("deaths", "deathDate", world.facts.frame("deaths")),
        ("household", "statusDate", world.facts.frame("household").filter(pl.col("status") == "死亡注销")),
    ):
        for who, when, row in frame.select("name", day, "row").iter_rows():
            deaths.setdefault(who, []).append((when, (dataset, row)))
    papers: dict[int, list[dict[str, object]]] = {}
    for paper in world.facts.frame("disability_register").iter_rows(named=True):
        papers.setdefault(paper["name"], []).append(paper)
    for (who,), group in paid.group_by("name", maintain_order=True):
        person = int(str(who))
        own = papers.get(person, [])
        valid = [p for p in own if p["status"] == "有效"]
        newest = valid[0] if valid else max(own, key=lambda p: str(p["statusDate"])) if own else None
        proof: list[FactRow] = [("disability_register", int(str(p["row"]))) for p in own]
        if person in deaths:
            first = min(when for when, _ in deaths[person])
            _late(world, group, first, [fact for _, fact in deaths[person]], "死亡后发放")
        elif newest is None:
            rows = rows_of("subsidy_payments", group["row"].to_list())
            world.clue("M09", rows[:3], rows, "无残疾证")
        elif newest["status"] in ENDED:
            _late(world, group, newest["statusDate"], proof, f"残疾证{newest['status']}后发放")
        if newest is not None and newest["grade"] in ("三级", "四级"):
            severe = rows_of(
                "subsidy_payments", group.filter(pl.col("subsidyType") == SEVERE_DISABLED)["row"].to_list()
            )
            if severe:
                world.clue("M09", [*severe[:3], proof[0]], [*severe, *proof], f"{newest['grade']}领取重度护理补贴")


def _late(world: World, group: pl.DataFrame, day: object, proof: list[FactRow], note: str) -> None:
    limit = np.datetime64(str(day)[:7]) + 1
    late = group.filter(pl.Series(group["paidOn"].to_numpy().astype("datetime64[M]") >= limit))
    if len(late):
        rows = rows_of("subsidy_payments", late["row"].to_list())
        world.clue("M09", [*rows[:3], *proof[:1]], [*rows, *proof], f"{note}{len(rows)}笔")


def plant_claims(world: World) -> None:
    """Bills of the dead, of prisoners, of people in two beds at once."""
    rng, people = world.random("M16"), world.people
    each = world.some(1.2, 4)
    died = world.facts.frame("deaths").filter(pl.col("deathDate") < datetime.date(2024, 8, 1))
    died = died[sample(rng, np.arange(len(died)), each * 2).tolist()]
    who, day = died["name"].to_numpy(), died["deathDate"].to_numpy()
    late, fair = slice(0, len(who) // 2), slice(len(who) // 2, None)
    beds = rng.random(len(who)) < 0.6
    add_claims(
        world,
        who[late],
        beds[late],
        plus(day[late], rng.integers(10, 200, size=len(who[late]))),
        np.where(beds[late], 6, 0),
        pick(rng, HOSPITALS, len(who[late])),
    )
    rows = add_claims(
        world,
        who[fair],
        np.full(len(who[fair]), True),
        plus(day[fair], -9),
        np.full(len(who[fair]), 9),
        pick(rng, HOSPITALS, len(who[fair])),
    )
    for row in rows.tolist():
        world.trap("M16", "died in hospital", [("medical_claims", row)], "入院时尚在世")

    terms = (
        world.facts.frame("prison_terms")
        .with_columns(pl.coalesce("releaseDate", "termEnd").alias("end"))
        .filter(
            (pl.col("admissionDate") > datetime.date(2020, 12, 1))
            & (pl.col("admissionDate") < datetime.date(2024, 6, 1))
            & (pl.col("end") - pl.col("admissionDate") > pl.duration(days=200))
        )
        .unique("name", keep="first", maintain_order=True)
    )
    inside = terms.filter(pl.col("execution") == IN_PRISON)
    outside = terms.filter(pl.col("execution") != IN_PRISON).head(each)
    inside = inside[rng.permutation(len(inside)).tolist()]
    one, two = inside.head(each), inside.slice(each, each)
    for chosen, stays, kind, why in (
        (one, True, "", ""),
        (two, False, "outpatient", "服刑期间的门诊不计"),
        (outside, True, "not in prison", "社区矫正或暂予监外执行期间住院"),
    ):
        count = len(chosen)
        if not count:
            continue
        rows = add_claims(
            world,
            chosen["name"].to_numpy(),
            np.full(count, stays),
            plus(chosen["admissionDate"].to_numpy(), rng.integers(20, 150, size=count)),
            np.full(count, 7 if stays else 0),
            pick(rng, HOSPITALS, count),
        )
        for row, term in zip(rows.tolist(), chosen["row"].to_list(), strict=True):
            if kind:
                world.trap("M16", kind, [("medical_claims", row), ("prison_terms", term)], why)

    alive = np.flatnonzero(np.isnat(people.death))
    alive = alive[~np.isin(alive, world.facts.parties("prison_terms", "name"))]
    who = iter(sample(rng, alive, each * 3).reshape(3, -1))
    start = days(rng, np.datetime64("2022-01-01"), np.datetime64("2024-11-30"), each)
    full, first, second = np.full(each, True), HOSPITALS[:1].repeat(each), HOSPITALS[3:4].repeat(each)
    person = next(who)
    add_claims(world, person, full, start, np.full(each, 10), first)
    add_claims(world, person, full, plus(start, 4), np.full(each, 9), second)
    for kind, hospital, shift, why in (
        ("transfer", second, 9, "转院当日重叠一天"),
        ("one hospital", first, 4, "同一医院的两次结算"),
    ):
        person = next(who)
        a = add_claims(world, person, full, start, np.full(each, 10), first)
        b = add_claims(world, person, full, plus(start, shift), np.full(each, 6), hospital)
        for x, y in zip(a.tolist(), b.tolist(), strict=True):
            world.trap("M16", kind, [("medical_claims", x), ("medical_claims", y)], why)


def find_claims(world: World) -> None:
    """M16 by its rule."""
    claims = world.facts.frame("medical_claims").sort("admittedOn", "row")
    deaths = world.facts.frame("deaths").select("name", "deathDate", pl.col("row").alias("death"))
    dead = claims.join(deaths, on="name").filter(pl.col("admittedOn") > pl.col("deathDate"))
    for _, group in dead.group_by("name", maintain_order=True):
        rows = rows_of("medical_claims", group["row"].to_list())
        proof: FactRow = ("deaths", group["death"][0])
        world.clue("M16", [*rows[:3], proof], [*rows, proof], "a 死亡后就诊")
    beds = claims.filter(pl.col("visitType") == "住院")
    terms = (
        world.facts.frame("prison_terms")
        .filter(pl.col("execution") == IN_PRISON)
        .select(
            "name", "admissionDate", pl.coalesce("releaseDate", "termEnd").alias("end"), pl.col("row").alias("term")
        )
    )
    sat = beds.join(terms, on="name").filter(
        (pl.col("admittedOn") > pl.col("admissionDate")) & (pl.col("admittedOn") < pl.col("end"))
    )
    for _, group in sat.group_by("name", maintain_order=True):
        rows = rows_of("medical_claims", group["row"].to_list())
        proofs = rows_of("prison_terms", dict.fromkeys(group["term"].to_list()))
        world.clue("M16", [*rows[:3], *proofs[:1]], [*rows, *proofs], "b 服刑期间住院")
    pairs = (
        beds.join(beds, on="name", suffix="_2")
        .filter(
            (pl.col("row") < pl.col("row_2"))
            & (pl.col("hospital") != pl.col("hospital_2"))
            & (
                pl.min_horizontal("dischargedOn", "dischargedOn_2") - pl.max_horizontal("admittedOn", "admittedOn_2")
                > pl.duration(days=OVERLAP_DAYS)
            )
        )
        .sort("admittedOn", "row")
    )
    for _, group in pairs.group_by("name", maintain_order=True):
        both = dict.fromkeys(r for pair in zip(group["row"], group["row_2"], strict=True) for r in pair)
        rows = rows_of("medical_claims", both)
        world.clue("M16", rows[:2] if len(rows) == 2 else rows[:3], rows, "c 两院同时住院")
