"""Lodgings, kitchens and shops: listings and permits, food licences, premises around schools (M04, M08, M18)."""

from __future__ import annotations

import numpy as np

from resolution.synthetic.arrays import NO_DATE, Dates, Ints, Strings, days, either, objects, pick, plus, sample, texts
from resolution.synthetic.companies import LODGING, RESTAURANT
from resolution.synthetic.facts import COMPANY
from resolution.synthetic.people import TODAY
from resolution.synthetic.places import DISTRICTS, ESTATE, ESTATES, GATE
from resolution.synthetic.world import World

PLATFORMS = objects(["云端民宿", "湘里订房", "栖居网"])
ROOM_STYLES = objects(["湖景大床房", "温馨两居", "亲子套房", "近高铁民宿", "日式榻榻米"])
FOOD_ITEMS = objects(["冷食类", "生食类", "糕点类", "自制饮品", "热食类"])
FOOD_PLATFORMS = objects(["饭来了", "食速达", "美味到"])
DISHES = objects(["米粉店", "盖码饭", "烧烤", "麻辣烫", "小炒", "奶茶", "蛋糕房", "口味虾"])
PREMISES = {
    "烟草零售": "烟酒店",
    "彩票销售": "彩票站",
    "网吧": "网咖",
    "酒吧": "酒吧",
    "食品摊贩": "小吃摊",
    "文具店": "文具店",
}
DISTANCES = {"烟草零售": 100, "彩票销售": 200, "网吧": 200, "酒吧": 200}
CENTRE = (113.12, 29.37)
METRES_LAT = 111_195.0
SPREAD = 0.018  # degrees for the root of the number of schools: as many to the square mile in any city


def lodging(world: World, count: int, permits: int) -> None:
    """Listings by registered lodgings with a permit in force since before they went on line."""
    rng, companies = world.random("lodging"), world.companies
    hotels = world.free(companies.of_trade(LODGING))
    operators = pick(rng, hotels, count)
    listed = days(
        rng,
        np.maximum(companies.founded[operators] + np.timedelta64(30, "D"), np.datetime64("2021-01-01")),
        np.datetime64("2025-01-31"),
        count,
    )
    listed = np.minimum(listed, np.datetime64("2025-03-20"))
    add_listings(world, operators + COMPANY, listed)
    holders = np.unique(operators)
    rest = sample(rng, np.setdiff1d(hotels, holders), max(0, permits - len(holders)))
    holders = np.concatenate([holders, rest])
    since = plus(companies.founded[holders], rng.integers(0, 25, size=len(holders)))
    add_permits(world, holders + COMPANY, since, np.full(len(holders), NO_DATE))


def add_listings(
    world: World, operator: Ints, listed: Dates, delisted: Dates | None = None, host: Ints | None = None
) -> Ints:
    """Rows of lodging_listings; `operator` or `host` may be -1. Returns the row numbers."""
    start, count = world.facts.size("lodging_listings"), len(listed)
    rng = world.random("listings", str(start))
    home = world.places.add(rng, np.full(count, ESTATE))
    if host is None:
        firm = np.maximum(operator - COMPANY, 0)
        host = np.where(rng.random(count) < 0.3, world.companies.representative[firm], -1)
    return world.facts.add(
        "lodging_listings",
        listingNumber=objects(f"F{n:07d}" for n in range(start, start + count)),
        listingName=texts(ESTATES[world.places.name[home] % len(ESTATES)], pick(rng, ROOM_STYLES, count)),
        platform=pick(rng, PLATFORMS, count),
        address=home,
        operator=operator,
        host=host,
        listedOn=listed,
        delistedOn=np.full(count, NO_DATE) if delisted is None else delisted,
    )


