"""Resolution settings: one TOML file a kind says what blocks, what is compared,
what is certain and what never joins."""

from __future__ import annotations

import difflib
import os
import re
import tomllib
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

HERE = Path(__file__).parent / "settings"
Kind = Literal["person", "company", "trade_name", "property"]
KINDS: tuple[Kind, ...] = ("property", "company", "person", "trade_name")


class SettingsError(Exception):
    """A settings file cannot be used; the message names file, place and remedy."""


_ATTRIBUTE = re.compile(r"\b[lr]\.(\w+)")


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Level(_Strict):
    """One level of a comparison, from same to different; `bits` is not stated but follows from m and u."""

    label: str
    sql: str = Field(description="condition on columns of l and r; ELSE for the last level")
    m: float | None = Field(None, gt=0, le=1, description="how often records of one entity look like this")
    u: float | None = Field(None, gt=0, le=1, description="how often records of two entities do")
    u_holders: float | None = Field(
        None, gt=0, description="instead of u: how many entities share such a value, u = this / population"
    )
    frequency: str | None = Field(None, description="column whose frequency in the population takes the place of u")
    nothing: bool = Field(False, description="the level says nothing (a value is missing)")
    learn: bool = Field(True, description="whether training may move m and u")


class Comparison(_Strict):
    """What one attribute says about two records being one entity."""

    name: str
    title: str
    learn: bool = Field(True, description="whether training may move the figures of its levels")
    level: list[Level]


class Block(_Strict):
    """Records are compared when these columns are equal; a value with more than `max` records blocks nothing."""

    columns: list[str]
    max: int = 200
    explode: str | None = Field(None, description="array column to take apart")
    where: str | None = None


class Cluster(_Strict):
    """From scored pairs to entities."""

    threshold: float = Field(ge=0.5, le=1, description="an edge below it does not join")
    review: float = Field(
        ge=0, le=1, description="an edge between this and the threshold is shown as possibly the same"
    )
    open_world: float = Field(gt=0, description="entities that stand in no loaded register, per loaded entity")
    vetoes: list[str] = Field(description="columns whose different values never share an entity")


class Settings(_Strict):
    """How one kind of entity is resolved."""

    kind: Kind
    title: str
    description: str = ""
    cluster: Cluster
    block: list[Block] = []
    comparison: list[Comparison] = []


def read_settings(kind: Kind) -> Settings:
    """The settings of one kind, the office's own file (`$CLUEGRAPH_CONFIG/settings`) before the shipped one."""
    return read_settings_file(settings_path(kind))


def settings_path(kind: Kind) -> Path:
    """The file in force for one kind."""
    path = HERE / f"{kind}.toml"
    if overlay := os.environ.get("CLUEGRAPH_CONFIG"):
        own = Path(overlay) / "settings" / f"{kind}.toml"
        path = own if own.exists() else path
    return path


def read_settings_file(path: Path) -> Settings:
    """Raises SettingsError with every fault of the file."""
    try:
        settings = Settings.model_validate(tomllib.loads(path.read_text("utf-8")))
    except tomllib.TOMLDecodeError as error:
        raise SettingsError(f"{path}: not valid TOML ({error}); mend the line named") from error
    except ValidationError as error:
        faults = "; ".join(f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors())
        raise SettingsError(f"{path}: {faults}; mend or remove what is named") from error
    for comparison in settings.comparison:
        for level in comparison.level:
            if not level.nothing and (
                level.m is None or (level.u is None and not level.u_holders and not level.frequency)
            ):
                raise SettingsError(
                    f"{path}: comparison {comparison.name}, level {level.label}: give m,"
                    " and u or u_holders or frequency"
                )
    return settings


def check_attributes(settings: Settings, known: set[str]) -> None:
    """Every attribute that the settings name is one that this kind has. Raises SettingsError, which lists them."""
    named = {name: f"veto {name}" for name in settings.cluster.vetoes}
    for block in settings.block:
        named |= {name: f"block {'+'.join(block.columns)}" for name in block.columns}
    for comparison in settings.comparison:
        for level in comparison.level:
            where = f"comparison {comparison.name}, level {level.label}"
            named |= {name: where for name in [*_ATTRIBUTE.findall(level.sql), *([level.frequency or ""])] if name}
    faults = []
    for name in sorted(set(named) - known):
        close = difflib.get_close_matches(name, known, n=1)
        meant = f"did you mean {close[0]}?" if close else f"there are {', '.join(sorted(known))}"
        faults.append(f"{named[name]}: no attribute {name!r}: {meant}")
    if faults:
        raise SettingsError(f"settings/{settings.kind}.toml: {'; '.join(faults)}")
