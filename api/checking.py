"""`cluegraph config check`: every fault of sources, settings, models and rules, with file, line and remedy."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from graph.model import Model
    from resolution.workspace import Workspace


@dataclass(frozen=True)
class Fault:
    """Something wrong in a configuration file."""

    file: str
    line: int
    message: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.message}"


@dataclass(frozen=True)
class Report:
    """What was looked at and what is wrong with it."""

    checked: dict[str, int]
    faults: list[Fault]

    def as_dict(self) -> dict[str, Any]:
        """The report as plain values, for JSON."""
        return {"checked": self.checked, "faults": [asdict(fault) for fault in self.faults]}

    def text(self) -> str:
        """The faults, or that there are none."""
        looked = ", ".join(f"{count} {what}" for what, count in self.checked.items() if count) or "nothing"
        faults = "\n".join(map(str, self.faults))
        return f"{faults}\n{len(self.faults)} faults in {looked}" if self.faults else f"{looked}: no faults"


def check(path: Path | None = None, *, planned_by: Workspace | None = None) -> Report:
    """Check a file, a folder laid out like `CLUEGRAPH_CONFIG`, or (None) all that is in force.

    With `planned_by` that workspace's Neo4j, which must run, plans every model that can be used.
    """
    if path is None:
        return _in_force(planned_by)
    files = [path] if path.is_file() else sorted(each for each in path.rglob("*") if each.is_file())
    sorted_out: dict[str, list[Path]] = {"sources": [], "settings": [], "models": [], "rules": []}
    for file in files:
        if kind := _kind(file):
            sorted_out[kind].append(file)
    over = path / "sources" if (path / "sources").is_dir() else None
    faults = [
        *_sources(sorted_out["sources"]),
        *(fault for file in sorted_out["settings"] for fault in _settings(file)),
        *_models(sorted_out["models"], over, planned_by),
        *_rules(sorted({file.parent for file in sorted_out["rules"]})),
    ]
    checked = {kind: len(found) for kind, found in sorted_out.items()}
    if not any(checked.values()):
        where = str(path)
        faults.append(
            Fault(
                where,
                1,
                "holds no configuration; give .cypher models, or TOML in sources/, settings/ or rules/",
            )
        )
    return Report(checked, faults)


def _kind(file: Path) -> str | None:
    if file.suffix == ".cypher":
        return "models"
    if file.suffix != ".toml" or file.parent.name == "lexicon":
        return None
    return file.parent.name if file.parent.name in ("settings", "rules") else "sources"


def _in_force(planned_by: Workspace | None) -> Report:
    from graph.catalogue import catalogue
    from graph.keywords import default_folders
    from resolution.settings import KINDS, SettingsError, read_settings
    from resolution.source_files import SHIPPED, check_sources

    models = catalogue()
    faults = [Fault(fault.file, fault.line, f"{fault.message}; {fault.remedy}") for fault in check_sources()]
    for kind in KINDS:
        try:
            read_settings(kind)
        except SettingsError as error:
            faults.append(_of_settings(Path(f"{kind}.toml"), error))
    faults += [Fault(str(fault.path), fault.line, fault.message) for fault in [*models.faults, *models.doubts]]
    faults += _planned(list(models.values()), planned_by)
    faults += _rules(default_folders())
    counts = {"sources": len(list(SHIPPED.glob("*.toml"))), "settings": len(KINDS), "models": len(models)}
    counts["rules"] = sum(len(list(folder.glob("*.toml"))) for folder in default_folders())
    return Report(counts, faults)


def _sources(files: list[Path]) -> Iterable[Fault]:
    from resolution.source_files import check_sources

    if files:
        for fault in check_sources(files):
            yield Fault(fault.file, fault.line, f"{fault.message}; {fault.remedy}")


def _settings(file: Path) -> Iterable[Fault]:
    from resolution.settings import SettingsError, read_settings_file

    try:
        read_settings_file(file)
    except SettingsError as error:
        yield _of_settings(file, error)


def _rules(folders: list[Path]) -> Iterable[Fault]:
    """Rules are checked folder by folder: their ids must differ, and they share one dictionary."""
    from graph.keywords import RuleError, read_rules

    if not folders:
        return
    try:
        read_rules(folders)
    except RuleError as error:
        for fault in error.faults:
            yield Fault(str(fault.path), fault.line, fault.message)


def _of_settings(file: Path, error: Exception) -> Fault:
    """Settings name their faults by key; a line is known where the TOML itself is broken."""
    text = str(error)
    line = re.search(r"at line (\d+)", text)
    return Fault(str(file), int(line[1]) if line else 1, text.removeprefix(f"{file}: "))


def _models(files: list[Path], over: Path | None, planned_by: Workspace | None) -> Iterable[Fault]:
    """Models are held against the words of the graph, those of the sources beside them among these."""
    from graph.catalogue import checked
    from graph.model import ModelError
    from graph.words import words
    from resolution.source_files import SourceError

    if not files:
        return
    try:
        known = words(over)
    except SourceError:
        known = None  # told with the sources
    sound = []
    for file in files:
        try:
            model, faults = checked(file, known)
            sound.append(model)
        except ModelError as error:
            faults = error.faults
        for fault in faults:
            yield Fault(str(fault.path), fault.line, fault.message)
    yield from _planned(sound, planned_by)


def _planned(models: list[Model], by: Workspace | None) -> Iterable[Fault]:
    """What Neo4j says of the plans of these models."""
    if by is None:
        return
    from graph import server
    from graph.plan import plan

    where = server.status(by)
    for fault in plan(where, models) if where else []:
        yield Fault(str(fault.path), fault.line, fault.message)
