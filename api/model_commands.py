"""Commands that look into a model: why it has no clue, what others have already, what a change makes of it."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from api.options import AsOf, Json, Params, day, pairs, show

if TYPE_CHECKING:
    from graph.model import Model

ModelId = Annotated[str, typer.Argument(metavar="MODEL", help="Id or slug of a model: M03.")]


class Against(StrEnum):
    """What a model is compared with."""

    store = "store"
    shipped = "shipped"


def add_to(app: typer.Typer) -> None:
    """Give the console command these commands."""
    app.command("explain-model")(explain_model)
    app.command("overlap")(overlap)
    app.command("compare-model")(compare_model)


def explain_model(
    model: ModelId,
    entity: Annotated[str, typer.Option("--entity", help="Id of an entity, or DATASET/RECORD of a row.")],
    as_of: AsOf = None,
    param: Params = None,
    min_confidence: Annotated[float, typer.Option(min=0, max=1, help="Leave out weaker identity links.")] = 0.0,
    as_json: Json = False,
) -> None:
    """Say which conditions of a model hold for one entity, which fails, and by how much."""
    from api.work import engine
    from graph.connection import Graph
    from graph.explain import explain
    from graph.model import ParameterError
    from resolution.workspace import Workspace

    wanted, workspace = _model(model), Workspace()
    given = pairs(param)
    engine(workspace)
    with Graph(workspace) as graph:
        try:
            found = explain(graph, wanted, entity, day(as_of), given, min_confidence=min_confidence)
        except ParameterError as error:
            raise typer.BadParameter(str(error), param_hint="--param") from error
    show(found, as_json)


def overlap(model: ModelId, as_json: Json = False) -> None:
    """Say which clues of a model other models have already: the same rows, or the same subjects."""
    from graph.clues import ClueStore
    from graph.overlap import overlap as overlapping
    from resolution.workspace import Workspace

    wanted, store = _model(model), ClueStore(Workspace())
    show(overlapping(wanted.id, store.every([wanted.id], gone=False), store.every(gone=False)), as_json)


def compare_model(
    model: Annotated[str, typer.Argument(metavar="FILE|MODEL", help="A .cypher file, or the id of a model.")],
    as_of: AsOf = None,
    param: Params = None,
    against: Annotated[
        Against, typer.Option(help="The clues recorded, or what the version in force finds now.")
    ] = Against.store,
    as_json: Json = False,
) -> None:
    """Run a changed model without recording anything; say which clues it adds, loses and keeps."""
    from api.work import engine
    from graph.connection import Graph
    from graph.model import ParameterError
    from graph.versions import compare
    from resolution.workspace import Workspace

    workspace, given = Workspace(), pairs(param)
    engine(workspace)
    with Graph(workspace) as graph:
        try:
            found = compare(
                workspace, model, as_of=day(as_of), params=given, against=against.value, graph=graph
            )  # fmt: skip
        except ParameterError as error:
            raise typer.BadParameter(str(error), param_hint="--param") from error
        except KeyError as error:
            raise typer.BadParameter(str(error.args[0]), param_hint="FILE|MODEL") from error
    show(found, as_json)


def _model(wanted: str) -> Model:
    from graph.catalogue import catalogue

    try:
        return catalogue().select([wanted])[0]
    except KeyError as error:
        raise typer.BadParameter(str(error.args[0]), param_hint="MODEL") from error
