"""What a rule file would add and drop on the texts loaded, before it is saved."""

from __future__ import annotations

from pathlib import Path

import pytest

from graph.keywords import RuleError
from graph.preview import PreviewError, RulePreview, preview
from resolution.workspace import Workspace

RULE = """
[[rule]]
id = "{id}"
theme = "测试"
any = {any}
receiver = "某局"
line = "公益"
"""
PHONE, RESIDENT = "13912345678", "620102197405061234"
TEXTS = [
    ("H1", "小区电动车在楼道充电"),
    ("H2", f"楼上飞线充电，来电人{PHONE}，身份证{RESIDENT}，请处理"),
    ("H3", "夜间施工噪声扰民"),
]


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    workspace = Workspace(tmp_path / "home")
    with workspace.connect() as connection:
        connection.execute(
            'CREATE TABLE staged.hotline_calls ("recordId" VARCHAR, content VARCHAR, street VARCHAR, address VARCHAR)'
        )
        connection.executemany("INSERT INTO staged.hotline_calls VALUES (?, ?, NULL, NULL)", TEXTS)
    return workspace


@pytest.fixture
def folders(tmp_path: Path) -> list[Path]:
    """The rules in force: one about charging, and one of another file about noise."""
    (tmp_path / "rules").mkdir()
    for name, words in (("charging", '["充电"]'), ("noise", '["噪声"]')):
        (tmp_path / "rules" / f"{name}.toml").write_text(RULE.format(id=name, any=words), encoding="utf-8")
    return [tmp_path / "rules"]


def told(found: RulePreview) -> tuple[str, int, int, list[str], list[str]]:
    return (
        found.state,
        found.now,
        found.after,
        [text.record_id for text in found.added],
        [text.record_id for text in found.dropped],
    )


def test_a_changed_rule_says_what_it_adds_and_drops(workspace: Workspace, folders: list[Path]) -> None:
    text = RULE.format(id="charging", any='["飞线", "扰民"]')
    (found,) = preview(workspace, text, "charging.toml", folders=folders).rules
    assert told(found) == ("changed", 2, 2, ["H3"], ["H1"])
    assert found.added[0].words == ["扰民"]
    assert found.added[0].excerpt == "夜间施工噪声扰民"


def test_numbers_of_people_are_masked_in_what_is_shown(workspace: Workspace, folders: list[Path]) -> None:
    found = preview(workspace, RULE.format(id="own", any='["飞线充电"]'), "own.toml", folders=folders)
    shown = str(found.as_dict())
    assert "飞线充电，来电人139" in shown
    assert PHONE not in shown
    assert RESIDENT not in shown
    assert PHONE[3:7] not in shown


def test_a_rule_taken_out_of_its_file_drops_all_and_a_new_one_adds(workspace: Workspace, folders: list[Path]) -> None:
    found = preview(workspace, RULE.format(id="wires", any='["飞线"]'), "charging.toml", folders=folders)
    assert {rule.rule: told(rule) for rule in found.rules} == {
        "charging": ("removed", 2, 0, [], ["H1", "H2"]),
        "wires": ("new", 0, 1, ["H2"], []),
    }
    assert found.texts == 3


def test_an_unchanged_rule_changes_nothing_and_nothing_is_saved(workspace: Workspace, folders: list[Path]) -> None:
    before = (folders[0] / "noise.toml").read_text(encoding="utf-8")
    (found,) = preview(workspace, before, "noise.toml", folders=folders).rules
    assert told(found) == ("same", 1, 1, [], [])
    preview(workspace, RULE.format(id="own", any='["楼道"]'), "own.toml", folders=folders)
    assert sorted(path.name for path in folders[0].iterdir()) == ["charging.toml", "noise.toml"]


def test_more_texts_than_are_shown_are_still_counted(workspace: Workspace, folders: list[Path]) -> None:
    found = preview(workspace, RULE.format(id="own", any='["充电", "扰民"]'), "own.toml", folders=folders, examples=1)
    assert (found.rules[0].added_total, len(found.rules[0].added)) == (3, 1)


@pytest.mark.parametrize(
    ("text", "name", "words"),
    [
        ("[[rule]\n", "own.toml", "own.toml:1: mend the TOML"),
        (RULE.format(id="own", any='["x"]').replace("any", "some"), "own.toml", "own.toml:2: correct some"),
    ],
)
def test_a_faulty_text_is_refused_at_its_line(
    workspace: Workspace, folders: list[Path], text: str, name: str, words: str
) -> None:
    with pytest.raises(RuleError, match=words):
        preview(workspace, text, name, folders=folders)


def test_a_name_that_leads_elsewhere_is_refused(workspace: Workspace, folders: list[Path]) -> None:
    with pytest.raises(PreviewError, match="without a folder"):
        preview(workspace, RULE.format(id="own", any='["x"]'), "../own.toml", folders=folders)


def test_without_texts_there_is_nothing_to_preview(tmp_path: Path, folders: list[Path]) -> None:
    with pytest.raises(PreviewError, match="load one of hotline_calls"):
        preview(Workspace(tmp_path / "other"), RULE.format(id="own", any='["x"]'), "own.toml", folders=folders)
