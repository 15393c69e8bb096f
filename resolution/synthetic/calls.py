"""What people tell the city: hotline, grid workers, reports on harm to minors (M22, M23, M24)."""

from __future__ import annotations

import datetime

import numpy as np
import polars as pl

from resolution.synthetic.arrays import Dates, Ints, Strings, days, objects, pick
from resolution.synthetic.facts import COMPANY
from resolution.synthetic.people import TODAY, mobiles
from resolution.synthetic.places import CITY, ESTATE, STREETS
from resolution.synthetic.world import World

KINDS = objects(
    [
        "咨询求助",
        "市容环境",
        "劳动保障",
        "供水供电",
        "消费维权",
        "食品安全",
        "教育",
        "物业管理",
        "违法建设",
        "违章停车",
        "道路交通",
        "噪声扰民",
    ]
)
QUESTIONS = objects(
    [
        "咨询居住证办理流程",
        "询问公积金提取条件",
        "咨询机动车间隔多久年检一次",
        "感谢社区民警帮忙找到走失老人",
        "咨询老年卡年审时间",
        "询问公交线路调整情况",
        "咨询积分入学政策",
        "询问图书馆开放时间",
        "表扬环卫工人工作认真",
        "咨询医保异地备案",
    ]
)
COMPLAINTS = {
    "市容环境": "垃圾桶满溢无人清理 绿化带枯死无人补种 路面污水横流",
    "劳动保障": "公司不缴社保 离职后不开证明",
    "供水供电": "频繁停电影响生活 自来水发黄",
    "消费维权": "商家拒绝退款 商品与宣传不符 预付卡无法退费",
    "食品安全": "外卖里有异物 吃完拉肚子",
    "教育": "校外培训机构拒不退费 幼儿园收费不透明",
    "物业管理": "物业收费不透明 楼道灯不亮 电动车间门锁损坏",
    "违法建设": "楼顶私搭阳光房 邻居占用公共通道搭棚",
    "违章停车": "车辆占用盲道 消防通道被堵",
    "道路交通": "红绿灯时间太短 道路坑洼不平 井盖松动",
    "噪声扰民": "广场舞声音太大 夜间施工噪声扰民",
    "咨询求助": "咨询婚姻登记预约方式",
}
THEMES = objects(
    [
        "有公司以高息为名吸收老年人存款",
        "小区电梯困人没有人管",
        "建筑工地拖欠农民工工资",
        "工厂夜间偷排废水气味刺鼻",
        "外卖店铺没有营业执照",
        "网约房深夜吵闹没有登记身份",
        "诊所无证行医",
        "加油站不开发票",
        "培训机构卷款跑路",
        "医院挂床住院骗取医保",
        "烟花爆竹私自储存在居民楼",
        "快递站泄露个人信息",
    ]
)
QUIET_CALLS = 5  # a quarter, for one street and kind
OUTCOMES = objects(["", "已转办", "正在核实", "处理中"])
DONE = objects(["已办结", "已整改到位", "已处理完毕"])
REPORTERS = objects(
    [f"{CITY}第一人民医院", f"{CITY}妇幼保健院", f"{CITY}第三中学", "临湖区实验小学", "白鹭区社区卫生服务中心"]
)
HARM = objects(
    [
        "接诊一名十二岁女童，疑似遭受性侵害",
        "发现学生身上多处伤痕，疑似遭受家长虐待侵害",
        "发现未成年学生被多人殴打，遭受侵害",
    ]
)
HARMLESS = objects(["学生在操场意外摔伤，已送医", "幼儿误食异物，家长已到院", "学生体育课中暑，已好转"])


def moments(rng: np.random.Generator, first: str, last: str, count: int) -> Dates:
    """Times between seven and twenty-two o'clock."""
    day = days(rng, np.datetime64(first), np.datetime64(last), count).astype("datetime64[m]")
    times: Dates = (day + rng.integers(420, 1320, size=count).astype("timedelta64[m]")).astype("datetime64[us]")
    return times


