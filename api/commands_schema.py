"""`cluegraph config schema`: JSON Schema files for editors of the office's TOML."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def schema(
    directory: Annotated[
        Path, typer.Argument(file_okay=False, metavar="DIR", help="Where to write, such as $CLUEGRAPH_CONFIG/schema.")
    ],
) -> None:
    """Write JSON Schema with Chinese descriptions for sources, settings, model headers and keyword rules."""
    from api import editor_schemas

    for path in editor_schemas.write(directory):
        typer.echo(path)
    typer.echo("Name one in the first line of a TOML file: #:schema ../schema/source.schema.json", err=True)
