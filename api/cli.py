"""The `cluegraph` command. Thin: each command calls the part that does the work, and prints what it returns.

Progress goes to stderr, results to stdout. Exit status 0 done, 1 the work failed, 2 wrong use.
Parts are imported inside the commands, so that `cluegraph --help` answers at once.
"""

from __future__ import annotations

import errno
import json
import sys
import traceback
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from typer.core import TyperGroup

from api import (
    commands_explanations,
    commands_match,
    commands_models,
    commands_schema,
    commands_settings,
    commands_source,
    model_commands,
)
from api.commands_review import review_app
from api.failures import explain, masked
from api.options import AsOf, Json, Params, day, pairs
from api.rule_commands import rules_app

if TYPE_CHECKING:
    from graph.server import Server
    from resolution.workspace import Workspace


class Commands(TyperGroup):
    """Commands whose failures are told in one sentence, with exit status 1."""

    def invoke(self, ctx: Any) -> Any:
        try:
            return super().invoke(ctx)
        except (typer.Abort, BrokenPipeError):
            raise
        except KeyboardInterrupt as stop:
            typer.secho("Stopped. Nothing half-done is kept; run the same command again to go on.", err=True)
            raise typer.Exit(1) from stop
        except Exception as error:
            # wrong use, and an exit that a command asked for, carry their own status
            if hasattr(error, "exit_code") or getattr(error, "errno", None) == errno.EPIPE:
                raise
            if ctx.find_root().params.get("debug"):
                sys.stderr.write(masked(traceback.format_exc()))
            typer.secho(f"Error: {explain(error)}", fg="red", err=True)
            raise typer.Exit(1) from error


