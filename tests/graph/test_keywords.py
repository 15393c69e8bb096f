"""Keyword rules: which texts they meet, on tokens, and what a faulty rule file is told."""

from __future__ import annotations

from pathlib import Path

import pytest

from graph.keywords import RuleError, Rules, match, read_rules
from resolution.source_files import read_sources
from resolution.workspace import Workspace


@pytest.fixture(scope="module")
def shipped() -> Rules:
    return read_rules()


@pytest.mark.parametrize(
    ("text", "rule", "words", "positions"),
    [
        ("居民将电动车推入楼道充电，飞线充电", "ebike-charging", ["电动车", "充电", "充电"], [4, 11, 16]),
        ("居民将电动车推入楼道充电，飞线充电", "wire-charging", ["飞线", "飞线充电"], [14, 14]),
        ("接诊一名十三岁女童，疑似遭受性侵害", "harm-to-minors", None, None),
        ("邻居家中经常传来打骂声，丈夫对妻子实施家庭暴力", "harassment", ["家庭暴力"], [20]),
        ("云岭市河西区光清第二中学门口有流动摊贩售卖三无零食", "school-vendors", None, None),
        ("建筑工地拖欠农民工工资", "wages", ["拖欠", "工资"], [5, 10]),
        ("小区电梯频繁故障，昨天发生电梯困人", "lift", None, None),
        # what jieba has as one word is read by its parts where the parts mean what the rule means
        ("老板一直拖欠工资，说好过年前给", "wages", ["拖欠", "工资"], [5, 7]),
        ("电子厂押着两个月工资不发", "wages", None, None),
        ("这家公司两套账，偷税漏税", "state-land", ["偷税", "漏税"], [9, 11]),
        ("刚出生的婴儿被遗弃在公园", "harm-to-minors", None, None),
        ("校门口的小商贩占道经营", "school-vendors", None, None),
        ("河边天天垃圾焚烧，黑烟滚滚", "water-and-air", None, None),
        ("小学生在店里买电子烟", "tobacco-to-minors", None, None),
    ],
)
def test_a_text_meets_the_rule(
    shipped: Rules, text: str, rule: str, words: list[str] | None, positions: list[int] | None
) -> None:
    hit = {hit.rule: hit for hit in shipped.hits(text)}[rule]
    assert all(text[place - 1 :].startswith(word) for word, place in zip(hit.words, hit.positions, strict=True))
    if words:
        assert (hit.words, hit.positions) == (words, positions)


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("电动车间夜间充电作业", "ebike-charging"),
        ("电动车间门锁损坏", "ebike-charging"),
        ("电动车上放着充电宝", "ebike-charging"),
        ("咨询机动车间隔多久年检一次", "ebike-charging"),
        ("手机在楼道充电", "ebike-charging"),
        ("烟花爆竹禁放区域咨询", "fireworks"),
        ("学生在操场意外摔伤，已送医", "harm-to-minors"),
        ("收到骚扰电话", "harassment"),
        ("公布最低工资标准", "wages"),
        ("邻居虐待老人", "harm-to-minors"),
        ("把去年的工资表弄丢了", "wages"),
        ("", "noise"),
    ],
)
def test_a_text_that_only_looks_like_it_does_not(shipped: Rules, text: str, rule: str) -> None:
    assert rule not in {hit.rule for hit in shipped.hits(text)}


def test_there_are_enough_themes_and_words(shipped: Rules) -> None:
    assert len({rule.theme for rule in shipped.rules}) >= 18
    assert len(shipped.words) >= 96


def test_every_theme_that_a_model_names_has_a_rule(shipped: Rules) -> None:
    from graph.catalogue import catalogue

    text = catalogue()["M24"].query
    named = {rule.theme for rule in shipped.rules if f"theme: '{rule.theme}'" in text}
    assert named == {"强制报告", "性骚扰家暴", "电动车违规充电", "校园周边摊贩"}


def rules(folder: Path, text: str, dictionary: str = "") -> Path:
    folder.mkdir(exist_ok=True)
    (folder / "own.toml").write_text(text, encoding="utf-8")
    (folder / "dictionary.txt").write_text(dictionary, encoding="utf-8")
    return folder


RULE = """
[[rule]]
id = "{id}"
theme = "测试"
any = ["蓝色妖姬"]
receiver = "某局"
line = "公益"
"""


def test_the_offices_own_rules_and_dictionary_lie_over_the_shipped(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, shipped: Rules
) -> None:
    own = RULE.format(id="noise") + RULE.format(id="own")
    rules(tmp_path / "rules", own, "蓝色妖姬花店 3000 n\n")
    monkeypatch.setenv("CLUEGRAPH_CONFIG", str(tmp_path))
    found = read_rules()
    assert len(found.rules) == len(shipped.rules) + 1
    assert {hit.rule for hit in found.hits("买蓝色妖姬。夜间施工噪声扰民")} == {"noise", "own"}
    assert found.hits("蓝色妖姬花店开业") == []


@pytest.mark.parametrize(
    ("text", "dictionary", "words"),
    [
        (RULE.format(id="a").replace("any", "some"), "", "own.toml:2: correct some"),
        (RULE.format(id="a").replace('["蓝色妖姬"]', "[]"), "", "own.toml:2: give a a word"),
        (RULE.format(id="a").replace('["蓝色妖姬"]', '[" "]'), "", "own.toml:2: remove the empty word"),
        (RULE.format(id="a") + RULE.format(id="a"), "", "own.toml:9: give another id"),
        (RULE.format(id="a").replace("公益", "交通"), "", "own.toml:2: correct line"),
        ("[[rule]\n", "", "own.toml:1: mend the TOML"),
        ("rules = 1\n", "", "own.toml:1: remove rules"),
        (RULE.format(id="a"), "电动车间 often n\n", "dictionary.txt:1: write word, frequency"),
    ],
)
def test_a_faulty_file_is_refused_at_its_line(tmp_path: Path, text: str, dictionary: str, words: str) -> None:
    with pytest.raises(RuleError) as error:
        read_rules([rules(tmp_path / "rules", text, dictionary)])
    assert words in str(error.value)


def test_the_texts_of_all_three_datasets_are_matched_and_an_area_narrows(tmp_path: Path) -> None:
    connection = Workspace(tmp_path / "home").connect()
    text = "电动车在楼道充电"
    connection.execute(
        """CREATE TABLE staged.hotline_calls AS FROM (VALUES ('H1', $t, '石结街道', NULL),
           ('H2', $t, '兴东街道', '石结街道1号'), ('H3', $t, '兴东街道', NULL), ('H4', '表扬', '石结街道', NULL))
           t("recordId", content, street, address)""",
        {"t": text},
    )
    connection.execute(
        "CREATE TABLE staged.mandatory_reports AS SELECT 'R1' AS \"recordId\", '遭受侵害' AS content, NULL AS street"
    )
    own = RULE.format(id="here").replace("蓝色妖姬", "充电").replace("theme", 'areas = ["石结"]\ntheme')
    known = read_rules([rules(tmp_path / "rules", own + RULE.format(id="harm").replace("蓝色妖姬", "侵害"))])
    sources = read_sources()
    match(connection, [sources["hotline_calls"], sources["mandatory_reports"]], known)
    found = connection.execute("SELECT key, rule, words, positions FROM rule_matches ORDER BY key").fetchall()
    assert found == [
        ("hotline_calls/H1", "here", ["充电"], [7]),
        ("hotline_calls/H2", "here", ["充电"], [7]),
        ("mandatory_reports/R1", "harm", ["侵害"], [3]),
    ]