def add_permits(world: World, operator: Ints, since: Dates, until: Dates) -> Ints:
    """Rows of lodging_permits; `until` NaT for a permit without end (or with one far ahead)."""
    start, count = world.facts.size("lodging_permits"), len(operator)
    rng = world.random("permits", str(start))
    far = np.where(rng.random(count) < 0.6, np.datetime64("2027-06-30"), NO_DATE)
    homes = world.companies.home[np.where(operator >= COMPANY, operator - COMPANY, 0)]
    return world.facts.add(
        "lodging_permits",
        permitNumber=objects(f"陵特旅{n:06d}" for n in range(start, start + count)),
        operator=operator,
        address=homes,
        permittedOn=np.minimum(since, TODAY),
        validTo=np.where(np.isnat(until), far, until),
    )


def kitchens(world: World, count: int, licences: int) -> None:
    """Restaurants with a licence, most of them also on line, with what the licence allows."""
    rng, companies = world.random("kitchens"), world.companies
    holders = sample(rng, world.free(companies.of_trade(RESTAURANT)), licences)
    issued = np.maximum(
        plus(companies.founded[holders], rng.integers(5, 40, size=len(holders))), np.datetime64("2020-04-01")
    )
    until = np.where(issued < np.datetime64("2021-01-01"), np.datetime64("2026-09-30"), plus(issued, 1826))
    items = [sorted(sample(rng, FOOD_ITEMS, int(n)).tolist()) for n in rng.integers(1, 4, size=len(holders))]
    grade = rng.choice(["A", "B", "C", ""], size=len(holders), p=[0.3, 0.4, 0.15, 0.15]).astype(object)
    numbers = add_licences(world, holders + COMPANY, issued, until, items, grade)
    taken = pick(rng, np.flatnonzero(issued < np.datetime64("2024-06-01")), count)
    collected = days(rng, np.datetime64("2024-07-01"), np.datetime64("2025-03-28"), len(taken))
    shown = [[i for i in items[row] if rng.random() < 0.8] or items[row][:1] for row in taken.tolist()]
    add_shops(world, holders[taken] + COMPANY, numbers[taken], shown, grade[taken], collected)


def add_licences(
    world: World, operator: Ints, issued: Dates, until: Dates, items: list[list[str]], grade: Strings
) -> Strings:
    """Rows of food_licences; returns the licence numbers."""
    start, count = world.facts.size("food_licences"), len(operator)
    rng = world.random("licences", str(start))
    number = objects(f"JY24306{n:07d}" for n in range(start, start + count))
    marks = pick(rng, objects("、，；,"), count)
    world.facts.add(
        "food_licences",
        licenceNumber=number,
        operator=operator,
        issuedOn=np.minimum(issued, TODAY),
        validTo=until,
        items=[
            mark.join(f"{i}制售" if i == "自制饮品" else f"{i}食品制售" for i in own)
            for own, mark in zip(items, marks.tolist(), strict=True)
        ],
        grade=[g or None for g in grade.tolist()],
    )
    return number


def add_shops(
    world: World, operator: Ints, licence: Strings, items: list[list[str]], grade: Strings, collected: Dates
) -> Ints:
    """Rows of online_restaurants, as collected from the platforms; returns the row numbers."""
    start, count = world.facts.size("online_restaurants"), len(operator)
    rng = world.random("shops", str(start))
    firm = operator - COMPANY
    dish = DISHES[firm % len(DISHES)]
    where = objects(DISTRICTS[world.companies.district[firm] % len(DISTRICTS)].tolist())
    tail = np.where(rng.random(count) < 0.5, "", texts("（", objects(w[:2] for w in where), "店）"))
    marks = pick(rng, objects("、,，"), count)
    return world.facts.add(
        "online_restaurants",
        shopName=texts(world.companies.mark[firm], dish, tail),
        platform=pick(rng, FOOD_PLATFORMS, count),
        operator=operator,
        shop=firm,
        licenceNumber=either(rng.random(count) < 0.12, None, licence),
        collectedOn=collected,
        categories=[mark.join(own) for own, mark in zip(items, marks.tolist(), strict=True)],
        shownGrade=[g or None for g in grade.tolist()],
    )


