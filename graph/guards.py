"""What a query must compare so that its clues are true on a day and at a confidence.

A row that is not known yet on `$as_of` does not exist for a model; an identity link below `$min_confidence` does not
either. Conditions are looked for by name, wherever the variable goes within its part of the query.
"""

from __future__ import annotations

from collections.abc import Iterator

from graph.pattern import Name, Node, Patterns, Relationship, Segment, matching, names
from graph.words import Words


def unguarded_facts(patterns: Patterns, known: Words) -> Iterator[Name]:
    """Facts that are matched without a look at the day from which they are known."""
    for node in patterns.nodes:
        held = known.facts(label for label, _ in node.labels)
        if not held or node.at in patterns.predicates or _bound_before(patterns, node):
            continue
        label = "/".join(sorted(held))
        if not node.variable:
            yield (
                f"name this {label} and compare its knownFrom <= $as_of: later rows do not exist for a model",
                node.line,
            )
            continue
        days = {"knownFrom"}.union(*(known.days(each) for each in held))
        if not _compared(patterns, node.variable, node.at, days, "<", "$as_of"):
            yield f"compare {node.variable}.knownFrom <= $as_of: a later {label} does not exist for a model", node.line


def unguarded_links(patterns: Patterns, known: Words) -> Iterator[Name]:
    """Identity links that a clue rests on and that are not held against the confidence asked for.

    What is only looked up for each row, or asked whether it exists, may rest on weaker links: it keeps clues out.
    """
    for each in patterns.relationships:
        types = known.identities(name for name, _ in each.types)
        if not types or each.at in patterns.predicates:
            continue
        segment = patterns.owner[each.at]
        carries = each.variable and not _asked(segment) and _used(patterns, each)
        if not carries and not _rests(segment):
            continue
        kind = "|".join(sorted(types))
        if not each.variable:
            yield f"name the link {kind} and compare its probability >= $min_confidence", each.line
        elif not _compared(patterns, each.variable, each.at, {"probability"}, ">", "$min_confidence"):
            yield f"compare {each.variable}.probability >= $min_confidence: the clue rests on this {kind}", each.line


def _bound_before(patterns: Patterns, node: Node) -> bool:
    """Whether the variable stands for a node that was matched, and is looked at, further up."""
    own = patterns.owner[node.at]
    return any(
        other.variable == node.variable and other.labels and other.at < node.at and own.within(patterns.owner[other.at])
        for other in patterns.nodes
        if node.variable
    )


def _rests(segment: Segment | None) -> bool:
    """Whether every row of the segment becomes part of a clue: it is no lookup and no condition."""
    while segment is not None and segment.kind != "query":
        if segment.kind != "CALL" or segment.imports:
            return False
        segment = segment.parent
    return True


def _asked(segment: Segment | None) -> bool:
    """Whether it is only asked if the segment's rows exist, or how many: no variable of it comes out."""
    while segment is not None:
        if segment.kind in ("EXISTS", "COUNT"):
            return True
        segment = segment.parent
    return False


def _used(patterns: Patterns, each: Relationship) -> bool:
    """Whether the variable is named again anywhere."""
    own = range(each.at, each.right.end)
    return any(
        token.text == each.variable and at not in own and patterns.token(at - 1).text not in (".", ":")
        for at, token in enumerate(patterns.tokens)
        if token.kind == "word" and patterns.owner[at].within(_outermost(patterns.owner[each.at]))
    )


def _outermost(segment: Segment) -> Segment:
    while segment.parent is not None:
        segment = segment.parent
    return segment


def _compared(patterns: Patterns, variable: str, at: int, properties: set[str], sign: str, parameter: str) -> bool:
    """Whether some property of the variable bound there, or of what it becomes part of, is compared further down."""
    held = {variable: at}
    inner: Segment | None = patterns.owner[at]
    reach = [i for i, own in enumerate(patterns.owner) if i >= at and own.within(patterns.owner[at])]
    while inner is not None:
        _becomes(patterns, held, reach)
        if any(_compares(patterns, i, held, properties, sign, parameter) for i in reach):
            return True
        held = _handed_on(patterns, held, inner)
        if inner.kind != "CALL" or inner.parent is None or not held:
            return False
        outer, end = inner.parent, inner.end
        while end < len(patterns.owner) and patterns.owner[end] is not outer:
            end += 1  # past the other branches of a UNION
        reach = [i for i, own in enumerate(patterns.owner) if i >= end and own.within(outer)]
        inner = outer
    return False


