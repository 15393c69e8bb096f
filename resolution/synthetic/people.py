"""The people of the world: households, clan villages, twins, and those who stand in no register."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from resolution.synthetic import names
from resolution.synthetic.arrays import NO_DATE, Bools, Dates, Ints, Strings, days, objects, pick, plus, years
from resolution.synthetic.identity import resident_ids
from resolution.synthetic.places import DISTRICT_CODES, ELSEWHERE, ESTATE, OTHER_CODES, SHOP, VILLAGE, Places

TODAY = np.datetime64("2025-03-31", "D")
UNREGISTERED = 0.13  # people outside the household register for each one inside
FEMALE_PART = 0.49
TWINS = 0.02
RENAMED = 0.025
MOVED = 0.10
TRANSLITERATED = 0.006
VILLAGE_HOUSEHOLDS = 0.12
HANDED_ON = 0.008  # people whose number was somebody else's before
RARE_TWINS = 0.02  # strangers who bear the rare name of somebody registered
MOBILE_PREFIXES = np.array(
    [
        131,
        132,
        134,
        135,
        136,
        137,
        138,
        139,
        147,
        150,
        151,
        152,
        155,
        158,
        159,
        166,
        173,
        177,
        180,
        182,
        183,
        186,
        187,
        188,
        189,
        191,
        198,
        199,
    ]
)


@dataclass
class People:
    """All natural persons as columns; a person is known by the row number."""

    name: Strings
    former_name: Strings  # "" when never renamed
    female: Bools
    birth: Dates
    id18: Strings
    home: Ints
    former_home: Ints
    phone: Strings  # "" when none
    former_phone: Strings
    household: Ints  # -1 outside the register
    registered: Bools
    death: Dates  # NaT when alive

    def __len__(self) -> int:
        return len(self.name)

    def age(self, rows: Ints, when: Dates | np.datetime64 = TODAY) -> Ints:
        """Age in whole years (calendar difference)."""
        return years(np.broadcast_to(np.asarray(when, dtype="datetime64[D]"), len(rows))) - self._born[rows]

    @cached_property
    def _born(self) -> Ints:
        return years(self.birth)

    def adults(self) -> Ints:
        """People between 22 and 75 who are alive, those left out who are only `professionals`."""
        return self._adults

    def professionals(self) -> Ints:
        """Adults who act for others (agents, brokers): four of five come from elsewhere and have no other rows.

        In the agency files seen none of 11 agents and 2 of 12 brokers had a namesake in any other file.
        """
        strangers = self._strangers
        return np.concatenate([strangers, self._adults[: len(strangers) // 4]])

    @cached_property
    def _strangers(self) -> Ints:
        outside = np.flatnonzero(self._grown & (self.household < 0))
        return outside[: max(20, len(self) // 60)]

    @cached_property
    def _grown(self) -> Bools:
        age = self.age(np.arange(len(self)))
        grown: Bools = (age >= 22) & (age <= 75) & np.isnat(self.death)
        return grown

    @cached_property
    def _adults(self) -> Ints:
        return np.setdiff1d(np.flatnonzero(self._grown), self._strangers)

    @cached_property
    def men(self) -> Ints:
        """Men of working age and above, from among whom firms hire."""
        adults = self.adults()
        return adults[~self.female[adults]]

    def namesakes(self, rng: np.random.Generator, among: Ints, count: int) -> list[tuple[int, int]]:
        """Up to `count` pairs of different people of `among` who bear one name."""
        order = among[np.argsort(self.name[among].astype(str), kind="stable")]
        same = np.flatnonzero(self.name[order][:-1] == self.name[order][1:])
        # of three of a name only the first two, so that nobody is in two pairs
        same = same[np.diff(same, prepend=-2) > 1]
        return [(int(order[k]), int(order[k + 1])) for k in rng.permutation(same)[:count].tolist()]

    def bearers(self) -> Ints:
        """For each person, how many people bear that name."""
        _, inverse, counts = np.unique(self.name.astype(str), return_inverse=True, return_counts=True)
        return counts[inverse]


def mobiles(rng: np.random.Generator, count: int) -> Strings:
    """Mobile numbers, different from each other in practice."""
    numbers = pick(rng, MOBILE_PREFIXES, count) * 10**8 + rng.integers(10**7, 10**8, size=count)
    return objects(map(str, numbers.tolist()))


def populate(rng: np.random.Generator, places: Places, registered: int) -> People:
    """A population with `registered` people in the household register, and a third as many outside it."""
    inside = _households(rng, places, registered)
    outside = _households(rng, places, int(registered * UNREGISTERED), register=False)
    people = People(
        **{
            field: np.concatenate([getattr(inside, field), getattr(outside, field)])
            for field in People.__dataclass_fields__
        }
    )
    _rare_twins(rng, people)
    _deaths(rng, people)
    _numbers_handed_on(rng, people)
    return people


def _households(rng: np.random.Generator, places: Places, count: int, register: bool = True) -> People:
    sizes = rng.choice([1, 2, 3, 4, 5, 6], size=count, p=[0.16, 0.25, 0.27, 0.18, 0.1, 0.04])
    if not register:
        sizes = np.where(rng.random(count) < 0.8, 1, sizes)
    stop = int(np.searchsorted(np.cumsum(sizes), count)) + 1
    sizes = sizes[:stop]
    household = np.repeat(np.arange(len(sizes)), sizes)[:count]
    starts = np.concatenate([[0], np.cumsum(sizes)[:-1]])
    position = np.arange(count) - starts[household]
    head = starts[household]

    female = np.where(position == 0, rng.random(count) < 0.25, rng.random(count) < FEMALE_PART)
    female = np.where(position == 1, ~female[head], female)
    born = np.full(count, 0, dtype=np.int64)
    born[position == 0] = rng.integers(1938, 2001, size=int((position == 0).sum()))
    parent = (position >= 2) & (rng.random(count) < 0.22)
    spouse = (position == 1) & (rng.random(count) < 0.85)
    gap = rng.integers(21, 36, size=count)
    born = np.where(position == 0, born, born[head] + np.where(parent, -gap, gap))
    born = np.where(spouse, np.clip(born[head] + rng.integers(-4, 5, size=count), 1930, 2003), born)
    born = np.clip(born, 1926, 2024)
    birth = plus((born - 1970).astype("datetime64[Y]").astype("datetime64[D]"), rng.integers(0, 365, size=count))
    birth = np.minimum(birth, TODAY - np.timedelta64(30, "D"))

    surname = names.surnames(rng, count)
    rural = np.zeros(len(sizes), dtype=bool)
    if register:
        rural = rng.random(len(sizes)) < VILLAGE_HOUSEHOLDS
    kinds = np.where(rural, VILLAGE, ESTATE)
    if not register:
        kinds = rng.choice([ESTATE, SHOP, ELSEWHERE], size=len(sizes), p=[0.55, 0.05, 0.4])
    homes = places.add(rng, kinds)
    # a clan village: seven of ten heads bear the surname of the village
    clans = names.surnames(np.random.default_rng(77), 97)
    clan = rural[household] & (rng.random(count) < 0.72)
    surname = np.where(clan, clans[(places.name[homes] * 31 + places.street[homes])[household] % len(clans)], surname)
    takes_head = (position >= 2) | ((position == 1) & ~spouse)
    surname = np.where(takes_head, surname[head], surname)
    given = names.given_names(rng, female, born)
    generation = (born - 1900) // 25 + places.street[homes][household]
    clan_named = clan & (rng.random(count) < 0.75)
    given[clan_named] = names.clan_given_names(rng, female[clan_named], generation[clan_named])
    name = surname + given
    foreign = np.flatnonzero(rng.random(count) < TRANSLITERATED)
    name[foreign] = names.transliterated(rng, female[foreign])

    own = DISTRICT_CODES[places.district[homes]][household]
    region = np.where(rng.random(count) < (0.8 if register else 0.4), own, pick(rng, OTHER_CODES, count))
    sequence = rng.integers(5, 490, size=count) * 2 + ~female
    twin = np.flatnonzero((position >= 3) & ~parent & ~np.roll(parent, 1) & (rng.random(count) < TWINS * 3))
    for row in twin.tolist():
        birth[row], region[row], female[row] = birth[row - 1], region[row - 1], female[row - 1]
        sequence[row] = min(sequence[row - 1] + 2, 998 + (not female[row]))
        stem = name[row - 1]
        name[row] = stem[:-1] + str(pick(rng, objects("敏华明芳军涛雨晨"), 1)[0])
        if name[row] == stem:
            name[row] = stem[:-1] + "新"
    id18 = _distinct_ids(rng, region, birth, sequence)

    phone = mobiles(rng, count)
    phone[(rng.random(count) < 0.05) | (years(birth) > 2015)] = ""
    shared = (position > 0) & (rng.random(count) < 0.12)
    phone[shared] = phone[head[shared]]
    former_phone = np.where(rng.random(count) < 0.12, mobiles(rng, count), "")
    home = homes[household]
    former_home = home.copy()
    moved = np.flatnonzero(rng.random(count) < MOVED)
    former_home[moved] = places.add(rng, np.full(len(moved), ESTATE))
    former = np.full(count, "", dtype=object)
    renamed = np.flatnonzero((rng.random(count) < RENAMED) & (born < 2005))
    former[renamed] = surname[renamed] + names.given_names(rng, female[renamed], born[renamed])
    former[former == name] = ""
    return People(
        name=name,
        former_name=former,
        female=female,
        birth=birth,
        id18=id18,
        home=home,
        former_home=former_home,
        phone=phone,
        former_phone=former_phone,
        household=household if register else np.full(count, -1),
        registered=np.full(count, register),
        death=np.full(count, NO_DATE),
    )


def _distinct_ids(rng: np.random.Generator, region: Ints, birth: Dates, sequence: Ints) -> Strings:
    for _ in range(20):
        keys = (region * 10**5 + (birth - np.datetime64("1900-01-01")).astype(np.int64)) * 1000 + sequence
        _, first = np.unique(keys, return_index=True)
        again = np.setdiff1d(np.arange(len(keys)), first)
        if not len(again):
            break
        sequence[again] = rng.integers(5, 490, size=len(again)) * 2 + sequence[again] % 2
    return resident_ids(region, birth, sequence)


def _rare_twins(rng: np.random.Generator, people: People) -> None:
    single = np.flatnonzero((people.bearers() == 1) & people.registered)
    outside = np.flatnonzero(~people.registered)
    count = min(int(len(outside) * RARE_TWINS), len(single))
    strangers = rng.permutation(outside)[:count]
    # the stranger is of the same sex, or the name would give it away
    for stranger, bearer in zip(strangers.tolist(), rng.permutation(single)[:count].tolist(), strict=True):
        if people.female[stranger] == people.female[bearer]:
            people.name[stranger] = people.name[bearer]


def _numbers_handed_on(rng: np.random.Generator, people: People) -> None:
    """Operators give a number that was given up to somebody else."""
    given_up = np.flatnonzero(people.former_phone != "")
    given_up = rng.permutation(given_up)[: int(len(people) * HANDED_ON)]
    takers = rng.permutation(np.flatnonzero(people.phone != ""))[: len(given_up)]
    people.phone[takers] = people.former_phone[given_up[: len(takers)]]


def _deaths(rng: np.random.Generator, people: People) -> None:
    age = people.age(np.arange(len(people)))
    risk = np.where(age > 85, 0.35, np.where(age > 75, 0.15, np.where(age > 60, 0.05, 0.008)))
    risk[age < 20] = 0
    dead = np.flatnonzero(rng.random(len(people)) < risk * 0.75)
    people.death[dead] = days(rng, np.datetime64("2020-02-01"), np.datetime64("2025-02-20"), len(dead))
