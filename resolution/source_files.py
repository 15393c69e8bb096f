"""Source files: the agency datasets, read strictly from `sources/*.toml`.

A data office lays its own files over the shipped ones in `$CLUEGRAPH_CONFIG/sources/`: a file of the same name needs
to say only what differs (another header, a lookup), a file of a new name is a new dataset.
"""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from resolution.fault import Fault, Where, worded
from resolution.source import Source, contradictions

SHIPPED = Path(__file__).with_name("sources")


class SourceError(Exception):
    """Source files cannot be used. `faults` holds every fault of all of them; the message lists them."""

    def __init__(self, faults: list[Fault]) -> None:
        self.faults = faults
        super().__init__("\n".join(map(str, faults)))


def read_sources(over: Path | None = None) -> dict[str, Source]:
    """All datasets that the service takes in, by name: the shipped ones with the data office's own laid over them.

    `over` is a folder of sources to lay over these, as if it were in force. Raises SourceError with every fault of
    every file.
    """
    found, faults = _read(_files([*_folders(), *([over] if over else [])]))
    if faults:
        raise SourceError(faults)
    return found


def read_source_file(path: Path) -> Source:
    """The dataset that this file describes, wherever it lies, read as lying over the one of its name.

    Raises SourceError with every fault of it.
    """
    layers = _files(_folders())
    under = layers.setdefault(path.stem, [])
    if not any(path.samefile(other) for other in under):
        under.append(path)
    files = set(map(str, under))
    found, every = _read(layers)
    if faults := [fault for fault in every if fault.file in files]:
        raise SourceError(faults)
    return found[path.stem]


def check_sources(paths: Iterable[Path] | None = None) -> list[Fault]:
    """Every fault of these source files or folders (default: of all that are in force), in order of file and line.

    A file that bears the name of a shipped dataset is read as lying over it.
    """
    layers = _files(_folders())
    if paths is None:
        return _read(layers)[1]
    asked = [file for path in paths for file in (sorted(path.glob("*.toml")) if path.is_dir() else [path])]
    for file in asked:
        under = layers.setdefault(file.stem, [])
        if not any(file.samefile(other) for other in under):
            under.append(file)
    wanted = {str(file) for file in asked}
    return [fault for fault in _read(layers)[1] if fault.file in wanted]


def stamp() -> tuple[tuple[str, int, int], ...]:
    """What tells whether any source in force has changed since: its files with their times and sizes."""
    found = []
    for files in _files(_folders()).values():
        for file in files:
            status = file.stat()
            found.append((str(file), status.st_mtime_ns, status.st_size))
    return tuple(found)


def _folders() -> list[Path]:
    config = os.environ.get("CLUEGRAPH_CONFIG")
    return [SHIPPED, Path(config) / "sources"] if config else [SHIPPED]


def _files(folders: list[Path]) -> dict[str, list[Path]]:
    """Files by dataset, the lower layer first."""
    layers: dict[str, list[Path]] = {}
    for folder in folders:
        for file in sorted(folder.glob("*.toml")):
            layers.setdefault(file.stem, []).append(file)
    return layers


def _read(layers: dict[str, list[Path]]) -> tuple[dict[str, Source], list[Fault]]:
    found: dict[str, Source] = {}
    where: dict[str, Where] = {}
    faults: list[Fault] = []
    for name, files in sorted(layers.items()):
        where[name], tables, broken = _parse(files)
        faults += broken
        if broken:
            continue
        merged: dict[str, Any] = {}
        for table in tables:
            merged = _over(merged, table)
        if "name" in merged:
            faults.append(where[name].fault(("name",), "unknown key 'name'", "remove it, the file's name is the name"))
            continue
        try:
            found[name] = Source.model_validate({**merged, "name": name})
        except ValidationError as error:
            faults += [worded(where[name], dict(each)) for each in error.errors()]
    for name, source in found.items():
        faults += [where[name].fault(place, *words) for place, *words in contradictions(source, found, set(layers))]
    faults += _same_labels(found, where)
    return found, sorted(faults, key=lambda fault: (fault.file, fault.line, fault.message))


def _parse(files: list[Path]) -> tuple[Where, list[dict[str, Any]], list[Fault]]:
    texts: list[tuple[Path, str]] = []
    tables: list[dict[str, Any]] = []
    faults: list[Fault] = []
    for path in files:
        text = ""
        try:
            if path.stat().st_size > 1_000_000:
                faults.append(Fault(str(path), 1, "larger than 1 MB", "a source file is a page of text; mend it"))
                continue
            text = path.read_text(encoding="utf-8")
            tables.append(tomllib.loads(text))
        except tomllib.TOMLDecodeError as error:
            line = re.search(r"line (\d+)", str(error))
            number = int(line[1]) if line else len(text.splitlines())
            faults.append(Fault(str(path), number, f"not TOML: {error}", "mend the line, see toml.io"))
        except UnicodeDecodeError as error:
            number = path.read_bytes()[: error.start].count(b"\n") + 1
            faults.append(Fault(str(path), number, "not UTF-8", "save the file in UTF-8"))
        except RecursionError:
            faults.append(Fault(str(path), 1, "nested too deeply", "write plain tables as in the shipped files"))
        texts.append((path, text))
    return Where(texts), tables, faults


def _over(under: Mapping[str, Any], upper: Mapping[str, Any]) -> dict[str, Any]:
    merged = dict(under)
    for key, value in upper.items():
        below = merged.get(key)
        merged[key] = _over(below, value) if isinstance(below, dict) and isinstance(value, dict) else value
    return merged


def _same_labels(found: dict[str, Source], where: dict[str, Where]) -> list[Fault]:
    owners: dict[str, str] = {}
    faults = []
    for name, source in found.items():
        label = source.fact.label
        if (owner := owners.setdefault(label, name)) != name:
            words = f"label {label!r} is already that of {owner!r}", "give each dataset a label of its own"
            faults.append(where[name].fault(("fact", "label"), *words))
    return faults
