"""Models: catalogue, one, run."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from fastapi import APIRouter, Path, Query

from api import models
from api.deps import Running
from api.errors import Problem
from api.schemas import Page
from api.schemas.model import Explanation, ModelDetail, ModelSummary, Overlap, RunRequest, RunResult

EXPLAIN_SECONDS = 60.0

router = APIRouter(prefix="/models", tags=["models"])

ModelId = Annotated[str, Path(max_length=64)]


@router.get("")
async def listed(running: Running) -> Page[ModelSummary]:
    """All models, with their readiness on the data loaded and their precision so far."""
    items = await running.bounded(models.summaries, running)
    return Page(items=items, total=len(items), next=None)


@router.get("/{model_id}")
async def one(running: Running, model_id: ModelId) -> ModelDetail:
    """A model: rule in words, parameters, datasets needed, and its Cypher."""
    return await running.bounded(models.detail, running, model_id)


@router.post("/{model_id}/run")
async def run(running: Running, model_id: ModelId, wanted: RunRequest) -> RunResult:
    """Run a model with these parameters; with `dry_run` it leaves no clue."""
    model = models.get(model_id)
    return await running.bounded(models.run, running, model, wanted, seconds=model.timeout_seconds + 10)


@router.get("/{model_id}/explain")
async def explain(
    running: Running,
    model_id: ModelId,
    entity: Annotated[str, Query(max_length=200, description="Id of an entity, or dataset/record of a row.")],
    as_of: date | None = None,
    param: Annotated[list[str] | None, Query(max_length=40, description="name=value")] = None,
    min_confidence: Annotated[float, Query(ge=0, le=1)] = 0.0,
) -> Explanation:
    """Which conditions of the model hold for one entity, which fails, and by how much."""
    model = models.get(model_id)
    given = dict(part.partition("=")[::2] for part in param or [])
    if any("=" not in part for part in param or []):
        raise Problem(422, "模型参数有误", "Write each param as name=value.")
    seconds = min(model.timeout_seconds, EXPLAIN_SECONDS) + 10
    return await running.bounded(models.explain, running, model, entity, as_of, given, min_confidence, seconds=seconds)


@router.get("/{model_id}/overlap")
async def overlap(running: Running, model_id: ModelId) -> Overlap:
    """Which clues of the model other models have already: the same rows, or the same subjects."""
    return await running.bounded(models.overlap, running, models.get(model_id))
