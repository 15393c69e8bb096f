"""The world that the files describe: people, businesses, properties and what they did until one day."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from resolution.synthetic.arrays import Bools, Ints, Strings, generator, objects, texts
from resolution.synthetic.companies import Companies
from resolution.synthetic.facts import COMPANY, Facts
from resolution.synthetic.people import People
from resolution.synthetic.places import Places

FactRow = tuple[str, int]

# Rows of each dataset in a thousand (the rest of the thousand goes to what is drawn in whole streams).
SHARES = {
    "household": 152,
    "deaths": 8,
    "prison_terms": 10,
    "commutations": 5,
    "subsidy_payments": 136,
    "disability_register": 12,
    "companies": 64,
    "shareholders": 82,
    "trademarks": 7,
    "trademark_licences": 2,
    "judgments": 26,
    "enforcement_cases": 9,
    "enforcement_objections": 2,
    "leases": 20,
    "real_estate": 42,
    "utility_usage": 50,
    "land_use_tax": 14,
    "admin_penalties": 16,
    "environment_tax": 15,
    "criminal_cases": 15,
    "public_employees": 16,
    "disciplinary_actions": 2.5,
    "community_corrections": 5.5,
    "lodging_listings": 4.5,
    "lodging_permits": 4.5,
    "online_restaurants": 6,
    "food_licences": 9,
    "elevators": 6,
    "elevator_maintenance": 58,
    "elevator_retrofits": 3,
    "planning_permits": 3.2,
    "fuel_records": 20,
    "fuel_tax_filings": 20,
    "work_certificates": 8,
    "certificate_registry": 10.5,
    "mortgage_loans": 9,
    "medical_claims": 43,
    "housing_fund_withdrawals": 16,
    "schools": 2,
    "premises": 8,
    "wage_arrears": 5.5,
    "hotline_calls": 50,
    "grid_events": 8,
    "mandatory_reports": 3,
}


@dataclass
class Properties:
    """Units (homes, shops, works) as columns; one or two certificates each."""

    owner: Ints  # party
    home: Ints  # address
    use: Strings
    area: np.ndarray  # m²
    land: np.ndarray  # m² of land for works and shops, else NaN
    registered: np.ndarray  # day of the first certificate
    certificate: Strings
    second: Strings  # the older certificate of those that have two, else ""
    reissued: np.ndarray  # day of the newer one of two, else NaT

    def __len__(self) -> int:
        return len(self.owner)


@dataclass(frozen=True)
class Clue:
    """What a model must find: the rows without which there is no clue, and all that prove it."""

    model: str
    key_facts: tuple[FactRow, ...]
    all_facts: tuple[FactRow, ...]
    note: str


@dataclass(frozen=True)
class Trap:
    """Rows that look like a clue of the model and are none."""

    model: str
    kind: str
    facts: tuple[FactRow, ...]
    why: str


@dataclass
class World:
    """Everything that is true, and the rows that agencies keep of it."""

    seed: int
    records: int
    places: Places
    people: People
    companies: Companies
    properties: Properties
    facts: Facts = field(default_factory=Facts)
    clues: list[Clue] = field(default_factory=list)
    traps: list[Trap] = field(default_factory=list)
    notes: dict[str, dict[str, list[int]]] = field(default_factory=dict)  # who was planted for which trap
    planted_units: Ints = field(default_factory=lambda: np.zeros(0, dtype=np.int64))

    def random(self, *purpose: str) -> np.random.Generator:
        """A random stream for one purpose."""
        return generator(self.seed, *purpose)

    def target(self, dataset: str) -> int:
        """Rows that the dataset should have."""
        return max(1, round(self.records * SHARES[dataset] / sum(SHARES.values())))

    def some(self, per_ten_thousand: float, least: int) -> int:
        """A number of planted cases that grows with the size of the world; `least` from 10,000 records on."""
        least = max(1, round(least * min(1.0, self.records / 10_000)))
        return max(least, round(self.records * per_ten_thousand / 10_000))

    def __post_init__(self) -> None:
        self._reserved = np.zeros(len(self.companies), dtype=bool)

    @cached_property
    def employers(self) -> Ints:
        """Existing businesses as they were when first asked for; enough where only a name is wanted."""
        return self.companies.alive()

    def reserve(self, firms: Ints) -> Ints:
        """Keep businesses for a planted case; what is ordinary leaves them alone."""
        self._reserved[firms] = True
        return firms

    def free(self, firms: Ints) -> Ints:
        """Those of `firms` that no planted case has taken."""
        return firms[~self._reserved[firms]]

    def trap(self, model: str, kind: str, facts: Iterable[FactRow], why: str) -> None:
        """Write down a trap."""
        self.traps.append(Trap(model, kind, tuple(facts), why))

    def clue(self, model: str, key: Iterable[FactRow], facts: Iterable[FactRow], note: str) -> None:
        """Write down what a model must find."""
        self.clues.append(Clue(model, tuple(key), tuple(facts), note))

    def party_names(self, parties: Ints, former: bool = False) -> Strings:
        """True names of parties; "" where there is none (a former name where asked and there is one)."""
        result = np.full(len(parties), "", dtype=object)
        persons = (parties >= 0) & (parties < COMPANY)
        source = self.people.former_name if former else self.people.name
        result[persons] = source[parties[persons]]
        firms = np.flatnonzero(parties >= COMPANY)
        rows = parties[firms] - COMPANY
        result[firms] = self.companies.names(rows, former)
        if former:
            top = np.where(self.companies.parent[rows] >= 0, self.companies.parent[rows], rows)
            result[firms[self.companies.former_mark[top] == ""]] = ""
        return result

    def entity_ids(self, parties: Ints) -> Strings:
        """Names of entities in the truth: P… a person, C… a business."""
        kinds = objects("PC")[(parties >= COMPANY).astype(np.int64)]
        return texts(kinds, np.where(parties >= COMPANY, parties - COMPANY, parties))

    def relatives(self) -> Ints:
        """For each person somebody else of the household, -1 for those who live alone."""
        order = np.argsort(self.people.household, kind="stable")
        household = self.people.household[order]
        following, before = np.roll(order, -1), np.roll(order, 1)
        result = np.full(len(order), -1)
        alike_next: Bools = (np.roll(household, -1) == household) & (household >= 0)
        alike_before: Bools = (np.roll(household, 1) == household) & (household >= 0)
        result[order] = np.where(alike_next, following, np.where(alike_before, before, -1))
        return result


def rows_of(dataset: str, rows: Iterable[int]) -> tuple[FactRow, ...]:
    """Row numbers of one dataset as facts."""
    return tuple((dataset, int(row)) for row in rows)


def day(value: object) -> str:
    """A day as people write it in notes."""
    return str(value)[:10]
