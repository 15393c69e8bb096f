"""Files as agencies send them: any encoding, any damage; a bad line never harms the lines beside it."""

from __future__ import annotations

import codecs
import csv
import io
import zipfile
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from resolution.read import FileRefused, Sheet, read
from resolution.source import Source
from resolution.source_files import read_sources

SCHOOLS = "记录编号,学校名称,类型,地址,经度,纬度"
ONE = "S1,第一小学,小学,云岭市一路1号,103.1,36.1"
TWO = "S2,第二小学,小学,云岭市二路2号,103.2,36.2"
THREE = "S3,第三小学,小学,云岭市三路3号,103.3,36.3"


@pytest.fixture(scope="session")
def schools() -> Source:
    return read_sources()["schools"]


def sheet(folder: Path, source: Source, content: str | bytes, name: str = "schools.csv") -> Sheet:
    """The file of this content, read."""
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return read(path, source)


def rows(found: Sheet) -> list[tuple[int, str, str]]:
    """Line, number and name of each row, by line."""
    numbers, names = (found.columns[name].to_pylist() for name in ("recordId", "schoolName"))
    return sorted(zip(found.lines.tolist(), numbers, names, strict=True))


def refusal(folder: Path, source: Source, content: str | bytes, name: str = "schools.csv") -> str:
    with pytest.raises(FileRefused) as error:
        sheet(folder, source, content, name)
    assert str(error.value).startswith(name)
    return str(error.value)


RARE = "S1,㐂𬎆小学,小学,云岭市一路1号,103.1,36.1"


@pytest.mark.parametrize(
    ("encoding", "bom"),
    [
        ("utf-8", b""),
        ("utf-8", codecs.BOM_UTF8),
        ("gb18030", b""),
        ("utf-16-le", codecs.BOM_UTF16_LE),
        ("utf-16-be", codecs.BOM_UTF16_BE),
        ("utf-16-le", b""),
        ("utf-16-be", b""),
    ],
)
@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
def test_every_encoding_gives_the_same_rows(
    tmp_path: Path, schools: Source, encoding: str, bom: bytes, newline: str
) -> None:
    text = newline.join([SCHOOLS, RARE, TWO, ""])
    found = sheet(tmp_path, schools, bom + text.encode(encoding))
    assert rows(found) == [(2, "S1", "㐂𬎆小学"), (3, "S2", "第二小学")]
    assert found.malformed == []


def test_gbk_is_read_as_what_it_is(tmp_path: Path, schools: Source) -> None:
    found = sheet(tmp_path, schools, f"{SCHOOLS}\n{ONE}\n".encode("gbk"))
    assert (rows(found), found.encoding) == ([(2, "S1", "第一小学")], "gb18030")


@pytest.mark.parametrize(("first", "second"), [("utf-8", "gbk"), ("gbk", "utf-8")])
def test_lines_in_another_encoding_are_set_aside(tmp_path: Path, schools: Source, first: str, second: str) -> None:
    content = f"{SCHOOLS}\n{ONE}\n".encode(first) + f"{TWO}\n".encode(second) + f"{THREE}\n".encode(first)
    found = sheet(tmp_path, schools, content)
    assert [number for _, number, _ in rows(found)] == ["S1", "S3"]
    assert [(each.line, "编码" in each.reason) for each in found.malformed] == [(3, True)]


def test_line_that_lost_a_character_is_set_aside(tmp_path: Path, schools: Source) -> None:
    found = sheet(tmp_path, schools, f"{SCHOOLS}\nS1,\ufffd一小学,小学,路,1,1\n{TWO}\n{THREE}\n")
    assert [number for _, number, _ in rows(found)] == ["S2", "S3"]
    assert [each.line for each in found.malformed] == [2]


