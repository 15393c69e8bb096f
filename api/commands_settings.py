"""`cluegraph train`, `compare-settings` and `charts`: settings learnt from the data, compared, and looked at."""

from __future__ import annotations

import json
from dataclasses import asdict
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from api.failures import masked

Json = Annotated[bool, typer.Option("--json", help="Print the result as JSON.")]


class Scored(StrEnum):
    """Kinds whose settings hold weights."""

    person = "person"
    company = "company"


KindOption = Annotated[Scored, typer.Option("--kind", help="What is resolved.")]
A = Annotated[Path, typer.Argument(exists=True, dir_okay=False, metavar="A.toml", help="Settings in force.")]
B = Annotated[Path, typer.Argument(exists=True, dir_okay=False, metavar="B.toml", help="Settings to try.")]


def add_to(app: typer.Typer) -> None:
    """Register the commands."""
    app.command("train")(train)
    app.command("compare-settings")(compare_settings)
    app.command("charts")(charts)


def train(
    kind: KindOption = Scored.person,
    em: Annotated[bool, typer.Option("--em", help="Learn from rows without a number too, by EM.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what is learnt, write nothing.")] = False,
    as_json: Json = False,
) -> None:
    """Learn the weights of comparisons from the data, into $CLUEGRAPH_CONFIG/settings; the former file is kept."""
    from resolution.reading import Reader
    from resolution.train import train as trained
    from resolution.workspace import Workspace

    with Reader(Workspace()).cursor() as connection:
        result = trained(connection, kind.value, dry_run=dry_run, method="em" if em else "number")
    learnt = result.learnt
    if as_json:
        typer.echo(json.dumps(asdict(result), ensure_ascii=False, indent=2, default=str))
        return
    typer.echo(f"{learnt.told}，由此得出：")
    for each in learnt.moved:
        typer.echo(f"  {each.title}·{each.level}  {each.figure} {each.before:g} → {each.after:g}（{each.seen:,} 对）")
    if not learnt.moved:
        typer.echo("  各项数值与现行配置相符，无需改动。")
    if result.file:
        typer.echo(f"written to {result.file}; the former settings are kept in {result.former}", err=True)
        typer.echo(f"see what it changes: cluegraph compare-settings {result.former} {result.file}", err=True)


def compare_settings(first: A, second: B, as_json: Json = False) -> None:
    """Say which entities would merge and split with B instead of A on the data resolved; nothing is changed."""
    from api.commands_explanations import _what_if_text
    from api.explanations import foreseen
    from graph.clues import ClueStore
    from resolution.reading import Reader
    from resolution.settings import SettingsError, read_settings_file
    from resolution.settings_compared import compare
    from resolution.workspace import Workspace

    workspace = Workspace()
    try:
        with Reader(workspace).cursor() as connection:
            found = compare(connection, read_settings_file(first), read_settings_file(second))
    except SettingsError as error:
        raise typer.BadParameter(str(error)) from error
    store = ClueStore(workspace)
    told = foreseen(found, store.every(gone=False), f"由 {first.name} 改用 {second.name}")
    store.engine.dispose()
    for change in (*told["merged"], *told["split"]):
        # a name cell may hold a number that an agency put there
        change["names"] = tuple(map(masked, change["names"]))
    typer.echo(json.dumps(told, ensure_ascii=False, indent=2, default=str) if as_json else _what_if_text(told))


def charts(
    directory: Annotated[Path, typer.Argument(file_okay=False, metavar="DIR", help="Where to write.")],
    kind: KindOption = Scored.person,
) -> None:
    """Write Splink's charts of the last run as HTML files that open with no network; people's values are masked."""
    from resolution.charts import LeftOut, write
    from resolution.judgements import JudgementStore
    from resolution.reading import Reader
    from resolution.workspace import Workspace

    workspace = Workspace()
    with Reader(workspace).cursor() as connection:
        judgements = JudgementStore(workspace)
        said = judgements.every()
        judgements.engine.dispose()
        for made in write(connection, kind.value, directory, said):
            if isinstance(made, LeftOut):
                typer.echo(f"未作 {made.file.name}：{made.why}", err=True)
            else:
                typer.echo(str(made))
