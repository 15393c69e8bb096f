"""JSON Schema for editors: every shipped file is valid by it, what `config check` refuses for its shape is not."""

from __future__ import annotations

import json
import re
import tomllib
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest

from api.editor_schemas import NAMES, schemas, write

ROOT = Path(__file__).parents[2]
FILES = {
    "source": sorted((ROOT / "resolution" / "sources").glob("*.toml")),
    "settings": sorted((ROOT / "resolution" / "settings").glob("*.toml")),
    "model": sorted((ROOT / "cypher" / "models").rglob("*.cypher")),
    "rules": sorted((ROOT / "cypher" / "rules").glob("*.toml")),
}


def said(path: Path) -> Any:
    """What the file says, days as an editor hands them to the schema."""
    text = path.read_text(encoding="utf-8")
    if path.suffix == ".cypher":
        text = text.partition("/*+++")[2].partition("+++*/")[0]
    return json.loads(json.dumps(tomllib.loads(text), default=str))


@pytest.mark.parametrize("name", NAMES)
def test_every_shipped_file_is_valid(name: str) -> None:
    validator = jsonschema_rs.Draft7Validator(schemas()[name])
    faults = [f"{path.name}: {error.message}" for path in FILES[name] for error in validator.iter_errors(said(path))]
    assert faults == [] and len(FILES[name]) >= 3


@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("source", {"titel": "写错的键"}),
        ("source", {"grade": "绝密"}),
        ("source", {"columns": {"recordId": {"header": "编号", "type": "txt"}}}),
        ("source", {"columns": {"recordId": {"header": "编号", "type": "text", "kind": "x"}}}),
        ("source", {"fact": {"label": "lower", "caption": ""}}),
        ("settings", {"cluster": {"threshold": 0.2, "review": 0.1, "open_world": 1, "vetoes": []}}),
        ("settings", {"kind": "animal"}),
        ("model", {"lines": ["工商"]}),
        ("model", {"timeout_seconds": 0}),
        ("rules", {"rule": [{"id": "Big", "theme": "x", "receiver": "y", "line": "公益"}]}),
    ],
)
def test_a_slip_is_underlined(name: str, change: dict[str, Any]) -> None:
    validator = jsonschema_rs.Draft7Validator(schemas()[name])
    sound = said(FILES[name][0])
    assert validator.is_valid(sound)
    assert not validator.is_valid({**sound, **change})


def test_a_file_that_lies_over_a_shipped_one_needs_to_say_only_what_differs() -> None:
    validator = jsonschema_rs.Draft7Validator(schemas()["source"])
    assert validator.is_valid({"columns": {"name": {"header": ["姓名", "罪犯姓名"]}}})


def test_every_key_is_explained_in_chinese() -> None:
    bare = []
    for name, schema in schemas().items():
        for title, part in [(name, schema), *schema["definitions"].items()]:
            told = {"": part, **part.get("properties", {})}
            bare += [f"{title}.{key}" for key, each in told.items() if not re.search("[一-鿿]", each["description"])]
    assert bare == []


def test_the_files_written_are_the_schemas(tmp_path: Path) -> None:
    written = write(tmp_path / "schema")
    assert [path.name for path in written] == [f"{name}.schema.json" for name in NAMES]
    assert [json.loads(path.read_text(encoding="utf-8")) for path in written] == list(schemas().values())
    assert "部门" in written[0].read_text(encoding="utf-8")
