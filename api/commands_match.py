"""`cluegraph match`: who is this?"""

from __future__ import annotations

import dataclasses
import json
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from resolution.candidates import Answer


def match(
    name: Annotated[str | None, typer.Option(help="A name, as it stands in a row.")] = None,
    id: Annotated[
        str | None, typer.Option(help="A resident ID, credit code or other number; - asks for it unseen.")
    ] = None,
    birth_date: Annotated[str | None, typer.Option(help="Born on, as 1980-03-07.")] = None,
    sex: Annotated[str | None, typer.Option(help="男 or 女.")] = None,
    address: Annotated[str | None, typer.Option()] = None,
    district: Annotated[str | None, typer.Option()] = None,
    phone: Annotated[str | None, typer.Option()] = None,
    kind: Annotated[str, typer.Option(help="person, company, trade_name or property.")] = "person",
    limit: Annotated[int, typer.Option(min=1, max=50, help="Candidates at most.")] = 5,
    as_json: Annotated[bool, typer.Option("--json", help="Print the result as JSON.")] = False,
) -> None:
    """Say who somebody may be: the entities that fit, how surely, and why."""
    from resolution.match import Matcher
    from resolution.question import Question, QuestionError
    from resolution.reading import Reader
    from resolution.settings import KINDS
    from resolution.workspace import Workspace

    if kind not in KINDS:
        raise typer.BadParameter(f"{kind!r} is none of {', '.join(KINDS)}", param_hint="--kind")
    if id == "-":  # what is typed on a command line stays in the shell's history
        id = typer.prompt("number", hide_input=True)
    question = Question(kind, name, id, birth_date, sex, address, district, phone, limit)
    matcher = Matcher(Reader(Workspace()))
    matcher.refresh()
    try:
        answer = matcher.match([question])[0]
    except QuestionError as error:
        raise typer.BadParameter(str(error).partition(": ")[2]) from error
    told = json.dumps(dataclasses.asdict(answer), ensure_ascii=False, indent=2) if as_json else _text(answer)
    typer.echo(told)


def _text(answer: Answer) -> str:
    lines = [f"共 {answer.total} 个候选。{answer.note}" if answer.candidates else f"没有相符的实体。{answer.note}"]
    for candidate in answer.candidates:
        facts = "，".join(f"{title} {value}" for title, value in candidate.facts.items())
        sure = "（达到合并阈值）" if candidate.match else ""
        lines.append(f"\n{candidate.score:.1%} {candidate.name} {candidate.entity_id}{sure}  {facts}")
        lines += [f"  {reason}" for reason in candidate.reasons]
    return "\n".join(lines)
