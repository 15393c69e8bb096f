"""Lifts not served, served on paper only, not inspected, not permitted (M06 elevator-safety)."""

from __future__ import annotations

import numpy as np
import polars as pl

from resolution.synthetic.arrays import Batch, Ints, days, objects, pick, plus, sample
from resolution.synthetic.companies import ESTATE_TRADE, LIFTS
from resolution.synthetic.facts import COMPANY
from resolution.synthetic.lifts import add_lifts, add_retrofits, add_services, regular_services
from resolution.synthetic.people import TODAY
from resolution.synthetic.places import ESTATE
from resolution.synthetic.world import FactRow, World, rows_of

MAX_GAP, MAX_PER_DAY, MIN_MINUTES = 15, 20, 10


def plant(world: World) -> None:
    """Lifts of each fault, workers who are everywhere at once, retrofits without papers."""
    rng, companies = world.random("M06"), world.companies
    each = world.some(0.8, 2)
    keeper = pick(rng, companies.of_trade(LIFTS), each) + COMPANY
    six = np.full(each, 6)

    idle = add_lifts(world, each)  # the last service is long ago
    regular_services(world, idle, keeper, six, plus(np.full(each, TODAY), -rng.integers(40, 90, size=each)))
    holes = add_lifts(world, each)  # a hole in the middle
    regular_services(world, holes, keeper, six // 2)
    regular_services(world, holes, keeper, six // 2, plus(np.full(each, TODAY), -rng.integers(75, 110, size=each)))
    overdue = add_lifts(world, each, due=days(rng, np.datetime64("2024-06-01"), np.datetime64("2025-03-15"), each))
    regular_services(world, overdue, keeper, six)

    stopped = add_lifts(
        world, each, status="停用", due=days(rng, np.datetime64("2024-06-01"), np.datetime64("2025-03-15"), each)
    )
    regular_services(world, stopped, keeper, six, plus(np.full(each, TODAY), -rng.integers(60, 90, size=each)))
    for row in stopped.tolist():
        world.trap("M06", "out of use", [("elevators", row)], "电梯已停用")
    edge = add_lifts(world, each)
    for back in range(6):  # fifteen days to the day, and no more
        add_services(
            world,
            edge,
            keeper,
            np.full(each, TODAY - np.timedelta64(back * 15, "D")),
            600 + np.arange(each) * 3 % 400,
            edge + 50_000,
        )
    for row in edge.tolist():
        world.trap("M06", "fifteen days", [("elevators", row)], "维保间隔恰为十五日，未超过")
    _workers(world, rng, each)
    _retrofits(world, rng, each)


def _workers(world: World, rng: np.random.Generator, each: int) -> None:
    lifts = np.arange(world.facts.size("elevators"))
    firms = pick(rng, world.companies.of_trade(LIFTS), each * 4) + COMPANY
    spare = 900_000 + np.arange(each * 4)
    batch = Batch()

    def serve(of: Ints, who: int, when: np.datetime64, clock: Ints) -> slice:
        return batch.add(
            len(of), lift=of, keeper=firms[who], day=np.full(len(of), when), clock=clock, worker=spare[who]
        )

    traps: list[tuple[str, slice, str]] = []
    for n in range(each):
        day = days(rng, np.datetime64("2025-01-06"), np.datetime64("2025-03-20"), 3)
        many, two, hard = sample(rng, lifts, 22), sample(rng, lifts, 2), sample(rng, lifts, 20)
        serve(many, n, day[0], 420 + 20 * np.arange(len(many)))
        serve(two, each + n, day[1], np.array([600, 606]))
        # twenty in a day, half an hour apart, is hard work and no more
        traps.append(
            ("twenty a day", serve(hard, 2 * each + n, day[2], 420 + 25 * np.arange(len(hard))), "一日二十台，未超限")
        )
        once = np.repeat(sample(rng, lifts, 1), 2)
        traps.append(
            ("one lift twice", serve(once, 3 * each + n, day[1], np.array([700, 705])), "同一台电梯的两条记录")
        )
    rows = add_services(world, batch["lift"], batch["keeper"], batch["day"], batch["clock"], batch["worker"])
    for kind, where, why in traps:
        world.trap("M06", kind, rows_of("elevator_maintenance", rows[where][:3].tolist()), why)


def _retrofits(world: World, rng: np.random.Generator, each: int) -> None:
    builder = pick(rng, world.companies.of_trade(ESTATE_TRADE), each) + COMPANY
    done = days(rng, np.datetime64("2022-01-01"), np.datetime64("2024-12-01"), each)
    frame = world.facts.frame("elevators")
    codes, homes = objects(frame["deviceCode"].to_list()), frame["address"].to_numpy()
    free = sample(
        rng, np.flatnonzero(~np.isin(homes, world.facts.frame("planning_permits")["address"].to_numpy())), each
    )
    new = world.places.add(rng, np.full(each, ESTATE))
    number = objects(f"建字第4306{n:08d}号" for n in range(700_000, 700_000 + 3 * each))
    # never registered, though permitted
    add_retrofits(world, new, builder, done, number[:each], objects(f"3110430699{n:08d}" for n in range(each)))
    world.facts.add(
        "planning_permits", permitNumber=number[:each], builder=builder, address=new, permittedOn=plus(done, -400)
    )
    # registered, but the permit's number stands in no register
    add_retrofits(world, homes[free], builder, done, number[each : 2 * each], codes[free])
    # no number, but a permit for the place
    place = world.facts.frame("planning_permits").head(each)["address"].to_numpy()
    at = np.array([int(np.flatnonzero(homes == p)[0]) if (homes == p).any() else 0 for p in place.tolist()])
    rows = add_retrofits(
        world, place, builder[: len(place)], done[: len(place)], np.full(len(place), None, dtype=object), codes[at]
    )
    for row in rows.tolist():
        world.trap("M06", "permit by place", [("elevator_retrofits", row)], "有该地点的规划许可")


def find(world: World) -> None:
    """M06 by its rule."""
    lifts = world.facts.frame("elevators")
    services = world.facts.frame("elevator_maintenance").sort("servicedAt", "row")
    in_use = lifts.filter(pl.col("status") == "在用")
    today = TODAY.astype(object)
    for row in in_use.filter(pl.col("nextInspection") < today)["row"].to_list():
        world.clue("M06", [("elevators", row)], [("elevators", row)], "c 未按期检验")
    gaps = services.with_columns(
        pl.col("servicedAt").dt.date().alias("day"),
        pl.col("row").shift(-1).over("lift").alias("next"),
    ).with_columns(pl.col("day").shift(-1).over("lift").fill_null(today).alias("until"))
    wide = gaps.filter((pl.col("until") - pl.col("day")) > pl.duration(days=MAX_GAP))
    wide = wide.join(in_use.select(pl.col("row").alias("lift")), on="lift", how="semi")
    for (lift,), group in wide.group_by("lift", maintain_order=True):
        first: list[FactRow] = [("elevators", int(str(lift))), ("elevator_maintenance", group["row"][0])]
        if group["next"][0] is not None:
            first.append(("elevator_maintenance", group["next"][0]))
        world.clue("M06", first, first, "a 维保间隔超过十五日")
    _find_workers(world, services)
    _find_retrofits(world, lifts)


def _find_workers(world: World, services: pl.DataFrame) -> None:
    by = ["maintainer", "worker", "day"]
    daily = services.with_columns(pl.col("servicedAt").dt.date().alias("day"))
    many = daily.filter(pl.col("lift").n_unique().over(by) > MAX_PER_DAY)
    fast = daily.with_columns(
        pl.col("servicedAt").shift(-1).over(by).alias("then"),
        pl.col("lift").shift(-1).over(by).alias("other"),
        pl.col("row").shift(-1).over(by).alias("following"),
    ).filter(
        (pl.col("other") != pl.col("lift"))
        & (pl.col("then") - pl.col("servicedAt") <= pl.duration(minutes=MIN_MINUTES))
    )
    pairs: dict[tuple[object, ...], list[int]] = {}
    for row in fast.iter_rows(named=True):
        pairs.setdefault(tuple(row[k] for k in by), []).extend([row["row"], row["following"]])
    for key, group in many.group_by(by, maintain_order=True):
        rows = rows_of("elevator_maintenance", group["row"].to_list())
        world.clue("M06", rows[:3], rows, f"b 一日维保{group['lift'].n_unique()}台")
        pairs.pop(tuple(key), None)
    for rows_ in pairs.values():
        facts = rows_of("elevator_maintenance", dict.fromkeys(rows_))
        world.clue("M06", facts[:2], facts, "b 十分钟内出现在两处")


def _find_retrofits(world: World, lifts: pl.DataFrame) -> None:
    known, permits = set(lifts["deviceCode"].to_list()), world.facts.frame("planning_permits")
    numbers, places = set(permits["permitNumber"].to_list()), set(permits["address"].to_list())
    for row in world.facts.frame("elevator_retrofits").iter_rows(named=True):
        fact = [("elevator_retrofits", row["row"])]
        if row["deviceCode"] not in known:
            world.clue("M06", fact, fact, "d 加装电梯未登记")
        if row["permitNumber"] not in numbers and row["address"] not in places:
            world.clue("M06", fact, fact, "d 无规划许可")
