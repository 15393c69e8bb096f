"""Leases made to hinder enforcement, and those that only look like it (M02 false-lease)."""

from __future__ import annotations

from dataclasses import dataclass, field
from statistics import median

import numpy as np
import polars as pl

from resolution.synthetic import estate
from resolution.synthetic.arrays import days, objects, pick
from resolution.synthetic.enforcement import PAYMENTS, add_enforcements, add_judgments, add_leases, parties, usage
from resolution.synthetic.facts import COMPANY
from resolution.synthetic.places import ESTATE, HALL
from resolution.synthetic.world import FactRow, World, day, rows_of

LOOKBACK_DAYS = 180
MIN_SIGNS, RENT_RATIO, LONG_YEARS, IDLE_MONTHS = 2, 0.5, 10, 6


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


def find(world: World, planted: list[Planted]) -> None:
    """All clues of M02 in the world, planted or not, and the traps."""
    signs = Signs(world)
    found: set[tuple[int, int]] = set()
    for row in _candidates(world).iter_rows(named=True):
        holding = signs.of(row)
        if len(holding) < MIN_SIGNS:
            continue
        found.add((row["enforcement"], row["lease"]))
        base: list[FactRow] = [("enforcement_cases", row["enforcement"]), ("leases", row["lease"])]
        if row["judgment"] is not None:
            base.append(("judgments", row["judgment"]))
        key = list(base)
        if len(holding) == MIN_SIGNS:
            key += holding.get("G", [])
        more = [fact for facts in holding.values() for fact in facts]
        more += rows_of("real_estate", signs.titles.get(row["property"], []))
        note = f"{day(row['filed'])} 备案，{day(row['case_filed'])} 执行立案：{''.join(sorted(holding))}"
        world.clue("M02", key, [*base, *[fact for fact in more if fact not in base]], note)
    for item in planted:
        pair = (item.enforcement, item.lease)
        if item.case.trap and pair not in found:
            facts = (("enforcement_cases", pair[0]), ("leases", pair[1]))
            world.trap("M02", item.case.trap, facts, item.case.why)


def _candidates(world: World) -> pl.DataFrame:
    cases = (
        world.facts.frame("enforcement_cases")
        .filter(pl.col("status") != "结案")
        .select(
            pl.col("row").alias("enforcement"),
            "judgmentNumber",
            "debtor",
            pl.col("filedOn").alias("case_filed"),
            "seizedProperty",
            "seizedOn",
            "caseNumber",
        )
    )
    leases = world.facts.frame("leases").select(
        pl.col("row").alias("lease"),
        "property",
        "landlord",
        "tenant",
        "signedOn",
        pl.col("filedOn").alias("filed"),
        "termStart",
        "termEnd",
        "monthlyRent",
        "area",
        "payment",
    )
    judgments = world.facts.frame("judgments").select(
        pl.col("row").alias("judgment"), pl.col("documentNumber").alias("judgmentNumber"), "judgedOn"
    )
    owner = pl.DataFrame({"property": np.arange(len(world.properties)), "owner": world.properties.owner})
    return (
        cases.join(leases, left_on="debtor", right_on="landlord", coalesce=False)
        .join(owner, on="property")
        .join(judgments, on="judgmentNumber", how="left")
        .filter(
            pl.when(pl.col("seizedProperty") >= 0)
            .then(pl.col("property") == pl.col("seizedProperty"))
            .otherwise(pl.col("owner") == pl.col("debtor")),
            pl.col("termEnd") > pl.col("case_filed"),
            pl.col("filed") > pl.coalesce("judgedOn", pl.col("case_filed") - pl.duration(days=LOOKBACK_DAYS)),
        )
        .sort("enforcement", "lease")
    )


