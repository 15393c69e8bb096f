"""From a number of records and a seed to a world, and from a world to the truth about it."""

from __future__ import annotations

import numpy as np

from resolution.synthetic import (
    calls, companies as firms, enforcement, estate, false_lease, lifts, offences, prison, tax, trademark, venues, welfare, work,
)  # fmt: skip
from resolution.synthetic.arrays import generator
from resolution.synthetic.facts import COMPANY
from resolution.synthetic.people import populate
from resolution.synthetic.places import Places
from resolution.synthetic.world import SHARES, World

OUTSIDE_FIRMS = 0.06


def build(records: int, seed: int) -> World:
    """A world whose files hold about `records` rows, with its clues and traps."""
    def target(dataset: str) -> int:
        return max(1, round(records * SHARES[dataset] / sum(SHARES.values())))

    places = Places.empty()
    people = populate(generator(seed, "people"), places, int(target("household") * 0.985))
    rng = generator(seed, "companies")
    marks_count, wanted = target("trademarks"), target("companies")
    positives = max(20, round(records * 10 / 10_000))
    ordinary = firms.establish(rng, people, places, 0)
    bearing, marks, scenes, shares, licences = trademark.build(
        generator(seed, "marks"), people, places, ordinary, marks_count, positives
    )
    base = firms.establish(rng, people, places, max(10, int((wanted - len(bearing)) * 0.985)))
    firms.tell_apart(rng, base)
    firms.share_offices(rng, places, base)
    outside = firms.establish(rng, people, places, int(wanted * OUTSIDE_FIRMS), registered=False, existing=True)
    everything = firms.join(firms.join(bearing, base), firms.branches(
        rng, people, places, base, np.flatnonzero(base.state == "存续")[: max(1, int((wanted - len(bearing)) * 0.015))]
    ))  # fmt: skip
    # rows of base moved behind those of the mark bearers, and so did the parents of their branches
    moved = np.arange(len(everything)) >= len(bearing) + len(base)
    everything.parent[moved] += len(bearing)
    everything = firms.join(everything, outside)
    owned = estate.build(generator(seed, "estate"), people, everything, places, int(target("real_estate") * 0.86))
    world = World(seed, records, places, people, everything, owned)
    planted = _fill(world, marks, shares, licences)
    trademark.find(world, marks, scenes)
    prison.find(world)
    false_lease.find(world, planted)
    return world


def _fill(world: World, marks: trademark.Marks, shares: list[tuple[int, int, float]],
          licences: list[tuple[int, int, str]]) -> list[false_lease.Planted]:  # fmt: skip
    target = world.target

    def rest(dataset: str) -> int:
        return max(0, target(dataset) - world.facts.size(dataset))

    welfare.registers(world)
    planted = false_lease.plant(world)
    trademark.register(world, marks, licences)
    enforcement.suits(world, rest("judgments"))
    enforcement.enforcements(world, rest("enforcement_cases"))
    enforcement.objections(world, rest("enforcement_objections"))
    enforcement.leases(world, rest("leases"))
    enforcement.readings(world, rest("utility_usage"))

    prison.serve(world, target("prison_terms"))
    welfare.disabled(world)
    streams = welfare.Streams(world)
    welfare.prisoners_paid(world, streams)
    welfare.pay_the_rest(world, streams)
    streams.pay()
    welfare.hospital(world, target("medical_claims"))

    offences.employees(world, target("public_employees"))
    offences.cases(world, target("criminal_cases"))
    offences.penalties(world, target("admin_penalties"))
    offences.discipline(world, target("disciplinary_actions"))
    offences.corrections(world, target("community_corrections"))
    offences.commute(world, target("commutations"))

    venues.lodging(world, target("lodging_listings"), target("lodging_permits"))
    venues.kitchens(world, target("online_restaurants"), target("food_licences"))
    venues.schools(world, target("schools"))
    venues.premises(world, target("premises"))
    lifts.lifts(world, target("elevators"), target("elevator_maintenance"))
    lifts.retrofits(world, target("elevator_retrofits"), target("planning_permits"))
    tax.discharges(world, target("environment_tax"))
    tax.fuel(world, target("fuel_records"))
    work.certificates(world, target("work_certificates"), target("certificate_registry"))
    work.wages(world, target("wage_arrears"))
    work.loans(world, target("mortgage_loans"))
    work.withdrawals(world, target("housing_fund_withdrawals"))
    tax.land(world)
    estate.register(world)
    companies(world)
    trademark.shareholders(world, shares)

    calls.grid(world, target("grid_events"))
    calls.reports(world, target("mandatory_reports"))
    calls.last_call(world)
    so_far = sum(world.facts.size(dataset) for dataset in SHARES)
    calls.hotline(world, int(np.clip(world.records - so_far, 1, target("hotline_calls") * 2)))
    return planted


def companies(world: World) -> None:
    """Write the register of businesses; row numbers are those of the companies themselves."""
    firms_ = world.companies
    rows = np.flatnonzero(firms_.registered)
    world.facts.add(
        "companies", companyName=rows + COMPANY, legalRepresentative=firms_.representative[rows],
        companyType=firms_.kind[rows], foundedOn=firms_.founded[rows], status=firms_.state[rows],
        statusDate=firms_.state_date[rows], industry=np.array([firms.TRADES[t].title for t in firms_.trade[rows]], dtype=object),
        businessScope=firms_.scope[rows], registeredCapital=firms_.capital[rows],
    )  # fmt: skip
