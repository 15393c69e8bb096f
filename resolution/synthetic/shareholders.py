"""Who holds and runs the companies (股东和主要人员)."""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from resolution.synthetic.arrays import pick
from resolution.synthetic.facts import COMPANY
from resolution.synthetic.world import World


def register(world: World, shares: list[tuple[int, int, float]]) -> None:
    """Shareholders and staff of companies; `shares` (company, holder, percent) are those that were planted."""
    rng, companies = world.random("shareholders"), world.companies
    planted: dict[int, list[tuple[int, float]]] = {}
    for company, holder, share in shares:
        planted.setdefault(company, []).append((holder, share))
    rows = np.flatnonzero(
        companies.registered
        & (companies.parent < 0)
        & np.isin(companies.form, ["有限公司", "有限责任公司", "股份有限公司"])
    )
    count = world.target("shareholders")
    holders_each = rng.choice([1, 2, 3, 4], size=len(rows), p=[0.45, 0.33, 0.15, 0.07])
    adults, alive = world.people.adults(), companies.alive()
    out: list[tuple[int, int, float | None, str]] = []
    strangers = iter(pick(rng, adults, len(rows) * 5).tolist())
    firms = iter(pick(rng, alive, len(rows) * 5).tolist())
    cut, corporate, staff = rng.random((3, len(rows))).tolist()
    for place, company in enumerate(rows.tolist()):
        fixed = planted.get(company, [])
        rest = 100.0 - sum(share for _, share in fixed)
        others = max(1, int(holders_each[place]) - len(fixed)) if rest > 0 else 0
        # the last cut shares what is left, so that all sum up to a hundred
        marks = sorted({round(rest * part) for part in ((cut[place] + k * 0.37) % 0.9 for k in range(others - 1))})
        bounds = [0.0, *[m for m in marks if 0 < m < rest], rest]
        people = [int(companies.representative[company])] + [next(strangers) for _ in range(len(bounds))]
        for n, (low, high) in enumerate(pairwise(bounds)):
            who = people[n]
            if n and corporate[place] < 0.07:
                who = next(firms) + COMPANY
            if who != company + COMPANY:
                out.append((company, who, high - low, "执行董事" if n == 0 else "股东"))
        out.extend((company, holder, share, "股东") for holder, share in fixed)
        if staff[place] < 0.22:
            role = ("监事", "财务负责人", "经理")[place % 3]
            out.append((company, next(strangers), None, role))
    keep = {company for company, _, _ in shares}
    if len(out) > count:
        # some firms never filed their list of members
        chosen = rng.permutation(len(rows))
        dropped: set[int] = set()
        sizes = np.bincount([o[0] for o in out], minlength=len(companies))
        excess = len(out) - count
        for place in chosen.tolist():
            company = int(rows[place])
            if excess <= 0:
                break
            if company not in keep:
                dropped.add(company)
                excess -= int(sizes[company])
        out = [o for o in out if o[0] not in dropped]
    world.facts.add(
        "shareholders",
        companyName=np.array([o[0] for o in out]) + COMPANY,
        shareholder=np.array([o[1] for o in out]),
        share=[o[2] for o in out],
        position=[o[3] for o in out],
    )
