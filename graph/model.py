"""A supervision model: one `.cypher` file, a TOML header between `/*+++` and `+++*/` and one reading query."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from graph.fault import Fault
from graph.statement import Statement

RESERVED_PARAMETERS = frozenset({"as_of", "min_confidence"})
RESERVED_COLUMNS = ("subjects", "facts", "links", "reasons", "severity")
LINES = ("刑事", "刑事执行", "民事", "行政", "公益", "未检")

_FILE = re.compile(r"\s*/\*\+\+\+[^\S\n]*\n(?P<header>.*?)\n\+\+\+\*/(?P<query>.*)", re.DOTALL)
_TOML_LINE = re.compile(r"\(at line (\d+)")


class ModelError(Exception):
    """A model cannot be used; `faults` has every reason with file, line and remedy."""

    def __init__(self, faults: list[Fault]) -> None:
        super().__init__("\n".join(str(fault) for fault in faults))
        self.faults = faults


class ParameterError(ValueError):
    """A value given for a parameter is refused; the message says what is accepted."""


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Parameter(_Strict):
    """A figure of the rule that the user may change. `numbers` maps words to numbers, given whole or in part."""

    type: Literal["integer", "number", "date", "string", "strings", "integers", "numbers", "boolean"]
    default: Any
    description: str
    unit: str = ""
    min: float | None = None
    max: float | None = None

    @model_validator(mode="after")
    def _default_fits(self) -> Self:
        try:
            self.parse(self.default)
        except ParameterError as error:
            raise ValueError(f"default {self.default!r} {error}") from error
        return self

    def parse(self, value: object) -> Any:
        """The value as the query takes it; text is read by type.

        Raises ParameterError, whose message goes on after the parameter's name.
        """
        match self.type:
            case "integer" | "number":
                return self._number(value)
            case "date":
                return _date(value)
            case "boolean":
                return _boolean(value)
            case "string":
                if not isinstance(value, str):
                    raise ParameterError("takes text")
                return value
            case "strings":
                return [str(item) for item in _items(value)]
            case "integers":
                return [self._number(item) for item in _items(value)]
            case "numbers":
                return self._numbers(value)

    def _number(self, value: object) -> int | float:
        whole = self.type in ("integer", "integers")
        wanted = "a whole number" if whole else "a number"
        if isinstance(value, bool) or not isinstance(value, int | float | str):
            raise ParameterError(f"takes {wanted}")
        try:
            number = float(value)
        except ValueError:
            raise ParameterError(f"takes {wanted}, not {value!r}") from None
        if number != number or abs(number) == float("inf") or (whole and number != int(number)):
            raise ParameterError(f"takes {wanted}, not {value!r}")
        if self.min is not None and number < self.min:
            raise ParameterError(f"must be at least {self.min:g}, not {number:g}")
        if self.max is not None and number > self.max:
            raise ParameterError(f"must be at most {self.max:g}, not {number:g}")
        return int(number) if whole else number

    def _numbers(self, value: object) -> dict[str, int | float]:
        """`烟草零售:150,网吧:300` changes these two; one bare number sets all."""
        known: dict[str, Any] = self.default if isinstance(self.default, dict) else {}
        if isinstance(value, str) and ":" in value:
            value = dict(part.split(":", 1) for part in value.replace("：", ":").split(",") if ":" in part)
        if not isinstance(value, Mapping):
            number = self._number(value)
            return dict.fromkeys(known, number)
        if unknown := sorted(set(map(str, value)) - set(known)):
            raise ParameterError(f"knows {', '.join(known)}, not {', '.join(unknown)}")
        return {**known, **{str(name).strip(): self._number(number) for name, number in value.items()}}


class Column(_Strict):
    """A column of the answer; its title carries the unit."""

    title: str
    description: str = ""


class Model(_Strict):
    """What the header says, the query, and where it was read."""

    id: str = Field(pattern=r"^[A-Za-z][A-Za-z0-9_-]{0,31}$")
    slug: str = Field(pattern=r"^[a-z][a-z0-9-]*$")
    title: str
    lines: list[Literal["刑事", "刑事执行", "民事", "行政", "公益", "未检"]] = Field(min_length=1)
    receivers: list[str] = Field(min_length=1)
    description: str
    misses: str
    legal_basis: list[str] = Field(default_factory=list)
    maturity: Literal["draft", "tried", "proven"]
    timeout_seconds: float = Field(gt=0, le=3600)
    row_cap: int = Field(default=10_000, ge=1, le=1_000_000, description="clues that one run may find; more is told")
    identity: list[str] = Field(min_length=1)
    severity: str
    datasets: dict[str, list[str]] = Field(min_length=1)
    optional: list[str] = Field(default_factory=list, description="datasets that the model can do without")
    at_least_one: list[str] = Field(
        default_factory=list, description="optional datasets of which one must be there for the model to see anything"
    )
    may_be_empty: list[str] = Field(
        default_factory=list, description="dataset.field whose empty cell says something: a term that has not ended"
    )
    without: dict[str, str] = Field(
        default_factory=dict, description="what is not seen without an optional dataset, or when dataset.field is empty"
    )
    params: dict[str, Parameter] = Field(default_factory=dict)
    returns: dict[str, Column]
    conditions: dict[str, str] = Field(default_factory=dict, description="values that the query computes, in words")
    query: str
    begins: int = 1
    """The line of the file on which the query begins."""
    path: Path

    @property
    def required(self) -> list[str]:
        """Datasets without which the model says nothing true."""
        return [name for name in self.datasets if name not in self.optional]

    @property
    def fields(self) -> list[str]:
        """All fields of all datasets, as `dataset.field`."""
        return [f"{dataset}.{field}" for dataset, fields in self.datasets.items() for field in fields]

    def filled(self, dataset: str) -> list[str]:
        """Fields of a dataset that a row must have for the model to test it."""
        return [field for field in self.datasets[dataset] if f"{dataset}.{field}" not in self.may_be_empty]

    def parameters(self, given: Mapping[str, object]) -> dict[str, Any]:
        """Every parameter of the query with its value, defaults where nothing is given.

        Raises ParameterError for a name that the model does not have or a value that it does not take.
        """
        if unknown := sorted(set(given) - set(self.params)):
            known = ", ".join(self.params) or "none"
            raise ParameterError(f"{self.id} has no parameter {', '.join(unknown)}; it has: {known}")
        values = {}
        for name, parameter in self.params.items():
            try:
                values[name] = parameter.parse(given.get(name, parameter.default))
            except ParameterError as error:
                raise ParameterError(f"{self.id}: {name} {error}") from error
        return values


def read(path: Path) -> Model:
    """The model in a file. Raises ModelError with every fault found."""
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ModelError([Fault(path, 1, f"save the file as readable UTF-8 text ({error})")]) from error
    parts = _FILE.fullmatch(text)
    if not parts:
        raise ModelError([Fault(path, 1, "begin with a TOML header between the lines /*+++ and +++*/")])
    header, query = parts["header"], parts["query"]
    first = text[: parts.start("header")].count("\n")
    try:
        said = tomllib.loads(header)
    except tomllib.TOMLDecodeError as error:
        place = _TOML_LINE.search(str(error))
        line = first + (int(place[1]) if place else 1)
        raise ModelError([Fault(path, line, f"mend the TOML of the header: {error}")]) from error
    where = _Lines(header, first)
    begins = text[: parts.start("query") + len(query) - len(query.lstrip())].count("\n") + 1
    try:
        model = Model(**{**said, "query": Statement(query).text, "begins": begins, "path": path})
    except ValidationError as error:
        faults = [
            Fault(path, where.of(*map(str, item["loc"])), _remedy(item["type"], item["loc"], item["msg"]))
            for item in error.errors()
        ]
        raise ModelError(faults) from error
    shift = text[: parts.start("query")].count("\n")
    faults = [*_query_faults(model, Statement(query), shift), *_header_faults(model, Statement(query), where)]
    if faults:
        raise ModelError(sorted(faults, key=lambda fault: fault.line))
    return model


def _query_faults(model: Model, statement: Statement, shift: int) -> list[Fault]:
    """What the text does that it may not, or uses without saying so."""
    faults = [Fault(model.path, shift + refusal.line, refusal.message) for refusal in statement.refusals()]
    for name, line in statement.parameters.items():
        if name not in model.params and name not in RESERVED_PARAMETERS:
            faults.append(Fault(model.path, shift + line, f"declare ${name} as [params.{name}] in the header"))
    for name, line in statement.columns.items():
        if name not in model.returns and name not in RESERVED_COLUMNS:
            faults.append(
                Fault(model.path, shift + line, f"declare the column {name} in [returns], or do not return it")
            )
    for name in RESERVED_COLUMNS:
        if name not in statement.columns:
            line = max(statement.columns.values(), default=1)
            faults.append(Fault(model.path, shift + line, f"return the column {name}: every clue has it"))
    return faults


def _header_faults(model: Model, statement: Statement, where: _Lines) -> list[Fault]:
    """What the header promises and the text does not keep."""
    faults = []
    for name in model.params:
        if name in RESERVED_PARAMETERS:
            faults.append(Fault(model.path, where.of("params", name), f"remove [params.{name}]: every model has it"))
        elif name not in statement.parameters:
            faults.append(Fault(model.path, where.of("params", name), f"use ${name} in the query or remove it here"))
    if "as_of" not in statement.parameters:
        faults.append(Fault(model.path, where.of("id"), "use $as_of in the query: later rows do not exist for a model"))
    for name in model.returns:
        if name in RESERVED_COLUMNS:
            faults.append(Fault(model.path, where.of("returns", name), f"remove {name} here: every clue has it"))
        elif name not in statement.columns:
            faults.append(Fault(model.path, where.of("returns", name), f"return {name} in the query or remove it here"))
    for name in model.identity:
        if name not in model.returns:
            faults.append(Fault(model.path, where.of("identity"), f"add {name} to [returns]: identity names it"))
    computed = {
        after.text for token, after in zip(statement.tokens, statement.tokens[1:], strict=False) if token.says("AS")
    }
    for name in model.conditions:
        if name not in computed:
            faults.append(
                Fault(
                    model.path, where.of("conditions", name), f"compute {name} (… AS {name}) in the query or remove it"
                )
            )
    for name in model.optional:
        if name not in model.datasets:
            faults.append(Fault(model.path, where.of("optional"), f"add {name} to [datasets]: optional names it"))
    for name in model.at_least_one:
        if name not in model.optional:
            faults.append(Fault(model.path, where.of("at_least_one"), f"add {name} to optional: at_least_one names it"))
    for name in model.may_be_empty:
        if name not in model.fields:
            message = f"name a field of [datasets] as dataset.field, not {name}"
            faults.append(Fault(model.path, where.of("may_be_empty"), message))
    for name in model.without:
        if name not in model.optional and name not in model.fields:
            message = f"name an optional dataset, or a field of [datasets] as dataset.field, not {name}"
            faults.append(Fault(model.path, where.of("without", name), message))
    return faults


class _Lines:
    """Where a key of the header stands."""

    def __init__(self, header: str, first: int) -> None:
        self._lines = header.split("\n")
        self._first = first

    def of(self, *keys: str) -> int:
        """The line of the innermost of these keys that can be found, counted within the file."""
        found, start = 0, 0
        for key in keys:
            pattern = re.compile(rf"^\s*(\[[^\]]*\b)?[\"']?{re.escape(key)}[\"']?(\.[^\]]*)?\s*(\]|=|$)")
            hit = next((i for i in range(start, len(self._lines)) if pattern.match(self._lines[i])), None)
            if hit is not None:
                found = start = hit
        return self._first + found + 1


def _remedy(kind: str, place: tuple[int | str, ...], message: str) -> str:
    key = ".".join(map(str, place))
    if kind == "extra_forbidden":
        return f"remove the unknown key {key}, or correct its spelling"
    if kind == "missing":
        return f"add {key} to the header"
    return f"correct {key}: {message}"


def _items(value: object) -> list[object]:
    if isinstance(value, str):
        return [item.strip() for item in value.replace("，", ",").split(",") if item.strip()]
    if isinstance(value, list | tuple):
        return list(value)
    raise ParameterError("takes a list, written a,b,c")


def _date(value: object) -> date:
    if isinstance(value, date):
        return value
    try:
        return date.fromisoformat(str(value))
    except ValueError:
        raise ParameterError(f"takes a day written 2024-06-30, not {value!r}") from None


def _boolean(value: object) -> bool:
    if isinstance(value, bool):
        return value
    if str(value).lower() in ("true", "yes", "1", "是"):
        return True
    if str(value).lower() in ("false", "no", "0", "否"):
        return False
    raise ParameterError(f"takes true or false, not {value!r}")
