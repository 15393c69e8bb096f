"""Supervision models as the service shows them: what they say of themselves, and how they do on what is loaded."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date
from typing import TYPE_CHECKING, Any

from api import clues, queries
from api.deps import Service
from api.errors import NotFound, Problem
from api.schemas import model as shown
from api.schemas.model import Explanation, ModelDetail, ModelSummary, Overlap, Parameter, RunRequest, RunResult
from api.work import as_dict
from graph.catalogue import Catalogue, beneath, catalogue
from graph.connection import GraphError
from graph.model import Model, ParameterError
from graph.readiness import Readiness, readiness

if TYPE_CHECKING:
    from graph.versions import Version


def summaries(service: Service) -> list[ModelSummary]:
    """All models with their readiness and their clues."""
    known, counts = list(catalogue().values()), service.clues.counts()
    able = readiness(service.workspace, known, published(service))
    return [ModelSummary(**_summary(model, able.get(model.id), counts)) for model in known]


def detail(service: Service, model_id: str) -> ModelDetail:
    """One model with its rule. Raises NotFound."""
    model = get(model_id)
    able = readiness(service.workspace, [model], published(service))
    return ModelDetail(
        **_summary(model, able.get(model.id), service.clues.counts()),
        misses=model.misses.strip(),
        legal_basis=model.legal_basis,
        severity=model.severity,
        datasets=model.datasets,
        params=[
            Parameter(
                name=name,
                type=each.type,
                default=as_dict(each.default),
                min=each.min,
                max=each.max,
                unit=each.unit,
                description=each.description,
            )
            for name, each in model.params.items()
        ],
        columns={name: column.title for name, column in model.returns.items()},
        query=model.query.strip(),
    )


def get(model_id: str) -> Model:
    """The model of this id or slug. Raises NotFound."""
    try:
        return catalogue().select([model_id])[0]
    except KeyError as error:
        raise NotFound("模型") from error


def column_titles(model_id: str) -> dict[str, str]:
    """Titles of a model's columns; none for a model that is no longer there."""
    model = catalogue().get(model_id)
    return {name: column.title for name, column in model.returns.items()} if model else {}


def run(service: Service, model: Model, wanted: RunRequest) -> RunResult:
    """Run a model now. Raises Problem when a parameter is refused or nothing is published."""
    from graph.detect import DetectError, detect

    try:
        report = detect(
            service.workspace,
            models=[model.id],
            as_of=wanted.as_of,
            params=wanted.params,
            dry_run=wanted.dry_run,
            min_confidence=wanted.min_confidence,
            graph=service.graph,
        )
    except ParameterError as error:
        raise Problem(422, "模型参数有误", str(error)) from error
    except DetectError as error:
        raise Problem(409, "模型无法运行", str(error)) from error
    ran = report.runs[0]
    return RunResult(
        model=model.id,
        as_of=ran.as_of,
        dry_run=wanted.dry_run,
        seconds=round(ran.seconds, 3),
        problem=ran.problem,
        unseen=list(ran.unseen),
        truncated=ran.truncated,
        clues=[clue.as_dict() for clue in ran.clues],  # type: ignore[misc]
    )


def explain(
    service: Service, model: Model, entity: str, as_of: date | None, params: dict[str, str], min_confidence: float
) -> Explanation:
    """Why a model has no clue about an entity. Raises NotFound, or Problem when a parameter is refused."""
    from graph.detect import DetectError
    from graph.explain import ExplainError
    from graph.explain import explain as explained

    try:
        found = explained(service.graph, model, entity, as_of, params, min_confidence=min_confidence)
    except ExplainError as error:
        raise NotFound("实体") from error
    except ParameterError as error:
        raise Problem(422, "模型参数有误", str(error)) from error
    except DetectError as error:
        raise Problem(409, "模型无法运行", str(error)) from error
    return Explanation.model_validate(found.as_dict())


def overlap(service: Service, model: Model) -> Overlap:
    """Which clues of a model other models have already."""
    from graph.overlap import overlap as overlapping

    own = service.clues.every([model.id], gone=False)
    return Overlap.model_validate(overlapping(model.id, own, service.clues.every(gone=False)).as_dict())


def difference(service: Service, model: Model, former: bool) -> Version:
    """What a model finds now beside the clues on record, or beside what the `former`, shipped version finds now.

    Nothing is recorded. Raises NotFound where no former version is kept, Problem when one of them cannot be run.
    """
    from graph.detect import DetectError
    from graph.versions import VersionError, compare

    below = beneath(model) if former else None
    if former and below is None:
        raise NotFound("原版")
    try:
        return compare(
            service.workspace,
            model.id if below is None else str(model.path),
            against="store" if below is None else "shipped",
            graph=service.graph,
            source=None if below is None else Catalogue({below.id: below}, []),
            recorded=service.clues,
        )
    except (DetectError, VersionError) as error:
        raise Problem(409, "模型无法运行", f"{error}") from error


def published(service: Service) -> dict[str, int] | None:
    """Rows in the graph by dataset; None when the graph is away, since the catalogue can be read without it."""
    try:
        return {row["dataset"]: row["rows"] or 0 for row in service.read(queries.DATASETS)}
    except GraphError:
        return None


def described(able: Readiness) -> shown.Readiness:
    """What a model can do with the data loaded, as the API says it."""
    return shown.Readiness.model_validate({**asdict(able), "words": able.words})


def _summary(model: Model, able: Readiness | None, counts: list[dict[str, Any]]) -> dict[str, Any]:
    by_status = clues.tally((row for row in counts if row["model"] == model.id), "status")
    return {
        "id": model.id,
        "title": model.title,
        "lines": list(model.lines),
        "receivers": model.receivers,
        "description": model.description.strip(),
        "maturity": model.maturity,
        "ready": able.state != "no" if able else None,
        "missing": [each.name for each in able.datasets if each.required and not each.rows] if able else [],
        "readiness": described(able) if able else None,
        "clues": by_status,
        "precision": clues.precision(by_status),
    }
