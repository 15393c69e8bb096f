"""Criminal cases, penalties, public staff and their discipline, community correction (M11, M12, M20, M21)."""

from __future__ import annotations

import numpy as np

from resolution.synthetic.arrays import (
    NO_DATE,
    Bools,
    Dates,
    Ints,
    Strings,
    days,
    either,
    objects,
    pick,
    plus,
    sample,
    texts,
    years,
)
from resolution.synthetic.facts import COMPANY
from resolution.synthetic.people import TODAY
from resolution.synthetic.places import CITY, DISTRICTS, STREETS
from resolution.synthetic.world import World

PROPERTY_CRIMES = objects(
    ["诈骗罪", "盗窃罪", "职务侵占罪", "非法吸收公众存款罪", "集资诈骗罪", "合同诈骗罪", "贪污罪", "受贿罪"]
)
OTHER_CRIMES = objects(
    ["危险驾驶罪", "故意伤害罪", "寻衅滋事罪", "交通肇事罪", "贩卖毒品罪", "开设赌场罪", "非法经营罪", "妨害公务罪"]
)
EXPLOSIVES = objects(
    ["非法制造、买卖爆炸物罪", "非法储存爆炸物罪", "非法持有枪支罪", "非法买卖弹药罪", "非法生产、储存烟花爆竹罪"]
)
UNITS = (
    [(f"{d}教育局", "教育") for d in DISTRICTS.tolist()]
    + [(f"{d}财政局", "财政") for d in DISTRICTS.tolist()]
    + [
        (f"{CITY}卫生健康委员会", "卫生"),
        (f"{CITY}水利局", "水利"),
        (f"{CITY}农业农村局", "农业"),
        (f"{CITY}第一中学", "教育"),
        (f"{CITY}第三人民医院", "卫生"),
        (f"{CITY}人民政府办公室", "政府"),
        (f"{CITY}城市管理局", "城管"),
    ]
)
ACTIONS = objects(["警告", "记过", "降级", "撤职", "开除公职", "开除党籍", "党内严重警告"])
AUTHORITIES = {
    "生态环境": f"{CITY}生态环境局",
    "治安": f"{CITY}公安局",
    "市场监管": f"{CITY}市场监督管理局",
    "交通运输": f"{CITY}交通运输局",
    "卫生健康": f"{CITY}卫生健康委员会",
    "应急管理": f"{CITY}应急管理局",
    "烟草": f"{CITY}烟草专卖局",
    "税务": f"{CITY}税务局稽查局",
}
OFFENCES = {
    "生态环境": "超标排放水污染物 废水未经处理直接外排 废气未经处理直接排放"
    " 厂界噪声超标 擅自倾倒固废 未按规定开展自行监测 未办理环评手续",
    "治安": "殴打他人 赌博 扰乱公共场所秩序 非法携带管制器具 盗窃少量财物 阻碍执行职务",
    "市场监管": "销售侵犯注册商标专用权的商品 销售过期食品 虚假宣传 无照经营 销售不合格产品",
    "交通运输": "未取得许可从事道路运输 超限运输 出租车拒载",
    "卫生健康": "未取得健康合格证明上岗 消毒不符合要求 非医师行医",
    "应急管理": "未按规定对从业人员进行培训 未设置安全警示标志 违规储存危险化学品",
    "烟草": "未在当地烟草专卖批发企业进货 无烟草专卖零售许可证经营烟草制品 销售非法生产的烟草专卖品",
    "税务": "未按期申报纳税 虚开发票 少列收入偷逃税款",
}
DISCHARGE = ("废水", "废气", "噪声", "固废", "排放", "超标")
MONEY_FIELDS = ("市场监管", "烟草", "税务")


def employees(world: World, count: int) -> None:
    """Staff on the public payroll; one in twenty has left."""
    rng, people = world.random("employees"), world.people
    adults = people.adults()
    staff = sample(rng, adults[(people.age(adults) >= 25) & (people.age(adults) <= 59)], count)
    count = len(staff)
    unit = rng.integers(0, len(UNITS), size=count)
    earliest = plus(people.birth[staff], 22 * 366)
    entered = days(rng, earliest, np.maximum(earliest, np.datetime64("2019-06-01")), count)
    left = rng.random(count) < 0.05
    when = days(rng, np.maximum(entered + np.timedelta64(300, "D"), np.datetime64("2019-01-01")), TODAY, count)
    world.facts.add(
        "public_employees",
        name=staff,
        employer=objects(u for u, _ in UNITS)[unit],
        system=objects(s for _, s in UNITS)[unit],
        enteredOn=np.minimum(entered, TODAY),
        status=np.where(left, "离编", "在编").astype(object),
        leftOn=np.where(left, np.minimum(when, TODAY), NO_DATE),
    )


