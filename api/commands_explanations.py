"""`cluegraph explain`: why two rows are one, how an entity grew, what another threshold would change."""

from __future__ import annotations

import dataclasses
import json
from typing import TYPE_CHECKING, Annotated, Any

import typer

from api.failures import masked

if TYPE_CHECKING:
    from resolution.account import How
    from resolution.explain import Why

app = typer.Typer(no_args_is_help=True, rich_markup_mode=None, help="Why rows are one, how entities grew, what if.")
Json = Annotated[bool, typer.Option("--json", help="Print the result as JSON.")]
Mention = Annotated[str, typer.Argument(metavar="DATASET/RECORD/ROLE", help="A mention.")]


@app.command("why")
def why(left: Mention, right: Mention, as_json: Json = False) -> None:
    """Say why two mentions are one entity, or why they are not."""
    from resolution.explain import why as asked
    from resolution.growth import MentionKey, UnknownMention
    from resolution.judgements import JudgementStore
    from resolution.reading import Reader
    from resolution.workspace import Workspace

    workspace = Workspace()
    try:
        with Reader(workspace).cursor() as connection:
            found = asked(connection, MentionKey.parse(left), MentionKey.parse(right), JudgementStore(workspace).told)
    except UnknownMention as error:
        raise typer.BadParameter(masked(str(error))) from error
    typer.echo(_json(found) if as_json else _why_text(found))


@app.command("how")
def how(
    entity: Annotated[str, typer.Argument(metavar="ENTITY", help="An entity's id.")], as_json: Json = False
) -> None:
    """Say how an entity grew, which link is its weakest, and which single link holds it together."""
    from resolution.account import how as asked
    from resolution.growth import UnknownEntity
    from resolution.reading import Reader
    from resolution.workspace import Workspace

    try:
        with Reader(Workspace()).cursor() as connection:
            found = asked(connection, entity)
    except UnknownEntity as error:
        raise typer.BadParameter(str(error)) from error
    typer.echo(_json(found) if as_json else _how_text(found))


@app.command("what-if")
def what_if(
    threshold: Annotated[
        str | None, typer.Option("--threshold", metavar="KIND=NUMBER", help="Another threshold, as person=0.9.")
    ] = None,
    same: Annotated[
        list[str] | None, typer.Option("--same", metavar="A,B", help="A pair, were it judged one (repeatable).")
    ] = None,
    apart: Annotated[
        list[str] | None, typer.Option("--apart", metavar="A,B", help="A pair, were it judged two (repeatable).")
    ] = None,
    kind: Annotated[str, typer.Option(help="The kind of the pairs, where no threshold names it.")] = "person",
    as_json: Json = False,
) -> None:
    """Say which entities and clues would change; nothing is changed."""
    from api.explanations import foreseen
    from graph.clues import ClueStore
    from resolution.foresight import foresee
    from resolution.growth import UnknownMention
    from resolution.reading import Reader
    from resolution.settings import KINDS, SettingsError
    from resolution.workspace import Workspace

    number = None
    if threshold:
        kind, _, text = threshold.partition("=")
        try:
            number = float(text)
        except ValueError:
            raise typer.BadParameter(f"{threshold!r} is not KIND=NUMBER", param_hint="--threshold") from None
    elif not (same or apart):
        raise typer.BadParameter("give --threshold, --same or --apart")
    if kind not in KINDS:
        raise typer.BadParameter(f"{kind!r} is none of {', '.join(KINDS)}", param_hint="--threshold")
    workspace = Workspace()
    try:
        pairs = [[_pair(text) for text in given or []] for given in (same, apart)]
        with Reader(workspace).cursor() as connection:
            found = foresee(connection, kind, number, *pairs)
    except (UnknownMention, SettingsError) as error:
        raise typer.BadParameter(str(error)) from error
    store = ClueStore(workspace)
    told = foreseen(found, store.every(gone=False))
    store.engine.dispose()
    typer.echo(json.dumps(told, ensure_ascii=False, indent=2, default=str) if as_json else _what_if_text(told))


def _pair(text: str) -> tuple[Any, Any]:
    from resolution.growth import MentionKey, UnknownMention

    left, comma, right = text.partition(",")
    if not comma:
        raise UnknownMention(f"{text!r} is not a pair: write two mentions with a comma between")
    return MentionKey.parse(left.strip()), MentionKey.parse(right.strip())


def _why_text(found: Why) -> str:
    lines = [*found.sentences, ""]
    for side in (found.left, found.right):
        values = "，".join(f"{title} {value}" for title, value in side.values.items())
        lines.append(f"{side.key}（{side.dataset_title}）→ {side.entity_id}：{values}")
    lines += ["", *(f"  {reason.sentence}" for reason in found.reasons)]
    if found.reasons:
        lines.append(f"  起始（随机两条为一）{found.prior:+.1f} 比特，合计 {found.bits:+.1f} 比特。")
    for step in found.chain:
        lines.append(f"  关联：{step.left} — {step.right}  {step.probability:.1%}")
    for rival in found.rivals:
        lines.append(f"  候选：{rival.name} {rival.entity_id}  {rival.bits:+.1f} 比特，占 {rival.share:.1%}")
    if found.open_world is not None:
        lines.append(f"  未在册的人或单位：占 {found.open_world:.1%}")
    return "\n".join(lines)


def _how_text(found: How) -> str:
    lines = [f"{found.entity_id} {found.name}", *found.sentences, ""]
    for member in found.mentions:
        lines.append(f"  第 {member.group} 组  {member.key}（{member.dataset_title}）  {member.probability:.1%}")
    if found.joins:
        lines.append("")
    for number, join in enumerate(found.joins, found.joins_in_all - len(found.joins) + 1):
        lines.append(
            f"  {number}. {join.left} — {join.right}  {join.probability:.1%}  {join.left_size}+{join.right_size} 条"
            f"  {join.grounds}{'' if join.beside else '  （桥）'}"
        )
    return "\n".join(lines)


def _what_if_text(told: dict[str, Any]) -> str:
    lines = [told["sentence"]]
    for title, changes in (("合并", told["merged"]), ("拆分", told["split"])):
        for change in changes:
            named = "、".join(f"{n} {e}" for n, e in zip(change["names"], change["entities"], strict=True))
            lines.append(f"  {title}：{named}（{' + '.join(map(str, change['sizes']))} 条记载）")
    for clue in told["clues"]:
        effect = "失去依据" if clue["effect"] == "losing" else "涉及"
        lines.append(f"  线索（{effect}）：{clue['key']} {clue['title']}（{clue['confidence']:.1%}）")
    return "\n".join(lines)


def _json(found: Any) -> str:
    return json.dumps(dataclasses.asdict(found), ensure_ascii=False, indent=2, default=str)
