"""The seven signs of a false lease, looked for in all that is true (M02 false-lease)."""

from __future__ import annotations

from statistics import median
from typing import Any

import numpy as np
import polars as pl

from resolution.synthetic.cases.false_lease import Planted
from resolution.synthetic.facts import COMPANY
from resolution.synthetic.places import ESTATE, HALL
from resolution.synthetic.world import FactRow, World, day, rows_of

LOOKBACK_DAYS = 180
MIN_SIGNS, RENT_RATIO, LONG_YEARS, IDLE_MONTHS = 2, 0.5, 10, 6


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
        self.meters: dict[int, list[tuple[Any, float, int]]] = {}
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

    def of(self, row: dict[str, Any]) -> dict[str, list[FactRow]]:
        """Letters of the signs that hold ((a) and (b) as one) and their rows."""
        result: dict[str, list[FactRow]] = {}
        line = row["seizedOn"] if row["seizedProperty"] >= 0 else row["case_filed"]
        after_seizure = row["seizedProperty"] >= 0 and row["filed"] > line
        if after_seizure or row["signedOn"] < line < row["filed"]:
            result["A"] = []
        if (tie := self.tie(int(row["debtor"]), int(row["tenant"]))) is not None:
            result["C"] = tie
        lease = int(row["lease"])
        others = [self.rent[other] for other in self.by_group[self.group[lease]] if other != lease]
        if len(others) >= 5 and self.rent[lease] < RENT_RATIO * median(others):
            result["D"] = []
        long = (row["termEnd"] - row["termStart"]).days >= LONG_YEARS * 365
        if row["payment"] == "一次性付清" and long:
            result["E"] = []
        if idle := self._idle(int(row["property"]), row["termStart"]):
            result["F"] = [("utility_usage", reading) for reading in idle]
        if claims := self.objections.get((str(row["caseNumber"]), int(row["tenant"]))):
            result["G"] = [("enforcement_objections", claim) for claim in claims]
        return result

    def _idle(self, unit: int, start: Any) -> list[int]:
        run: list[int] = []
        best: list[int] = []
        last: tuple[int, int] | None = None
        for month, used, row in sorted(self.meters.get(unit, [])):
            if (month.year, month.month) <= (start.year, start.month):
                continue
            here = (month.year, month.month)
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
