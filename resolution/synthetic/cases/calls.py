"""Complaints that pile up, and what texts say of harm, charging, vendors and papered-over matters (M22, M24)."""

from __future__ import annotations

import datetime
from itertools import pairwise

import numpy as np
import polars as pl

from resolution.synthetic.arrays import Ints, Strings, objects, pick, sample
from resolution.synthetic.calls import COMPLAINTS, DONE, KINDS, add_calls, moments
from resolution.synthetic.facts import COMPANY
from resolution.synthetic.people import TODAY, mobiles
from resolution.synthetic.places import ESTATE, STREETS
from resolution.synthetic.world import FactRow, World, rows_of

WINDOW, CALLS, CALLERS, SUBJECT_CALLS, SUBJECT_CALLERS = 90, 10, 5, 5, 3
CHARGING = objects(
    ["楼道里有人给电动车充电，存在火灾隐患", "居民私拉电线给电动车飞线充电", "有人把电动车推进楼道充电，夜里也不拔"]
)
ABUSE = objects(
    [
        "反映在单位被上司多次性骚扰，请求处理",
        "邻居家经常传来打骂声，丈夫对妻子实施家庭暴力",
        "举报健身房教练性骚扰女学员",
    ]
)
VENDORS = objects(
    ["{}门口有流动摊贩售卖三无零食", "放学时{}门前小贩占道卖烤肠，油烟很大", "{}旁边有商贩向学生出售玩具枪和辣条"]
)
HARM = "侵害"


def plant_hotspots(world: World) -> None:
    """Streets and firms that many call about in the last weeks, and such as one caller calls about many times."""
    rng, companies = world.random("M22"), world.companies
    each = world.some(0.5, 2)
    recent, old = ("2025-01-05", "2025-03-30"), ("2024-06-01", "2024-11-30")
    cells = rng.permutation([(s, k) for s in range(len(STREETS)) for k in range(1, len(KINDS))])
    cells = iter(cells.tolist())

    def street(calls: int, callers: int, span: tuple[str, str]) -> Ints:
        where, what = next(cells)
        content = pick(rng, objects(COMPLAINTS[KINDS[what]].split()), calls)
        return _calls(world, rng, calls, callers, span, STREETS[where], KINDS[what], content)

    def firm(calls: int, callers: int, span: tuple[str, str], who: int) -> Ints:
        home = int(companies.home[who])
        where = str(world.places.street_names(np.array([home]))[0])
        content = pick(rng, objects(COMPLAINTS["消费维权"].split()), calls)
        return _calls(world, rng, calls, callers, span, where, "消费维权", content, who + COMPANY, home)

    def trap(kind: str, rows: Ints, why: str) -> None:
        world.trap("M22", kind, rows_of("hotline_calls", rows[:3].tolist()), why)

    pool = iter(world.reserve(sample(rng, world.free(companies.alive()), each * 4)).tolist())
    for _ in range(min(each, 60)):
        street(int(rng.integers(11, 18)), int(rng.integers(6, 10)), recent)
        trap("few callers", street(12, 3, recent), "来电号码不足五个")
        trap("long ago", street(13, 8, old), "不在统计窗口内")
    for _ in range(each):
        firm(int(rng.integers(5, 8)), 4, recent, next(pool))
        trap("one complainer", firm(6, 2, recent, next(pool)), "来电号码不足三个")
        trap("firm long ago", firm(7, 5, old, next(pool)), "不在统计窗口内")


def _calls(
    world: World,
    rng: np.random.Generator,
    calls: int,
    callers: int,
    span: tuple[str, str],
    street: str,
    kind: str,
    content: Strings,
    subject: int = -1,
    home: int = -1,
    outcome: Strings | None = None,
) -> Ints:
    phones = mobiles(rng, callers)
    return add_calls(
        world,
        np.sort(moments(rng, *span, calls)),
        phones[np.arange(calls) % callers],
        objects([street] * calls),
        objects([kind] * calls),
        content,
        np.full(calls, home),
        np.full(calls, subject),
        outcome,
    )


def find_hotspots(world: World) -> None:
    """M22 by its rule."""
    first = TODAY - np.timedelta64(WINDOW - 1, "D")
    recent = (
        world.facts.frame("hotline_calls")
        .filter(pl.col("calledAt") >= first.astype("datetime64[us]"))
        .sort("calledAt", "row")
    )
    for by, calls, callers in ((["street", "category"], CALLS, CALLERS), (["subject"], SUBJECT_CALLS, SUBJECT_CALLERS)):
        rows_ = recent if len(by) == 2 else recent.filter(pl.col("subject") >= 0)
        for key, group in rows_.group_by(by, maintain_order=True):
            numbers = group["callerPhone"].drop_nulls().n_unique()
            if len(group) >= calls and numbers >= callers:
                rows = rows_of("hotline_calls", group["row"].to_list())
                what = (
                    "、".join(map(str, key))
                    if len(by) == 2
                    else str(world.party_names(np.array([int(str(key[0]))]))[0])
                )
                world.clue("M22", rows[:3], rows, f"{what}：{len(rows)}次来电，{numbers}个号码")


