"""A file that no source describes: what the draft makes of it, and that no cell of it leaks into the draft."""

from __future__ import annotations

import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter
from hypothesis import given, settings
from hypothesis import strategies as st

from resolution import synthetic
from resolution.draft import dataset_name, draft
from resolution.headers import meanings
from resolution.preview import preview
from resolution.read import FileRefused
from resolution.source import plain_header
from resolution.source_files import check_sources, read_source_file, read_sources
from resolution.survey import survey

HEADER = (
    "申请编号,农户姓名,农户身份证号,手机号码,家庭住址,机具名称,补贴金额,申请日期,经销商名称,经销商信用代码,机具类别"
)
ROWS = [
    "NJ001,周文海,620102195603071219,13893215678,云岭市金城区和平路12号3栋2单元501室,拖拉机,12000,2023-05-04,"
    "云岭市顺达农机有限公司,91620102665432109R,动力",
    "NJ002,吴桂兰,620102196909123450,13993210987,云岭市金城区柳树镇红旗村3组18号,收割机,1.5万,2023/6/1,"
    "云岭市顺达农机有限公司,,收获",
    "NJ003,李建国,,,云岭市金城区柳树镇红旗村3组19号,插秧机,8000,2023.13.1,云岭市兴农机械有限公司,,种植",
]
Write = Callable[..., Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    def made(*lines: str, name: str = "农机购置补贴.csv", encoding: str = "utf-8") -> Path:
        path = tmp_path / name
        path.write_text("\n".join([*lines, ""]), encoding=encoding)
        return path

    return made


def drafted(path: Path, name: str = "farm_machines") -> str:
    sources = read_sources()
    return draft(survey(path, frozenset(meanings(sources))), sources, name)


def parsed(path: Path) -> dict[str, Any]:
    return tomllib.loads(drafted(path))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_an_unknown_table_becomes_a_source_that_names_its_columns_and_people(write: Write, encoding: str) -> None:
    told = parsed(write("农机购置补贴发放表", HEADER, *ROWS, encoding=encoding))
    assert told["title"] == "农机购置补贴发放表" and told["grade"] == "敏感"
    types = {column["header"]: (name, column["type"]) for name, column in told["columns"].items()}
    assert types == {
        "申请编号": ("recordId", "text"),
        "农户姓名": ("nongHuXingMing", "text"),
        "农户身份证号": ("nongHuShenFenZhengHao", "id"),
        "手机号码": ("shouJiHaoMa", "phone"),
        "家庭住址": ("address", "address"),
        "机具名称": ("jiJuMingCheng", "text"),
        "补贴金额": ("buTieJinE", "money"),
        "申请日期": ("appliedOn", "date"),
        "经销商名称": ("jingXiaoShangMingCheng", "text"),
        "经销商信用代码": ("jingXiaoShangXinYongDaiMa", "uscc"),
        "机具类别": ("jiJuLeiBie", "text"),
    }
    assert told["mentions"]["农户"] == {
        "kind": "person",
        "name": "nongHuXingMing",
        "id": "nongHuShenFenZhengHao",
        "phone": "shouJiHaoMa",
        "address": "address",
        "link": "NONG_HU",
    }
    assert told["mentions"]["经销商"]["id"] == "jingXiaoShangXinYongDaiMa"
    assert told["fact"]["label"] == "FarmMachine" and told["fact"]["on"] == "appliedOn"


def test_what_the_office_must_decide_is_marked_beside_it(write: Write) -> None:
    lines = drafted(write(HEADER, *ROWS)).splitlines()
    marked = [line.split(" ")[0] for line in lines if "待定" in line and not line.startswith("#")]
    assert "agency" in marked and "label" in marked and "appliedOn" in marked
    assert next(line for line in lines if line.startswith("appliedOn")).endswith(
        "约 33% 的内容读不成该类型，请用 preview 核对"
    )


def test_a_short_list_of_words_is_an_enum_but_the_names_of_three_clerks_are_not(write: Write) -> None:
    clerks, states = ("赵志强", "钱丽华", "孙建军"), ("已发放", "待发放")
    rows = [f"B{n},{clerks[n % 3]},{states[n % 2]}" for n in range(40)]
    told = parsed(write("业务编号,复核,发放状态", *rows))
    assert told["columns"]["faFangZhuangTai"]["type"] == "enum"
    assert sorted(told["columns"]["faFangZhuangTai"]["values"]) == sorted(states)
    assert told["columns"]["fuHe"] == {"header": "复核", "type": "text"}


def test_no_cell_of_a_person_is_in_the_draft(write: Write) -> None:
    text = drafted(write(HEADER, *ROWS * 30))
    cells = [cell for row in ROWS for cell in row.split(",")]
    told = [cell for cell in cells if len(cell) > 1 and cell in text]
    assert set(told) == {"动力", "收获", "种植", "拖拉机", "收割机", "插秧机"}  # short lists of things, not of people


def test_a_row_of_people_is_never_taken_for_a_header(write: Write) -> None:
    with pytest.raises(FileRefused, match="找不到表头"):
        survey(write("张三,男,620102195603071219", "李四,女,620102196909123450"))


@pytest.mark.parametrize(
    ("header", "kind"), [("手机号", "phone"), ("身份证号码", "id"), ("收款账号", "account"), ("本人证件号", "party_id")]
)
def test_a_column_that_says_it_holds_numbers_of_people_is_never_text(write: Write, header: str, kind: str) -> None:
    rows = [f"A{n},****,某某" for n in range(20)]
    told = parsed(write(f"编号,{header},说明", *rows))
    column = next(each for each in told["columns"].values() if each["header"] == header)
    assert column["type"] == kind and column["optional"]


def test_a_number_of_a_person_is_no_key_and_a_table_without_one_says_so(write: Write) -> None:
    path = write("姓名,身份证号,金额", "周文海,620102195603071219,100", "吴桂兰,620102196909123450,200")
    text = drafted(path)
    assert 'recordId = {header = "记录编号", type = "text"}' in text and "没有一列能区分各行" in text


def test_a_workbook_with_a_title_and_a_second_sheet_is_drafted_from_the_sheet_with_the_table(tmp_path: Path) -> None:
    path = tmp_path / "名单.xlsx"
    book = xlsxwriter.Workbook(str(path))
    notes, sheet = book.add_worksheet("说明"), book.add_worksheet("明细")
    notes.write(0, 0, "本表由农业农村局提供")
    for number, line in enumerate([HEADER, *ROWS]):
        sheet.write_row(number, 0, line.split(","))
    book.close()
    told = survey(path)
    assert (told.sheet, told.header_line, told.rows) == ("明细", 1, 3)


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("files")
    synthetic.generate(folder, records=4_000, seed=11)
    return folder


def test_files_of_known_agencies_are_drafted_right_by_one_who_does_not_know_them(files: Path, tmp_path: Path) -> None:
    sources = read_sources()
    right = every = 0
    missed: list[str] = []
    for name in ("leases", "subsidy_payments", "companies", "judgments", "hotline_calls", "household", "prison_terms"):
        path = next(files.glob(f"{name}.*"))
        others = {other: source for other, source in sources.items() if other != name}
        text = draft(survey(path, frozenset(meanings(others))), others, f"{name}_again")
        target = tmp_path / f"{name}_again.toml"
        target.write_text(text, encoding="utf-8")
        assert check_sources([target]) == []
        told = read_source_file(target)
        wanted = {plain_header(column.header): column.type for column in sources[name].columns.values()}
        got = {plain_header(column.header): column.type for column in told.columns.values()}
        alike = {header for header, kind in wanted.items() if got.get(header) == kind}
        right, every = right + len(alike), every + len(wanted)
        named = {told.columns[mention.name].header for mention in told.mentions.values() if mention.name}
        missed += [
            f"{name}: {role}"
            for role, mention in sources[name].mentions.items()
            if mention.name and sources[name].columns[mention.name].header not in named
        ]
        assert preview(path, told, 5).rows
    assert right / every > 0.85, f"{right} of {every}"
    assert len(missed) <= 3, missed


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.text(
            st.characters(codec="utf-8", exclude_categories=("Cs", "Cc", "Zl", "Zp"), exclude_characters=',;|"\t'),
            min_size=1,
            max_size=8,
        ),
        min_size=2,
        max_size=6,
    ),
    st.lists(
        st.sampled_from(["甲", "2023-01-02", "3.5", "", "620102195603071219", "是", "有限公司"]),
        min_size=1,
        max_size=12,
    ),
)
def test_a_draft_is_refused_or_sound_whatever_the_headers_say(
    tmp_path_factory: pytest.TempPathFactory, headers: list[str], cells: list[str]
) -> None:
    folder = tmp_path_factory.mktemp("any")
    path = folder / "any.csv"
    rows = [[cells[(number + place) % len(cells)] for place in range(len(headers))] for number in range(6)]
    path.write_text("\n".join(",".join(row) for row in [headers, *rows]) + "\n", encoding="utf-8")
    try:
        text = drafted(path, "anything")
    except FileRefused:
        return
    target = folder / "anything.toml"
    target.write_text(text, encoding="utf-8")
    assert [str(fault) for fault in check_sources([target])] == []


