"""What commands that look at models and rules have in common: their options, and how these are read."""

from __future__ import annotations

import json
from datetime import date, datetime
from typing import Annotated, Any

import typer

Json = Annotated[bool, typer.Option("--json", help="Print the result as JSON.")]
AsOf = Annotated[
    datetime | None,
    typer.Option("--as-of", formats=["%Y-%m-%d"], help="See the world on this day. [default: the newest event loaded]"),
]
Params = Annotated[
    list[str] | None, typer.Option("--param", metavar="NAME=VALUE", help="A parameter of the models run (repeatable).")
]


def pairs(params: list[str] | None) -> dict[str, object]:
    """NAME=VALUE options as a mapping. Raises typer.BadParameter."""
    found: dict[str, object] = {}
    for text in params or []:
        name, equals, value = text.partition("=")
        if not (equals and name.strip()):
            raise typer.BadParameter(f"{text!r} is not NAME=VALUE", param_hint="--param")
        found[name.strip()] = value.strip()
    return found


def day(moment: datetime | None) -> date | None:
    """The day of an option."""
    return moment.date() if moment else None


def show(result: Any, as_json: bool) -> None:
    """Print a result that has `as_dict()` and `text()`."""
    typer.echo(json.dumps(result.as_dict(), ensure_ascii=False, indent=2, default=str) if as_json else result.text())
