"""Loading a folder: whole files or nothing, rejected rows with their reason, the same again changes nothing."""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter

from resolution.intake import IntakeError, IntakeRefused, dataset_of, last_event, load
from resolution.source_files import read_sources
from resolution.workspace import Workspace

DEATHS = "记录编号,姓名,身份证号,性别,出生日期,死亡日期,登记机构"
ZHANG = "D1,张三,620102196610232687,男,1966-10-23,2024-01-05,市医院"
LI = "D2,李四,,女,,2024/2/6,"
WANG = "D3,王五,6201**********123X,,,20240307,"
HEADER = DEATHS.split(",")


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    return Workspace(tmp_path / "home")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    path = tmp_path / "files"
    path.mkdir()
    return path


def put(folder: Path, *lines: str, name: str = "deaths.csv", encoding: str = "utf-8") -> Path:
    path = folder / name
    path.write_text("\n".join([DEATHS, *lines, ""]), encoding=encoding)
    return path


def asked(workspace: Workspace, query: str) -> list[Any]:
    connection = workspace.connect()
    try:
        found = connection.execute(query).fetchall()
    finally:
        connection.close()
    return [row[0] if len(row) == 1 else row for row in found]


def staged(workspace: Workspace) -> list[Any]:
    return asked(workspace, 'SELECT * EXCLUDE ("_file") FROM staged.deaths ORDER BY "recordId"')


REJECTS = "SELECT file, line, column_name, value, reason FROM rejects ORDER BY file, line"


def test_rows_are_staged_with_their_types(workspace: Workspace, folder: Path) -> None:
    put(folder, ZHANG, LI, WANG)
    report = load(workspace, folder)
    assert staged(workspace) == [
        ("D1", 2, "张三", "620102196610232687", "男", date(1966, 10, 23), date(2024, 1, 5), "市医院"),
        ("D2", 3, "李四", None, "女", None, date(2024, 2, 6), None),
        ("D3", 4, "王五", "6201**********123X", None, None, date(2024, 3, 7), None),
    ]
    assert asked(workspace, 'SELECT dataset, name, encoding, "rows", rejected FROM files') == [
        ("deaths", "deaths.csv", "utf-8", 3, 0)
    ]
    assert json.loads(json.dumps(report.as_dict()))["datasets"]["deaths"]["rows"] == 3
    assert "deaths.csv：3 行" in report.text()


@pytest.mark.parametrize(
    ("line", "column", "value", "reason"),
    [
        ("D9,张三,,,,2023-02-30,", "死亡日期", "2023-02-30", "没有这一天"),
        ("D9,张三,,,,,", "死亡日期", "", "必填项为空"),
        ("D9,张三,,,,-,", "死亡日期", "", "必填项为空"),
        (",张三,,,,2024-01-01,", "记录编号", "", "必填项为空"),
        ("D9,,,,,2024-01-01,", "姓名", "", "必填项为空"),
        ("D9,张三,,未定,,2024-01-01,", "性别", "未定", "不在规定的取值（男、女）之内"),
        ("D9,张三,,,1850-01-01,2024-01-01,", "出生日期", "1850-01-01", "1900"),
        ("D9,张三,,,,620102196610232687,", "死亡日期", "6201**********2687", "看不出是哪一天"),
        ("D9,张三,,未定,,2023-02-30,", "性别", "未定", "同一行另有问题：死亡日期"),
        (DEATHS, "性别", "性别", "重复的表头"),
        ("D9,张三,620102196610232687", "", "D9,张三,6201**********2687", "有 3 列，表头有 7 列"),
        ('D9,"张三,,,,2024-01-01,', "", 'D9,"张三,,,,2024-01-01,', "引号没有闭合"),
        ("D9,张\0三,,,,2024-01-01,", "", "D9,张\0三,,,,2024-01-01,", "NUL"),
    ],
)
def test_bad_row_is_kept_with_its_reason_and_its_neighbours_load(
    workspace: Workspace, folder: Path, line: str, column: str, value: str, reason: str
) -> None:
    put(folder, ZHANG, line, LI)
    report = load(workspace, folder)
    assert [row[0] for row in staged(workspace)] == ["D1", "D2"]
    ((file, number, told_column, told_value, told_reason),) = asked(workspace, REJECTS)
    assert (file, number, told_column, told_value) == ("deaths.csv", 3, column, value)
    assert reason in told_reason
    assert (report.files[0].rows, report.files[0].rejected) == (2, 1)


def test_header_is_told_as_the_agency_wrote_it(workspace: Workspace, folder: Path) -> None:
    (folder / "deaths.csv").write_text(
        f"{DEATHS.replace('死亡日期', ' *死亡 日期')}\n{ZHANG}\nD9,张三,,,,x,\n", "utf-8"
    )
    load(workspace, folder)
    assert asked(workspace, "SELECT column_name FROM rejects") == ["*死亡 日期"]


