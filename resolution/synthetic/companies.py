"""Businesses: companies, groups and branches, individual businesses, nominees and the offices that many share."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from resolution.synthetic.arrays import NO_DATE, Bools, Dates, Ints, Strings, days, either, objects, pick, sample, texts
from resolution.synthetic.facts import COMPANY
from resolution.synthetic.identity import credit_codes, old_registration_numbers
from resolution.synthetic.people import TODAY, People, mobiles
from resolution.synthetic.places import CITY, DISTRICT_CODES, DISTRICTS, HALL, OFFICE, SHOP, Places

if TYPE_CHECKING:
    from resolution.synthetic.world import World

LIMITED, STOCK, SOLE, HOUSEHOLD, BRANCH = "有限责任公司", "股份有限公司", "个人独资企业", "个体工商户", "分公司"


@dataclass(frozen=True)
class Trade:
    """A trade as GB/T 4754 words it: what names use for it, its scope, and the Nice classes that reach it."""

    title: str
    weight: float
    company_words: str
    shop_words: str
    scope: str
    classes: tuple[int, ...] = ()


TRADES = (
    Trade(
        "餐饮业",
        24,
        "餐饮管理 餐饮服务 餐饮",
        "小吃店 饭店 餐馆 米粉店 酒家 火锅店",
        "餐饮服务；小餐饮；餐饮管理",
        (43,),
    ),
    Trade("零售业", 17, "商贸 百货 贸易", "超市 便利店 商店 经营部", "日用百货、预包装食品零售", (35,)),
    Trade("批发业", 6, "商贸 贸易 供应链", "批发部 经营部", "五金产品批发；建筑材料批发", (35,)),
    Trade("住宿业", 8, "酒店管理 民宿管理 酒店", "宾馆 旅馆 民宿 客栈", "住宿服务；旅馆经营", (43,)),
    Trade("酒、饮料和精制茶制造业", 4, "酒业 茶业", "酒坊 茶厂", "白酒制造；茶叶加工", (33,)),
    Trade("机动车燃油零售", 3, "石油销售 能源", "加油站", "成品油零售；润滑油销售"),
    Trade("化学原料和化学制品制造业", 4, "化工 新材料", "化工厂", "化工产品生产；化工原料销售", (1,)),
    Trade("日用化学产品制造", 2.5, "日化 化妆品", "化妆品店", "日用化学产品制造；化妆品销售", (3,)),
    Trade("医药制造业", 2, "药业 生物医药", "药厂", "药品生产；医药技术研发", (5,)),
    Trade("金属制品业", 3, "金属制品 五金制品", "五金厂", "金属制品制造、销售", (6,)),
    Trade("通用设备修理业", 3.5, "电梯 机电设备", "机电维修部", "电梯安装、维修、保养", (7,)),
    Trade("家具制造业", 2, "家具 木业", "家具厂", "家具制造；木制品加工", (20,)),
    Trade("纺织服装、服饰业", 3, "服饰 服装", "服装店 制衣厂", "服装制造、销售", (25,)),
    Trade("食品制造业", 4, "食品 食品科技", "食品厂", "食品生产；糕点制造", (29, 30, 32)),
    Trade("农业", 4, "农业发展 农业科技", "种植场 农场", "谷物种植；蔬菜种植；农产品销售", (31,)),
    Trade("房地产业", 3, "物业管理 房地产开发 置业", "房产中介服务部", "物业管理；房地产开发经营", (36,)),
    Trade("房屋建筑业", 3.5, "建筑工程 建设工程 建筑安装", "装饰部", "房屋建筑工程施工；建筑劳务分包", (37,)),
    Trade("道路运输业", 2.5, "物流 运输", "货运部", "普通货物道路运输；仓储服务", (39,)),
    Trade("教育", 2.5, "教育科技 教育咨询", "培训部", "教育信息咨询；艺术培训", (41,)),
    Trade("软件和信息技术服务业", 2, "软件 信息技术 网络科技", "电脑服务部", "软件开发；信息技术咨询", (42,)),
    Trade("商务服务业", 1.5, "人力资源 劳务", "服务部", "人力资源服务；劳务派遣"),
)
TRADE_OF = {trade.title: index for index, trade in enumerate(TRADES)}
RESTAURANT, LODGING = TRADE_OF["餐饮业"], TRADE_OF["住宿业"]
FUEL, LIFTS, ESTATE_TRADE, BUILDING = (
    TRADE_OF["机动车燃油零售"],
    TRADE_OF["通用设备修理业"],
    TRADE_OF["房地产业"],
    TRADE_OF["房屋建筑业"],
)
# the characters of which ordinary firms make their names; marks are made of others (trademark.py)
COMMON = objects("恒鑫宏盛达源泰隆顺祥福润佳兴华丰安康永利诚信和德昌瑞金宇星辉腾飞博创新远景天宝荣富裕旺聚众联鸿凯捷优")
NEEDED = 8  # firms of each trade without which a city has no cases
STATES = ("存续", "注销", "吊销")
OUTSIDE = objects(["上海", "深圳", "杭州", "武汉", "广州", "长沙", "成都", "厦门"])


@dataclass
class Companies:
    """All businesses as columns; a business is known by its row number."""

    mark: Strings  # 字号
    word: Strings  # the words of its trade
    style: Ints  # how the region stands in the name, see `names`
    form: Strings  # legal form as written at the end of the name
    kind: Strings
    trade: Ints
    code: Strings
    old_number: Strings
    representative: Ints  # person
    founded: Dates
    state: Strings
    state_date: Dates
    scope: Strings
    capital: np.ndarray
    home: Ints
    phone: Strings
    former_mark: Strings
    parent: Ints  # of a branch, else -1
    branch: Strings  # text after the parent's name
    registered: Bools
    district: Ints
    agent_phone: Bools = field(default_factory=lambda: np.zeros(0, dtype=bool))  # the filing agent's number

    def __len__(self) -> int:
        return len(self.mark)

    def alive(self) -> Ints:
        """Rows of registered, existing businesses that are no branch."""
        return np.flatnonzero(self.registered & (self.state == "存续") & (self.parent < 0))

    def of_trade(self, trade: int) -> Ints:
        """Existing businesses of a trade."""
        return np.flatnonzero(self.registered & (self.state == "存续") & (self.parent < 0) & (self.trade == trade))

    def names(self, rows: Ints, former: bool = False) -> Strings:
        """Names as registered (or as before the change of name)."""
        top = np.where(self.parent[rows] >= 0, self.parent[rows], rows)
        marks = self.former_mark if former else self.mark
        result = []
        for mark, word, style, form, district, branch in zip(
            marks[top],
            self.word[top],
            self.style[top],
            self.form[top],
            self.district[top],
            self.branch[rows],
            strict=True,
        ):
            result.append(compose(mark, word, int(style), form, int(district)) + branch)
        return objects(result)


def compose(mark: str, word: str, style: int, form: str, district: int) -> str:
    """A name of region, 字号, trade and form.

    `style`: 0 市, 1 市 and 区, 2 the city without 市, 3 省, 4 region in brackets, 5 another city.
    """
    if style == 4:
        return f"{mark}（{CITY[:-1]}）{word}{form}"
    if style == 5:
        return f"{OUTSIDE[district % len(OUTSIDE)]}{mark}{word}{form}"
    region = (CITY, CITY + DISTRICTS[district % len(DISTRICTS)], CITY[:-1], "湖南")[style]
    return f"{region}{mark}{word}{form}"


def common_marks(rng: np.random.Generator, count: int) -> Strings:
    """字号 of ordinary firms: two or three lucky characters, so that they meet again in other trades and districts."""
    letters = COMMON[rng.integers(0, len(COMMON), size=(count, 3))]
    letters[:, 1] = np.where(letters[:, 0] == letters[:, 1], "达", letters[:, 1])
    return either(rng.random(count) < 0.55, letters[:, 0] + letters[:, 1], letters.sum(axis=1))


def trades(rng: np.random.Generator, count: int) -> Ints:
    """Trades by weight; even a small town has some filling stations, lift keepers, builders, inns and landlords."""
    weights = np.array([t.weight for t in TRADES])
    drawn = rng.choice(len(TRADES), size=count, p=weights / weights.sum()).astype(np.int64)
    needed = np.repeat([FUEL, LIFTS, ESTATE_TRADE, BUILDING, LODGING, RESTAURANT], NEEDED)[:count]
    drawn[: len(needed)] = needed
    return drawn


def establish(
    rng: np.random.Generator,
    people: People,
    places: Places,
    count: int,
    *,
    marks: Strings | None = None,
    trade: Ints | None = None,
    household: Bools | None = None,
    founded: Dates | None = None,
    registered: bool = True,
    existing: bool = False,
) -> Companies:
    """`count` new businesses; what is given is taken, the rest is drawn. `existing`: all of them 存续."""
    trade = trades(rng, count) if trade is None else trade
    if household is None:
        household = rng.random(count) < np.where(np.isin(trade, [RESTAURANT, 1, LODGING]), 0.55, 0.18)
    marks = common_marks(rng, count) if marks is None else marks
    words = objects(
        str(pick(rng, objects((TRADES[t].shop_words if h else TRADES[t].company_words).split()), 1)[0])
        for t, h in zip(trade.tolist(), household.tolist(), strict=True)
    )
    stock = rng.random(count) < 0.03
    sole = household & (rng.random(count) < 0.06)
    group = ~household & (rng.random(count) < 0.02)
    words[group] = "（集团）"
    form = np.where(household, "", np.where(stock, STOCK, np.where(rng.random(count) < 0.68, "有限公司", LIMITED)))
    kind = np.where(sole, SOLE, np.where(household, HOUSEHOLD, np.where(stock, STOCK, LIMITED)))
    style = np.where(
        household,
        rng.choice([1, 0], size=count, p=[0.75, 0.25]),
        rng.choice([0, 1, 2, 3, 4], size=count, p=[0.45, 0.1, 0.2, 0.15, 0.1]),
    )
    style[group] = 0
    if not registered:
        style, household = np.full(count, 5), np.zeros(count, dtype=bool)
        form = np.full(count, "有限公司", dtype=object)
    homes = places.add(rng, np.where(household, SHOP, rng.choice([OFFICE, SHOP], size=count, p=[0.7, 0.3])))
    adults = people.adults()
    representative = pick(rng, adults, count)
    # nominees: one in a hundred stands for many
    nominees = sample(rng, adults, max(2, count // 400))
    lent = rng.random(count) < 0.02
    representative[lent] = pick(rng, nominees, int(lent.sum()))
    founded = days(rng, np.datetime64("2003-01-01"), np.datetime64("2024-11-30"), count) if founded is None else founded
    state = rng.choice(STATES, size=count, p=[1, 0, 0] if existing else [0.915, 0.07, 0.015]).astype(object)
    ended = days(rng, np.maximum(founded + np.timedelta64(200, "D"), np.datetime64("2016-01-01")), TODAY, count)
    former = np.where(rng.random(count) < 0.03, common_marks(rng, count), "")
    region = DISTRICT_CODES[places.district[homes]]
    phone = mobiles(rng, count)
    own = rng.random(count) < 0.45
    phone[own] = people.phone[representative[own]]
    phone[rng.random(count) < 0.08] = ""
    result = Companies(
        mark=marks,
        word=words,
        style=style,
        form=form.astype(object),
        kind=kind.astype(object),
        trade=trade,
        code=credit_codes(rng, region, household),
        old_number=old_registration_numbers(rng, region),
        representative=representative,
        founded=founded,
        state=state,
        state_date=np.where(state == "存续", NO_DATE, np.minimum(ended, TODAY)),
        scope=objects(TRADES[t].scope for t in trade.tolist()),
        capital=pick(rng, np.array([1e5, 2e5, 5e5, 1e6, 2e6, 3e6, 5e6, 1e7, 3e7]), count),
        home=homes,
        phone=phone,
        former_mark=former.astype(object),
        parent=np.full(count, -1),
        branch=np.full(count, "", dtype=object),
        registered=np.full(count, registered),
        district=places.district[homes] if registered else rng.integers(0, 99, size=count),
        agent_phone=np.zeros(count, dtype=bool),
    )
    return result


def tell_apart(rng: np.random.Generator, companies: Companies) -> None:
    """No two firms of one region bear the same name: the later one takes a longer 字号."""
    for length in (3, 3, 3, 4, 4, 4, 4):
        again = _same_names(companies)
        letters = COMMON[rng.integers(0, len(COMMON), size=(len(again), length))]
        companies.mark[again] = letters.sum(axis=1)


def tell_apart_by_trade(rng: np.random.Generator, companies: Companies) -> None:
    """The same for firms whose 字号 must stay: the later one has another region or other words for its trade."""
    for _ in range(8):
        for row in _same_names(companies).tolist():
            trade = TRADES[companies.trade[row]]
            shop = companies.form[row] == ""
            words = objects((trade.shop_words if shop else trade.company_words).split())
            companies.word[row] = str(pick(rng, words, 1)[0])
            companies.style[row] = int(rng.integers(0, 2 if shop else 5))


def _same_names(companies: Companies) -> Ints:
    where = np.where(companies.style == 1, companies.district, -1)
    keys = texts(companies.mark, companies.word, companies.style, "/", where).astype(str)
    _, first = np.unique(keys, return_index=True)
    return np.setdiff1d(np.arange(len(keys)), first)


def share_offices(rng: np.random.Generator, places: Places, companies: Companies) -> None:
    """Filing agents put their phone and their office on many firms; stalls of a market hall share its address."""
    count = len(companies)
    agents = max(1, count // 900)
    virtual = places.add(rng, np.full(agents, OFFICE))
    hot = mobiles(rng, agents)
    agent = rng.integers(0, agents, size=count)
    by_agent = (companies.kind != HOUSEHOLD) & (rng.random(count) < 0.05)
    companies.home[by_agent] = virtual[agent[by_agent]]
    by_phone = (rng.random(count) < 0.04) | (by_agent & (rng.random(count) < 0.6))
    companies.phone[by_phone] = hot[agent[by_phone]]
    companies.agent_phone |= by_phone
    stalls = (companies.kind == HOUSEHOLD) & (rng.random(count) < 0.08)
    companies.home[stalls] = places.add(rng, np.full(int(stalls.sum()), HALL))


def join(first: Companies, second: Companies) -> Companies:
    """Both, the rows of the second after those of the first."""
    return Companies(
        **{
            name: np.concatenate([getattr(first, name), getattr(second, name)])
            for name in Companies.__dataclass_fields__
        }
    )


def branches(
    rng: np.random.Generator, people: People, places: Places, companies: Companies, parents: Ints
) -> Companies:
    """Branches of `parents`: the parent's name and 分公司; their own code, in three of ten the parent's."""
    count = len(parents)
    result = establish(
        rng,
        people,
        places,
        count,
        marks=companies.mark[parents],
        trade=companies.trade[parents],
        household=np.zeros(count, dtype=bool),
        existing=True,
    )
    result.parent, result.kind = parents.astype(np.int64), np.full(count, BRANCH, dtype=object)
    first = np.maximum(companies.founded[parents] + np.timedelta64(100, "D"), np.datetime64("2010-01-01"))
    result.founded = days(rng, np.minimum(first, np.datetime64("2024-10-01")), np.datetime64("2024-11-30"), count)
    where = objects(name.rstrip("区县") for name in DISTRICTS.tolist())
    ordinal = pick(rng, objects(["", "第一", "第二", "城南"]), count)
    result.branch = where[rng.integers(0, len(where), size=count)] + ordinal + "分公司"
    parent_code = rng.random(count) < 0.3
    result.code[parent_code] = companies.code[parents[parent_code]]
    result.former_mark = np.full(count, "", dtype=object)
    result.capital = np.full(count, np.nan)
    return result


def register(world: World) -> None:
    """Write the register of businesses; its row numbers are those of the businesses."""
    firms = world.companies
    rows = np.flatnonzero(firms.registered)
    if not np.array_equal(rows, np.arange(len(rows))):
        raise AssertionError("registered businesses must come first: their row numbers are used as facts")
    world.facts.add(
        "companies",
        companyName=rows + COMPANY,
        legalRepresentative=firms.representative[rows],
        companyType=firms.kind[rows],
        foundedOn=firms.founded[rows],
        status=firms.state[rows],
        statusDate=firms.state_date[rows],
        industry=objects(TRADES[t].title for t in firms.trade[rows].tolist()),
        businessScope=firms.scope[rows],
        registeredCapital=firms.capital[rows],
    )