@pytest.mark.parametrize(
    ("stem", "name"),
    [
        ("农机补贴（2024）", "nong_ji_bu_tie"),
        ("Farm Subsidies 2023", "farm_subsidies"),
        ("2023", "dataset"),
        ("leases", "leases"),
    ],
)
def test_a_dataset_is_named_after_its_file(stem: str, name: str) -> None:
    assert dataset_name(stem) == name


def test_preview_shows_rows_as_they_will_be_read_and_the_rejected_with_their_reason(
    write: Write, tmp_path: Path
) -> None:
    path = write(HEADER, *ROWS)
    target = tmp_path / "farm_machines.toml"
    target.write_text(drafted(path), encoding="utf-8")
    told = preview(path, read_source_file(target), rows=1)
    assert (told.usable, told.rejected, len(told.rows)) == (2, 1, 1)
    row = told.rows[0]
    assert row.cells["农户身份证号"] == "6201**********1219" and row.cells["补贴金额"] == "12,000.00"
    assert [(who.role, who.kind) for who in row.mentions] == [("农户", "person"), ("经销商", "company")]
    assert [(reject.line, reject.column_name) for reject in told.rejects] == [(4, "申请日期")]
    shown = told.text()
    assert "→ 农户（人员）周文海" in shown and "没有这一天" in shown
    assert not any(number in shown for number in ("620102195603071219", "13893215678", "620102196909123450"))


def test_preview_tells_a_party_by_what_stands_in_the_row(write: Write, tmp_path: Path) -> None:
    lines = ["编号,出卖人,出卖人证件号", "F1,周文海,620102195603071219", "F2,云岭市顺达农机有限公司,"]
    target = tmp_path / "sales.toml"
    target.write_text(
        'title = "买卖"\nagency = "某局"\ngrade = "一般"\nkey = "recordId"\n[columns]\n'
        'recordId = {header = "编号", type = "text"}\nseller = {header = "出卖人", type = "text"}\n'
        'sellerId = {header = "出卖人证件号", type = "party_id", optional = true}\n'
        '[mentions."出卖人"]\nkind = "party"\nname = "seller"\nid = "sellerId"\nlink = "SOLD_BY"\n'
        '[fact]\nlabel = "Sale"\ncaption = "{seller}"\n',
        encoding="utf-8",
    )
    told = preview(write(*lines), read_source_file(target))
    assert [who.kind for row in told.rows for who in row.mentions] == ["person", "company"]