def schools(world: World, count: int) -> None:
    """Schools and kindergartens, spread over the city."""
    rng = world.random("schools")
    kind = rng.choice(["幼儿园", "小学", "中学"], size=count, p=[0.35, 0.4, 0.25]).astype(object)
    kind[:3] = ["幼儿园", "小学", "中学"][:count]
    home = world.places.add(rng, np.full(count, GATE))
    name = objects(
        [
            "星光",
            "育才",
            "朝阳",
            "实验",
            "明德",
            "洞庭",
            "南湖",
            "康王",
            "梅溪",
            "楚风",
            "枫桥",
            "奇岭",
            "长炼",
            "屈原",
            "湘北",
            "同心",
        ]
    )
    stem = texts(DISTRICTS[world.places.district[home]], pick(rng, name, count))
    title = texts(stem, _ordinals(stem, kind), kind)
    lon, lat = _spots(rng, count)
    world.facts.add("schools", schoolName=title, schoolType=kind, address=home, longitude=lon, latitude=lat)


def _ordinals(stem: Strings, kind: Strings) -> Strings:
    """第一, 第二 … where several schools of a kind share a name; the first of a kind may do without."""
    seen: dict[tuple[str, str], int] = {}
    result = []
    for key in zip(stem.tolist(), kind.tolist(), strict=True):
        seen[key] = number = seen.get(key, 0) + 1
        result.append("" if number == 1 and key[1] == "幼儿园" else f"第{_numeral(number)}")
    return objects(result)


def _numeral(number: int) -> str:
    digits = "零一二三四五六七八九"
    tens, ones = divmod(number, 10)
    if number >= 100:
        return str(number)
    head = "" if not tens else "十" if tens == 1 else digits[tens] + "十"
    return head + (digits[ones] if ones or not tens else "")


def _spots(rng: np.random.Generator, count: int) -> tuple[np.ndarray, np.ndarray]:
    spread = SPREAD * count**0.5
    return CENTRE[0] + rng.uniform(-spread, spread, count), CENTRE[1] + rng.uniform(-spread, spread, count)


def premises(world: World, count: int) -> None:
    """Shops and bars anywhere in the city (near a school only by chance)."""
    rng = world.random("premises")
    kind = rng.choice(list(PREMISES), size=count, p=[0.24, 0.14, 0.16, 0.12, 0.17, 0.17]).astype(object)
    schools_ = world.facts.size("schools")
    spread = SPREAD * schools_**0.5
    lon = CENTRE[0] + rng.uniform(-spread * 3, spread * 3, count)
    lat = CENTRE[1] + rng.uniform(-spread * 3, spread * 3, count)
    add_premises(world, kind, lon, lat, open_=rng.random(count) < 0.9)


def add_premises(world: World, kind: Strings, lon: np.ndarray, lat: np.ndarray, open_: np.ndarray) -> Ints:
    """Rows of premises; returns the row numbers."""
    start, count = world.facts.size("premises"), len(kind)
    rng = world.random("premise", str(start))
    firm = pick(rng, world.companies.alive(), count)
    home = world.places.add(rng, np.full(count, GATE))
    suffix = objects(PREMISES[k] for k in kind.tolist())
    operator = np.where((rng.random(count) < 0.15) | (kind == "食品摊贩"), -1, firm + COMPANY)
    return world.facts.add(
        "premises",
        premisesName=texts(world.companies.mark[firm], suffix),
        operator=operator,
        category=kind,
        address=home,
        longitude=lon,
        latitude=lat,
        shop=np.arange(start, start + count),
        openedOn=days(rng, np.datetime64("2010-01-01"), np.datetime64("2024-12-31"), count),
        status=np.where(open_, "营业", "关闭").astype(object),
    )
