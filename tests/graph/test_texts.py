"""Who and what a text names: tied where it is certain, and only there."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import duckdb
import pytest
from rows import resolve, stage

from graph.desired import build
from resolution.workspace import Workspace

MA_EAST = "云岭市河东区洞庭街道滨河路807号"
MA_WEST = "云岭市河西区枫桥街道解放路12号"
LUCK_EAST = "云岭市河东区洞庭街道建湘路5号"
LUCK_WEST = "云岭市河西区枫桥街道解放路14号"
PHONE = "13812345678"

COMPANIES = {  # entity: name, address
    "MA-EAST": ("云岭市河东区老马牛肉面馆", MA_EAST),
    "MA-WEST": ("云岭市河西区老马牛肉面馆", MA_WEST),
    "BUILDER": ("云岭盛宁建筑有限公司", LUCK_EAST),
    "OTHER-BUILDER": ("云岭盛宁建筑工程有限公司", MA_EAST),
    "LUCK-EAST": ("云岭市好运来超市", LUCK_EAST),
    "LUCK-WEST": ("云岭市好运来超市", LUCK_WEST),
    "RED": ("云岭市河东区东方红超市", LUCK_EAST),
    "GRILL": ("云岭市河东区烧烤摊", LUCK_EAST),
    "PAPER": ("云岭市河西区福信纸业有限公司", MA_WEST),
    "TWIN-1": ("云岭市河东区双喜火锅店", LUCK_EAST),
    "TWIN-2": ("云岭双喜火锅店", MA_EAST),
    "ENERGY": ("和佳（云岭）能源有限公司", LUCK_EAST),
    "DIAL": (f"云岭市河东区永乐{PHONE}便利店", LUCK_EAST),
    "AFAR": ("云岭市远山茶楼", None),
}
SCHOOLS = {
    "S1": ("云岭市河西区光清第一小学", "云岭市河西区枫桥街道解放路2号"),
    "S2": ("云岭市第一小学", "云岭市河东区洞庭街道滨河路2号"),
}

EAST = {"street": "洞庭街道"}
WEST = {"street": "枫桥街道"}
# the situation; the row; who is named: bearer, role, words, positions
CASES: dict[str, tuple[dict[str, Any], list[tuple[str, str, list[str], list[int]]]]] = {
    "a registered name": (
        {"content": "云岭市河东区老马牛肉面馆油烟扰民", **WEST},
        [("MA-EAST", "内容", ["云岭市河东区老马牛肉面馆"], [1])],
    ),
    "an abbreviation, in the street of the one": (
        {"content": "投诉老马牛肉面馆油烟扰民", **EAST},
        [("MA-EAST", "内容", ["老马牛肉面馆"], [3])],
    ),
    "the same abbreviation, in the street of the other": (
        {"content": "投诉老马牛肉面馆油烟扰民", **WEST},
        [("MA-WEST", "内容", ["老马牛肉面馆"], [3])],
    ),
    "an abbreviation in a street where nobody of that name is, in a district with one": (
        {"content": "投诉老马牛肉面馆油烟扰民", "street": "巴陵街道", "address": "云岭市河西区巴陵街道中山路1号"},
        [("MA-WEST", "内容", ["老马牛肉面馆"], [3])],
    ),
    "an abbreviation in a place that has none": (
        {"content": "投诉老马牛肉面馆油烟扰民", "street": "桃林镇", "address": "云岭市桃溪县桃林镇中山路1号"},
        [],
    ),
    "an abbreviation, and the street in the text": (
        {"content": "枫桥街道的老马牛肉面馆油烟扰民", "street": "不详"},
        [("MA-WEST", "内容", ["老马牛肉面馆"], [6])],
    ),
    "an abbreviation without any place": ({"content": "投诉老马牛肉面馆油烟扰民", "street": "不详"}, []),
    "two of one registered name, and the street of one": (
        {"content": "云岭市好运来超市食品过期", **WEST},
        [("LUCK-WEST", "内容", ["云岭市好运来超市"], [1])],
    ),
    "two of one registered name, and no place": ({"content": "云岭市好运来超市食品过期", "street": "不详"}, []),
    "two of one abbreviation in one street": ({"content": "双喜火锅店噪声大", **EAST}, []),
    "two shops in one text": (
        {"content": "老马牛肉面馆和东方红超市占道经营", **EAST},
        [("MA-EAST", "内容", ["老马牛肉面馆"], [1]), ("RED", "内容", ["东方红超市"], [8])],
    ),
    "the name twice": (
        {"content": "东方红超市过期，东方红超市不管", **EAST},
        [("RED", "内容", ["东方红超市", "东方红超市"], [1, 9])],
    ),
    "a name inside a longer one that is known: the longest wins": (
        {"content": "拖欠工资的是盛宁建筑工程", **EAST},
        [("OTHER-BUILDER", "内容", ["盛宁建筑工程"], [7])],
    ),
    "the shorter one": (
        {"content": "拖欠工资的是盛宁建筑，请处理", **EAST},
        [("BUILDER", "内容", ["盛宁建筑"], [7])],
    ),
    "the shorter one at the head of a longer one that is not known": (
        {"content": "拖欠工资的是盛宁建筑劳务", **EAST},
        [],
    ),
    "the name at the end of a longer one that is not known": ({"content": "投诉新东方红超市", **EAST}, []),
    "the name with another legal form": ({"content": "投诉东方红超市有限公司", **EAST}, []),
    "a branch that is not known": ({"content": "投诉东方红超市（城关店）", **EAST}, []),
    "a name that is how people speak of any such shop": ({"content": "路边烧烤摊油烟大", **EAST}, []),
    "a shop by its sign: who runs it": (
        {"content": "在福信文具店买到三无玩具", **WEST},
        [("PAPER", "内容", ["福信文具店"], [2])],
    ),
    "a shop by its sign in another street": ({"content": "在福信文具店买到三无玩具", **EAST}, []),
    "a name that only says where": (
        {"content": "东方红超市门口有人摆摊", **EAST},
        [("RED", "处所", ["东方红超市"], [1])],
    ),
    "one whose place nobody knows, by its whole name": (
        {"content": "投诉云岭市远山茶楼", **EAST},
        [("AFAR", "内容", ["云岭市远山茶楼"], [3])],
    ),
    "one whose place nobody knows, by its abbreviation": ({"content": "投诉远山茶楼", **EAST}, []),
    "a school by its whole name, anywhere": (
        {"content": "云岭市河西区光清第一小学旁有小贩", **EAST},
        [("schools/S1", "处所", ["云岭市河西区光清第一小学"], [1])],
    ),
    "a school without its region, and as it is called": (
        {"content": "光清第一小学门口有小贩，光清一小的学生去买", **WEST},
        [("schools/S1", "内容", ["光清第一小学", "光清一小"], [1, 13])],
    ),
    "a school whose name is the end of one that is not known": (
        {"content": "育才第一小学有小贩", **EAST},
        [],
    ),
    "a school in the address": (
        {"content": "有流动摊贩", "address": "云岭市第一小学旁", **EAST},
        [("schools/S2", "地址", ["云岭市第一小学"], [1])],
    ),
    "an address in the text of a row that has none": (
        {"content": "滨河路807号楼下油烟大", **EAST},
        [("Address:河东区|滨河路807号|||", "处所", ["滨河路807号"], [1])],
    ),
    "a house number": (
        {"content": "反映解放路12号有人飞线充电", **WEST},
        [("Address:河西区|解放路12号|||", "内容", ["解放路12号"], [3])],
    ),
    "a house number in a row with a place of its own": (
        {"content": "反映解放路12号有人飞线充电", "address": LUCK_WEST, **WEST},
        [],
    ),
    "a flat of that house": ({"content": "反映解放路12号3单元201室有人飞线充电", **WEST}, []),
    "a name in 被反映主体 that only calls give": (
        {"content": "油烟扰民", "subject": "老马牛肉面馆", **EAST},
        [("MA-EAST", "被反映主体", ["老马牛肉面馆"], [1])],
    ),
    "brackets of the other width": (
        {"content": "投诉和佳(云岭)能源有限公司乱收费", **WEST},
        [("ENERGY", "内容", ["和佳（云岭）能源有限公司"], [3])],
    ),
    "brackets left out": (
        {"content": "投诉和佳云岭能源有限公司乱收费", **WEST},
        [("ENERGY", "内容", ["和佳云岭能源有限公司"], [3])],
    ),
    "a whole name without a region, behind characters that may be part of another": (
        {"content": "投诉新和佳(云岭)能源有限公司乱收费", **WEST},
        [],
    ),
    "signs of four bytes before the name": (
        {"content": "😀 投诉老马牛肉面馆", **EAST},
        [("MA-EAST", "内容", ["老马牛肉面馆"], [5])],
    ),
    "a name with a phone number in it, which is not shown": (
        {"content": f"投诉云岭市河东区永乐{PHONE}便利店", **EAST},
        [("DIAL", "内容", ["云岭市河东区永乐138****5678便利店"], [3])],
    ),
    "nobody": ({"content": f"咨询老年卡年审时间，回电{PHONE}", **EAST}, []),
}


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Iterator[duckdb.DuckDBPyConnection]:
    workspace = Workspace(tmp_path_factory.mktemp("texts"))
    connection = workspace.connect()
    calls = [
        {"recordId": f"H{n}", "calledAt": "2024-06-01 08:00:00", "category": "其他", "callerPhone": PHONE, **row}
        for n, (row, _) in enumerate(CASES.values())
    ]
    companies = [
        {"recordId": key, "companyName": name, "address": address} for key, (name, address) in COMPANIES.items()
    ]
    schools = [
        {"recordId": key, "schoolName": name, "schoolType": "小学", "address": address}
        for key, (name, address) in SCHOOLS.items()
    ]
    sign = {"premisesName": "福信文具店", "operator": COMPANIES["PAPER"][0], "category": "文具店", "status": "营业"}
    premises = [{"recordId": "P1", "address": LUCK_WEST, **sign}]
    stage(connection, {"hotline_calls": calls, "companies": companies, "schools": schools, "premises": premises})
    resolve(connection)
    mentions = [
        *(("companies", key, "企业", "company", key) for key in COMPANIES),
        ("premises", "P1", "经营者", "company", "PAPER"),
        ("premises", "P1", "场所", "trade_name", "SIGN"),
        *(("hotline_calls", c["recordId"], "被反映主体", "company", "SAID") for c in calls if "subject" in c),
    ]
    for number, (dataset, record, role, kind, entity) in enumerate(mentions, 1000):
        connection.execute("INSERT INTO mentions VALUES (?, ?, ?, ?, ?)", [number, dataset, record, role, kind])
        connection.execute("INSERT INTO entity_of VALUES (?, ?, ?)", [number, entity, 0.97])
    for entity, (name, address) in [*COMPANIES.items(), ("SAID", ("老马牛肉面馆", None))]:
        connection.execute(
            "INSERT INTO company_entities VALUES (?, ?, [?], '', '', '', '', '', '', NULL)", [entity, name, name]
        )
        if address:
            connection.execute("INSERT INTO entity_addresses VALUES (?, ?, 'k', 1.0, [])", [entity, address])
    build(workspace, connection)
    yield connection
    connection.close()


def named(connection: duckdb.DuckDBPyConnection, key: str) -> list[tuple[str, str, list[str], list[int]]]:
    return connection.execute(
        "SELECT to_key, role, words, positions FROM graph.relationships WHERE type = 'NAMES' AND from_key = ?"
        " ORDER BY positions",
        [key],
    ).fetchall()


@pytest.mark.parametrize("case", CASES)
def test_a_text_is_tied_to_what_it_names_for_certain(built: duckdb.DuckDBPyConnection, case: str) -> None:
    assert named(built, f"hotline_calls/H{list(CASES).index(case)}") == CASES[case][1]


@pytest.mark.parametrize(
    ("case", "probability"),
    [
        ("a registered name", 0.97),
        ("an abbreviation, in the street of the one", 0.95),
        ("an abbreviation in a street where nobody of that name is, in a district with one", 0.9),
    ],
)
def test_a_tie_is_as_sure_as_the_name_and_the_place_make_it(
    built: duckdb.DuckDBPyConnection, case: str, probability: float
) -> None:
    found = built.execute(
        "SELECT probability FROM graph.relationships WHERE type = 'NAMES' AND from_key = ?",
        [f"hotline_calls/H{list(CASES).index(case)}"],
    ).fetchall()
    assert found == [(probability,)]
