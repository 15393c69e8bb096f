"""`cluegraph review`: pairs in doubt, verdicts, and the files they are kept in."""

from __future__ import annotations

import json
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from graph.review import ReviewQueue

review_app = typer.Typer(no_args_is_help=True, rich_markup_mode=None, help="Pairs in doubt, and what people said.")

Json = Annotated[bool, typer.Option("--json", help="Print the result as JSON.")]
Pair = Annotated[str, typer.Argument(metavar="PAIR", help="Its key, or LEFT=RIGHT as DATASET/RECORD/ROLE each.")]
Who = Annotated[str, typer.Option("--who", help="Who says so.")]


class Verdict(StrEnum):
    """What may be said of a pair."""

    same = "same"
    not_same = "not_same"
    unsure = "unsure"


class Kind(StrEnum):
    """Kinds of entities."""

    person = "person"
    company = "company"
    property = "property"
    trade_name = "trade_name"


class Reason(StrEnum):
    """Why a pair is in the queue."""

    clue = "clue"
    threshold = "threshold"
    veto = "veto"
    unsure = "unsure"
    judged = "judged"


@review_app.command("list")
def listed(
    kind: Annotated[Kind | None, typer.Option(help="Only this kind.")] = None,
    reason: Annotated[Reason | None, typer.Option(help="Only pairs in the queue for this reason.")] = None,
    judged: Annotated[bool, typer.Option("--judged", help="List what is decided instead.")] = False,
    who: Annotated[str | None, typer.Option("--who", help="Leave out pairs on which this person has spoken.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=1000)] = 20,
    as_json: Json = False,
) -> None:
    """List pairs in doubt, the most useful first."""
    wanted = "judged" if judged else reason.value if reason else None
    items, total = _queue().find(kind=kind.value if kind else None, reason=wanted, reviewer=who, limit=limit)
    if as_json:
        typer.echo(json.dumps({"items": items, "total": total}, ensure_ascii=False, indent=2))
        return
    for item in items:
        typer.echo(_line(item))
    typer.echo(f"{len(items)} of {total:,} pairs", err=True)


@review_app.command("say")
def say(
    pair: Pair,
    verdict: Verdict,
    who: Who,
    why: Annotated[str, typer.Option("--why", help="The reason, for whoever reads it later.")] = "",
    blind: Annotated[bool, typer.Option("--blind", help="Count it when a second person has spoken too.")] = False,
) -> None:
    """Say of two mentions: same, not_same or unsure. It counts at the next `cluegraph resolve`."""
    queue = _queue()
    left, right = _sides(queue, pair)
    from resolution.judgements import by_pair, pair_key, waiting

    key = pair_key(left, right)
    begun = by_pair(queue.judgements.of(key)).get(key, [])
    queue.judgements.say(left, right, verdict.value, who, why, blind=blind or waiting(begun))
    typer.echo(key)


@review_app.command("undo")
def undo(
    pair: Pair, who: Who, of: Annotated[str | None, typer.Option("--of", help="Only what this person said.")] = None
) -> None:
    """Take back what was said of a pair; the history keeps it."""
    queue = _queue()
    from resolution.judgements import pair_key

    for each in queue.judgements.withdraw(pair_key(*_sides(queue, pair)), who, of):
        typer.echo(f"{each.pair} {each.verdict} ({each.who}) withdrawn")


@review_app.command("agreement")
def agreed(as_json: Json = False) -> None:
    """Say how far two people who judged the same pairs blind agree."""
    from dataclasses import asdict

    from resolution.agreement import agreement

    figures = agreement(_queue().judgements.every())
    if as_json:
        typer.echo(json.dumps(asdict(figures), ensure_ascii=False, indent=2))
        return
    share = f"{figures.share:.1%}" if figures.share is not None else "-"
    kappa = f"{figures.kappa:.3f}" if figures.kappa is not None else "-"
    typer.echo(f"pairs {figures.pairs}, waiting {figures.waiting}, same verdict {share}, Cohen's kappa {kappa}")


@review_app.command("measure")
def measured(as_json: Json = False) -> None:
    """Measure the scores by what people judged: precision and recall at thresholds, where enough is judged."""
    from dataclasses import asdict

    from resolution.judged_measure import measure
    from resolution.reading import Reader
    from resolution.workspace import Workspace

    said = _queue().judgements.every()
    with Reader(Workspace()).cursor() as connection:
        found = measure(connection, said)
    if as_json:
        typer.echo(json.dumps([asdict(each) for each in found], ensure_ascii=False, indent=2))
        return
    for kind in found:
        typer.echo(f"{kind.kind}: {kind.missing or f'已判定 {kind.same + kind.not_same} 对，同一 {kind.same}'}")
        for at in kind.at:
            precision = "    -" if at.precision is None else f"{at.precision:5.1%}"
            typer.echo(
                f"  {'*' if at.in_force else ' '} 阈值 {at.threshold:.2f}  合并 {at.joined:3}  准确率 {precision}"
                f"  召回率 {at.recall:5.1%}"
            )
    typer.echo("Of pairs that people judged, which are pairs in doubt; * is the threshold in force.", err=True)


@review_app.command("export")
def export(file: Annotated[Path, typer.Argument(dir_okay=False, help="The file to write (JSON lines).")]) -> None:
    """Write all judgements to a file, always in the same order: good to keep in git."""
    from resolution import judgement_files

    if not file.parent.is_dir():
        raise typer.BadParameter(f"the folder {file.parent} is not there; make it first", param_hint="FILE")
    typer.echo(f"{judgement_files.write(_queue().judgements, file):,} judgements written to {file}", err=True)


@review_app.command("import")
def take(file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="A file of `review export`.")]) -> None:
    """Take in judgements from a file; those that are here already are not repeated."""
    from resolution import judgement_files

    counts = judgement_files.read(_queue().judgements, file)
    typer.echo(", ".join(f"{name} {count}" for name, count in counts.items()))


def _queue() -> ReviewQueue:
    from graph.review import ReviewQueue
    from resolution.workspace import Workspace

    return ReviewQueue(Workspace())


def _sides(queue: ReviewQueue, pair: str) -> Any:
    """Both mentions of a pair given by its key or by its mentions."""
    from resolution.judgements import mention

    left, equals, right = pair.partition("=")
    return (mention(left), mention(right)) if equals else queue.sides(pair)


def _line(item: dict[str, Any]) -> str:
    sides = "  |  ".join("/".join(item[side][name] for name in ("dataset", "record_id", "role")) for side in _BOTH)
    values = "；".join(
        f"{each['title']} {each['left'] or '—'}" + ("" if each["same"] else f" / {each['right'] or '—'}")
        for each in item["values"]
    )
    said = "".join(f"\n  {word['who']}: {word['verdict']} {word['why']}" for word in item["said"])
    return f"{item['pair']}  {sides}\n  {item['why']}\n  {values}{said}"


_BOTH = ("left", "right")
