"""Commands for the office's keyword rules: what there is, and what a changed file would add and drop."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from api.options import Json, show

rules_app = typer.Typer(no_args_is_help=True, rich_markup_mode=None, help="The office's keyword rules.")


@rules_app.command("list")
def rules_list(as_json: Json = False) -> None:
    """List the rules in force: words, areas, unit to receive, model that they feed."""
    from graph.keywords import read_rules

    rules = read_rules().rules
    if as_json:
        typer.echo(json.dumps([rule.model_dump() for rule in rules], ensure_ascii=False, indent=2))
        return
    for rule in rules:
        said = [f"{rule.id} {rule.theme}（{rule.line}，转{rule.receiver}{'，供 ' + rule.feeds if rule.feeds else ''}）"]
        for title, words in (("任一", rule.any), ("全部", rule.all), ("不含", rule.none), ("地区", rule.areas)):
            if words:
                said.append(f"{title}：{'、'.join(words)}")
        typer.echo("  ".join(said))


@rules_app.command("preview")
def rules_preview(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="A changed or new rule file (.toml).")],
    examples: Annotated[int, typer.Option(min=0, max=1000, help="Texts shown per rule, added and dropped.")] = 20,
    as_json: Json = False,
) -> None:
    """Say what a rule file would add and drop on the texts loaded; nothing is saved."""
    from graph.preview import preview
    from resolution.workspace import Workspace

    show(preview(Workspace(), file.read_text(encoding="utf-8"), file.name, examples=examples), as_json)
