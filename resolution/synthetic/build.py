"""From a number of records and a seed to a world, and from a world to the truth about it."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from resolution.synthetic import (
    calls,
    companies,
    enforcement,
    estate,
    lifts,
    marks,
    offences,
    prison,
    shareholders,
    tax,
    venues,
    welfare,
    work,
)
from resolution.synthetic.arrays import Ints, generator
from resolution.synthetic.cases import calls as call_cases
from resolution.synthetic.cases import (
    false_lease,
    lease_signs,
    lift_safety,
    offenders,
    prison_life,
    prisoner_subsidy,
    rules,
    taxes_due,
    trademark,
)
from resolution.synthetic.cases import venues as venue_cases
from resolution.synthetic.cases import welfare as welfare_cases
from resolution.synthetic.cases import work as work_cases
from resolution.synthetic.people import populate
from resolution.synthetic.places import Places
from resolution.synthetic.world import SHARES, World

OUTSIDE_FIRMS = 0.06  # of those in the register
BRANCHES = 0.015


def build(records: int, seed: int) -> World:
    """A world whose files hold about `records` rows, with its clues and traps."""

    def target(dataset: str) -> int:
        return max(1, round(records * SHARES[dataset] / sum(SHARES.values())))

    places = Places.empty()
    people = populate(generator(seed, "people"), places, int(target("household") * 0.985))
    rng = generator(seed, "companies")
    positives = max(round(20 * min(1.0, records / 10_000)), round(records / 1000))
    market = marks.build(generator(seed, "marks"), people, places, target("trademarks"), positives)
    bearing = market.companies
    wanted = target("companies") - len(bearing)
    base = companies.establish(rng, people, places, max(10, int(wanted * (1 - BRANCHES))))
    companies.tell_apart(rng, base)
    companies.share_offices(rng, places, base)
    parents = np.flatnonzero(base.state == "存续")[: max(1, int(wanted * BRANCHES))]
    offices = companies.branches(rng, people, places, base, parents)
    # what was the first of `base` now stands behind those that bear marks
    offices.parent += len(bearing)
    outside = companies.establish(rng, people, places, int(wanted * OUTSIDE_FIRMS) + 5, registered=False, existing=True)
    everything = companies.join(companies.join(bearing, base), companies.join(offices, outside))
    ordinary = len(bearing) + np.arange(len(base))
    owned = estate.build(generator(seed, "estate"), people, everything, places, int(target("real_estate") * 0.72))
    world = World(seed, records, places, people, everything, owned)
    suspects = _fill(world, market, ordinary)
    _find(world, market, suspects)
    return world


def _fill(world: World, market: marks.Market, ordinary: Ints) -> list[false_lease.Planted]:
    """Write all facts: first the planted cases of a kind, then what is ordinary up to the target."""

    def rest(dataset: str) -> int:
        return max(0, world.target(dataset) - world.facts.size(dataset))

    welfare.registers(world)
    suspects = false_lease.plant(world)
    work_cases.plant_suits(world)
    work_cases.plant_wages(world)
    marks.register(world, market)
    enforcement.suits(world, rest("judgments"))
    enforcement.enforcements(world, rest("enforcement_cases"))
    enforcement.objections(world, rest("enforcement_objections"))

    prison.serve(world, world.target("prison_terms"))
    prison_life.plant(world)
    prison.commute(world, rest("commutations"))
    welfare.disabled(world)
    streams = welfare.Streams(world)
    prisoner_subsidy.plant(world, streams)
    welfare_cases.plant_allowances(world, streams)
    welfare.pay_the_rest(world, streams)
    streams.pay()
    welfare_cases.trap_allowances(world)
    welfare_cases.plant_claims(world)
    welfare.hospital(world, rest("medical_claims"))

    offences.employees(world, world.target("public_employees"))
    offenders.plant_staff(world)
    offenders.plant_corrections(world)
    offenders.plant_proceeds(world)
    offenders.plant_transfers(world)
    taxes_due.plant_discharges(world)
    offences.corrections(world, rest("community_corrections"))
    offences.cases(world, rest("criminal_cases"))
    offences.penalties(world, rest("admin_penalties"))
    offences.discipline(world, rest("disciplinary_actions"))
    tax.discharges(world, rest("environment_tax"))
    taxes_due.plant_fuel(world)
    tax.fuel(world, rest("fuel_records"))

    venue_cases.plant_lodgings(world)
    venues.lodging(world, rest("lodging_listings"), rest("lodging_permits"))
    venue_cases.plant_kitchens(world)
    venues.kitchens(world, rest("online_restaurants"), rest("food_licences"))
    venues.schools(world, world.target("schools"))
    venue_cases.plant_premises(world)
    venues.premises(world, rest("premises"))
    lifts.lifts(world, round(world.target("elevators") * 0.85), round(world.target("elevator_maintenance") * 0.8))
    lifts.retrofits(world, round(world.target("elevator_retrofits") * 0.9), world.target("planning_permits"))
    lift_safety.plant(world)

    work_cases.plant_certificates(world)
    work.certificates(world, rest("work_certificates"), rest("certificate_registry"))
    work.wages(world, rest("wage_arrears"))
    work_cases.plant_loans(world, ordinary)
    work.loans(world, rest("mortgage_loans"))
    work.withdrawals(world, rest("housing_fund_withdrawals"))
    enforcement.leases(world, rest("leases"))
    enforcement.readings(world, rest("utility_usage"))
    taxes_due.plant_land(world)
    estate.register(world)
    taxes_due.trap_land(world)
    companies.register(world)
    shareholders.register(world, market.shares)

    call_cases.plant_hotspots(world)
    call_cases.plant_themes(world)
    rules.plant(world)
    calls.grid(world, world.target("grid_events"))
    calls.reports(world, world.target("mandatory_reports"))
    calls.last_call(world)
    so_far = sum(world.facts.size(dataset) for dataset in SHARES)
    calls.hotline(world, int(np.clip(world.records - so_far, 1, world.target("hotline_calls") * 2)))
    return suspects


FINDERS: tuple[Callable[[World], None], ...] = (
    prisoner_subsidy.find,
    venue_cases.find_lodgings,
    prison_life.find,
    lift_safety.find,
    taxes_due.find_land,
    venue_cases.find_kitchens,
    welfare_cases.find_allowances,
    taxes_due.find_discharges,
    offenders.find_staff,
    offenders.find_corrections,
    taxes_due.find_fuel,
    work_cases.find_certificates,
    work_cases.find_loans,
    welfare_cases.find_claims,
    work_cases.find_suits,
    venue_cases.find_premises,
    work_cases.find_wages,
    offenders.find_proceeds,
    offenders.find_transfers,
    call_cases.find_hotspots,
    call_cases.find_themes,
    rules.find,
)


def _find(world: World, market: marks.Market, suspects: list[false_lease.Planted]) -> None:
    """Work out every clue that the facts hold, planted or not."""
    trademark.find(world, market)
    lease_signs.find(world, suspects)
    for find in FINDERS:
        find(world)
