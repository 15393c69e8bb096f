"""Lodgings and kitchens without the right papers, shops too near to schools (M04, M08, M18)."""

from __future__ import annotations

import numpy as np
import polars as pl

from resolution.synthetic.arrays import NO_DATE, Ints, Strings, days, objects, pick, plus, sample
from resolution.synthetic.companies import LODGING, RESTAURANT
from resolution.synthetic.facts import COMPANY
from resolution.synthetic.people import TODAY
from resolution.synthetic.venues import (
    DISTANCES,
    FOOD_ITEMS,
    METRES_LAT,
    add_licences,
    add_listings,
    add_permits,
    add_premises,
    add_shops,
)
from resolution.synthetic.world import FactRow, World, rows_of

LODGING_WORDS = ("住宿", "旅馆", "酒店", "民宿", "宾馆", "旅店", "客栈")
ALSO_KINDERGARTEN = ("烟草零售", "酒吧")


def plant_lodgings(world: World) -> None:
    """Listings of unlicensed hosts, and of hosts whose papers stand elsewhere in the files."""
    rng, companies = world.random("M04"), world.companies
    each = world.some(1, 3)
    hotels = iter(world.reserve(sample(rng, world.free(companies.of_trade(LODGING)), each * 7)).tolist())
    listed = days(rng, np.datetime64("2021-03-01"), np.datetime64("2024-09-30"), each * 12)
    when = iter(listed)

    def take(count: int) -> Ints:
        return np.array([next(hotels) for _ in range(count)], dtype=np.int64)

    def dates(count: int) -> np.ndarray:
        return np.array([next(when) for _ in range(count)], dtype="datetime64[D]")

    none = np.full(each, -1)
    strangers = _without_business(world, rng, each * 2)
    add_listings(world, none, dates(each), host=strangers[:each])  # nobody registered
    restaurants = sample(rng, world.free(companies.of_trade(RESTAURANT)), each)
    add_listings(world, world.reserve(restaurants) + COMPANY, dates(each))  # registered for something else
    add_listings(world, take(each) + COMPANY, dates(each))  # a lodging without permit
    expired, day = take(each), dates(each)
    add_permits(world, expired + COMPANY, plus(day, -900), plus(day, -60))
    add_listings(world, expired + COMPANY, day)
    closed = take(each)
    companies.state[closed], companies.state_date[closed] = "注销", np.datetime64("2023-08-15")
    add_listings(world, closed + COMPANY, dates(each))

    # traps
    gone = dates(each)
    off = add_listings(world, none, gone, plus(gone, 90), host=strangers[each:])
    _trap(world, "delisted", off, "房源已下架")
    hosts, day = take(each), dates(each)
    companies.representative[hosts] = _without_business(world, rng, each)
    add_permits(world, hosts + COMPANY, plus(day, -300), np.full(each, NO_DATE))
    by_host = add_listings(world, none, day, host=companies.representative[hosts])
    _trap(world, "host has a business", by_host, "房东名下有持证住宿经营主体")
    late, day = take(each), dates(each)
    add_permits(world, late + COMPANY, plus(day, 60), np.full(each, NO_DATE))
    _trap(world, "permit came later", add_listings(world, late + COMPANY, day), "上架后取得许可")


def _trap(world: World, kind: str, rows: Ints, why: str) -> None:
    for row in rows.tolist():
        world.trap("M04", kind, [("lodging_listings", row)], why)


def _without_business(world: World, rng: np.random.Generator, count: int) -> Ints:
    adults = world.people.adults()
    return sample(rng, adults[~np.isin(adults, world.companies.representative)], count)


