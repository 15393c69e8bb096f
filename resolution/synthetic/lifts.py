"""Lifts: registration, services, lifts added to old houses and their permits (M06 elevator-safety)."""

from __future__ import annotations

import numpy as np

from resolution.synthetic.arrays import Dates, Ints, Strings, days, objects, pick, plus, sample
from resolution.synthetic.companies import ESTATE_TRADE, LIFTS
from resolution.synthetic.facts import COMPANY
from resolution.synthetic.people import TODAY
from resolution.synthetic.places import ESTATE, ESTATES
from resolution.synthetic.world import World

SERVICE_DAYS = 14


def lifts(world: World, count: int, services: int) -> None:
    """Lifts in use, each served every fortnight up to the last day."""
    rng = world.random("lifts")
    rows = add_lifts(world, count)
    each = max(3, services // max(1, count))
    keepers = sample(rng, world.companies.of_trade(LIFTS), max(2, count // 40))
    keeper = pick(rng, keepers, count) + COMPANY
    regular_services(world, rows, keeper, np.full(count, each))


def add_lifts(world: World, count: int, status: str = "在用", due: Dates | None = None) -> Ints:
    """Rows of elevators; `due`: day of the next inspection. Returns the row numbers."""
    start = world.facts.size("elevators")
    rng = world.random("lift", str(start))
    users = pick(rng, world.companies.of_trade(ESTATE_TRADE), count) + COMPANY
    home = world.places.add(rng, np.full(count, ESTATE))
    return world.facts.add(
        "elevators",
        deviceCode=objects(f"3110430600{n:08d}" for n in range(start * 7 + 1000, (start + count) * 7 + 1000, 7)),
        user=users,
        address=home,
        registeredOn=days(rng, np.datetime64("2009-01-01"), np.datetime64("2023-12-31"), count),
        status=np.full(count, status, dtype=object),
        nextInspection=days(rng, plus(np.array([TODAY]), 20)[0], np.datetime64("2026-03-20"), count)
        if due is None
        else due,
    )


def regular_services(world: World, lifts_: Ints, keeper: Ints, each: Ints, last: Dates | None = None) -> None:
    """A service every fortnight, the last within the fortnight before `last` (the end of the world by default)."""
    rng = world.random("services", str(world.facts.size("elevator_maintenance")))
    stream = np.repeat(np.arange(len(lifts_)), each)
    back = np.arange(len(stream)) - np.repeat(np.cumsum(each) - each, each)
    end = np.full(len(lifts_), TODAY) if last is None else last
    latest = plus(end, -rng.integers(0, 10, size=len(lifts_)))
    day = plus(latest[stream], -(back * SERVICE_DAYS))
    # half an hour a lift: nobody is at two houses within ten minutes
    slot = (lifts_[stream] * 7 + back * 3) % 18
    add_services(world, lifts_[stream], keeper[stream], day, slot * 30 + 480, lifts_[stream] // 6)


def add_services(world: World, lifts_: Ints, keeper: Ints, day: Dates, minute: Ints, worker: Ints) -> Ints:
    """Rows of elevator_maintenance; `worker` numbers the staff of the keeper. Returns the row numbers."""
    rng = world.random("service", str(world.facts.size("elevator_maintenance")))
    codes = objects(world.facts.frame("elevators")["deviceCode"].to_list())
    names = staff_names(world, keeper, worker)
    when = day.astype("datetime64[m]") + minute.astype("timedelta64[m]")
    return world.facts.add(
        "elevator_maintenance",
        deviceCode=codes[lifts_],
        maintainer=keeper,
        worker=names,
        servicedAt=when.astype("datetime64[us]"),
        lift=lifts_,
        serviceType=rng.choice(["半月", "季度", "半年", "年度"], size=len(lifts_), p=[0.8, 0.1, 0.05, 0.05]).astype(
            object
        ),
    )


def staff_names(world: World, keeper: Ints, worker: Ints) -> Strings:
    """Names of workers: one of a number within a firm is always the same person."""
    men = world.people.men
    named: Strings = world.people.name[men[((keeper % 1_000_003) * 7919 + worker * 104_729) % len(men)]]
    return named


def retrofits(world: World, count: int, permits: int) -> None:
    """Lifts added to old houses: registered, and with a permit of their own."""
    rng = world.random("retrofits")
    lifts_ = sample(rng, np.arange(world.facts.size("elevators")), count)
    builder = pick(rng, world.companies.of_trade(ESTATE_TRADE), len(lifts_)) + COMPANY
    frame = world.facts.frame("elevators")
    home = frame["address"].to_numpy()[lifts_]
    done = days(rng, np.datetime64("2021-06-01"), np.datetime64("2024-12-31"), len(lifts_))
    add_retrofits(
        world, home, builder, done, _permit_numbers(0, len(lifts_)), objects(frame["deviceCode"].to_list())[lifts_]
    )
    world.facts.add(
        "planning_permits",
        permitNumber=_permit_numbers(0, len(lifts_)),
        builder=builder,
        address=home,
        permittedOn=plus(done, -rng.integers(200, 700, size=len(lifts_))),
    )
    more = max(0, permits - len(lifts_))
    world.facts.add(
        "planning_permits",
        permitNumber=_permit_numbers(500_000, more),
        builder=pick(rng, world.companies.of_trade(ESTATE_TRADE), more) + COMPANY,
        address=world.places.add(rng, np.full(more, ESTATE)),
        permittedOn=days(rng, np.datetime64("2019-01-01"), np.datetime64("2024-12-31"), more),
    )


def _permit_numbers(start: int, count: int) -> Strings:
    return objects(f"建字第4306{n:08d}号" for n in range(start + 1, start + count + 1))


def add_retrofits(world: World, home: Ints, builder: Ints, done: Dates, permit: Strings, device: Strings) -> Ints:
    """Rows of elevator_retrofits; returns the row numbers."""
    places = world.places
    title = [
        f"{ESTATES[name % len(ESTATES)]}{building}号楼加装电梯工程"
        for name, building in zip(places.name[home].tolist(), places.building[home].tolist(), strict=True)
    ]
    return world.facts.add(
        "elevator_retrofits",
        projectName=title,
        address=home,
        builder=builder,
        completedOn=done,
        permitNumber=permit,
        deviceCode=device,
    )