app = typer.Typer(
    cls=Commands,
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
neo4j_app = typer.Typer(no_args_is_help=True, rich_markup_mode=None, help="The service's own Neo4j.")
config_app = typer.Typer(no_args_is_help=True, rich_markup_mode=None, help="The data office's configuration.")
app.add_typer(neo4j_app, name="neo4j")
app.add_typer(config_app, name="config")
app.add_typer(commands_models.app, name="models")
app.add_typer(commands_source.app, name="source")
config_app.command("schema")(commands_schema.schema)
app.add_typer(commands_explanations.app, name="explain")
app.command("match")(commands_match.match)
app.add_typer(review_app, name="review")
app.add_typer(rules_app, name="rules")
model_commands.add_to(app)
commands_settings.add_to(app)

SMALLEST = 3_000  # rows: fewer hold no city
Folder = Annotated[Path, typer.Argument(exists=True, file_okay=False, help="A folder of agency files (CSV, Excel).")]
Truth = Annotated[Path, typer.Argument(exists=True, file_okay=False, help="The folder `truth` of a generated set.")]
ModelIds = Annotated[list[str] | None, typer.Option("--model", metavar="ID", help="Only this model (repeatable).")]


class Backend(StrEnum):
    """Where Splink computes."""

    duckdb = "duckdb"
    spark = "spark"


class Exported(StrEnum):
    """What can be exported."""

    clues = "clues"
    entities = "entities"
    rejects = "rejects"
    graph = "graph"


class Format(StrEnum):
    """File formats of exports."""

    jsonl = "jsonl"
    csv = "csv"
    xlsx = "xlsx"
    graphml = "graphml"
    gexf = "gexf"


@app.callback()
def main(debug: Annotated[bool, typer.Option("--debug", help="Show where a failure came from.")] = False) -> None:
    """Find clues for legal supervision in the graph of what agencies know.

    The workspace is the folder that CLUEGRAPH_HOME names (default: ./workspace).
    """


@app.command()
def generate(
    directory: Annotated[Path, typer.Argument(file_okay=False, metavar="DIR", help="Where to write.")],
    records: Annotated[int, typer.Option(min=SMALLEST, help="Rows over all datasets, about.")] = 20_000,
    seed: Annotated[int, typer.Option(min=0, help="The same seed writes the same files.")] = 1,
    as_json: Json = False,
) -> None:
    """Write synthetic agency files and DIR/truth, to try and to measure with."""
    from api.progress import shown
    from api.work import generated

    with shown() as progress:
        rows = generated(directory, records=records, seed=seed, progress=progress)
    _print(rows, as_json)


@app.command()
def load(folder: Folder, as_json: Json = False) -> None:
    """Read the folder's datasets into the workspace; the same files again change nothing."""
    from api.progress import shown
    from resolution import intake

    with shown() as progress:
        report = intake.load(_workspace(), folder, progress=progress)
    _print(report, as_json)


@app.command()
def resolve(
    backend: Annotated[
        Backend, typer.Option(help="Where Splink scores pairs; spark needs cluegraph[spark].")
    ] = Backend.duckdb,
    anew: Annotated[
        bool, typer.Option("--anew", help="Compare every pair again, also those that earlier runs compared.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Resolve people, companies, trade names and properties over all that is loaded."""
    from api.progress import shown
    from api.work import resolved

    with shown() as progress:
        report = resolved(_workspace(), backend=backend.value, progress=progress, anew=anew)
    _print(report, as_json)


@app.command()
def publish(as_json: Json = False) -> None:
    """Bring the graph in Neo4j to the state resolved; only what differs is sent."""
    from api.progress import shown
    from graph import publish as publishing

    workspace = _workspace()
    _engine(workspace)
    with shown() as progress:
        report = publishing.publish(workspace, progress=progress)
    _print(report, as_json)


@app.command()
def detect(
    model: ModelIds = None,
    as_of: AsOf = None,
    param: Params = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Print what is found, record nothing.")] = False,
    as_json: Json = False,
) -> None:
    """Run the models over the graph and record the clues."""
    from api.progress import shown
    from api.work import detected, detected_text
    from graph import detect as detection
    from graph.model import ParameterError

    workspace = _workspace()
    models, params = _known_models(model), pairs(param)
    _engine(workspace)
    try:
        with shown() as progress:
            report = detection.detect(
                workspace, models=models, as_of=day(as_of), params=params, dry_run=dry_run, progress=progress
            )
    except ParameterError as error:
        raise typer.BadParameter(str(error), param_hint="--param") from error
    told = detected(report, with_clues=dry_run)
    typer.echo(_json(told) if as_json or dry_run else detected_text(told))
    _complain(told)


@app.command()
def run(folder: Folder, as_of: AsOf = None, as_json: Json = False) -> None:
    """Load, resolve, publish and detect, in this order."""
    from api.progress import shown
    from api.work import as_dict, as_text, detected_text, run_all

    with shown() as progress:
        report = run_all(_workspace(), folder, as_of=day(as_of), progress=progress)
    if as_json:
        typer.echo(_json(as_dict(report)))
    else:
        for name in ("load", "resolve", "publish"):
            typer.echo(f"{as_text(report[name])}\n")
        typer.echo(detected_text(report["detect"]))
    _complain(report["detect"])


@app.command()
def export(
    what: Exported,
    output: Annotated[Path, typer.Option("--output", "-o", dir_okay=False, help="The file to write.")],
    file_format: Annotated[Format, typer.Option("--format", help="How to write it.")] = Format.jsonl,
) -> None:
    """Write clues, entities, rejected rows or the graph to a file."""
    from api import exporting

    offered = exporting.FORMATS[what.value]
    if file_format.value not in offered:
        raise typer.BadParameter(f"{what.value} can be written as {', '.join(offered)}", param_hint="--format")
    if not output.parent.is_dir():
        raise typer.BadParameter(f"the folder {output.parent} is not there; make it first", param_hint="--output")
    workspace = _workspace()
    if what is Exported.graph:
        _engine(workspace)
    count, note = exporting.export(workspace, what.value, file_format.value, output)
    typer.echo(f"{count:,} {note} written to {output}", err=True)


@app.command()
def evaluate(
    truth: Truth,
    file_format: Annotated[str, typer.Option("--format", help="table or json.", metavar="table|json")] = "table",
) -> None:
    """Measure the workspace against a truth: pairs, clusters, and clues by model."""
    from api import evaluation

    if file_format not in ("table", "json"):
        raise typer.BadParameter("choose table or json", param_hint="--format")
    scores = evaluation.evaluate(_workspace(), truth)
    typer.echo(_json(scores) if file_format == "json" else evaluation.table(scores))


@app.command()
def serve(
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=1, max=65535)] = 8000,
) -> None:
    """Serve the API and the pages."""
    from api import serving

    serving.serve(_workspace(), host, port)


@app.command()
def demo(
    directory: Annotated[
        Path | None, typer.Argument(file_okay=False, metavar="[DIR]", help="Where the synthetic files go.")
    ] = None,
    records: Annotated[int, typer.Option(min=SMALLEST, help="Rows over all datasets, about.")] = 20_000,
    seed: Annotated[int, typer.Option(min=0)] = 1,
    no_serve: Annotated[bool, typer.Option("--no-serve", help="Stop after the results are printed.")] = False,
    host: Annotated[str, typer.Option()] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=1, max=65535)] = 8000,
) -> None:
    """Generate, run, evaluate, show the gravest clues, and serve: the main job on a fresh machine."""
    from api import demonstration, serving

    workspace = _workspace()
    with serving.engine_kept(workspace):
        demonstration.demonstrate(workspace, directory, records=records, seed=seed)
        typer.echo("\n" + serving.welcome(workspace, host, port))
        if not no_serve:
            serving.serve(workspace, host, port, quiet=True)
            return
    typer.echo("\n以上地址在运行 cluegraph serve 之后可用。These answer once `cluegraph serve` runs.")