def test_big5_is_read_only_when_the_source_declares_it(tmp_path: Path, schools: Source) -> None:
    headers = {
        "recordId": "編號",
        "schoolName": "學校名稱",
        "schoolType": "類型",
        "longitude": "經度",
        "latitude": "緯度",
    }
    content = "編號,學校名稱,類型,地址,經度,緯度\nS1,第一國小,小學,一路1號,103.1,36.1\n".encode("big5")
    columns = {
        name: column.model_copy(update={"headers": (headers.get(name, column.header),)})
        for name, column in schools.columns.items()
    }
    taiwanese = schools.model_copy(update={"columns": columns})
    assert "表头" in refusal(tmp_path, taiwanese, content)
    declared = taiwanese.model_copy(update={"encoding": "big5"})
    assert rows(sheet(tmp_path, declared, content)) == [(2, "S1", "第一國小")]


@pytest.mark.parametrize(
    "header",
    [
        "地址,纬度,经度,类型,学校名称,记录编号",
        " 地址 ,纬　度,经度,*类型,“x”,学校 名称,记录编号",
        "地址,备注,纬度,经度,类型,学校名称,记录编号,",
    ],
)
def test_columns_come_in_any_order_with_any_spaces(tmp_path: Path, schools: Source, header: str) -> None:
    cells = {"地址": "一路", "纬度": "36.1", "经度": "103.1", "类型": "小学", "学校名称": "第一小学", "记录编号": "S1"}
    line = ",".join(cells.get(name.replace(" ", "").replace("　", "").strip("*"), "") for name in header.split(","))
    found = sheet(tmp_path, schools, f"{header}\n{line}\n")
    assert rows(found) == [(2, "S1", "第一小学")]
    assert found.extra in ([], ["“x”"], ["备注"])


@pytest.mark.parametrize("delimiter", [";", "\t", "|"])
def test_other_delimiters(tmp_path: Path, schools: Source, delimiter: str) -> None:
    content = f"{SCHOOLS}\n{ONE}\n".replace(",", delimiter)
    assert rows(sheet(tmp_path, schools, content)) == [(2, "S1", "第一小学")]
    # in GBK the second byte of a character may be a |
    assert rows(sheet(tmp_path, schools, content.replace("第一", "第一倈").encode("gbk"))) == [(2, "S1", "第一倈小学")]


def test_title_above_the_header_is_passed_over(tmp_path: Path, schools: Source) -> None:
    found = sheet(tmp_path, schools, f"云岭市学校名册,,,,,\n制表日期：2024年3月,,,,,\n\n{SCHOOLS}\n{ONE}\n")
    assert rows(found) == [(5, "S1", "第一小学")]


@pytest.mark.parametrize("content", ["", "\ufeff", "\n\n \r\n", "\0\0\0"])
def test_empty_file_is_refused(tmp_path: Path, schools: Source, content: str) -> None:
    assert "空" in refusal(tmp_path, schools, content)


def test_file_without_header_is_refused(tmp_path: Path, schools: Source) -> None:
    assert "找不到" in refusal(tmp_path, schools, f"{ONE}\n{TWO}\n")


def test_missing_required_column_is_named(tmp_path: Path, schools: Source) -> None:
    told = refusal(tmp_path, schools, "记录编号,学校名称,类型,地址,经度\nS1,一,小学,路,103\n")
    assert "缺少必需的列 纬度" in told and "schools.toml" in told


@pytest.mark.parametrize("header", [SCHOOLS + ",地址", SCHOOLS + ", 地 址", SCHOOLS + ",备注,备注"])
def test_header_twice_is_refused(tmp_path: Path, schools: Source, header: str) -> None:
    assert "出现了两次" in refusal(tmp_path, schools, f"{header}\n{ONE},,\n")


def test_undecodable_file_is_refused(tmp_path: Path, schools: Source) -> None:
    assert "编码" in refusal(tmp_path, schools, bytes(range(128, 256)) * 40)
    body = b"".join(b"S%d,\xff\xfe\x81,\xff,\xff,1,1\n" % n for n in range(9))
    assert "解码" in refusal(tmp_path, schools, f"{SCHOOLS}\n".encode() + body)


