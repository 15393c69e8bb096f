"""`cluegraph source`: a new agency dataset without a programmer: draft, preview, list."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from api.options import Json, show

if TYPE_CHECKING:
    from resolution.source import Source

app = typer.Typer(no_args_is_help=True, rich_markup_mode=None, help="Agency datasets: draft a new one, preview, list.")
Delivered = Annotated[
    Path, typer.Argument(metavar="FILE", exists=True, dir_okay=False, help="An agency's file (CSV, Excel).")
]


@app.command("new")
def new(
    file: Delivered,
    name: Annotated[
        str | None, typer.Option("--name", help="The dataset's name, lower_snake. [default: from the file's name]")
    ] = None,
    output: Annotated[
        Path | None,
        typer.Option(
            "--output", "-o", help="The file to write, or the folder to write NAME.toml to. [default: stdout]"
        ),
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Write over a file that is there.")] = False,
) -> None:
    """Look at a file that no source describes and draft its source TOML, with what the office must decide marked."""
    from resolution.draft import dataset_name, draft
    from resolution.headers import meanings
    from resolution.source_files import read_sources
    from resolution.survey import survey

    stem = output.stem if output and output.suffix == ".toml" else file.stem
    chosen = name or dataset_name(stem)
    sources = read_sources()
    if not _sound(chosen):
        raise typer.BadParameter(f"{chosen!r} is no name; take lower_snake such as farm_subsidies", param_hint="--name")
    if chosen in sources:
        raise typer.BadParameter(
            f"{chosen} is a dataset already ({sources[chosen].title}); choose another with --name,"
            f" or see what it makes of the file: cluegraph source preview {file} --source {chosen}",
            param_hint="--name",
        )
    target = _target(output, chosen, force)
    text = draft(survey(file, frozenset(meanings(sources))), sources, chosen)
    if target is None:
        typer.echo(text, nl=False)
        return
    target.write_text(text, encoding="utf-8")
    undecided = sum("待定" in line for line in text.splitlines()[3:])
    typer.echo(f"draft of {chosen} written to {target}; {undecided} places marked 待定 are yours to decide", err=True)


@app.command("preview")
def preview(
    file: Delivered,
    source: Annotated[
        str, typer.Option("--source", "-s", help="A source TOML, or the name of a dataset that is in force.")
    ],
    rows: Annotated[int, typer.Option("--rows", min=1, max=1_000, help="How many rows to show.")] = 10,
    as_json: Json = False,
) -> None:
    """Show rows of a file as they will be understood, and those that would be rejected; nothing is stored."""
    from resolution import preview as previewing

    show(previewing.preview(file, _source(source), rows), as_json)


@app.command("list")
def listed(as_json: Json = False) -> None:
    """List all datasets: title, agency, rows loaded and rejected."""
    from resolution.holdings import holdings
    from resolution.workspace import Workspace

    held = holdings(Workspace())
    if as_json:
        typer.echo(json.dumps([vars(each) for each in held], ensure_ascii=False, indent=2, default=str))
        return
    for each in held:
        own = "（本单位配置）" if each.own else ""
        rows = f"{each.rows:,} 行" if each.files else "未载入"
        rejected = f"，拒收 {each.rejected:,} 行" if each.rejected else ""
        typer.echo(f"{each.dataset}  {each.title}{own}  [{each.agency}]  {rows}{rejected}")


def _sound(name: str) -> bool:
    import re

    return bool(re.fullmatch(r"[a-z][a-z0-9_]*", name))


def _target(output: Path | None, name: str, force: bool) -> Path | None:
    if output is None:
        return None
    target = output / f"{name}.toml" if output.is_dir() else output
    if target.suffix != ".toml" or target.stem != name:
        raise typer.BadParameter(f"the file's name is the dataset's name: write to {name}.toml", param_hint="--output")
    if not target.parent.is_dir():
        raise typer.BadParameter(f"the folder {target.parent} is not there; make it first", param_hint="--output")
    if target.exists() and not force:
        raise typer.BadParameter(f"{target} is there already; --force writes over it", param_hint="--output")
    return target


def _source(given: str) -> Source:
    """The source of a file, or of a dataset in force."""
    from resolution.source_files import read_source_file, read_sources

    path = Path(given)
    if path.is_file():
        return read_source_file(path)
    known: dict[str, Any] = read_sources()
    if given not in known:
        raise typer.BadParameter(
            f"{given} is neither a file nor a dataset; cluegraph source list names them", param_hint="--source"
        )
    chosen: Source = known[given]
    return chosen