def test_every_line_is_accounted_for(workspace: Workspace, folder: Path) -> None:
    bad = ["D7,张三", 'D8,"张', "D9,张三,,,,x,", "D1,别人,,,,2024-01-01,", ZHANG]
    put(folder, ZHANG, *bad, LI, WANG)
    (file,) = load(workspace, folder).files
    assert (file.rows, file.rejected, file.duplicates) == (3, 4, 1)
    assert file.rows + file.rejected + file.duplicates == 3 + len(bad)


def test_same_number_twice(workspace: Workspace, folder: Path) -> None:
    put(folder, ZHANG, ZHANG.replace("2024-01-05", "2024年1月5日"), ZHANG.replace("市医院", "县医院"))
    report = load(workspace, folder)
    assert [row[-1] for row in staged(workspace)] == ["市医院"]
    ((_, line, column, _, reason),) = asked(workspace, REJECTS)
    assert (line, column) == (4, "记录编号")
    assert "与第 2 行相同而内容不同" in reason
    assert report.files[0].duplicates == 1


def test_same_folder_again_changes_nothing(workspace: Workspace, folder: Path) -> None:
    put(folder, ZHANG, LI, "D9,,,,,x,")
    load(workspace, folder)
    tables = [asked(workspace, f"SELECT * FROM {name}") for name in ("staged.deaths", "files", "rejects")]
    report = load(workspace, folder)
    assert [file.status for file in report.files] == ["unchanged"]
    assert report.as_dict()["unchanged"] and report.as_dict()["rows"] == 2
    assert [asked(workspace, f"SELECT * FROM {name}") for name in ("staged.deaths", "files", "rejects")] == tables


def test_renamed_file_changes_no_record(workspace: Workspace, folder: Path) -> None:
    path = put(folder, ZHANG, LI)
    load(workspace, folder)
    before = staged(workspace)
    path.rename(folder / "deaths_2024.csv")
    assert [file.status for file in load(workspace, folder).files] == ["unchanged"]
    assert staged(workspace) == before
    put(folder, ZHANG, name="deaths_2024.csv")
    load(workspace, folder)
    assert [row[0] for row in staged(workspace)] == ["D1"]


def test_changed_file_replaces_what_came_from_it(workspace: Workspace, folder: Path) -> None:
    put(folder, ZHANG, LI, "D9,,,,,x,")
    load(workspace, folder)
    put(folder, LI.replace("李四", "李思"), WANG)
    load(workspace, folder)
    assert [(row[0], row[2]) for row in staged(workspace)] == [("D2", "李思"), ("D3", "王五")]
    assert asked(workspace, "SELECT count(*) FROM rejects") == [0]
    assert asked(workspace, "SELECT count(*) FROM files") == [1]


def test_workbook_in_the_place_of_a_text_file_replaces_it(workspace: Workspace, folder: Path) -> None:
    path = put(folder, ZHANG, LI)
    load(workspace, folder)
    path.unlink()
    with xlsxwriter.Workbook(folder / "deaths.xlsx") as book:
        page = book.add_worksheet()
        for number, line in enumerate([DEATHS, WANG]):
            page.write_row(number, 0, line.split(","))
    load(workspace, folder)
    assert [row[0] for row in staged(workspace)] == ["D3"]


def test_later_delivery_replaces_records_of_the_same_number(workspace: Workspace, folder: Path, tmp_path: Path) -> None:
    put(folder, ZHANG, LI)
    load(workspace, folder)
    later = tmp_path / "later"
    later.mkdir()
    put(later, LI.replace("李四", "李思"), WANG, name="deaths_2024.csv")
    load(workspace, later)
    assert [(row[0], row[2]) for row in staged(workspace)] == [("D1", "张三"), ("D2", "李思"), ("D3", "王五")]


def test_files_of_one_dataset_add_up(workspace: Workspace, folder: Path) -> None:
    put(folder, ZHANG, name="deaths_a.csv")
    put(folder, LI, name="deaths_b.csv", encoding="gb18030")
    put(folder, LI, WANG, ZHANG.replace("张三", "张山"), name="死亡登记.csv")
    report = load(workspace, folder)
    assert [(row[0], row[2]) for row in staged(workspace)] == [("D1", "张三"), ("D2", "李四"), ("D3", "王五")]
    ((file, line, _, _, reason),) = asked(workspace, REJECTS)
    assert (file, line) == ("死亡登记.csv", 4)
    assert "deaths_a.csv 第 2 行" in reason
    assert report.as_dict()["datasets"]["deaths"]["duplicates"] == 1
    assert all(each.status == "unchanged" for each in load(workspace, folder).files)