def test_web_page_is_refused_with_the_way_out(tmp_path: Path, schools: Source) -> None:
    assert "另存为" in refusal(tmp_path, schools, "<html><table><tr><td>记录编号", "schools.xls")


def test_header_only_is_no_row(tmp_path: Path, schools: Source) -> None:
    found = sheet(tmp_path, schools, SCHOOLS)
    assert (rows(found), found.malformed) == ([], [])


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("S2,第二小学,小学", "有 3 列，表头有 6 列"),
        (TWO + ",多,余", "有 8 列，表头有 6 列"),
        ("S2,第二\0小学,小学,路,1,1", "空字符"),
        ('S2,"第二小学,小学,路,1,1', "引号没有闭合"),
        ('S2,第二小学,小学,"路,1,1', "引号没有闭合"),
        ('S2,5","第二,小学,路,1', "引号没有闭合"),
        (f"S2,{'长' * 400_000},小学,路,1,1", "超过 1 MB"),
        (f"S2,{'长' * 17_000_000},小学,路,1,1", "超过 1 MB"),
    ],
)  # fmt: skip
def test_malformed_line_leaves_its_neighbours_alone(tmp_path: Path, schools: Source, line: str, reason: str) -> None:
    found = sheet(
        tmp_path, schools, "\n".join([SCHOOLS, ONE, line, THREE, *(f"T{n},x,小学,路,1,1" for n in range(300))])
    )
    assert [number for _, number, _ in rows(found)][:2] == ["S1", "S3"]
    assert len(found.lines) == 302
    assert [each.line for each in found.malformed] == [3]
    assert reason in found.malformed[0].reason


def test_two_open_quotes_do_not_swallow_what_lies_between(tmp_path: Path, schools: Source) -> None:
    broken = 'B1,"第,小学,路,1,1', 'B2,小学,小学,路,1,"1'
    found = sheet(tmp_path, schools, "\n".join([SCHOOLS, ONE, broken[0], TWO, broken[1], THREE]))
    assert [number for _, number, _ in rows(found)] == ["S1", "S2", "S3"]
    assert [each.line for each in found.malformed] == [3, 5]


def test_quoted_cells_hold_separators_quotes_and_line_breaks(tmp_path: Path, schools: Source) -> None:
    out = io.StringIO()
    csv.writer(out, quoting=csv.QUOTE_ALL).writerows(
        [SCHOOLS.split(","), ["S1", '第"一",小学', "小学", "一路\n二楼\n三室", "1", "1"], TWO.split(",")]
    )
    found = sheet(tmp_path, schools, out.getvalue())
    assert rows(found) == [(2, "S1", '第"一",小学'), (5, "S2", "第二小学")]
    assert found.columns["address"].to_pylist()[0] == "一路\n二楼\n三室"


def test_quotes_that_nobody_doubled_are_read_as_meant(tmp_path: Path, schools: Source) -> None:
    found = sheet(tmp_path, schools, f'{SCHOOLS}\nS1,"第"一"小学",小学,路,1,1\nS2,5"小学,小学,路,1,1\n')
    assert rows(found) == [(2, "S1", '第"一"小学'), (3, "S2", '5"小学')]


def test_separator_at_the_end_of_every_row_is_no_column(tmp_path: Path, schools: Source) -> None:
    found = sheet(tmp_path, schools, f"{SCHOOLS}\n{ONE},\n{TWO},\n")
    assert [number for _, number, _ in rows(found)] == ["S1", "S2"]


def test_unquoted_separator_in_the_last_but_one_cell_is_not_shifted_away(tmp_path: Path, schools: Source) -> None:
    found = sheet(tmp_path, schools, f"{SCHOOLS}\n{ONE}\nS2,小学,小学,路,1,200.00,\n{THREE}\n")
    assert [number for _, number, _ in rows(found)] == ["S1", "S3"]
    assert [each.line for each in found.malformed] == [3]