def add_cases(
    world: World,
    who: Ints,
    crime: Strings,
    accepted: Dates,
    outcome: Strings,
    verdict: Strings | None = None,
    amount: np.ndarray | None = None,
    recovered: np.ndarray | None = None,
    started: Strings | None = None,
    proposed: Strings | None = None,
) -> Ints:
    """Rows of criminal_cases; what is not given is as usual. Returns the row numbers."""
    begin, count = world.facts.size("criminal_cases"), len(who)
    rng = world.random("cases", str(begin))
    decided = np.minimum(plus(accepted, rng.integers(15, 75, size=count)), TODAY)
    judged = plus(decided, rng.integers(25, 120, size=count))
    tried = outcome == "起诉"
    if verdict is None:
        verdict = either(tried, rng.choice(["有罪", "无罪"], size=count, p=[0.985, 0.015]), None)
    verdict = either(judged > TODAY, None, verdict)
    done = np.array([v is not None for v in verdict.tolist()])
    greedy = np.isin(crime, PROPERTY_CRIMES)
    if amount is None:
        amount = np.where(greedy, np.round(rng.lognormal(10.6, 1.1, size=count), -3) + 1000, np.nan)
    if recovered is None:
        part = rng.choice([1.0, 0.0, 0.4], size=count, p=[0.55, 0.25, 0.2])
        recovered = np.round(amount * part, -2)
        recovered[(part == 0) & (rng.random(count) < 0.3)] = np.nan
    if started is None:
        started = either(~greedy, None, rng.random(count) < 0.78)
    if proposed is None:
        proposed = either(outcome == "相对不起诉", rng.random(count) < 0.3, None)
    return world.facts.add(
        "criminal_cases",
        suspect=who,
        crime=crime,
        acceptedOn=accepted,
        outcome=outcome,
        decidedOn=decided,
        caseNumber=texts("陵检刑受〔", years(accepted), "〕", objects(f"{begin + n:06d}" for n in range(count)), "号"),
        verdict=verdict,
        judgedOn=np.where(done, judged, NO_DATE),
        amountInvolved=_optional(amount),
        recovered=_optional(recovered),
        recoveryStarted=started,
        penaltyProposed=proposed,
    )


def _optional(values: np.ndarray) -> list[float | None]:
    return [None if value != value else float(value) for value in values.tolist()]


def cases(world: World, count: int) -> None:
    """Ordinary criminal cases, of people who are not on the public payroll."""
    rng, people = world.random("ordinary cases"), world.people
    adults = people.adults()
    staff = world.facts.parties("public_employees", "name")
    pool = adults[~np.isin(adults, staff)]
    who = sample(rng, pool, count)
    crime = np.where(rng.random(count) < 0.42, pick(rng, PROPERTY_CRIMES, count), pick(rng, OTHER_CRIMES, count))
    accepted = days(rng, np.datetime64("2019-03-01"), np.datetime64("2025-02-20"), count)
    add_cases(
        world,
        who,
        crime,
        accepted,
        rng.choice(["起诉", "相对不起诉", "存疑不起诉", "绝对不起诉"], size=count, p=[0.76, 0.1, 0.1, 0.04]).astype(
            object
        ),
    )


