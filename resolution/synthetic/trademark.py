"""Trade marks, old brands and geographical signs, and who bears them in a firm's name (M01 trademark-misuse)."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

import numpy as np
import polars as pl
import pypinyin

from resolution.synthetic import names
from resolution.synthetic.arrays import NO_DATE, Bools, Dates, Ints, Strings, days, objects, pick, plus
from resolution.synthetic.companies import COMMON, TRADE_OF, TRADES, Companies, branches, establish, join
from resolution.synthetic.facts import COMPANY
from resolution.synthetic.people import TODAY, People
from resolution.synthetic.places import Places
from resolution.synthetic.world import World, rows_of

ORDINARY, FAMOUS, OLD_BRAND, PLACE_SIGN = "普通商标", "驰名商标", "老字号", "地理标志"
FOOD = {TRADE_OF["餐饮业"], TRADE_OF["食品制造业"], TRADE_OF["酒、饮料和精制茶制造业"]}
OWNER_SHARE, GENERIC_LIMIT = 20, 20
GENERIC = "阳光 洞庭 幸福 东方 长江 金鼎 如意 吉祥 明珠 百姓 红旗 春风".split()
_ELEGANT = (
    "雁桐岚墨棠竹砚荷蕉鹭梧栖鹤莲舟禾渔枫霁澜沁柏茗芷菱萤梨橘苔笙筝琴瑟凇霖汀渚薇萝菡蒲芦槐榆桑枣杏桃李松鹃雀鸥燕狮虎豹鹿"
    "龟蝶瓷陶窑笔纸扇灯塔桥亭轩阁楼斋堂坊记谷岭峰崖潭湾港浦洲"
)
_OTHERS = "言雨同兰默唐烛燕合焦路吾七贺连周和鱼风季蓝心白明止领应里局台生正勤色伶停主微罗汗铺炉怀余嗓找兴逃理送娟却欧艳师胡报路"


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


def build(
    rng: np.random.Generator, people: People, places: Places, companies: Companies, count: int, positives: int
) -> tuple[Companies, Marks, list[Scene], list[tuple[int, int, float]], list[tuple[int, int, str]]]:
    """Marks with their owners, and firms that bear them.

    Returns the companies with the new ones, the marks, the scenes, shares (company, holder, percent) and
    licences (mark, company, state).
    """
    traps = max(2, positives // 7)
    generic = min(len(GENERIC), max(2, count // 60))
    text = objects([*GENERIC[:generic], *_texts(rng, count - generic)])
    count = len(text)
    kind = rng.choice([ORDINARY, FAMOUS, OLD_BRAND, PLACE_SIGN], size=count, p=[0.72, 0.08, 0.12, 0.08]).astype(object)
    kind[:generic] = ORDINARY
    open_trades = np.array([i for i, trade in enumerate(TRADES) if trade.classes])
    weights = np.array([TRADES[i].weight for i in open_trades]) ** 0.8
    trade = rng.choice(open_trades, size=count, p=weights / weights.sum())
    trade[kind == PLACE_SIGN] = rng.choice([TRADE_OF["农业"], TRADE_OF["食品制造业"]], size=int((kind == PLACE_SIGN).sum()))
    trade[kind == OLD_BRAND] = rng.choice(sorted(FOOD), size=int((kind == OLD_BRAND).sum()))
    nice = np.array([TRADES[t].classes[i % len(TRADES[t].classes)] for i, t in enumerate(trade.tolist())])
    applied = days(rng, np.datetime64("2008-01-01"), np.datetime64("2017-12-31"), count)
    applied[:generic] = days(rng, np.datetime64("2016-01-01"), np.datetime64("2018-01-01"), generic)
    protected = plus(applied, rng.integers(250, 520, size=count))
    until = plus(protected, rng.choice([3652, 7305], size=count, p=[0.3, 0.7]))
    until = np.where(until < TODAY, plus(until, 3653), until)
    until[(kind == PLACE_SIGN) | ((kind == OLD_BRAND) & (rng.random(count) < 0.5))] = NO_DATE
    marks = Marks(
        text, objects(str(8_100_000 + 37 * i) for i in range(count)), kind, nice, trade, np.full(count, -1), applied,
        protected, until, np.ones(count, dtype=bool),
    )  # fmt: skip

    first = len(companies)
    owners = establish(rng, people, places, count, marks=text.copy(), trade=trade, existing=True,
                       household=rng.random(count) < 0.15,
                       founded=plus(applied, -rng.integers(200, 3000, size=count)))  # fmt: skip
    owners.former_mark[:] = ""
    companies = join(companies, owners)
    marks.owner = np.arange(first, first + count) + COMPANY
    # one in twelve belongs to a natural person; the firm is then hers by share
    shares: list[tuple[int, int, float]] = []
    for row in np.flatnonzero(rng.random(count) < 0.08).tolist():
        marks.owner[row] = companies.representative[first + row]
        shares.append((first + row, int(marks.owner[row]), float(rng.integers(51, 100))))

    scenes: list[Scene] = []
    licences: list[tuple[int, int, str]] = []
    plan = _plan(rng, marks, generic, positives, traps)
    chars = objects(p.text for p in plan)
    made = establish(
        rng, people, places, len(plan), marks=chars, trade=np.array([p.trade for p in plan]), existing=True,
        founded=np.array([p.founded for p in plan], dtype="datetime64[D]"),
        household=np.array([p.household for p in plan]),
    )  # fmt: skip
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
        elif item.trap == "small share" or item.trap == "":
            pass
        elif item.trap == "licensee":
            licences.append((mark, row, "open" if rng.random() < 0.5 else "founding"))
        elif item.trap == "closed":
            companies.state[row] = "注销"
            companies.state_date[row] = min(companies.founded[row] + np.timedelta64(500, "D"), TODAY)
        elif item.trap == "invalid":
            marks.valid[mark] = False
    # branches of owners carry the mark by right
    parents = np.array([first + i for i in range(generic, count) if marks.owner[i] >= COMPANY][: traps * 2], dtype=int)
    start = len(companies)
    companies = join(companies, branches(rng, people, places, companies, parents))
    for offset, parent in enumerate(parents.tolist()):
        scenes.append(Scene(start + offset, parent - first, "branch", "商标权利人的分公司"))
    return companies, marks, scenes, shares, licences


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


def _plan(rng: np.random.Generator, marks: Marks, generic: int, positives: int, traps: int) -> list[_Item]:
    plan: list[_Item] = []
    order = rng.permutation(np.arange(generic, len(marks))).tolist()
    signs = [m for m in order if marks.kind[m] == PLACE_SIGN]
    others = [m for m in order if marks.kind[m] != PLACE_SIGN]

    def founded(mark: int, low: np.datetime64 | None = None) -> np.datetime64:
        start = (marks.applied[mark] if low is None else low) + np.timedelta64(30, "D")
        end = marks.until[mark] if not np.isnat(marks.until[mark]) else TODAY
        return days(rng, start, min(end, np.datetime64("2024-11-30")), 1)[0]  # type: ignore[no-any-return]

    def item(mark: int, text: str, trade: int, when: np.datetime64, trap: str = "", why: str = "") -> None:
        plan.append(_Item(mark, text, trade, when, bool(rng.random() < 0.45), trap, why))

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
        if marks.owner[mark] >= COMPANY:
            item(mark, str(marks.text[mark]), same_trade(mark), founded(mark), "parent", "持有权利人不低于20%的股份")
        mark = next(cursor)
        item(mark, variant(mark), same_trade(mark), founded(mark), "licensee", "商标被许可人")
        mark = next(cursor)
        earlier = marks.applied[mark] - np.timedelta64(int(rng.integers(60, 2500)), "D")
        item(mark, variant(mark), same_trade(mark), earlier, "earlier", "企业成立早于商标申请")
        mark = next(cursor)
        if marks.kind[mark] != FAMOUS:
            item(mark, str(marks.text[mark]), other_trade(mark), founded(mark), "other trade", "行业与商标类别不同，且非驰名商标")
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
            item(mark, str(marks.text[mark]), same_trade(mark), days(rng, after, np.datetime64("2024-11-30"), 1)[0],
                 "expired", "成立时商标已过期")  # fmt: skip
    for mark in range(generic):
        carriers = int(rng.integers(26, 33))
        for when in days(rng, np.datetime64("2004-01-01"), marks.applied[mark] - np.timedelta64(40, "D"), carriers):
            text = str(marks.text[mark])
            if rng.random() < 0.5:
                text += str(pick(rng, COMMON, 1)[0])
            item(mark, text, int(rng.integers(len(TRADES))), when, "carrier")
        for _ in range(2):
            item(mark, str(marks.text[mark]), same_trade(mark), founded(mark), "generic", "通用词：申请前已有二十余家企业使用")
    return plan


def reach(kind: str, nice: int) -> set[int]:
    """Trades that a mark of this kind and class reaches."""
    if kind in (FAMOUS, PLACE_SIGN):
        return set(range(len(TRADES)))
    own = {i for i, trade in enumerate(TRADES) if nice in trade.classes}
    return own | FOOD if kind == OLD_BRAND and own & FOOD else own


def register(world: World, marks: Marks, licences: list[tuple[int, int, str]]) -> None:
    """Write the marks and their licences."""
    rng = world.random("trademarks")
    nice = objects(f"第{n}类" if rng.random() < 0.7 else str(n) for n in marks.nice.tolist())
    world.facts.add(
        "trademarks", markName=marks.text, registrationNumber=marks.number, markType=marks.kind, niceClass=nice,
        owner=marks.owner, appliedOn=marks.applied, protectedFrom=marks.protected, protectedTo=marks.until,
        status=np.where(marks.valid, "有效", "无效").astype(object), nice=marks.nice,
    )  # fmt: skip
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
            "trademark_licences", registrationNumber=marks.number[rows], licensee=np.array(firms),
            licensedFrom=np.array(start, dtype="datetime64[D]"), licensedTo=np.array(end, dtype="datetime64[D]"),
        )  # fmt: skip


def resemblances(companies: Companies, marks: Marks) -> pl.DataFrame:
    """Pairs (company, mark, match) of all registered firms whose 字号 is, contains or sounds like the mark."""
    top = np.where(companies.parent >= 0, companies.parent, np.arange(len(companies)))
    used = companies.mark[top]
    firms = pl.DataFrame({"company": np.arange(len(companies)), "used": used.tolist()}).filter(
        pl.Series(companies.registered)
    )
    pieces = [(text, text[i:j]) for text in set(used.tolist()) for i in range(len(text))
              for j in range(i + 2, len(text) + 1)]  # fmt: skip
    parts = pl.DataFrame(pieces, schema=["used", "text"], orient="row").unique()
    table = pl.DataFrame({"mark": np.arange(len(marks)), "text": marks.text.tolist()})
    same = firms.join(parts, on="used").join(table, on="text").with_columns(
        pl.when(pl.col("used") == pl.col("text")).then(pl.lit("same")).otherwise(pl.lit("contains")).alias("match")
    )
    sounds = pl.DataFrame({"used": sorted(set(used.tolist()))})
    sounds = sounds.with_columns(pl.Series("sound", [pinyin(t) for t in sounds["used"].to_list()]))
    by_sound = table.with_columns(pl.Series("sound", [pinyin(t) for t in marks.text.tolist()]))
    heard = firms.join(sounds, on="used").join(by_sound, on="sound").filter(
        (pl.col("used") != pl.col("text")) & (pl.col("used").str.len_chars() == pl.col("text").str.len_chars())
    ).with_columns(pl.lit("same sound").alias("match"))  # fmt: skip
    columns = ["company", "mark", "match"]
    return pl.concat([same.select(columns), heard.select(columns)]).unique(["company", "mark"], keep="first",
                                                                          maintain_order=True).sort("company", "mark")  # fmt: skip


def find(world: World, marks: Marks, scenes: list[Scene]) -> None:
    """The clues and traps of M01."""
    companies = world.companies
    pairs = resemblances(companies, marks)
    firm, mark = pairs["company"].to_numpy(), pairs["mark"].to_numpy()
    written = (pairs["match"] != "same sound").to_numpy()
    before = written & (companies.founded[firm] < marks.applied[mark]) & (companies.parent[firm] < 0)
    carriers = np.bincount(mark[before], minlength=len(marks))
    sign = marks.kind[mark] == PLACE_SIGN
    good = (companies.state[firm] == "存续") & marks.valid[mark] & (companies.founded[firm] > marks.applied[mark])
    good &= np.isnat(marks.until[mark]) | (companies.founded[firm] <= marks.until[mark])
    good &= (carriers[mark] <= GENERIC_LIMIT) & (written | ~sign)
    reaches = [reach(str(k), int(n)) for k, n in zip(marks.kind, marks.nice, strict=True)]
    good &= np.array([int(companies.trade[f]) in reaches[m] for f, m in zip(firm.tolist(), mark.tolist(), strict=True)])
    holders = _holders(world)
    licences = _licences(world)
    number_of = {number: row for row, number in enumerate(marks.number.tolist())}
    licensed = {(number_of[number], who): spans for (number, who), spans in licences.items()}
    found: set[tuple[int, int]] = set()
    matches = pairs["match"].to_list()
    for i in np.flatnonzero(good).tolist():
        f, m = int(firm[i]), int(mark[i])
        owner = int(marks.owner[m])
        if f + COMPANY == owner or int(companies.parent[f]) + COMPANY == owner:
            continue
        if holders.get((f, owner), 0) >= OWNER_SHARE:
            continue
        if owner >= COMPANY and holders.get((owner - COMPANY, f + COMPANY), 0) >= OWNER_SHARE:
            continue
        if any(covers(span, companies.founded[f]) for span in licensed.get((m, f + COMPANY), [])):
            continue
        found.add((f, m))
        facts = (("companies", f), ("trademarks", m))
        world.clue("M01", facts, facts, f"字号与商标{marks.text[m]}：{matches[i]}")
    for scene in scenes:
        if scene.trap and (scene.company, scene.mark) not in found:
            facts = (*rows_of("companies", [scene.company]), *rows_of("trademarks", [scene.mark]))
            world.trap("M01", scene.trap, facts, scene.why)


def covers(span: tuple[np.datetime64, np.datetime64], founded: np.datetime64) -> bool:
    """Whether a licence covers the founding day or is still in force."""
    start, end = span
    return bool(np.isnat(end) or end >= TODAY or (start <= founded <= end))


def _holders(world: World) -> dict[tuple[int, int], float]:
    frame = world.facts.frame("shareholders").filter(pl.col("share").is_not_null())
    return {
        (company - COMPANY, holder): share
        for company, holder, share in frame.select("companyName", "shareholder", "share").iter_rows()
    }


def _licences(world: World) -> dict[tuple[str, int], list[tuple[np.datetime64, np.datetime64]]]:
    frame = world.facts.frame("trademark_licences")
    result: dict[tuple[str, int], list[tuple[np.datetime64, np.datetime64]]] = {}
    if not len(frame):
        return result
    spans = zip(frame["licensedFrom"].to_numpy(), frame["licensedTo"].to_numpy(), strict=True)
    for number, who, span in zip(frame["registrationNumber"], frame["licensee"], spans, strict=True):
        result.setdefault((number, who), []).append(span)
    return result


def shareholders(world: World, shares: list[tuple[int, int, float]]) -> None:
    """Shareholders and staff of companies; `shares` (company, holder, percent) are those that were planted."""
    rng, companies = world.random("shareholders"), world.companies
    planted: dict[int, list[tuple[int, float]]] = {}
    for company, holder, share in shares:
        planted.setdefault(company, []).append((holder, share))
    rows = np.flatnonzero(companies.registered & (companies.parent < 0) & np.isin(companies.form, ["有限公司", "有限责任公司", "股份有限公司"]))
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
        "shareholders", companyName=np.array([o[0] for o in out]) + COMPANY, shareholder=np.array([o[1] for o in out]),
        share=[o[2] for o in out], position=[o[3] for o in out],
    )  # fmt: skip