@neo4j_app.command("start")
def neo4j_start() -> None:
    """Start it, or take up the one that runs."""
    from graph import server

    typer.echo(_reached(server.start(_workspace())))


@neo4j_app.command("stop")
def neo4j_stop() -> None:
    """Stop it cleanly."""
    from graph import server

    typer.echo("stopped" if server.stop(_workspace()) else "not running")


@neo4j_app.command("status")
def neo4j_status(as_json: Json = False) -> None:
    """Say whether it runs, and where."""
    from graph import server

    running = server.status(_workspace())
    if as_json:
        _print(running and {**vars(running), "password_file": str(running.password_file)}, as_json)
    else:
        typer.echo(_reached(running) if running else "not running; start it with: cluegraph neo4j start")


@config_app.command("check")
def config_check(
    path: Annotated[Path | None, typer.Argument(help="A file or folder. [default: all that is in force]")] = None,
    explain: Annotated[bool, typer.Option("--explain", help="Let Neo4j plan every model too; none is run.")] = False,
    as_json: Json = False,
) -> None:
    """Validate sources, resolution settings, models and rules: every fault with file, line and remedy."""
    from api import checking

    if path is not None and not path.exists():
        raise typer.BadParameter(f"{path} is not there", param_hint="PATH")
    workspace = _workspace() if explain else None
    if workspace:
        _engine(workspace)
    report = checking.check(path, planned_by=workspace)
    typer.echo(_json(report.as_dict()) if as_json else report.text())
    if report.faults:
        raise typer.Exit(1)


def _workspace() -> Workspace:
    from resolution.workspace import Workspace

    return Workspace()


def _engine(workspace: Workspace) -> None:
    """Have a Neo4j to talk to: the one that NEO4J_URI names, or our own, started or taken up."""
    from api.work import engine

    engine(workspace)


def _reached(running: Server) -> str:
    """How to get to a Neo4j."""
    lines = [f"{running.uri}  database {running.database or '(default)'}  user {running.username}"]
    if running.http:
        lines.append(f"{running.http}/browser/  password in {running.password_file}  pid {running.pid}")
    return "\n".join(lines)


def _known_models(ids: list[str] | None) -> list[str] | None:
    """The ids asked for; an unknown one is wrong use, told before any work begins."""
    if not ids:
        return None
    from graph.catalogue import catalogue

    try:
        return [model.id for model in catalogue().select(ids)]
    except KeyError as error:
        raise typer.BadParameter(str(error.args[0]), param_hint="--model") from error


def _complain(told: dict[str, Any]) -> None:
    """A model that failed is work that failed, also when the others ran."""
    for model in told["failed"]:
        typer.secho(f"Error: {model} failed, see its line above", fg="red", err=True)
    if told["failed"]:
        raise typer.Exit(1)


def _print(result: Any, as_json: bool) -> None:
    from api.work import as_dict, as_text

    typer.echo(_json(as_dict(result)) if as_json else as_text(result))


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, indent=2, default=str)


if __name__ == "__main__":
    app()
