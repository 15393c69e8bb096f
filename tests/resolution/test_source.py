"""Sources: the shipped ones are sound, and every fault is told with its line and its remedy, all in one go."""

from __future__ import annotations

from pathlib import Path

import pytest

from resolution.source import plain_header
from resolution.source_files import SHIPPED, SourceError, check_sources, read_sources

SOUND = """title = "试验数据"
agency = "试验局"
grade = "一般"
key = "recordId"

[columns]
recordId = {header = "记录编号", type = "text"}
name = {header = ["姓名", "名字"], type = "text"}
idNumber = {header = "身份证号", type = "id", optional = true}
paidOn = {header = "发放日期", type = "date", event = true}
status = {header = "状态", type = "enum", values = ["有效", "无效"]}

[mentions."领取人"]
kind = "person"
name = "name"
id = "idNumber"
link = "PAID_TO"

[fact]
label = "Trial"
caption = "{name} {paidOn}"
on = "paidOn"

[lookups.status]
"作废" = {value = "无效", why = "local wording"}
"""


@pytest.fixture
def config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of an office's own sources."""
    folder = tmp_path / "config" / "sources"
    folder.mkdir(parents=True)
    monkeypatch.setenv("CLUEGRAPH_CONFIG", str(folder.parent))
    return folder


def test_shipped_sources_are_sound() -> None:
    assert check_sources() == []
    assert len(read_sources()) == len(list(SHIPPED.glob("*.toml"))) == 44


def test_office_adds_a_dataset(config: Path) -> None:
    (config / "trials.toml").write_text(SOUND, encoding="utf-8")
    source = read_sources()["trials"]
    assert source.columns["name"].headers == ("姓名", "名字")
    assert source.columns["name"].header == "姓名"
    assert source.lookups["status"]["作废"].value == "无效"


def test_office_says_only_what_differs(config: Path) -> None:
    (config / "deaths.toml").write_text(
        'columns.name.header = ["姓名", "死者姓名"]\n[lookups.sex]\n"男士" = {value = "男", why = "本地写法"}\n',
        encoding="utf-8",
    )
    source = read_sources()["deaths"]
    assert source.columns["name"].headers == ("姓名", "死者姓名")
    assert source.columns["deathDate"].header == "死亡日期"
    assert {"男士", "男性"} <= set(source.lookups["sex"])


@pytest.mark.parametrize(
    ("old", "new", "line", "said"),
    [
        ('grade = "一般"', 'grade = "绝密"', 3, "take one of '一般', '敏感' or '核心'"),
        ('agency = "试验局"', 'agency = "试验局"\nagancy = "x"', 3, "unknown key 'agancy'"),
        ('agency = "试验局"\n', "", 1, "'agency' is missing; add it"),
        ('type = "id"', 'type = "ident"', 9, "'columns.idNumber.type' is 'ident'"),
        ('type = "id", ', 'type = "id", hidden = true, ', 9, "unknown key 'columns.idNumber.hidden'"),
        ('name = {header = ["姓名", "名字"]', 'name = {header = []', 8, "at least one header"),
        ('values = ["有效", "无效"]', "optional = true", 11, "has no values; add values"),
        ('event = true}\nstatus = {', 'event = true}\nstatus = {event = true, ', 11, "is an event but no day"),
        ('header = "状态"', 'header = "姓 名"', 11, "is also that of 'name'"),
        ('id = "idNumber"', 'id = "idNo"', 16, "mention '领取人' names 'idNo', which is no column; the columns are"),
        ('id = "idNumber"', 'id = "paidOn"', 16, "'paidOn' is date, not"),
        ('name = "name"\n', "", 13, "person '领取人' has no name"),
        ('kind = "person"', 'kind = "people"', 14, "'mentions.领取人.kind' is 'people'"),
        ('link = "PAID_TO"', 'link = "paidTo"', 17, "links UPPER_SNAKE"),
        ('label = "Trial"', 'label = "Judgment"', 20, "label 'Judgment' is already that of 'judgments'"),
        ("{name} {paidOn}", "{name} {paidAt}", 21, "the caption names 'paidAt'"),
        ('on = "paidOn"', 'on = "status"', 22, "'status' is no day"),
        ('value = "无效"', 'value = "没有"', 25, "'作废' means '没有'; take one of 有效, 无效"),
        ("[lookups.status]", "[lookups.state]", 24, "lookups for 'state', which is no column"),
        ("{name}", '{name}"\njoins = [{column = "name", to = "nowhere.x", link = "X"}]\n#', 22, "no such dataset"),
        ('on = "paidOn"', 'on = "paidOn"\n[[fact.places]]\ncolumn = "home"\nlink = "X"', 23, "places name 'home'"),
        ('grade = "一般"', "grade = 一般", 3, "not TOML"),
    ],
)  # fmt: skip
def test_fault_is_told_with_its_line_and_remedy(config: Path, old: str, new: str, line: int, said: str) -> None:
    assert old in SOUND
    path = config / "trials.toml"
    path.write_text(SOUND.replace(old, new, 1), encoding="utf-8")
    faults = check_sources()
    assert [(fault.file, fault.line) for fault in faults] == [(str(path), line)]
    assert said in str(faults[0])


def test_all_faults_are_told_in_one_go(config: Path) -> None:
    (config / "trials.toml").write_text(SOUND.replace("一般", "x").replace('"id"', '"y"'), encoding="utf-8")
    (config / "others.toml").write_text("titel = 'x'\n", encoding="utf-8")
    with pytest.raises(SourceError) as error:
        read_sources()
    told = str(error.value)
    assert all(words in told for words in ("trials.toml:3", "trials.toml:9", "'titel'", "'columns' is missing"))


def test_fault_in_an_overlay_is_told_at_the_overlay(config: Path) -> None:
    path = config / "deaths.toml"
    path.write_text('[mentions."死者"]\nname = "nobody"\n', encoding="utf-8")
    (fault,) = check_sources()
    assert (fault.file, fault.line) == (str(path), 2)


def test_given_files_are_checked_before_they_are_in_force(tmp_path: Path) -> None:
    path = tmp_path / "deaths.toml"
    path.write_text("[columns]\nname = {header = 7}\n", encoding="utf-8")
    (fault,) = check_sources([path])
    assert (fault.file, fault.line) == (str(path), 2)
    assert check_sources([SHIPPED / "leases.toml"]) == []


def test_a_file_that_is_no_text_is_told(tmp_path: Path) -> None:
    (tmp_path / "deaths.toml").write_bytes("title = '\n死亡'".encode("gbk"))
    (fault,) = check_sources([tmp_path])
    assert (fault.line, fault.message) == (2, "not UTF-8")


def test_changed_reading_changes_the_digest(config: Path) -> None:
    before = read_sources()["deaths"].digest
    (config / "deaths.toml").write_text('description = "words"\n', encoding="utf-8")
    assert read_sources()["deaths"].digest == before
    (config / "deaths.toml").write_text('[lookups.sex]\n"男士" = {value = "男", why = "x"}\n', encoding="utf-8")
    assert read_sources()["deaths"].digest != before


@pytest.mark.parametrize("header", ["姓名", " 姓 名 ", "\ufeff姓名", "*姓名", '"姓名"', "姓\n名", "姓\u3000名"])
def test_headers_vary(header: str) -> None:
    assert plain_header(header) == "姓名"