class Signs:
    """Which of the seven signs hold for a lease, with the rows behind each."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.titles: dict[int, list[int]] = {}
        for row, unit in world.facts.frame("real_estate").select("row", "property").iter_rows():
            self.titles.setdefault(unit, []).append(row)
        leases = world.facts.frame("leases")
        units, places = world.properties, world.places
        prop = leases["property"].to_numpy()
        self.group = [
            (use, int(place)) for use, place in zip(units.use[prop], places.district[units.home[prop]], strict=True)
        ]
        self.rent = (leases["monthlyRent"] / leases["area"]).to_list()
        self.by_group: dict[tuple[str, int], list[int]] = {}
        for row, group in enumerate(self.group):
            self.by_group.setdefault(group, []).append(row)
        self.objections: dict[tuple[str, int], list[int]] = {}
        frame = world.facts.frame("enforcement_objections")
        for row, number, who in frame.select("row", "caseNumber", "objector").iter_rows():
            self.objections.setdefault((number, who), []).append(row)
        self.meters: dict[int, list[tuple[object, float, int]]] = {}
        for row, unit, month, power, water in (
            world.facts.frame("utility_usage").select("row", "property", "month", "electricity", "water").iter_rows()
        ):
            self.meters.setdefault(unit, []).append((month, power + water, row))
        self.roles: dict[tuple[int, int], list[FactRow]] = {}
        for row, firm, who in world.facts.frame("shareholders").select("row", "companyName", "shareholder").iter_rows():
            self.roles.setdefault((firm, who), []).append(("shareholders", row))
        self.household_rows = {
            who: row for row, who in world.facts.frame("household").select("row", "name").iter_rows()
        }

    def of(self, row: dict[str, object]) -> dict[str, list[FactRow]]:
        """Letters of the signs that hold ((a) and (b) as one) and their rows."""
        result: dict[str, list[FactRow]] = {}
        line = row["seizedOn"] if row["seizedProperty"] >= 0 else row["case_filed"]  # type: ignore[operator]
        after_seizure = row["seizedProperty"] >= 0 and row["filed"] > line  # type: ignore[operator]
        if after_seizure or row["signedOn"] < line < row["filed"]:  # type: ignore[operator]
            result["A"] = []
        if (tie := self.tie(int(row["debtor"]), int(row["tenant"]))) is not None:  # type: ignore[call-overload]
            result["C"] = tie
        lease = int(row["lease"])  # type: ignore[call-overload]
        others = [self.rent[other] for other in self.by_group[self.group[lease]] if other != lease]
        if len(others) >= 5 and self.rent[lease] < RENT_RATIO * median(others):
            result["D"] = []
        long = (row["termEnd"] - row["termStart"]).days >= LONG_YEARS * 365  # type: ignore[operator]
        if row["payment"] == "一次性付清" and long:
            result["E"] = []
        if idle := self._idle(int(row["property"]), row["termStart"]):  # type: ignore[call-overload]
            result["F"] = [("utility_usage", reading) for reading in idle]
        if claims := self.objections.get((str(row["caseNumber"]), int(row["tenant"]))):  # type: ignore[call-overload]
            result["G"] = [("enforcement_objections", claim) for claim in claims]
        return result

    def _idle(self, unit: int, start: object) -> list[int]:
        run: list[int] = []
        best: list[int] = []
        last: tuple[int, int] | None = None
        for month, used, row in sorted(self.meters.get(unit, [])):
            if (month.year, month.month) <= (start.year, start.month):  # type: ignore[attr-defined]
                continue
            here = (month.year, month.month)  # type: ignore[attr-defined]
            follows = last is not None and here == (last[0] + last[1] // 12, last[1] % 12 + 1)
            run = [] if used > 0 else [*run, row] if follows else [row]
            last = here
            best = max(best, run, key=len)
        return best if len(best) >= IDLE_MONTHS else []

    def tie(self, landlord: int, tenant: int) -> list[FactRow] | None:
        """Rows that tie the two (none, when a column of the lease itself does), or None when nothing does."""
        roles = [*self.roles.get((landlord, tenant), []), *self.roles.get((tenant, landlord), [])]
        for firm, who in ((landlord, tenant), (tenant, landlord)):
            if firm >= COMPANY and self.world.companies.representative[firm - COMPANY] == who:
                roles.append(("companies", firm - COMPANY))
        if roles:
            return roles
        a, b = self._contacts(landlord), self._contacts(tenant)
        if a & b:
            return [fact for party in (landlord, tenant) for fact in self._rows(party)]
        return None

    def _contacts(self, party: int) -> set[object]:
        people, companies, places = self.world.people, self.world.companies, self.world.places
        result: set[object] = set()
        if party >= COMPANY:
            firm = party - COMPANY
            homes = [int(companies.home[firm])]
            if companies.phone[firm] and not companies.agent_phone[firm]:
                result.add(companies.phone[firm])
        else:
            homes = [int(people.home[party]), int(people.former_home[party])]
            result |= {p for p in (people.phone[party], people.former_phone[party]) if p}
            if people.household[party] >= 0:
                result.add(("household", int(people.household[party])))
        for home in homes:
            # a hall, or an office let to whole lists of firms, ties nobody
            if places.kind[home] == ESTATE or (party >= COMPANY and self._is_own(home)):
                result.add(("home", home))
        return result

    def _is_own(self, home: int) -> bool:
        return int((self.world.companies.home == home).sum()) <= 3 and self.world.places.kind[home] != HALL

    def _rows(self, party: int) -> list[FactRow]:
        if party >= COMPANY:
            return [("companies", party - COMPANY)] if self.world.companies.registered[party - COMPANY] else []
        row = self.household_rows.get(party)
        return [("household", row)] if row is not None else []
