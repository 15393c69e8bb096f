"""Trade marks, old brands and geographical signs, and the firms that bear them (judged in `cases.trademark`)."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import pypinyin

from resolution.synthetic import names
from resolution.synthetic.arrays import NO_DATE, Bools, Dates, Ints, Strings, days, objects, pick, plus
from resolution.synthetic.companies import (
    COMMON,
    TRADE_OF,
    TRADES,
    Companies,
    branches,
    establish,
    join,
    tell_apart_by_trade,
)
from resolution.synthetic.facts import COMPANY
from resolution.synthetic.people import TODAY, People
from resolution.synthetic.places import Places
from resolution.synthetic.world import World

ORDINARY, FAMOUS, OLD_BRAND, PLACE_SIGN = "普通商标", "驰名商标", "老字号", "地理标志"
FOOD = {TRADE_OF["餐饮业"], TRADE_OF["食品制造业"], TRADE_OF["酒、饮料和精制茶制造业"]}
OWNER_SHARE, GENERIC_LIMIT = 20, 20
GENERIC = ["阳光", "洞庭", "幸福", "东方", "长江", "金鼎", "如意", "吉祥", "明珠", "百姓", "红旗", "春风"]
_ELEGANT = (
    "雁桐岚墨棠竹砚荷蕉鹭梧栖鹤莲舟禾渔枫霁澜沁柏茗芷菱萤梨橘苔笙筝琴瑟凇霖汀渚薇萝菡蒲芦槐榆桑枣杏桃李松鹃雀鸥燕狮虎豹鹿"
    "龟蝶瓷陶窑笔纸扇灯塔桥亭轩阁楼斋堂坊记谷岭峰崖潭湾港浦洲"
)
_OTHERS = (
    "言雨同兰默唐烛燕合焦路吾七贺连周和鱼风季蓝心白明止领应里局台生正勤色伶停主微罗汗铺炉怀余嗓找兴逃理送娟却欧艳师胡报"
)


@lru_cache(maxsize=200_000)
def pinyin(text: str) -> str:
    """Reading without tones, syllables set apart."""
    return " ".join(pypinyin.lazy_pinyin(text))


def _plain(character: str) -> bool:
    return len(pypinyin.pinyin(character, style=pypinyin.Style.NORMAL, heteronym=True)[0]) == 1


@dataclass
class Marks:
    """Marks as columns; the owner is a party."""

    text: Strings
    number: Strings
    kind: Strings
    nice: Ints
    trade: Ints  # trade of the owner's business
    owner: Ints
    applied: Dates
    protected: Dates
    until: Dates  # NaT for places and old brands without end
    valid: Bools

    def __len__(self) -> int:
        return len(self.text)


@dataclass
class Scene:
    """Firms made for one mark, and why they are or are not a clue."""

    company: int
    mark: int
    trap: str  # "" for a clue
    why: str


@dataclass
class Market:
    """Marks with their owners and the firms that bear them."""

    companies: Companies
    marks: Marks
    scenes: list[Scene]
    shares: list[tuple[int, int, float]]  # company, holder, percent
    licences: list[tuple[int, int, str]]  # mark, company, "open" or "founding"


def build(rng: np.random.Generator, people: People, places: Places, count: int, positives: int) -> Market:
    """`count` marks with their owners, and firms that bear them by right (traps) or not (`positives`)."""
    traps = max(2, positives // 7)
    generic = min(len(GENERIC), max(2, count // 60))
    text = objects([*GENERIC[:generic], *_texts(rng, count - generic)])
    count = len(text)
    kind = rng.choice([ORDINARY, FAMOUS, OLD_BRAND, PLACE_SIGN], size=count, p=[0.72, 0.08, 0.12, 0.08]).astype(object)
    kind[:generic] = ORDINARY
    open_trades = np.array([i for i, trade in enumerate(TRADES) if trade.classes])
    weights = np.array([TRADES[i].weight for i in open_trades]) ** 0.8
    trade = rng.choice(open_trades, size=count, p=weights / weights.sum())
    trade[kind == PLACE_SIGN] = rng.choice(
        [TRADE_OF["农业"], TRADE_OF["食品制造业"]], size=int((kind == PLACE_SIGN).sum())
    )
    trade[kind == OLD_BRAND] = rng.choice(sorted(FOOD), size=int((kind == OLD_BRAND).sum()))
    nice = np.array([TRADES[t].classes[i % len(TRADES[t].classes)] for i, t in enumerate(trade.tolist())])
    applied = days(rng, np.datetime64("2008-01-01"), np.datetime64("2017-12-31"), count)
    applied[:generic] = days(rng, np.datetime64("2016-01-01"), np.datetime64("2018-01-01"), generic)
    protected = plus(applied, rng.integers(250, 520, size=count))
    until = plus(protected, rng.choice([3652, 7305], size=count, p=[0.3, 0.7]))
    until = np.where(until < TODAY, plus(until, 3653), until)
    until[(kind == PLACE_SIGN) | ((kind == OLD_BRAND) & (rng.random(count) < 0.5))] = NO_DATE
    marks = Marks(
        text,
        objects(str(8_100_000 + 37 * i) for i in range(count)),
        kind,
        nice,
        trade,
        np.full(count, -1),
        applied,
        protected,
        until,
        np.ones(count, dtype=bool),
    )

    companies = establish(
        rng,
        people,
        places,
        count,
        marks=text.copy(),
        trade=trade,
        existing=True,
        household=rng.random(count) < 0.15,
        founded=plus(applied, -rng.integers(200, 3000, size=count)),
    )
    companies.former_mark[:] = ""
    marks.owner = np.arange(count) + COMPANY
    # one in twelve belongs to a natural person; the firm is then hers by share
    shares: list[tuple[int, int, float]] = []
    for row in np.flatnonzero((rng.random(count) < 0.08) & (companies.form != "")).tolist():
        marks.owner[row] = companies.representative[row]
        shares.append((row, int(marks.owner[row]), float(rng.integers(51, 100))))

    scenes: list[Scene] = []
    licences: list[tuple[int, int, str]] = []
    plan = _plan(rng, marks, companies.form != "", generic, positives, traps)
    chars = objects(p.text for p in plan)
    made = establish(
        rng,
        people,
        places,
        len(plan),
        marks=chars,
        trade=np.array([p.trade for p in plan]),
        existing=True,
        founded=np.array([p.founded for p in plan], dtype="datetime64[D]"),
        household=np.array([p.household for p in plan]),
    )
    made.former_mark[:] = ""
    start = len(companies)
    companies = join(companies, made)
    for offset, item in enumerate(plan):
        row, mark = start + offset, item.mark
        if item.trap != "carrier":
            scenes.append(Scene(row, mark, item.trap, item.why))
        owner = int(marks.owner[mark])
        if item.trap == "subsidiary":
            shares.append((row, owner, float(rng.integers(25, 90))))
        elif item.trap == "parent" and owner >= COMPANY:
            shares.append((owner - COMPANY, row + COMPANY, float(rng.integers(25, 60))))
        elif item.trap == "licensee":
            licences.append((mark, row, "open" if rng.random() < 0.5 else "founding"))
        elif item.trap == "closed":
            companies.state[row] = "注销"
            companies.state_date[row] = min(companies.founded[row] + np.timedelta64(500, "D"), TODAY)
        elif item.trap == "invalid":
            marks.valid[mark] = False
    tell_apart_by_trade(rng, companies)
    # branches of owners carry the mark by right
    parents = np.array([i for i in range(generic, count) if marks.owner[i] >= COMPANY][: traps * 2], dtype=int)
    start = len(companies)
    companies = join(companies, branches(rng, people, places, companies, parents))
    for offset, parent in enumerate(parents.tolist()):
        scenes.append(Scene(start + offset, parent, "branch", "商标权利人的分公司"))
    return Market(companies, marks, scenes, shares, licences)


@dataclass
class _Item:
    mark: int
    text: str
    trade: int
    founded: np.datetime64
    household: bool
    trap: str = ""
    why: str = ""


def _texts(rng: np.random.Generator, count: int) -> list[str]:
    characters = objects(c for c in dict.fromkeys(_ELEGANT) if _plain(c) and c not in set(COMMON.tolist()))
    found: dict[str, str] = {}
    while len(found) < count:
        size = 2 if rng.random() < 0.6 or len(found) > 3000 else 3
        if len(found) > 2500:
            size = 3
        text = "".join(pick(rng, characters, size).tolist())
        if len(set(text)) == size:
            found.setdefault(pinyin(text), text)
    return list(found.values())[:count]


@lru_cache(maxsize=1)
def _by_sound() -> dict[str, list[str]]:
    pool = sorted(set(_ELEGANT + _OTHERS + names.MALE + names.FEMALE + names.YOUNG) - set(COMMON.tolist()))
    result: dict[str, list[str]] = {}
    for character in pool:
        if _plain(character):
            result.setdefault(pinyin(character), []).append(character)
    return result


def _sounds_like(rng: np.random.Generator, text: str) -> str | None:
    places = [i for i, c in enumerate(text) if len(_by_sound().get(pinyin(c), [])) > 1]
    if not places:
        return None
    place = places[int(rng.integers(len(places)))]
    options = [c for c in _by_sound()[pinyin(text[place])] if c != text[place]]
    result = text[:place] + options[int(rng.integers(len(options)))] + text[place + 1 :]
    return result if pinyin(result) == pinyin(text) else None


def _plan(
    rng: np.random.Generator, marks: Marks, corporate: Bools, generic: int, positives: int, traps: int
) -> list[_Item]:
    plan: list[_Item] = []
    order = rng.permutation(np.arange(generic, len(marks))).tolist()
    signs = [m for m in order if marks.kind[m] == PLACE_SIGN]
    others = [m for m in order if marks.kind[m] != PLACE_SIGN]

    def founded(mark: int, low: np.datetime64 | None = None) -> np.datetime64:
        start = (marks.applied[mark] if low is None else low) + np.timedelta64(30, "D")
        end = marks.until[mark] if not np.isnat(marks.until[mark]) else TODAY
        return days(rng, start, min(end, np.datetime64("2024-11-30")), 1)[0]  # type: ignore[no-any-return]

    def item(mark: int, text: str, trade: int, when: np.datetime64, trap: str = "", why: str = "") -> None:
        # individual businesses have no members, so no shares tie them to anybody
        household = bool(rng.random() < 0.45) and trap not in ("subsidiary", "parent")
        plan.append(_Item(mark, text, trade, when, household, trap, why))

    def other_trade(mark: int) -> int:
        reached = reach(str(marks.kind[mark]), int(marks.nice[mark]))
        return int(pick(rng, np.array([t for t in range(len(TRADES)) if t not in reached]), 1)[0])

    def same_trade(mark: int) -> int:
        if marks.kind[mark] == FAMOUS:
            return int(rng.integers(len(TRADES)))
        return int(pick(rng, np.array(sorted(reach(str(marks.kind[mark]), int(marks.nice[mark])))), 1)[0])

    def variant(mark: int) -> str:
        text, way = str(marks.text[mark]), rng.random()
        extra = str(pick(rng, COMMON, 1)[0])
        if marks.kind[mark] != PLACE_SIGN and way < 0.25 and (alike := _sounds_like(rng, text)):
            return alike
        return text if way < 0.6 else (extra + text if way < 0.75 else text + extra)

    for number in range(positives):
        mark = signs[number % len(signs)] if number % 9 == 8 and signs else others[number % len(others)]
        item(mark, variant(mark), same_trade(mark), founded(mark))
    # two positives of one mark are as usual as one
    free = others[positives % len(others) :] + others
    cursor = iter(free * 40)
    for _ in range(traps):
        mark = next(cursor)
        item(mark, str(marks.text[mark]), same_trade(mark), founded(mark), "subsidiary", "权利人持股不低于20%")
        mark = next(cursor)
        if marks.owner[mark] >= COMPANY and corporate[mark]:
            item(mark, str(marks.text[mark]), same_trade(mark), founded(mark), "parent", "持有权利人不低于20%的股份")
        mark = next(cursor)
        item(mark, variant(mark), same_trade(mark), founded(mark), "licensee", "商标被许可人")
        mark = next(cursor)
        earlier = marks.applied[mark] - np.timedelta64(int(rng.integers(60, 2500)), "D")
        item(mark, variant(mark), same_trade(mark), earlier, "earlier", "企业成立早于商标申请")
        mark = next(cursor)
        if marks.kind[mark] != FAMOUS:
            item(
                mark,
                str(marks.text[mark]),
                other_trade(mark),
                founded(mark),
                "other trade",
                "行业与商标类别不同，且非驰名商标",
            )
        mark = next(cursor)
        item(mark, variant(mark), same_trade(mark), founded(mark), "closed", "企业已注销")
        if signs:
            mark = signs[int(rng.integers(len(signs)))]
            if alike := _sounds_like(rng, str(marks.text[mark])):
                item(mark, alike, same_trade(mark), founded(mark), "sign by sound", "地理标志须同字，仅同音不算")
    for _ in range(max(1, traps // 2)):
        mark = free[-1 - len([p for p in plan if p.trap in ("invalid", "expired")]) % len(free)]
        if any(p.mark == mark for p in plan) or marks.kind[mark] == PLACE_SIGN:
            continue
        if rng.random() < 0.5:
            item(mark, str(marks.text[mark]), same_trade(mark), founded(mark), "invalid", "商标状态为无效")
        else:
            marks.until[mark] = marks.protected[mark] + np.timedelta64(1200, "D")
            after = marks.until[mark] + np.timedelta64(90, "D")
            item(
                mark,
                str(marks.text[mark]),
                same_trade(mark),
                days(rng, after, np.datetime64("2024-11-30"), 1)[0],
                "expired",
                "成立时商标已过期",
            )
    for mark in range(generic):
        carriers = int(rng.integers(26, 33))
        for when in days(rng, np.datetime64("2004-01-01"), marks.applied[mark] - np.timedelta64(40, "D"), carriers):
            text = str(marks.text[mark])
            if rng.random() < 0.5:
                text += str(pick(rng, COMMON, 1)[0])
            item(mark, text, int(rng.integers(len(TRADES))), when, "carrier")
        for _ in range(2):
            item(
                mark,
                str(marks.text[mark]),
                same_trade(mark),
                founded(mark),
                "generic",
                "通用词：申请前已有二十余家企业使用",
            )
    return plan


def reach(kind: str, nice: int) -> set[int]:
    """Trades that a mark of this kind and class reaches."""
    if kind in (FAMOUS, PLACE_SIGN):
        return set(range(len(TRADES)))
    own = {i for i, trade in enumerate(TRADES) if nice in trade.classes}
    return own | FOOD if kind == OLD_BRAND and own & FOOD else own


def register(world: World, market: Market) -> None:
    """Write the marks and their licences."""
    marks, licences = market.marks, market.licences
    rng = world.random("trademarks")
    nice = objects(f"第{n}类" if rng.random() < 0.7 else str(n) for n in marks.nice.tolist())
    world.facts.add(
        "trademarks",
        markName=marks.text,
        registrationNumber=marks.number,
        markType=marks.kind,
        niceClass=nice,
        owner=marks.owner,
        appliedOn=marks.applied,
        protectedFrom=marks.protected,
        protectedTo=marks.until,
        status=np.where(marks.valid, "有效", "无效").astype(object),
        nice=marks.nice,
    )
    rows, firms, start, end = [], [], [], []
    for mark, company, state in licences:
        founded = world.companies.founded[company]
        begin = max(founded - np.timedelta64(int(rng.integers(30, 300)), "D"), marks.applied[mark])
        rows.append(mark)
        firms.append(company + COMPANY)
        start.append(min(begin, founded))
        end.append(NO_DATE if state == "open" else founded + np.timedelta64(int(rng.integers(200, 1500)), "D"))
    more = max(0, world.target("trademark_licences") - len(rows))
    alive = world.companies.alive()
    for mark, company in zip(
        rng.integers(0, len(marks), size=more).tolist(), pick(rng, alive, more).tolist(), strict=True
    ):
        rows.append(mark)
        firms.append(company + COMPANY)
        start.append(marks.protected[mark] + np.timedelta64(int(rng.integers(30, 900)), "D"))
        end.append(NO_DATE if rng.random() < 0.3 else start[-1] + np.timedelta64(1460, "D"))
    if rows:
        world.facts.add(
            "trademark_licences",
            registrationNumber=marks.number[rows],
            licensee=np.array(firms),
            licensedFrom=np.array(start, dtype="datetime64[D]"),
            licensedTo=np.array(end, dtype="datetime64[D]"),
        )
