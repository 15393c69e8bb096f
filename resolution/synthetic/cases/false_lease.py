"""Leases made to hinder enforcement, and those that only look like it (M02 false-lease)."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from resolution.synthetic import estate
from resolution.synthetic.arrays import days, objects, pick
from resolution.synthetic.enforcement import PAYMENTS, add_enforcements, add_judgments, add_leases, parties, usage
from resolution.synthetic.facts import COMPANY
from resolution.synthetic.places import HALL
from resolution.synthetic.world import FactRow, World


@dataclass
class Case:
    """One debtor's property, its seizure and its lease."""

    debtor: int
    tenant: int
    judged: np.datetime64
    case_filed: np.datetime64
    seized_on: np.datetime64
    signed: np.datetime64
    filed: np.datetime64
    months: int = 36
    factor: float = 1.0
    payment: str = "按年"
    idle: int = 0
    gap: int = -1  # month of the meter stream without a row
    objects: bool = False
    status: str = "执行中"
    landlord: int = -1  # when it is not the debtor
    named: bool = True  # the court's order names the property that it seizes
    other: bool = False  # and that is another one of the debtor's
    loaded: bool = True  # the judgment is among the files
    trap: str = ""
    why: str = ""


@dataclass
class Planted:
    """Rows of a planted case."""

    case: Case
    judgment: int | None = None
    enforcement: int = -1
    lease: int = -1
    more: list[FactRow] = field(default_factory=list)


class Cast:
    """People and firms for planted cases, each for one part only."""

    def __init__(self, world: World) -> None:
        self.world, self.rng = world, world.random("M02")
        people = world.people
        adults = self.rng.permutation(people.adults())
        mates = world.relatives()
        settled = (mates[adults] >= 0) & (people.home[adults] == people.former_home[adults])
        settled &= people.age(np.maximum(mates[adults], 0)) >= 18
        self.mates = mates
        half = len(adults) // 2
        self._settled, self._others = iter(adults[:half][settled[:half]].tolist()), iter(adults[half:].tolist())
        self._firms = iter(self.rng.permutation(world.companies.alive()).tolist())

    def person(self, with_mate: bool = False) -> int:
        """An adult; `with_mate`: who lives with another adult."""
        return int(next(self._settled if with_mate else self._others))

    def firm(self) -> int:
        """An existing business."""
        return int(next(self._firms))

    def tied(self, debtor: int) -> int:
        """Somebody who shares a household, a firm, an address or a phone with the debtor."""
        people, companies = self.world.people, self.world.companies
        way = self.rng.random()
        if way < 0.35:
            return int(self.mates[debtor])
        if way < 0.8:
            firm = self.firm()
            if way < 0.65:
                companies.representative[firm] = debtor
            else:
                companies.home[firm] = people.home[debtor]
            return firm + COMPANY
        tenant = self.person()
        people.phone[debtor] = people.phone[debtor] or f"137{int(self.rng.integers(10**7, 10**8))}"
        people.phone[tenant] = people.phone[debtor]
        people.former_phone[tenant] = people.former_phone[debtor] = ""
        return tenant


