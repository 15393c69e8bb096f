"""The steps of a model's query, one after the other: what each asks for, and which rows it lets through.

A query is taken apart as far as is needed to run it up to any of its steps and to name what a step asks for: a hop of
a pattern, a condition on values. What cannot be taken apart (a path of any length, a hint) stays one piece and is run
as it is written; nothing here changes what a query finds.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from graph.clauses import Item, Step, read, scope
from graph.expressions import written
from graph.statement import Token


def ways(query: str) -> list[list[Step]]:
    """The query as steps; several when it begins with a CALL whose branches each find rows of their own.

    The last step is RETURN.
    """
    steps = read(query)
    first = steps[0] if steps else None
    if first is None or first.kind != "call" or first.imports or not first.branches or _gathers(first):
        return [_flat(steps)]
    return [_flat([*_opened(branch), *steps[1:]]) for branch in first.branches]


def inside(step: Step) -> list[list[Step]]:
    """The ways through a CALL in the middle of a query, each beginning with what it imports."""
    names = [name.strip() for name in (step.imports or "").split(",") if name.strip() not in ("", "*")]
    items = tuple(Item(name, (Token("word", name, 0),), False) for name in names)
    begin = [Step("with", f"WITH {step.imports}", items=items, everything=not names)] if step.imports else []
    return [[*begin, *_opened(branch)] for branch in step.branches]


def definitions(steps: Sequence[Step]) -> dict[str, tuple[Token, ...]]:
    """What the values computed on the way are made of, by name."""
    found: dict[str, tuple[Token, ...]] = {}
    for step in steps:
        for item in step.items:
            if not (len(item.tokens) == 1 and item.tokens[0].text == item.name):
                found[item.name] = item.tokens
        if step.kind == "unwind":
            found[step.names[0]] = step.expression
    return found


def _flat(steps: list[Step]) -> list[Step]:
    """With every CALL that only matches further rows written out as the MATCH that it is."""
    found: list[Step] = []
    for step in steps:
        inner = step.branches[0] if len(step.branches) == 1 else ()
        plainly = inner and step.imports and all(each.kind == "match" for each in inner[:-1])
        there = scope(found)
        if not plainly or any(item.aggregates for item in inner[-1].items) or "DISTINCT" in inner[-1].text.upper():
            found.append(step)
            continue
        known = {*there, *(name for each in inner for name in each.names)}
        added = [item for item in inner[-1].items if item.name not in known]
        imported = {name.strip() for name in (step.imports or "").split(",")}
        if any(set(each.names) & there - imported for each in inner[:-1]) or not inner[:-1]:
            found.append(step)
            continue
        found += inner[:-1]
        if added:
            text = ", ".join(f"{written(item.tokens)} AS {item.name}" for item in added)
            found.append(Step("with", f"WITH *, {text}", items=tuple(added), everything=True))
    return found


def _gathers(step: Step) -> bool:
    """Whether a CALL gives one row whatever it finds."""
    return all(
        branch and branch[-1].items and all(item.aggregates for item in branch[-1].items) for branch in step.branches
    )


def _opened(branch: Sequence[Step]) -> list[Step]:
    """The steps of a branch with its RETURN turned into WITH."""
    last = branch[-1]
    return [*branch[:-1], replace(last, kind="with", text=re.sub(r"^RETURN\b", "WITH", last.text, flags=re.IGNORECASE))]