def find_lodgings(world: World) -> None:
    """M04 by its rule."""
    companies = world.companies
    permits: dict[int, list[tuple[np.datetime64, np.datetime64, int]]] = {}
    frame = world.facts.frame("lodging_permits")
    for who, start, end, row in zip(
        frame["operator"], frame["permittedOn"].to_numpy(), frame["validTo"].to_numpy(), frame["row"], strict=True
    ):
        permits.setdefault(who, []).append((start, end, row))
    by_person: dict[int, list[int]] = {}
    for firm in np.flatnonzero(companies.registered).tolist():
        by_person.setdefault(int(companies.representative[firm]), []).append(firm)
    lodges = [any(word in scope for word in LODGING_WORDS) for scope in companies.scope.tolist()]
    listings = world.facts.frame("lodging_listings")
    off = listings["delistedOn"].to_numpy()
    for n, (row, operator, host) in enumerate(listings.select("row", "operator", "host").iter_rows()):
        if not np.isnat(off[n]) and off[n] <= TODAY:
            continue
        who = operator if operator >= 0 else host
        if who < 0:
            continue
        firms = [who - COMPANY] if who >= COMPANY else by_person.get(who, [])
        faults = [
            _fault(world, firm, lodges, permits.get(firm + COMPANY, []), listings["listedOn"][n]) for firm in firms
        ]
        if not firms or all(faults):
            reason = min(faults) if faults else "无登记主体"
            facts: list[FactRow] = [("lodging_listings", row)]
            facts += [("companies", firm) for firm in firms if companies.registered[firm]]
            world.clue("M04", facts[:1], facts, str(reason))


def _fault(
    world: World, firm: int, lodges: list[bool], permits: list[tuple[np.datetime64, np.datetime64, int]], listed: object
) -> str:
    companies = world.companies
    if not companies.registered[firm] or companies.state[firm] != "存续":
        return "a 无存续登记主体"
    if not lodges[firm]:
        return "b 经营范围无住宿"
    first = np.datetime64(str(listed))
    if not any(start <= TODAY and (np.isnat(end) or end >= first) for start, end, _ in permits):
        return "c 无特种行业许可"
    return ""


def plant_kitchens(world: World) -> None:
    """Shops on line beyond their licence, and such as renewed it in time."""
    rng, companies = world.random("M08"), world.companies
    each = world.some(1.2, 3)
    pool = world.free(companies.of_trade(RESTAURANT))
    pool = pool[companies.founded[pool] < np.datetime64("2023-01-01")]
    firms = iter(world.reserve(sample(rng, pool, each * 7)).reshape(7, -1) + COMPANY)
    seen = days(rng, np.datetime64("2024-07-01"), np.datetime64("2025-03-20"), each)
    issued, until = plus(seen, -700), plus(seen, 900)
    plain, grade = [["热食类"]] * each, np.full(each, "B", dtype=object)
    blank, none = np.full(each, "", dtype=object), np.full(each, None, dtype=object)

    add_shops(world, next(firms), none, plain, blank, seen)  # never licensed
    who = next(firms)
    number = add_licences(world, who, plus(seen, -1900), plus(seen, -75), plain, grade)
    add_shops(world, who, number, plain, grade, seen)  # expired
    who = next(firms)
    number = add_licences(world, who, issued, until, plain, grade)
    extra = [["热食类", str(pick(rng, FOOD_ITEMS[:4], 1)[0])] for _ in range(each)]
    add_shops(world, who, number, extra, grade, seen)  # more than allowed
    who = next(firms)
    number = add_licences(world, who, issued, until, plain, np.full(each, "C", dtype=object))
    add_shops(world, who, number, plain, pick(rng, objects(["A", "B"]), each), seen)  # a better grade shown
    who = next(firms)
    number = add_licences(world, who, issued, until, plain, grade)
    add_shops(world, who, number, plain, blank, seen)  # the grade hidden

    who = next(firms)
    old = add_licences(world, who, plus(seen, -1900), plus(seen, -75), plain, blank)
    add_licences(world, who, plus(seen, -74), plus(seen, 1700), plain, blank)
    for row in add_shops(world, who, old, plain, blank, seen).tolist():
        world.trap("M08", "renewed", [("online_restaurants", row)], "许可证已换新证")
    who = next(firms)
    number = add_licences(world, who, issued, plus(seen, 3), plain, grade)
    for row in add_shops(world, who, number, plain, grade, seen).tolist():
        world.trap("M08", "expired after", [("online_restaurants", row)], "采集当日许可证仍有效")


