"""`cluegraph models`: the catalogue, one model, and the map of all, from what stands in their headers."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from graph.fault import Fault
    from graph.model import Model
    from graph.readiness import Readiness

app = typer.Typer(rich_markup_mode=None, help="The supervision models: list, show, map.")
Json = Annotated[bool, typer.Option("--json", help="Print the result as JSON.")]


@app.callback(invoke_without_command=True)
def listed(context: typer.Context, as_json: Json = False) -> None:
    """List all models with their readiness; files that cannot be used are told, with exit status 1."""
    if context.invoked_subcommand:
        return
    from graph.catalogue import catalogue

    known = catalogue()
    able = _readiness(list(known.values()))
    if as_json:
        rows = [_summary(model, able.get(model.id)) for model in known.values()]
        typer.echo(_json({"models": rows, "faults": _strings(known.faults), "doubts": _strings(known.doubts)}))
    else:
        for model in known.values():
            words = able[model.id].words if model.id in able else "情况不明"
            typer.echo(f"{model.id}  {model.title}  [{' / '.join(model.lines)}]  {words}")
    for fault in known.doubts:
        typer.secho(f"Mend: {fault}", fg="yellow", err=True)
    for fault in known.faults:
        typer.secho(f"Error: {fault}", fg="red", err=True)
    if known.faults:
        raise typer.Exit(1)


@app.command()
def show(model: Annotated[str, typer.Argument(metavar="ID")], as_json: Json = False) -> None:
    """Show one model: its rule, parameters and columns, and how well the data that it needs is filled."""
    from graph.catalogue import catalogue

    try:
        chosen = catalogue().select([model])[0]
    except KeyError as error:
        raise typer.BadParameter(str(error.args[0]), param_hint="ID") from error
    able = _readiness([chosen]).get(chosen.id)
    if as_json:
        shown = chosen.model_dump(mode="json", exclude={"path"})
        typer.echo(_json({**shown, "readiness": _told(able)}))
    else:
        typer.echo("\n".join(_lines(chosen, able)))


@app.command("map")
def model_map(
    output: Annotated[
        Path | None, typer.Option("--output", "-o", dir_okay=False, help="The file to write. [default: stdout]")
    ] = None,
) -> None:
    """Write the map of all models as Markdown: by business line, by dataset, each with its rule in words."""
    from api import model_map as mapping
    from graph.catalogue import catalogue

    text = mapping.markdown(catalogue())
    if output is None:
        typer.echo(text, nl=False)
    elif not output.parent.is_dir():
        raise typer.BadParameter(f"the folder {output.parent} is not there; make it first", param_hint="--output")
    else:
        output.write_text(text, encoding="utf-8")
        typer.echo(f"map written to {output}", err=True)


def _readiness(models: list[Model]) -> dict[str, Readiness]:
    """On what is published where a Neo4j answers, else on what is loaded: a list is no reason to start an engine."""
    from graph import server
    from graph.connection import Graph, GraphError
    from graph.detect import published
    from graph.readiness import readiness
    from resolution.workspace import Workspace

    workspace = Workspace()
    rows = None
    if server.status(workspace):
        try:
            with Graph(workspace, retry=0) as graph:
                rows = published(graph)
        except GraphError:
            rows = None
    return readiness(workspace, models, rows)


def _lines(model: Model, able: Readiness | None) -> list[str]:
    """One model for people."""
    lines = [f"{model.id}  {model.title}  （{model.slug}）", ""]
    lines += [f"业务条线  {' / '.join(model.lines)}", f"线索送    {'、'.join(model.receivers)}"]
    lines += [f"规则      {_flat(model.description)}", f"看不到    {_flat(model.misses)}"]
    lines += [f"依据      {'、'.join(model.legal_basis) or '—'}", f"严重程度  {model.severity}"]
    lines.append(f"数据      {able.words if able else '情况不明：数据库正被另一个进程使用，请稍后再试'}")
    for each in able.datasets if able else []:
        testable = "" if each.testable is None else f"，可测试 {each.testable:,} 行"
        lines.append(f"  {each.title}（{each.name}）{'' if each.required else '（可缺）'}：{each.rows:,} 行{testable}")
        for field in each.fields:
            share = "—" if field.share is None else f"{field.share:.1%}"
            lines.append(f"    {field.title}（{field.name}）{share}{'' if field.needed else '，可空'}")
    if model.params:
        lines.append("参数")
    for name, parameter in model.params.items():
        unit = f" {parameter.unit}" if parameter.unit else ""
        lines.append(f"  {name} = {parameter.default}{unit}：{parameter.description}")
    lines.append("列")
    lines += [f"  {name}：{column.title}" for name, column in model.returns.items()]
    return lines


def _summary(model: Model, able: Readiness | None) -> dict[str, Any]:
    return {"id": model.id, "title": model.title, "lines": list(model.lines), "readiness": _told(able)}


def _told(able: Readiness | None) -> dict[str, Any] | None:
    return {**asdict(able), "words": able.words} if able else None


def _strings(faults: list[Fault]) -> list[str]:
    return [str(fault) for fault in faults]


def _flat(text: str) -> str:
    return "".join(line.strip() for line in text.strip().splitlines())


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, indent=2, default=str)