def test_blank_lines_are_no_rows(tmp_path: Path, schools: Source) -> None:
    found = sheet(tmp_path, schools, f"{SCHOOLS}\n\n{ONE}\n,,,,,\n  \n{TWO}\n\n")
    assert rows(found) == [(3, "S1", "第一小学"), (6, "S2", "第二小学")]
    assert (found.malformed, found.blank) == ([], 4)


def test_ten_thousand_columns_are_refused(tmp_path: Path, schools: Source) -> None:
    header = SCHOOLS + "," + ",".join(f"列{n}" for n in range(10_000))
    assert "10006 列" in refusal(tmp_path, schools, f"{header}\n{ONE}{',' * 10_000}\n")


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.text(alphabet='S1,"\n\r\t 学\0', max_size=24), max_size=12))
def test_no_line_is_lost_whatever_the_text(tmp_path: Path, schools: Source, noise: list[str]) -> None:
    good = [f"G{n},第{n}小学,小学,路,1,1" for n in range(len(noise) + 1)]
    lines = [line for pair in zip(good, [*noise, ""], strict=True) for line in pair]
    found = sheet(tmp_path, schools, "\n".join([SCHOOLS, *lines]))
    kept = {number for _, number, _ in rows(found)}
    assert {line.split(",")[0] for line in good} <= kept


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@example([["\n,", "", "", ",\n"]])
@example([['",|㐂', ',"""a;', '"学', "\n,b"]])
@given(st.lists(st.lists(st.text(alphabet='ab,"\n 学㐂;|', max_size=5), min_size=4, max_size=4), max_size=8))
def test_what_a_csv_writer_wrote_reads_back(tmp_path: Path, schools: Source, cells: list[list[str]]) -> None:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(SCHOOLS.split(","))
    writer.writerows([[f"S{n}", "x" + row[0], *row[1:], "1"] for n, row in enumerate(cells)])
    found = sheet(tmp_path, schools, out.getvalue())
    assert [name for _, _, name in rows(found)] == ["x" + row[0] for row in cells]


@pytest.mark.parametrize("place", range(6))
def test_two_rows_with_a_stray_quote_each_are_not_taken_for_one(tmp_path: Path, schools: Source, place: int) -> None:
    first, second = ONE.split(","), TWO.split(",")
    first[place], second[place] = '"' + first[place], second[place] + '"'
    found = sheet(tmp_path, schools, "\n".join([SCHOOLS, ",".join(first), ",".join(second), THREE]))
    assert "S3" in found.columns["recordId"].to_pylist()
    assert len(found.lines) + len(found.malformed) == 3
    assert 2 in [each.line for each in found.malformed]


def workbook(path: Path, table: list[list[Any]], *, sheets: int = 1, top: int = 0) -> Path:
    """A workbook as Excel writes it: numbers as numbers, days as days."""
    with xlsxwriter.Workbook(path) as book:
        day = book.add_format({"num_format": "yyyy-mm-dd"})
        for _ in range(sheets):
            page = book.add_worksheet()
            for number, row in enumerate(table, top):
                for place, cell in enumerate(row):
                    if isinstance(cell, date):
                        page.write_datetime(number, place, cell, day)
                    else:
                        page.write(number, place, cell)
    return path


DEATHS = ["记录编号", "姓名", "身份证号", "死亡日期"]