def find_kitchens(world: World) -> None:
    """M08 by its rule."""
    licences: dict[int, list[dict[str, object]]] = {}
    for licence in world.facts.frame("food_licences").iter_rows(named=True):
        licences.setdefault(licence["operator"], []).append(licence)
    for shop in world.facts.frame("online_restaurants").iter_rows(named=True):
        own, key = licences.get(shop["operator"], []), ("online_restaurants", shop["row"])
        valid = [x for x in own if x["issuedOn"] <= shop["collectedOn"] <= x["validTo"]]
        if not valid:
            expired: list[FactRow] = [("food_licences", int(str(x["row"]))) for x in own]
            world.clue("M08", [key], [key, *expired], "a 采集日无有效许可")
            continue
        papers = [("food_licences", int(str(x["row"]))) for x in valid]
        beyond = [
            i for i in FOOD_ITEMS.tolist() if i in shop["categories"] and not any(i in str(x["items"]) for x in valid)
        ]
        if beyond:
            world.clue("M08", [key, *papers], [key, *papers], f"b 超范围：{'、'.join(beyond)}")
        given = [x["grade"] for x in valid if x["grade"]]
        if given and shop["shownGrade"] not in given:
            world.clue(
                "M08", [key, *papers], [key, *papers], f"c 等级：公示{shop['shownGrade'] or '无'}，许可{given[0]}"
            )


def plant_premises(world: World) -> None:
    """Premises just inside and just outside the distance that the law asks for."""
    rng = world.random("M18")
    schools = world.facts.frame("schools")
    lon, lat, sort = (
        schools["longitude"].to_numpy(),
        schools["latitude"].to_numpy(),
        np.array(schools["schoolType"].to_list()),
    )
    real, nursery = np.flatnonzero(sort != "幼儿园"), np.flatnonzero(sort == "幼儿园")
    kinds = objects(DISTANCES)

    def near(count: int, kind: Strings, low: float, high: float, school: Ints, open_: bool = True) -> Ints:
        limit = np.array([DISTANCES.get(k, 200) for k in kind.tolist()])
        metres, angle = limit * rng.uniform(low, high, count), rng.uniform(0, 2 * np.pi, count)
        at = pick(rng, school, count)
        dx = metres * np.sin(angle) / (METRES_LAT * np.cos(np.radians(lat[at])))
        return add_premises(
            world, kind, lon[at] + dx, lat[at] + metres * np.cos(angle) / METRES_LAT, np.full(count, open_)
        )

    positives, each = world.some(6, 14), world.some(1.2, 3)
    near(positives, pick(rng, kinds, positives), 0.15, 0.92, real)
    two = objects(ALSO_KINDERGARTEN)
    near(each, pick(rng, two, each), 0.2, 0.9, nursery)
    tell = {
        "too far": (near(each, pick(rng, kinds, each), 1.08, 1.4, real), "距离在限定范围之外"),
        "closed": (near(each, pick(rng, kinds, each), 0.2, 0.9, real, open_=False), "场所已关闭"),
        "other kind": (
            near(each, pick(rng, objects(["文具店", "食品摊贩"]), each), 0.1, 0.6, real),
            "文具店、食品摊贩不在限制之列",
        ),
        "kindergarten": (
            near(each, pick(rng, objects(["彩票销售", "网吧"]), each), 0.2, 0.8, nursery),
            "幼儿园周边不限此类",
        ),
    }
    for kind, (rows, why) in tell.items():
        for row in rows.tolist():
            world.trap("M18", kind, [("premises", row)], why)


def find_premises(world: World) -> None:
    """M18 by its rule."""
    schools = world.facts.frame("schools")
    open_ = world.facts.frame("premises").filter(
        (pl.col("status") == "营业") & pl.col("category").is_in(list(DISTANCES))
    )
    lon, lat = open_["longitude"].to_numpy(), open_["latitude"].to_numpy()
    kinds = open_["category"].to_list()
    limit = np.array([DISTANCES[k] for k in kinds])
    also = np.isin(np.array(kinds, dtype=object), list(ALSO_KINDERGARTEN))
    rows = open_["row"].to_numpy()
    for school, sort, x, y in schools.select("row", "schoolType", "longitude", "latitude").iter_rows():
        dx = (lon - x) * METRES_LAT * np.cos(np.radians(y))
        metres = np.hypot(dx, (lat - y) * METRES_LAT)
        for place in np.flatnonzero((metres <= limit) & (also | (sort != "幼儿园"))).tolist():
            facts = (*rows_of("schools", [school]), *rows_of("premises", [int(rows[place])]))
            world.clue("M18", facts, facts, f"{kinds[place]}距{sort}{metres[place]:.0f}米")
