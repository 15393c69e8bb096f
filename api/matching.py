"""Who is this? The look-up file behind the service's questions."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

from api.deps import Service
from api.errors import Problem
from api.explanations import busy
from resolution.candidates import Answer
from resolution.match import Matcher
from resolution.question import Question, QuestionError
from resolution.reading import NotResolved, WorkspaceBusy

Result = TypeVar("Result")
PATIENCE_SECONDS = 3.0  # for a fresh look-up file, before the former one answers


def answered(service: Service, questions: Sequence[Question]) -> list[Answer]:
    """The answers, in order."""
    return looked_up(service, lambda matcher: matcher.match(questions))


def looked_up(service: Service, work: Callable[[Matcher], Result]) -> Result:
    """Ask the look-up file, made anew where the data has changed; what goes wrong is told as the service tells it."""
    try:
        service.matcher.refresh_aside(PATIENCE_SECONDS)
        return work(service.matcher)
    except WorkspaceBusy:
        raise busy() from None
    except NotResolved:
        raise Problem(409, "尚未识别实体", "Run cluegraph load and cluegraph resolve first.") from None
    except QuestionError as error:
        raise Problem(422, "请求参数有误", f"{error}.") from None
