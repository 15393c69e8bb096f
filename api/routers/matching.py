"""Who is this?"""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from api import matching
from api.deps import Running
from api.explanations import NOT_RESOLVED
from resolution.candidates import Answer
from resolution.match import MOST
from resolution.question import LONGEST, Question
from resolution.settings import Kind

router = APIRouter(tags=["match"], responses=NOT_RESOLVED)

Text = Annotated[str, StringConstraints(strip_whitespace=True, max_length=LONGEST, pattern=r"^[^\x00]*$")]


class Query(BaseModel):
    """Whom or what is asked about: any fields, at least one."""

    model_config = ConfigDict(extra="forbid", populate_by_name=True)

    kind: Kind = "person"
    name: Text | None = None
    id: Text | None = Field(
        None, description="Resident ID, credit code, registration or certificate number; may be masked."
    )
    birth_date: Text | None = Field(None, alias="birthDate", description="1980-03-07")
    sex: Literal["男", "女"] | None = None
    address: Text | None = None
    district: Text | None = None
    phone: Text | None = None
    limit: int = Field(5, ge=1, le=50, description="Candidates at most.")

    def question(self) -> Question:
        """As resolution asks it."""
        given = {name: value or None for name, value in self.model_dump(exclude={"kind", "limit"}).items()}
        return Question(kind=self.kind, limit=self.limit, **given)


class Queries(BaseModel):
    """Up to 100 questions of any kind."""

    model_config = ConfigDict(extra="forbid")

    queries: list[Query] = Field(min_length=1, max_length=MOST)


class Answers(BaseModel):
    """One answer a question, in their order."""

    answers: list[Answer]


@router.post("/match")
async def match(running: Running, asked: Queries) -> Answers:
    """Who is this? Candidates with their probability among all candidates, and the reasons."""
    questions = [query.question() for query in asked.queries]
    return Answers(answers=await running.bounded(matching.answered, running, questions))