def plant_themes(world: World) -> None:
    """Texts of each theme that the office follows, with the pattern over place and time or just without it."""
    rng = world.random("M24")
    each = world.some(0.8, 3)
    homes = iter(world.places.add(rng, np.full(each * 5, ESTATE)).tolist())
    notes = world.notes.setdefault("M24", {})

    def at(
        home: int, content: Strings, span: tuple[str, str], kind: str = "物业管理", outcome: Strings | None = None
    ) -> Ints:
        street = str(world.places.street_names(np.array([home]))[0])
        return _calls(world, rng, len(content), len(content), span, street, kind, content, home=home, outcome=outcome)

    for n in range(each):
        # the last text of a far pair comes 130 days later, and nothing comes after today
        day = np.datetime64("2022-08-01") + np.timedelta64(int(rng.integers(0, 800)), "D")
        near = (str(day), str(day + np.timedelta64(60, "D")))
        notes.setdefault("charging", []).extend(at(next(homes), pick(rng, CHARGING, 2 + n % 2), near).tolist())
        home = next(homes)
        far = (str(day + np.timedelta64(120, "D")), str(day + np.timedelta64(130, "D")))
        rows = [
            int(at(home, pick(rng, CHARGING, 1), (str(day), str(day)))[0]),
            int(at(home, pick(rng, CHARGING, 1), far)[0]),
        ]
        notes["charging"].extend(rows)
        world.trap("M24", "charging apart", rows_of("hotline_calls", rows), "同一地址两次反映相隔超过九十日")
        done = pick(rng, DONE, 3)
        span = ("2024-02-01", "2024-10-31")
        notes.setdefault("papered", []).extend(
            at(next(homes), pick(rng, objects(COMPLAINTS["市容环境"].split()), 3), span, "市容环境", done).tolist()
        )
        two = at(next(homes), pick(rng, objects(COMPLAINTS["市容环境"].split()), 2), span, "市容环境", done[:2])
        notes["papered"].extend(two.tolist())
        world.trap("M24", "two only", rows_of("hotline_calls", two.tolist()), "同一地点同类诉求仅两次办结")
        notes.setdefault("abuse", []).extend(at(next(homes), pick(rng, ABUSE, 1), near, "咨询求助").tolist())
        _vendor(world, rng, near, notes)


def _vendor(world: World, rng: np.random.Generator, span: tuple[str, str], notes: dict[str, list[int]]) -> None:
    schools = world.facts.frame("schools")
    school = int(rng.integers(len(schools)))
    text = str(pick(rng, VENDORS, 1)[0]).format(schools["schoolName"][school])
    rows = _calls(world, rng, 1, 1, span, str(pick(rng, STREETS, 1)[0]), "市容环境", objects([text]))
    notes.setdefault("vendor", []).append(int(rows[0]))
    notes.setdefault("vendor school", []).append(school)


def find_themes(world: World) -> None:
    """M24 by its rules (the texts that speak of a theme are known, for only planted ones do)."""
    reports = world.facts.frame("mandatory_reports").filter(
        pl.col("content").str.contains(HARM, literal=True) & pl.col("policeFiled").not_()
    )
    for row in reports["row"].to_list():
        world.clue("M24", [("mandatory_reports", row)], [("mandatory_reports", row)], "强制报告：侵害未立案")
    notes = world.notes["M24"]
    calls = (
        world.facts.frame("hotline_calls")
        .select("row", "address", "calledAt", "category", "outcome")
        .sort("calledAt", "row")
    )
    charging = calls.filter(pl.col("row").is_in(notes["charging"]))
    for _, group in charging.group_by("address", maintain_order=True):
        times = group["calledAt"].to_list()
        close = [b - a <= datetime.timedelta(days=WINDOW) for a, b in pairwise(times)]
        if any(close):
            _theme(world, "电动车违规充电", group["row"].to_list())
    papered = calls.filter(pl.col("row").is_in(notes["papered"]) & pl.col("outcome").is_in(DONE.tolist()))
    for _, group in papered.group_by("address", "category", maintain_order=True):
        if len(group) >= 3:
            _theme(world, "督促履职", group["row"].to_list())
    for row in notes["abuse"]:
        _theme(world, "性骚扰家暴", [row])
    for row, school in zip(notes["vendor"], notes["vendor school"], strict=True):
        facts: list[FactRow] = [("hotline_calls", row)]
        world.clue("M24", facts, [*facts, ("schools", school)], "校园周边摊贩")


def _theme(world: World, theme: str, rows: list[int]) -> None:
    facts = rows_of("hotline_calls", rows)
    world.clue("M24", facts[:3], facts, theme)