def test_workbook_cells_come_as_a_person_would_copy_them(tmp_path: Path) -> None:
    table: list[list[Any]] = [
        DEATHS,
        ["D1", "张三", "620102196610232687", date(2024, 3, 5)],
        ["D2", "李四", 620102196610232687, datetime(2024, 3, 5, 8, 1)],  # noqa: DTZ001  a cell of Excel has no zone
        [3, True, 620102661023268, 45356],
        ["", None, "", ""],
        ["D5", 1.5, 0.1 + 0.2, "2024年3月5日"],
    ]
    found = read(workbook(tmp_path / "deaths.xlsx", table, top=2), read_sources()["deaths"])
    assert found.lines.tolist() == [4, 5, 6, 8]
    assert found.columns["recordId"].to_pylist() == ["D1", "D2", "3", "D5"]
    assert found.columns["name"].to_pylist() == ["张三", "李四", "是", "1.5"]
    # an ID typed as a number keeps 15 digits and shows its damage
    assert found.columns["idNumber"].to_pylist() == [
        "620102196610232687",
        "620102196610233000",
        "620102661023268",
        "0.3",
    ]
    assert found.columns["deathDate"].to_pylist() == ["2024-03-05", "2024-03-05 08:01:00", "45356", "2024年3月5日"]


def test_content_and_not_suffix_tells_a_workbook(tmp_path: Path, schools: Source) -> None:
    path = workbook(tmp_path / "schools.xlsx", [SCHOOLS.split(","), ONE.split(",")])
    assert rows(sheet(tmp_path, schools, path.read_bytes(), "schools.csv")) == [(2, "S1", "第一小学")]
    assert rows(sheet(tmp_path, schools, f"{SCHOOLS}\n{ONE}\n".encode("gbk"), "schools.xls")) == [(2, "S1", "第一小学")]


def test_other_sheets_are_passed_over_but_two_alike_are_refused(tmp_path: Path, schools: Source) -> None:
    table = [SCHOOLS.split(","), ONE.split(",")]
    path = tmp_path / "schools.xlsx"
    with xlsxwriter.Workbook(path) as book:
        book.add_worksheet("说明").write(0, 0, "填表说明")
        page = book.add_worksheet("数据")
        for number, row in enumerate(table):
            page.write_row(number, 0, row)
    assert rows(read(path, schools)) == [(2, "S1", "第一小学")]
    assert "几张工作表" in refusal(tmp_path, schools, workbook(path, table, sheets=2).read_bytes(), "schools.xlsx")


def test_truncated_workbook_is_refused(tmp_path: Path, schools: Source) -> None:
    whole = workbook(tmp_path / "whole.xlsx", [SCHOOLS.split(","), ONE.split(",")]).read_bytes()
    for size in (5, 100, len(whole) // 2, len(whole) - 10):
        assert "工作簿" in refusal(tmp_path, schools, whole[:size], "schools.xlsx")
    broken = bytearray(whole)
    broken[len(whole) // 3] ^= 0xFF
    assert "工作簿" in refusal(tmp_path, schools, bytes(broken), "schools.xlsx")


def test_empty_workbook_is_refused(tmp_path: Path, schools: Source) -> None:
    content = workbook(tmp_path / "schools.xlsx", []).read_bytes()
    assert "没有数据" in refusal(tmp_path, schools, content, "schools.xlsx")


def test_zip_bomb_is_refused(tmp_path: Path, schools: Source) -> None:
    path = tmp_path / "schools.xlsx"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet1.xml", b" " * (64 << 20))
    assert path.stat().st_size < 1 << 20
    assert "解压后过大" in refusal(tmp_path, schools, path.read_bytes(), "schools.xlsx")


def test_archive_that_lies_about_its_size_is_refused(tmp_path: Path, schools: Source) -> None:
    path = tmp_path / "schools.xlsx"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet1.xml", b" " * (64 << 20))
    lying = path.read_bytes().replace((64 << 20).to_bytes(4, "little"), (1000).to_bytes(4, "little"))
    assert "损坏" in refusal(tmp_path, schools, lying, "schools.xlsx")


def test_sheet_of_astronomic_size_is_refused(tmp_path: Path, schools: Source) -> None:
    path = tmp_path / "schools.xlsx"
    with xlsxwriter.Workbook(path) as book:
        page = book.add_worksheet()
        page.write(0, 0, "记录编号")
        page.write(1_048_575, 16_383, "x")
    assert "工作簿过大" in refusal(tmp_path, schools, path.read_bytes(), "schools.xlsx")