def add_penalties(
    world: World,
    who: Ints,
    subject: Strings,
    day: Dates,
    facts: Strings | None = None,
    amount: np.ndarray | None = None,
    transferred: Bools | None = None,
) -> Ints:
    """Rows of admin_penalties; returns the row numbers."""
    begin, count = world.facts.size("admin_penalties"), len(who)
    rng = world.random("penalties", str(begin))
    if facts is None:
        options = {key: objects(text.split()) for key, text in OFFENCES.items()}
        facts = objects(str(pick(rng, options[key], 1)[0]) for key in subject.tolist())
    if amount is None:
        amount = np.where(np.isin(subject, MONEY_FIELDS), np.round(rng.lognormal(9.2, 0.9, size=count), -3), np.nan)
        amount = np.where(amount >= 49_000, 45_000.0, amount)
    marks = np.array([AUTHORITIES[key][len(CITY)] for key in subject.tolist()], dtype=object)
    return world.facts.add(
        "admin_penalties",
        party=who,
        field=subject,
        penalisedOn=day,
        facts=facts,
        authority=objects(AUTHORITIES[key] for key in subject.tolist()),
        amountInvolved=_optional(amount),
        documentNumber=texts(
            "陵", marks, "罚〔", years(day), "〕", objects(f"{begin + n:06d}" for n in range(count)), "号"
        ),
        penaltyType=pick(rng, objects(["罚款", "警告", "没收违法所得、罚款", "责令改正、罚款"]), count),
        fine=pick(rng, np.array([200.0, 500, 1000, 2000, 5000, 10_000, 20_000, 50_000]), count),
        transferredToPolice=transferred if transferred is not None else np.zeros(count, dtype=bool),
    )


def penalties(world: World, count: int) -> None:
    """Ordinary penalties; large sums went to the police."""
    rng = world.random("ordinary penalties")
    subject = rng.choice(list(OFFENCES), size=count, p=[0.05, 0.21, 0.18, 0.13, 0.08, 0.08, 0.15, 0.12]).astype(object)
    firms = pick(rng, np.flatnonzero(world.companies.parent < 0), count) + COMPANY
    by_firm = rng.random(count) < np.where(
        subject == "治安", 0, np.where(np.isin(subject, ["生态环境", "应急管理"]), 0.95, 0.55)
    )
    who = np.where(by_firm, firms, pick(rng, world.people.adults(), count))
    facts = objects(
        str(pick(rng, objects(OFFENCES[s].split()[5 if s == "生态环境" else 0 :]), 1)[0]) for s in subject.tolist()
    )
    add_penalties(
        world, who, subject, days(rng, np.datetime64("2020-06-01"), np.datetime64("2025-03-20"), count), facts
    )


def discipline(world: World, count: int) -> None:
    """Disciplinary measures for reasons of their own."""
    rng = world.random("discipline")
    staff = world.facts.frame("public_employees")
    rows = sample(rng, np.arange(len(staff)), count)
    world.facts.add(
        "disciplinary_actions",
        name=staff["name"].to_numpy()[rows],
        employer=objects(staff["employer"].to_list())[rows],
        action=pick(rng, ACTIONS, len(rows)),
        decidedOn=days(rng, np.datetime64("2019-06-01"), TODAY, len(rows)),
    )


def corrections(world: World, count: int) -> None:
    """People in community correction, one in five for explosives."""
    rng, people = world.random("corrections"), world.people
    sat = world.facts.parties("prison_terms", "name")
    adults = people.adults()
    who = sample(rng, adults[~np.isin(adults, sat)], count)
    start = days(rng, np.datetime64("2020-01-01"), np.datetime64("2024-11-30"), len(who))
    add_corrections(
        world,
        who,
        start,
        rng.integers(180, 1400, size=len(who)),
        np.where(
            rng.random(len(who)) < 0.2,
            pick(rng, EXPLOSIVES, len(who)),
            pick(rng, np.concatenate([OTHER_CRIMES, PROPERTY_CRIMES]), len(who)),
        ),
    )


def add_corrections(world: World, who: Ints, start: Dates, length: Ints, crime: Strings) -> Ints:
    """Rows of community_corrections; returns the row numbers."""
    rng = world.random("correction", str(world.facts.size("community_corrections")))
    offices = objects(name.rstrip("街道镇") + "司法所" for name in STREETS.tolist())
    return world.facts.add(
        "community_corrections",
        name=who,
        crime=crime,
        startsOn=start,
        endsOn=plus(start, length),
        category=rng.choice(["缓刑", "假释", "管制", "暂予监外执行"], size=len(who), p=[0.7, 0.15, 0.1, 0.05]).astype(
            object
        ),
        office=pick(rng, offices, len(who)),
    )