@pytest.mark.parametrize("encoding", ["utf-8-sig", "gb18030", "utf-16", "gbk"])
def test_encoding_makes_no_difference(workspace: Workspace, folder: Path, tmp_path: Path, encoding: str) -> None:
    put(folder, ZHANG, LI, WANG)
    load(workspace, folder)
    other, elsewhere = Workspace(tmp_path / "other"), tmp_path / "elsewhere"
    elsewhere.mkdir()
    put(elsewhere, ZHANG, LI, WANG, encoding=encoding)
    load(other, elsewhere)
    assert staged(other) == staged(workspace)


def test_excel_damage_is_kept_as_text_and_recognisable(workspace: Workspace, folder: Path) -> None:
    ids: list[Any] = [
        620102196610232687,
        "6.20101E+17",
        "62010219661023268x",
        "６２０１０２１９６６１０２３２６８７",
        "620102661023268",
    ]
    with xlsxwriter.Workbook(folder / "deaths.xlsx") as book:
        page = book.add_worksheet()
        page.write_row(0, 0, HEADER)
        for number, value in enumerate(ids, 1):
            page.write_row(number, 0, [f"D{number}", "张三", value, "男", "", 45356])
    report = load(workspace, folder)
    assert report.files[0].rejected == 0
    found = asked(workspace, 'SELECT "idNumber", "deathDate" FROM staged.deaths ORDER BY "recordId"')
    assert [number for number, _ in found] == [
        "620102196610233000", "6.20101E+17", "62010219661023268x", "620102196610232687", "620102661023268",
    ]  # fmt: skip
    assert {day for _, day in found} == {date(2024, 3, 5)}


def test_refused_file_changes_nothing_and_the_others_load(workspace: Workspace, folder: Path) -> None:
    put(folder, ZHANG, LI)
    load(workspace, folder)
    before = staged(workspace)
    (folder / "deaths.csv").write_text("记录编号,姓名\nD1,张三\n", "utf-8")
    (folder / "schools.csv").write_text("记录编号,学校名称,类型,地址,经度,纬度\nS1,一小,小学,路,103,36\n", "utf-8")
    with pytest.raises(IntakeRefused, match=r"deaths\.csv：缺少必需的列 死亡日期") as error:
        load(workspace, folder)
    assert {file.dataset: file.status for file in error.value.report.files} == {
        "deaths": "refused",
        "schools": "loaded",
    }
    assert staged(workspace) == before
    assert asked(workspace, 'SELECT "schoolName" FROM staged.schools') == ["一小"]


