"""Keyword rules before they are saved."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field


class RuleDraft(BaseModel):
    """A rule file before it is saved."""

    model_config = ConfigDict(extra="forbid")

    toml: str = Field(max_length=200_000)
    name: str = Field("preview.toml", max_length=100, description="The name that the file would have.")
    examples: int = Field(20, ge=0, le=200)


class RuleText(BaseModel):
    """A text that a rule meets; numbers that identify are masked."""

    dataset: str
    record_id: str
    words: list[str]
    excerpt: str


class RulePreview(BaseModel):
    """One rule now and after."""

    rule: str
    theme: str
    state: str
    now: int
    after: int
    added_total: int
    dropped_total: int
    added: list[RuleText]
    dropped: list[RuleText]


class RulesPreview(BaseModel):
    """What a rule file would add and drop."""

    texts: int
    rules: list[RulePreview]