def plant(world: World) -> list[Planted]:
    """Write the planted cases with their judgments, enforcements, leases, readings and objections."""
    cast = Cast(world)
    rng = cast.rng
    positives = world.some(8, 20)
    each = max(2, positives // 8)
    cases = [_positive(cast, rng) for _ in range(positives)]
    for _ in range(each):
        cases += [
            _before_judgment(cast, rng),
            _one_sign(cast, rng),
            _closed(cast, rng),
            _ended(cast, rng),
            _other_property(cast, rng),
            _hot_address(cast, rng),
            _idle_unknown(cast, rng),
        ]
    cases += _namesakes(cast, rng, each)
    return _write(world, rng, cases)


def _span(rng: np.random.Generator, low: int, high: int) -> np.timedelta64:
    return np.timedelta64(int(rng.integers(low, high)), "D")


def _timeline(rng: np.random.Generator) -> tuple[np.datetime64, np.datetime64, np.datetime64]:
    judged = days(rng, np.datetime64("2019-06-01"), np.datetime64("2023-03-01"), 1)[0]
    case_filed = judged + _span(rng, 40, 200)
    return judged, case_filed, case_filed + _span(rng, 25, 220)


def _positive(cast: Cast, rng: np.random.Generator) -> Case:
    judged, case_filed, seized_on = _timeline(rng)
    signs = set(rng.permutation(list("ACDEFG"))[: int(rng.choice([2, 3, 4], p=[0.45, 0.35, 0.2]))].tolist())
    debtor = cast.person(with_mate="C" in signs)
    named = rng.random() < 0.75
    line = seized_on if named else case_filed
    if "A" in signs:
        filed = line + _span(rng, 10, 160)
        signed = line - _span(rng, 30, 500) if rng.random() < 0.6 or not named else filed - _span(rng, 0, 9)
    elif named:
        filed = judged + _span(rng, 10, max(12, int((seized_on - judged).astype(int)) - 5))
        signed = filed - _span(rng, 0, 10)
    else:
        signed = case_filed + _span(rng, 5, 100)
        filed = signed + _span(rng, 0, 20)
    return Case(
        debtor,
        cast.tied(debtor) if "C" in signs else cast.person(),
        judged,
        case_filed,
        seized_on,
        signed,
        filed,
        months=int(rng.choice([120, 180, 240])) if "E" in signs else int(rng.choice([36, 60])),
        factor=float(rng.uniform(0.1, 0.36)) if "D" in signs else float(rng.uniform(0.8, 1.2)),
        payment="一次性付清" if "E" in signs else str(pick(rng, PAYMENTS, 1)[0]),
        idle=int(rng.integers(7, 14)) if "F" in signs else 0,
        objects="G" in signs,
        named=named,
        status="执行中" if rng.random() < 0.6 else "终结本次执行",
        loaded=bool(rng.random() < 0.88),
    )


def _trapped(cast: Cast, rng: np.random.Generator, trap: str, why: str, mate: bool = False) -> Case:
    """A named seizure and a lease in between that bears no sign; the callers change what makes the trap."""
    judged, case_filed, seized_on = _timeline(rng)
    debtor = cast.person(with_mate=mate)
    filed = judged + _span(rng, 10, int((seized_on - judged).astype(int)) - 5)
    tenant = int(cast.mates[debtor]) if mate else cast.person()
    return Case(
        debtor,
        tenant,
        judged,
        case_filed,
        seized_on,
        filed - _span(rng, 0, 10),
        filed,
        factor=float(rng.uniform(0.8, 1.2)),
        trap=trap,
        why=why,
    )


def _before_judgment(cast: Cast, rng: np.random.Generator) -> Case:
    case = _trapped(cast, rng, "before judgment", "租赁备案早于判决", mate=True)
    case.filed = case.judged - _span(rng, 20, 400)
    case.signed, case.months, case.payment = case.filed - _span(rng, 0, 10), 180, "一次性付清"
    return case


def _one_sign(cast: Cast, rng: np.random.Generator) -> Case:
    case = _trapped(cast, rng, "one sign", "倒签与查封后备案同属一份租赁，只计一项")
    case.filed = case.seized_on + _span(rng, 10, 150)
    case.signed = case.seized_on - _span(rng, 20, 300)
    return case


def _closed(cast: Cast, rng: np.random.Generator) -> Case:
    case = _trapped(cast, rng, "enforcement closed", "执行案件已结案", mate=True)
    case.filed = case.seized_on + _span(rng, 10, 150)
    case.signed, case.status, case.factor = case.filed, "结案", 0.3
    return case


def _ended(cast: Cast, rng: np.random.Generator) -> Case:
    case = _trapped(cast, rng, "lease over", "租期在执行立案前已届满", mate=True)
    case.case_filed = case.judged + _span(rng, 420, 700)
    case.seized_on = case.case_filed + _span(rng, 20, 100)
    case.filed = case.judged + _span(rng, 5, 60)
    case.signed, case.months, case.factor = case.filed, 6, 0.3
    return case


def _other_property(cast: Cast, rng: np.random.Generator) -> Case:
    case = _trapped(cast, rng, "other property", "出租的不是被查封的房屋", mate=True)
    case.filed = case.seized_on + _span(rng, 10, 150)
    case.signed, case.factor, case.other = case.filed - _span(rng, 0, 5), 0.3, True
    return case


def _hot_address(cast: Cast, rng: np.random.Generator) -> Case:
    companies, places = cast.world.companies, cast.world.places
    case = _trapped(cast, rng, "market hall", "双方仅同处一个专业市场，地址为多户共用")
    stalls = np.flatnonzero((places.kind[companies.home] == HALL) & (companies.state == "存续"))
    halls = companies.home[stalls]
    key = places.road[halls] * 1000 + places.number[halls]
    same = stalls[key == np.bincount(key).argmax()] if len(stalls) else stalls
    if len(same) >= 2:
        first, second = rng.permutation(same)[:2].tolist()
        case.debtor, case.tenant = int(first) + COMPANY, int(second) + COMPANY
    case.factor = 0.3
    return case


def _idle_unknown(cast: Cast, rng: np.random.Generator) -> Case:
    case = _trapped(cast, rng, "idle unknown", "连续零用量不足六个月，缺行的月份不能当作零")
    case.factor, case.idle, case.gap = 0.3, 8, 5
    return case


def _namesakes(cast: Cast, rng: np.random.Generator, count: int) -> list[Case]:
    """A landlord who merely bears the debtor's name."""
    people = cast.world.people
    result = []
    for debtor, other in people.namesakes(rng, people.adults(), count):
        judged, case_filed, seized_on = _timeline(rng)
        filed = seized_on + _span(rng, 10, 150)
        mate = int(cast.mates[other])
        result.append(
            Case(
                debtor,
                mate if mate >= 0 else cast.person(),
                judged,
                case_filed,
                seized_on,
                filed - _span(rng, 0, 9),
                filed,
                months=180,
                factor=0.3,
                payment="一次性付清",
                landlord=other,
                named=False,
                trap="namesake",
                why="出租人与被执行人同名，并非一人",
            )
        )
    return result


def _write(world: World, rng: np.random.Generator, cases: list[Case]) -> list[Planted]:
    planted = [Planted(case) for case in cases]

    def dates(name: str, of: list[Case]) -> np.ndarray:
        return np.array([getattr(c, name) for c in of], dtype="datetime64[D]")

    judged = dates("judged", cases)
    applicant = parties(world, rng, len(cases))
    landlord = np.array([c.debtor if c.landlord < 0 else c.landlord for c in cases], dtype=np.int64)
    other = np.flatnonzero([c.other for c in cases])
    owner = np.concatenate([landlord, landlord[other]])
    built = days(rng, np.datetime64("2007-01-01"), np.datetime64("2016-01-01"), len(owner))
    homes = estate.add(world, owner, objects(["住宅"] * len(owner)), built)
    unit = homes[: len(cases)]
    seized = unit.copy()
    seized[other] = homes[len(cases) :]
    seized[[not c.named for c in cases]] = -1
    debtor = np.array([c.debtor for c in cases], dtype=np.int64)
    loaded = np.flatnonzero([c.loaded for c in cases])
    rows = add_judgments(
        world,
        cause=pick(rng, np.array(["民间借贷纠纷", "买卖合同纠纷", "金融借款合同纠纷"], dtype=object), len(loaded)),
        filedOn=judged[loaded] - rng.integers(30, 200, size=len(loaded)).astype("timedelta64[D]"),
        judgedOn=judged[loaded],
        plaintiff=applicant[loaded],
        defendant=debtor[loaded],
        agent=np.full(len(loaded), -1),
        closure=np.full(len(loaded), "判决", dtype=object),
        amount=np.round(rng.lognormal(12.2, 0.8, size=len(loaded)), -2),
    )
    numbers = world.facts.frame("judgments")["documentNumber"].to_list()
    based_on = objects(f"（{str(c.judged)[:4]}）湘0602民初{990000 + n}号" for n, c in enumerate(cases))
    for place, row in zip(loaded.tolist(), rows.tolist(), strict=True):
        planted[place].judgment = row
        based_on[place] = numbers[row]
    enforcement = add_enforcements(
        world,
        based_on,
        applicant,
        debtor,
        dates("case_filed", cases),
        seized,
        objects(c.status for c in cases),
        dates("seized_on", cases),
    )
    tenant = np.array([c.tenant for c in cases], dtype=np.int64)
    lease = add_leases(
        world,
        unit,
        tenant,
        dates("signed", cases),
        dates("filed", cases),
        np.array([c.months for c in cases]),
        np.array([c.factor for c in cases]),
        objects(c.payment for c in cases),
        landlord,
    )
    for item, case_row, lease_row in zip(planted, enforcement.tolist(), lease.tolist(), strict=True):
        item.enforcement, item.lease = case_row, lease_row
    world.planted_units = np.concatenate([world.planted_units, homes])
    _objections(world, rng, planted)
    meters = np.flatnonzero([c.idle > 0 for c in cases])
    idle = [cases[n] for n in meters.tolist()]
    if idle:
        start = dates("filed", idle).astype("datetime64[M]")
        usage(
            world,
            unit[meters],
            start.astype("datetime64[D]"),
            np.array([c.idle + 4 for c in idle]),
            np.array([c.idle for c in idle]),
            np.array([c.gap for c in idle]),
        )
    return planted


def _objections(world: World, rng: np.random.Generator, planted: list[Planted]) -> None:
    chosen = [p for p in planted if p.case.objects]
    if not chosen:
        return
    numbers = world.facts.frame("enforcement_cases")["caseNumber"].to_list()
    filings = world.facts.frame("leases")["filingNumber"].to_list()
    filed = [max(p.case.seized_on, p.case.filed) + _span(rng, 10, 200) for p in chosen]
    world.facts.add(
        "enforcement_objections",
        caseNumber=[numbers[p.enforcement] for p in chosen],
        objector=np.array([p.case.tenant for p in chosen], dtype=np.int64),
        filedOn=np.minimum(np.array(filed, dtype="datetime64[D]"), np.datetime64("2025-03-30")),
        claimedLease=[filings[p.lease] for p in chosen],
        grounds=["主张对查封房屋享有租赁权"] * len(chosen),
    )
