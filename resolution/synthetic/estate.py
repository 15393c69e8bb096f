"""Properties and their registration (不动产登记)."""

from __future__ import annotations

import numpy as np

from resolution.synthetic.arrays import NO_DATE, Dates, Ints, Strings, days, objects, pick, plus, sample, texts, years
from resolution.synthetic.companies import Companies
from resolution.synthetic.facts import COMPANY
from resolution.synthetic.people import People
from resolution.synthetic.places import CITY, ESTATE, OFFICE, SHOP, Places
from resolution.synthetic.world import Properties, World

SECOND_CERTIFICATE = 0.03


def build(rng: np.random.Generator, people: People, companies: Companies, places: Places, count: int) -> Properties:
    """`count` properties of people and businesses; half of the homes are where their owner is registered."""
    use = rng.choice(["住宅", "工业", "商业", "公共"], size=count, p=[0.83, 0.08, 0.07, 0.02]).astype(object)
    persons = pick(rng, people.adults(), count)
    firms = pick(rng, companies.alive(), count) + COMPANY
    by_firm = rng.random(count) < np.where(use == "住宅", 0.06, 0.92)
    owner = np.where(by_firm, firms, persons)
    home = places.add(rng, np.where(use == "住宅", ESTATE, rng.choice([OFFICE, SHOP], size=count)))
    lived_in = np.flatnonzero((use == "住宅") & ~by_firm & (rng.random(count) < 0.55))
    own_home = people.home[owner[lived_in]]
    _, first = np.unique(own_home, return_index=True)
    first = first[places.kind[own_home[first]] == ESTATE]
    home[lived_in[first]] = own_home[first]
    day = days(rng, np.datetime64("2006-01-01"), np.datetime64("2024-12-31"), count)
    founded = companies.founded[np.maximum(owner - COMPANY, 0)]
    day = np.where(by_firm, np.maximum(day, founded + np.timedelta64(120, "D")), day)
    day = np.minimum(day, np.datetime64("2025-03-20"))
    return new(rng, owner, home, use, day, first_number=1_000, renewed=SECOND_CERTIFICATE)


def new(
    rng: np.random.Generator,
    owner: Ints,
    home: Ints,
    use: Strings,
    day: Dates,
    first_number: int,
    renewed: float = 0.0,
) -> Properties:
    """Properties of the given owners with areas by use and certificates numbered from `first_number`.

    A share `renewed` of them was given a new certificate later, and the register keeps both.
    """
    count = len(owner)
    works, shops = use == "工业", use == "商业"
    area = np.round(
        np.where(
            works,
            rng.uniform(800, 12_000, count),
            np.where(shops, rng.uniform(60, 900, count), rng.uniform(42, 168, count)),
        ),
        2,
    )
    land = np.where(works, np.round(rng.uniform(2_000, 30_000, count)), np.round(rng.uniform(300, 4_000, count)))
    land[~(works | shops)] = np.nan
    number = first_number + rng.permutation(count)
    second, reissued = np.full(count, "", dtype=object), np.full(count, NO_DATE)
    again = sample(rng, np.flatnonzero(day < np.datetime64("2022-12-31")), int(count * renewed))
    # the paper book that was changed for the new certificate
    second[again] = texts("陵房权证临湖字第", objects(f"{n:08d}" for n in number[again].tolist()), "号")
    reissued[again] = plus(day[again], rng.integers(200, 800, size=len(again)))
    certificate = certificates(np.where(np.isnat(reissued), day, reissued), number)
    return Properties(owner, home, use, area, land, day, certificate, second, reissued)


def certificates(day: Dates, number: Ints) -> Strings:
    """Certificate numbers as the register writes them."""
    return texts("湘（", years(day), f"）{CITY}不动产权第", objects(f"{n:07d}" for n in number.tolist()), "号")


def join(first: Properties, second: Properties) -> Properties:
    """Both, the rows of the second after those of the first."""
    return Properties(
        *(np.concatenate([getattr(first, name), getattr(second, name)]) for name in Properties.__dataclass_fields__)
    )


def add(world: World, owner: Ints, use: Strings, day: Dates, home: Ints | None = None) -> Ints:
    """More properties in a world; returns their row numbers."""
    start = len(world.properties)
    rng = world.random("properties", str(start))
    if home is None:
        home = world.places.add(rng, np.where(use == "住宅", ESTATE, OFFICE))
    world.properties = join(world.properties, new(rng, owner, home, use, day, first_number=2_000_000 + start * 2))
    return np.arange(start, len(world.properties))


def register(world: World) -> None:
    """Write every property into real_estate: a row a certificate."""
    units = world.properties
    rows = np.arange(len(units))
    older = np.flatnonzero(units.second != "")
    both = np.concatenate([rows, older])
    world.facts.add(
        "real_estate",
        property=both,
        certificateNumber=np.concatenate([units.certificate, units.second[older]]),
        owner=units.owner[both],
        use=units.use[both],
        area=units.area[both],
        landArea=units.land[both],
        registeredOn=np.concatenate(
            [np.where(np.isnat(units.reissued), units.registered, units.reissued), units.registered[older]]
        ),
    )
