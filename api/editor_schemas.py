"""JSON Schema for the office's files, with Chinese descriptions, so that an editor completes and checks while typing.

The shapes are those of the code's own models; the words are in `editor_schemas.toml`. A schema knows the shape of one
file; what must agree between files is told by `cluegraph config check`.
"""

from __future__ import annotations

import json
import tomllib
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict

DIALECT = "http://json-schema.org/draft-07/schema#"  # what editors for TOML understand
NAMES = ("source", "settings", "model", "rules")
_LEFT_OUT = {"source": ("name",), "model": ("query", "begins", "path")}
"""What the code adds to a file's keys: its name, its place, the query below the header."""


def schemas() -> dict[str, dict[str, Any]]:
    """The schema of each kind of file by the name of the kind (see NAMES)."""
    from graph.keywords import Rule
    from graph.model import Model
    from resolution.settings import Settings
    from resolution.source import Source

    class Rules(BaseModel):
        model_config = ConfigDict(extra="forbid")
        rule: list[Rule]

    Rules.__name__ = "Rules"
    roots: dict[str, type[BaseModel]] = {"source": Source, "settings": Settings, "model": Model, "rules": Rules}
    return {name: _schema(name, roots[name]) for name in NAMES}


def write(folder: Path) -> list[Path]:
    """Write `<kind>.schema.json` for every kind into the folder, which is made when it is not there."""
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for name, schema in schemas().items():
        path = folder / f"{name}.schema.json"
        path.write_text(json.dumps(schema, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
        written.append(path)
    return written


def _schema(name: str, root: type[BaseModel]) -> dict[str, Any]:
    words = tomllib.loads(Path(__file__).with_name("editor_schemas.toml").read_text(encoding="utf-8"))
    made = root.model_json_schema(by_alias=True, mode="validation")
    for key in _LEFT_OUT.get(name, ()):
        made["properties"].pop(key)
        made["required"] = [each for each in made["required"] if each != key]
    if name == "source":
        _overlaid(made)
    definitions = made.get("$defs", {})
    if name == "model" and "Column" in definitions:
        words["Column"] = words["ModelColumn"]
    for title, part in [(root.__name__, made), *definitions.items()]:
        _describe(part, words.get(title, {}))
    plain = json.loads(json.dumps(made).replace("#/$defs/", "#/definitions/"))
    plain["definitions"] = plain.pop("$defs", {})
    return {"$schema": DIALECT, "$id": f"{name}.schema.json", **plain}


def _overlaid(made: dict[str, Any]) -> None:
    """A file that lies over a shipped one says only what differs, so nothing is asked for in it."""
    made["required"] = []
    for each in ("Column", "Mention", "FactNode"):
        made["$defs"][each]["required"] = []
    # one text may stand for a list of one
    for part, key in (("Column", "header"), ("Column", "values")):
        listed = made["$defs"][part]["properties"][key]
        kept = {name: value for name, value in listed.items() if name in ("default", "title")}
        many = {"type": "array", "items": {"type": "string"}}
        made["$defs"][part]["properties"][key] = {**kept, "anyOf": [{"type": "string"}, many]}


def _describe(part: dict[str, Any], words: dict[str, str]) -> None:
    """The Chinese words in place of what the code says of itself."""
    part["description"] = words.get("", "")
    part.pop("title", None)
    for key, told in part.get("properties", {}).items():
        told.pop("title", None)
        if "$ref" in told:  # in draft 7 nothing counts beside a reference
            reference = {"$ref": told.pop("$ref")}
            told["allOf"] = [reference]
        told["description"] = words.get(key, "")
        if isinstance(told.get("default"), dict):
            del told["default"]