def add_calls(
    world: World,
    when: Dates,
    phone: Strings,
    street: Strings,
    kind: Strings,
    content: Strings,
    home: Ints,
    subject: Ints | None = None,
    outcome: Strings | None = None,
) -> Ints:
    """Rows of hotline_calls; returns the row numbers."""
    rng = world.random("call", str(world.facts.size("hotline_calls")))
    return world.facts.add(
        "hotline_calls",
        calledAt=when,
        callerPhone=[p or None for p in phone.tolist()],
        street=street,
        address=home,
        subject=np.full(len(when), -1) if subject is None else subject,
        category=kind,
        content=content,
        outcome=pick(rng, OUTCOMES, len(when)) if outcome is None else outcome,
    )


def hotline(world: World, count: int) -> None:
    """Calls about this and that, spread over years and streets so that nothing is a hot spot."""
    rng, companies = world.random("hotline"), world.companies
    kind = rng.choice(KINDS, size=count).astype(object)
    street = pick(rng, STREETS, count)
    asks = (kind == "咨询求助") | (rng.random(count) < 0.25)
    content = objects(str(pick(rng, objects(COMPLAINTS[k].split()), 1)[0]) for k in kind.tolist())
    content = np.where(asks, pick(rng, QUESTIONS, count), content)
    theme = rng.random(count) < 0.03
    content = np.where(theme, pick(rng, THEMES, count), content).astype(object)
    firm = np.where((kind == "消费维权") & (rng.random(count) < 0.6), pick(rng, companies.alive(), count), -1)
    home = np.where(rng.random(count) < 0.45, world.places.add(rng, np.full(count, ESTATE)), -1)
    home = np.where(firm >= 0, companies.home[np.maximum(firm, 0)], home)
    street = np.where(home >= 0, world.places.street_names(np.maximum(home, 0)), street)
    phone = mobiles(rng, count)
    phone[rng.random(count) < 0.06] = ""
    when = _spread(rng, moments(rng, "2022-07-01", "2025-03-31", count), street, kind)
    add_calls(world, when, phone, street, kind, content, home, np.where(firm >= 0, firm + COMPANY, -1))


def _spread(rng: np.random.Generator, when: Dates, street: Strings, kind: Strings) -> Dates:
    """In a large city the calls of the last weeks would make a hot spot of every street: most move to earlier days."""
    frame = pl.DataFrame({"when": when, "street": street.tolist(), "kind": kind.tolist()}).with_columns(
        pl.col("when").ge(pl.lit(datetime.date(2024, 12, 20))).alias("late")
    )
    crowd = frame.select(pl.when("late").then(pl.int_range(pl.len()).over("street", "kind", "late"))).to_series()
    moved = crowd.fill_null(0).to_numpy() >= QUIET_CALLS
    when[moved] = moments(rng, "2022-07-01", "2024-12-10", int(moved.sum()))
    return when


def grid(world: World, count: int) -> None:
    """What grid workers report."""
    rng = world.random("grid")
    home = world.places.add(rng, np.full(count, ESTATE))
    plain = objects([text for options in COMPLAINTS.values() for text in options.split()])
    world.facts.add(
        "grid_events",
        reportedAt=moments(rng, "2022-07-01", "2025-03-30", count),
        street=world.places.street_names(home),
        address=home,
        content=np.where(rng.random(count) < 0.12, pick(rng, THEMES, count), pick(rng, plain, count)).astype(object),
        status=pick(rng, objects(["处置中", "已处置", "已上报"]), count),
    )


def reports(world: World, count: int) -> None:
    """Reports by those who must: most harm is followed by a police file."""
    rng = world.random("reports")
    harm = rng.random(count) < 0.8
    filed = np.where(harm, rng.random(count) < 0.7, rng.random(count) < 0.05)
    content = np.where(harm, pick(rng, HARM, count), pick(rng, HARMLESS, count)).astype(object)
    world.facts.add(
        "mandatory_reports",
        reportedAt=moments(rng, "2022-06-01", "2025-03-28", count),
        reporter=pick(rng, REPORTERS, count),
        street=pick(rng, STREETS, count),
        content=content,
        policeFiled=filed,
    )


def last_call(world: World) -> None:
    """A call on the last day, so that the world ends when it should."""
    add_calls(
        world,
        np.array([TODAY + np.timedelta64(10, "h")], dtype="datetime64[us]"),
        objects(["13907300000"]),
        STREETS[:1],
        objects(["咨询求助"]),
        QUESTIONS[:1],
        np.array([-1]),
    )