def _compares(
    patterns: Patterns, at: int, held: dict[str, int], properties: set[str], sign: str, parameter: str
) -> bool:
    """Whether the property there is one of what is held, and stands on the right side of the comparison."""
    if patterns.token(at).text not in properties or patterns.token(at - 1).text != ".":
        return False
    name = patterns.token(at - 2).text.strip("`")
    if held.get(f".{name}" if patterns.token(at - 3).text == "." else name, at) >= at:
        return False
    after = at + 1
    while patterns.token(after).text == ")":
        after += 1
    if patterns.token(after).text == sign:
        return patterns.token(after + (2 if patterns.token(after + 1).text == "=" else 1)).text == parameter
    turned = [patterns.token(i).text for i in range(at - 5, at - 2)]
    return parameter in turned and {"<": ">", ">": "<"}[sign] in turned


def _becomes(patterns: Patterns, held: dict[str, int], reach: list[int]) -> None:
    """Add the names under which a variable goes on: aliases, keys of maps, members of lists that hold it.

    `held` says of each name from which place on it stands for the variable; keys of maps begin with a dot.
    """
    for at in reach:
        token, before = patterns.token(at), patterns.token(at - 1)
        if token.says("AS"):
            if _holds(patterns, held, _item(patterns, at, reach[0]), at):
                held.setdefault(patterns.token(at + 1).text.strip("`"), at)
        elif token.text == ":" and patterns.token(at - 2).text in ("{", ","):
            if held.get(patterns.token(at + 1).text.strip("`"), at) < at:
                held.setdefault("." + before.text.strip("`"), at)
        elif token.says("IN") and before.kind == "word" and patterns.token(at - 2).text != ".":
            end = at + 1
            while (
                patterns.token(end).text and not patterns.says(end, "WHERE") and patterns.token(end).text not in "|])"
            ):
                end = matching(patterns.tokens, end) + 1 if patterns.token(end).text in "([{" else end + 1
            if _holds(patterns, held, at + 1, end):
                held.setdefault(before.text, at)


def _holds(patterns: Patterns, held: dict[str, int], start: int, end: int) -> bool:
    """Whether one of these names is used in a range of tokens, after it came to stand for the variable."""
    return any(held.get(name, end) < end for name in names(patterns.tokens, start, end))


def _handed_on(patterns: Patterns, held: dict[str, int], segment: Segment) -> dict[str, int]:
    """Which of these names the RETURN of a subquery hands on."""
    returns = [
        at for at in range(segment.start, segment.end) if patterns.says(at, "RETURN") and patterns.owner[at] is segment
    ]
    if not returns:
        return {}
    named = set()
    for at in range(returns[-1] + 1, segment.end):
        before, after = patterns.token(at - 1), patterns.token(at + 1)
        alone = before.text == "," or before.says("RETURN", "DISTINCT")
        if before.says("AS") or (
            alone and (at + 1 == segment.end or after.text == "," or after.says("ORDER", "LIMIT"))
        ):
            named.add(patterns.token(at).text.strip("`"))
    return {name: segment.end for name in held if name in named or name.startswith(".")}


def _item(patterns: Patterns, at: int, first: int) -> int:
    """Where the item of WITH or RETURN begins whose AS stands there."""
    depth, start = 0, at
    while start > first:
        token = patterns.token(start - 1)
        if token.kind == "mark":
            depth += (token.text in ")]}") - (token.text in "([{")
        if depth < 0 or (depth == 0 and (token.text == "," or token.says("WITH", "RETURN", "DISTINCT", "UNWIND"))):
            break
        start -= 1
    return start
