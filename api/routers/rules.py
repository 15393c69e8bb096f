"""Keyword rules: what a rule file would add and drop, before it is saved."""

from __future__ import annotations

from fastapi import APIRouter

from api.deps import Running, Service
from api.errors import Problem
from api.schemas.rule import RuleDraft, RulesPreview
from graph.keywords import RuleError
from graph.preview import PreviewError, preview
from resolution.workspace import WorkspaceError

PREVIEW_SECONDS = 120.0

router = APIRouter(prefix="/rules", tags=["rules"])


@router.post("/preview")
async def preview_rules(running: Running, draft: RuleDraft) -> RulesPreview:
    """Hits now and after of every rule in the text, with texts added and dropped; nothing is saved."""
    return await running.bounded(_preview, running, draft, seconds=PREVIEW_SECONDS)


def _preview(running: Service, draft: RuleDraft) -> RulesPreview:
    try:
        found = preview(running.workspace, draft.toml, draft.name, examples=draft.examples)
    except RuleError as error:
        raise Problem(422, "规则文件有误", "; ".join(map(str, error.faults))) from error
    except PreviewError as error:
        raise Problem(422, "无法预览", str(error)) from error
    except WorkspaceError as error:
        raise Problem(409, "工作区正在使用", str(error), retry=True) from error
    return RulesPreview.model_validate(found.as_dict())
