"""Models: catalogue, one, run."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path

from api import models
from api.deps import Running
from api.schemas import ModelDetail, ModelSummary, Page, RunRequest, RunResult

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