def test_fewer_rows_than_expected_are_refused(
    workspace: Workspace, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sources = tmp_path / "config" / "sources"
    sources.mkdir(parents=True)
    (sources / "deaths.toml").write_text("[expect]\nrows = {min = 2, max = 2}\n", "utf-8")
    monkeypatch.setenv("CLUEGRAPH_CONFIG", str(sources.parent))
    put(folder, ZHANG)
    with pytest.raises(IntakeRefused, match="少于应有的 2 行"):
        load(workspace, folder)
    put(folder, ZHANG, LI, WANG)
    assert "多于预期的 2 行" in load(workspace, folder).text()


def test_file_with_too_few_rows_leaves_nothing_behind(
    workspace: Workspace, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sources = tmp_path / "config" / "sources"
    sources.mkdir(parents=True)
    (sources / "deaths.toml").write_text("[expect]\nrows = {min = 2}\n", "utf-8")
    monkeypatch.setenv("CLUEGRAPH_CONFIG", str(sources.parent))
    put(folder, ZHANG)
    with pytest.raises(IntakeRefused):
        load(workspace, folder)
    assert asked(workspace, "SELECT table_name FROM information_schema.tables WHERE table_schema = 'staged'") == []


def test_changed_source_reads_the_same_file_anew(
    workspace: Workspace, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder / "deaths.csv").write_text(f"{DEATHS},备注\n{ZHANG},好\n{LI.replace('女', '女士')},\n", "utf-8")
    assert load(workspace, folder).files[0].extra_columns == ["备注"]
    assert [row[0] for row in staged(workspace)] == ["D1"]
    sources = tmp_path / "config" / "sources"
    sources.mkdir(parents=True)
    (sources / "deaths.toml").write_text(
        '[columns]\nremark = {header = "备注", type = "text", optional = true}\n'
        '[lookups.sex]\n"女士" = {value = "女", why = "本地写法"}\n',
        "utf-8",
    )
    monkeypatch.setenv("CLUEGRAPH_CONFIG", str(sources.parent))
    assert load(workspace, folder).files[0].extra_columns == []
    assert asked(workspace, 'SELECT "recordId", sex, remark FROM staged.deaths ORDER BY 1') == [
        ("D1", "男", "好"),
        ("D2", "女", None),
    ]


def test_missing_optional_column_is_told(workspace: Workspace, folder: Path) -> None:
    (folder / "deaths.csv").write_text("姓名,死亡日期,记录编号\n张三,2024-01-05,D1\n", "utf-8")
    report = load(workspace, folder)
    assert report.files[0].absent_columns == ["身份证号", "性别", "出生日期", "登记机构"]
    assert staged(workspace) == [("D1", 2, "张三", None, None, None, date(2024, 1, 5), None)]


def test_unknown_files_are_told_and_hidden_ones_passed_over(workspace: Workspace, folder: Path) -> None:
    put(folder, ZHANG)
    for name in ("weather.csv", "notes.md", ".hidden.csv", "~$deaths.xlsx"):
        (folder / name).write_text("x", "utf-8")
    (folder / "truth").mkdir()
    report = load(workspace, folder)
    assert report.unknown == ["notes.md", "weather.csv"]
    assert "weather.csv" in report.text()


def test_folder_without_known_files_says_how_to_name_them(workspace: Workspace, folder: Path) -> None:
    with pytest.raises(IntakeError, match=r"household\.csv"):
        load(workspace, folder)
    with pytest.raises(IntakeError, match="not a folder"):
        load(workspace, folder / "nowhere")


@pytest.mark.parametrize(
    ("stem", "dataset"),
    [
        ("deaths", "deaths"),
        ("Deaths", "deaths"),
        ("deaths_2024", "deaths"),
        ("deaths(1)", "deaths"),
        ("死亡登记", "deaths"),
        ("死亡登记2024年", "deaths"),
        ("elevator_maintenance-03", "elevator_maintenance"),
        ("elevators", "elevators"),
        ("市场主体登记", "companies"),
        ("水电用量（按月）", "utility_usage"),
        ("deathsandmore", None),
        ("weather", None),
    ],
)
def test_file_is_known_by_its_name(stem: str, dataset: str | None) -> None:
    assert dataset_of(stem, read_sources()) == dataset


def test_last_event_is_the_newest_day_that_has_come(workspace: Workspace, folder: Path) -> None:
    put(folder, ZHANG, LI, WANG.replace("20240307", "20990101"))
    (folder / "schools.csv").write_text("记录编号,学校名称,类型,地址,经度,纬度\nS1,一小,小学,路,103,36\n", "utf-8")
    load(workspace, folder)
    connection = workspace.connect()
    try:
        assert last_event(connection, date(2024, 6, 30)) == {"deaths": date(2024, 2, 6)}
        assert last_event(connection, date(2024, 1, 31)) == {"deaths": date(2024, 1, 5)}
    finally:
        connection.close()


def test_progress_reaches_its_end(workspace: Workspace, folder: Path) -> None:
    put(folder, ZHANG)
    told: list[tuple[str, int, int | None]] = []
    load(workspace, folder, progress=lambda *step: told.append(step))
    assert told[-1] == ("load", 1, 1)


def test_no_full_number_stands_in_rejects_or_refusals(workspace: Workspace, folder: Path) -> None:
    number = "620102196610232687"
    put(folder, f"D1,张三,{number},,,{number},", f"D2,{number}", f'D3,"{number}', f"{number},,,,,x,")
    load(workspace, folder)
    assert number not in str(asked(workspace, "SELECT * FROM rejects"))
    assert len(asked(workspace, "SELECT * FROM rejects")) == 4


KILLED = """
import os, sys, threading, time
from resolution import intake
from resolution.workspace import Workspace
at = int(sys.argv[3])
seen = 0
def trace(frame, event, argument):
    global seen
    if frame.f_code.co_name == "_write" and event in ("line", "return"):
        seen += 1
        if seen == at:
            os.kill(os.getpid(), 9)
    return trace
sys.settrace(trace)
intake.load(Workspace(sys.argv[1]), sys.argv[2])
"""


@pytest.mark.parametrize("at", [1, 10, 16, 22, 28, 34, 37, 99])
def test_killed_at_any_point_leaves_the_old_or_the_new(workspace: Workspace, folder: Path, at: int) -> None:
    old, new = [f"D{n},旧,,,,2024-01-01," for n in range(50)], [f"D{n},新,,,,2024-01-01," for n in range(10, 80)]
    put(folder, *old)
    load(workspace, folder)
    put(folder, *new)
    subprocess.run([sys.executable, "-c", KILLED, str(workspace.home), str(folder), str(at)], check=False)
    names = asked(workspace, "SELECT name, count(*) FROM staged.deaths GROUP BY name")
    (told,) = asked(workspace, 'SELECT "rows" FROM files')
    assert names == ([("旧", 50)] if told == 50 else [("新", 70)])
    load(workspace, folder)
    assert asked(workspace, "SELECT DISTINCT name FROM staged.deaths") == ["新"]
