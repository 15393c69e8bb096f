"""Why a model has, or has not, a clue about one entity: its conditions one after the other, and what is lacking."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any

from graph.clauses import Hop, Step, scope
from graph.clue import Clue, from_record, merged
from graph.conditions import Condition, Probe, because, condition, made_by, plain
from graph.connection import Graph, GraphError, GraphUnavailable
from graph.detect import default_as_of
from graph.explanation import Attempt, Explanation, Nearest, Passed, distance, listed, merit, reading, told
from graph.model import Model
from graph.ontology import Ontology, describe
from graph.phrases import Words
from graph.statement import Statement
from graph.steps import definitions, ways
from graph.walk import Anchor, Stop, Subject, Walk, anchors, prefix, tied
from resolution.source_files import read_sources

SECONDS = 60.0
LOOKED_AT = 200
NEAREST = 3
MOST_TOLD = 6


class ExplainError(Exception):
    """Nothing can be explained; the message says what to do."""


def explain(
    graph: Graph,
    model: Model,
    entity: str,
    as_of: date | None = None,
    params: Mapping[str, object] | None = None,
    *,
    min_confidence: float = 0.0,
    seconds: float = SECONDS,
) -> Explanation:
    """Go through a model's conditions for one entity (its id, or `dataset/record` of a row).

    Raises ExplainError for an entity that is not in the graph, ParameterError for a refused parameter, GraphError.
    """
    given = model.parameters(params or {})
    day = as_of or default_as_of(graph)
    if day is None:
        raise ExplainError("the loaded data names no event day: give --as-of YYYY-MM-DD")
    subject = _subject(graph, entity)
    walk = Walk(graph, {**given, "as_of": day, "min_confidence": min_confidence}, min(seconds, model.timeout_seconds))
    return _Explainer(walk, model, subject, day).explain()


def _subject(graph: Graph, key: str) -> Subject:
    rows = graph.read(
        "MATCH (n:Entity {key: $key}) RETURN n UNION ALL MATCH (n:Fact {key: $key}) RETURN n", {"key": key}, timeout=10
    )
    if not rows:
        raise ExplainError(
            "no entity of this id is in the graph: take the id from the list of entities, or publish first"
        )
    node = rows[0]["n"]
    return Subject(key, frozenset(node.labels), str(node.get("name") or key))


class _Explainer:
    def __init__(self, walk: Walk, model: Model, subject: Subject, as_of: date) -> None:
        self.walk, self.model, self.subject, self.as_of = walk, model, subject, as_of
        self.sources = read_sources()
        self.ontology: Ontology = describe(self.sources)

    def explain(self) -> Explanation:
        clues, problem = self._clues()
        problems = [self._missing(), problem]
        attempts: list[Attempt] = []
        if not clues:
            every = ways(self.model.query)
            pairs = [(way, anchor) for way in every for anchor in anchors(way, self.subject)]
            attempts = self._attempts(pairs, problems)
            if not any(attempt.telling for attempt in attempts):
                rows = self._rows()
                pairs = [(way, anchor) for way in every for anchor in tied(way, rows, self.subject)]
                attempts += self._attempts(pairs, problems)
            attempts.sort(key=merit)
        problem = "；".join(dict.fromkeys(filter(None, problems)))
        label = next(iter(sorted(self.subject.labels - {"Entity", "Fact"})), "")
        found = Explanation(
            self.model.id, self.model.title, self.subject.key, label, self.subject.name, self.as_of.isoformat(),
            [{"key": clue.key, "title": clue.title, "reasons": clue.reasons} for clue in clues], attempts, [], problem,
        )  # fmt: skip
        found.sentences.extend(self._sentences(found))
        return found

    def _attempts(self, pairs: list[tuple[list[Step], Anchor]], problems: list[str]) -> list[Attempt]:
        """The entity in each place; a place that cannot be looked at is told among the problems."""
        found = []
        for way, anchor in pairs:
            try:
                found.append(self._attempt(self._furthest(way, anchor)))
            except GraphUnavailable:
                raise
            except GraphError as error:
                problems.append(str(error))
        return found

    def _missing(self) -> str:
        """Datasets that the model needs and that are not loaded: what is not there is not absent."""
        rows = self.walk.read("MATCH (d:Dataset) WHERE d.rows > 0 RETURN d.dataset AS name")
        loaded = {row["name"] for row in rows}
        lacking = [name for name in self.model.required if loaded and name not in loaded]
        titles = [self.sources[name].title if name in self.sources else name for name in lacking]
        return f"模型所需的数据没有载入：{'、'.join(titles)}" if titles else ""

    def _furthest(self, way: list[Step], anchor: Anchor) -> Stop:
        """Where the entity stops; where it cannot come in, what stopped the rows through which it would."""
        stop = self.walk.follow(way, anchor)
        while stop.step == anchor.step and (before := self.walk.earlier(way, anchor)) is not None:
            anchor = before
            stop = self.walk.follow(way, anchor)
        return stop

    def _rows(self) -> list[tuple[str, frozenset[str]]]:
        """The rows that name the entity."""
        rows = self.walk.read(
            "MATCH (:Entity {key: $entity})--(row:Fact)\n"
            "RETURN DISTINCT row.key AS key, labels(row) AS labels LIMIT 1000",
            Anchor(0, "", (), "", "", {"entity": self.subject.key}),
        )
        return [(row["key"], frozenset(row["labels"])) for row in rows]

    def _clues(self) -> tuple[list[Clue], str]:
        """The clues of the whole model that name the entity, as subject or as proof."""
        query = (
            f"CALL () {{\n{self.model.query}\n}}\nWITH *\n"
            "WHERE any(node IN subjects + facts WHERE node.key = $entity)\nRETURN *"
        )
        anchor = Anchor(0, "", (), "", "", {"entity": self.subject.key})
        try:
            found: dict[str, Clue] = {}
            for row in self.walk.read(query, anchor, share=0.5):
                clue = from_record(self.model, row, self.as_of)
                found[clue.key] = merged(found[clue.key], clue) if clue.key in found else clue
            return list(found.values()), ""
        except GraphUnavailable:
            raise
        except GraphError as error:
            return [], str(error)

    def _attempt(self, stop: Stop) -> Attempt:
        way, anchor = stop.way, stop.anchor
        words = self._words(way)
        last = len(way) - 1 if stop.step is None else stop.step
        steps = [
            Passed(plain(step.cypher()), self._step_words(words, way, index), index < last or stop.step is None)
            for index, step in enumerate(way[: last + 1])
            if step.kind in ("match", "filter", "unwind") or (step.kind == "call" and index == last)
        ]
        role = words.variable(anchor.role)
        enters = stop.step is None or stop.step > anchor.step
        base = Attempt(anchor.role, role, steps, holds=False, passed=10 * stop.passed, enters=enters)
        if stop.merged:
            return replace(base, holds=False, sentence="此后各条件对全部结果合并比较，不能只看一个实体。")
        if stop.step is None:
            return replace(base, holds=True, sentence="各条件都成立，但没有以该实体为主体或者证据的线索。")
        return self._failed(stop, words, base)

    def _failed(self, stop: Stop, words: Words, base: Attempt) -> Attempt:
        """What is lacking at the step that lets nothing through."""
        assert stop.step is not None
        way, index, anchor = stop.way, stop.step, stop.anchor
        step = way[index]
        before = prefix(way, index, anchor)
        bound = [anchor.where] if index == anchor.step and step.kind == "match" else []
        if step.kind == "unwind":
            known, source = self._made(way[:index])
            there = scope(way[:index])
            text = plain(_source(self.model.query, step.expression))
            asked = made_by(step.names[0], text, known, source, there, frozenset())
            return self._nearest(before, way[:index], asked, words, base, text, stop)
        if step.kind == "optional":
            hop = words.part(step.hops[-1], anchor.variable) if step.hops else plain(step.text)
            return replace(base, holds=False, failed=plain(step.cypher()), sentence=f"没有查到{hop}。")
        if step.kind == "filter" and (inner := self._gathered(stop)):
            return self._failed(inner, self._words(inner.way), base)
        if step.kind != "match":
            asked = [condition(text) for text in step.where_texts]
            return self._nearest(before, way[:index], asked, words, base, plain(step.cypher()), stop)
        return self._pattern(stop, step, before, bound, words, base)

    def _gathered(self, stop: Stop) -> Stop | None:
        """Where nothing was gathered (offences <> []): the step of the CALL that gathers at which nothing is left."""
        assert stop.step is not None
        step = stop.way[stop.step]
        asked = condition(step.where_texts[0])
        if len(step.where_texts) > 1 or (asked.operator, asked.right) != ("<>", "[]"):
            return None
        for index, each in enumerate(stop.way[: stop.step]):
            if each.kind == "call" and asked.left in each.names and each.imports is not None:
                found = self.walk.opened(stop.way, stop.anchor, index)
                if found.step is not None and index < found.step < len(found.way) - 1:
                    return found
        return None

    def _pattern(self, stop: Stop, step: Step, before: str, bound: list[str], words: Words, base: Attempt) -> Attempt:
        """A MATCH that finds nothing: hop by hop, each with the conditions that can be asked by then."""
        assert stop.step is not None
        way, anchor = stop.way, stop.anchor
        known = scope(way[: stop.step])
        if not step.hops:
            return replace(base, holds=False, failed=plain(step.cypher()), sentence=f"没有查到：{plain(step.text)}")
        hops: list[Hop] = []
        asked: list[str] = []
        waiting = list(step.where_texts)
        reached = set(known) | ({anchor.variable} if bound else set())
        for hop in _ordered(step.hops, reached):
            seen = set(reached)
            hops.append(hop)
            reached |= set(hop.names)
            here = {name for each in hops for name in each.names} | known
            binding = bound if anchor.variable in here else []
            pattern = "MATCH " + ", ".join(each.text for each in hops)
            ready = [text for text in waiting if condition(text).names <= here]
            waiting = [text for text in waiting if text not in ready]
            query = f"{before}\n{_asking(pattern, [*binding, *asked])}"
            if not self.walk.read(f"{query}\nRETURN 1 AS one LIMIT 1", anchor):
                base = replace(base, passed=base.passed + len(hops) - 1)
                enters = bound and anchor.variable in hop.nodes
                sought = words.part(hop, anchor.variable) if enters else words.hop(hop, seen)
                sentence = f"没有查到{sought}。{self._namesake(hop, anchor)}"
                return replace(base, holds=False, failed=hop.text, sentence=sentence)
            if ready and not self.walk.read(
                f"{before}\n{_asking(pattern, [*binding, *asked, *ready])}\nRETURN 1 LIMIT 1", anchor
            ):
                base = replace(base, passed=base.passed + len(hops))
                there = Step("match", pattern, labels=step.labels, names=tuple(here - known))
                rows = [*way[: stop.step], there]
                return self._nearest(
                    query, rows, [condition(text) for text in ready], words, base, plain(pattern), stop
                )
            asked += ready
        whole = plain(step.cypher())
        return replace(base, failed=whole, sentence=f"没有同时成立：{whole}")

    def _namesake(self, hop: Hop, anchor: Anchor) -> str:
        """Whether another entity of the same name has what this one lacks."""
        if anchor.variable not in hop.nodes or "EXISTS" in anchor.where or len(hop.nodes) < 2:
            return ""
        name = anchor.variable
        rows = self.walk.read(
            f"MATCH (namesake:Entity {{key: $entity}})\nMATCH {hop.text}\n"
            f"WHERE {name}.name = namesake.name AND {name}.key <> $entity\n"
            f"RETURN DISTINCT {name}.key AS key LIMIT 3",
            anchor,
        )
        keys = "、".join(row["key"] for row in rows)
        return f"同名的另一实体（{keys}）有，但归并后不是同一实体。" if keys else ""

    def _nearest(
        self,
        query: str,
        rows: Sequence[Step],
        conditions: list[Condition],
        words: Words,
        base: Attempt,
        text: str,
        stop: Stop,
    ) -> Attempt:
        """The rows before a step with the conditions as they stand in each, the nearest first."""
        known, source = self._made(rows)
        there = scope(rows)
        conditions = [because(each, known, source, there) for each in conditions]
        try:
            found = self._asked(query, rows, conditions, words, stop.anchor)
        except GraphUnavailable:
            raise
        except GraphError:
            # an expression that only holds where others are met: the conditions alone
            found = self._asked(
                query,
                rows,
                [condition(each.text) for each in conditions if each.kind != "elements"],
                words,
                stop.anchor,
            )
        found.sort(key=distance)
        failing = [each for one in found[:1] for asked in one.conditions for each in asked.failing()]
        # what is empty says less than what is short, and is told only when nothing else is
        plainly = [each for each in failing if each.holds is False] or failing
        said = list(dict.fromkeys(map(told, plainly)))
        more = f"；等 {len(said)} 项" if len(said) > MOST_TOLD else ""
        sentence = "；".join(said[:MOST_TOLD]) + more if said else f"没有成立：{text}"
        if conditions and stop.way[stop.step or 0].kind == "unwind":
            sentence = f"下列情形一个也不成立：{sentence}"
        return replace(base, holds=False, failed=text, sentence=sentence, rows=len(found), nearest=found[:NEAREST])

    def _asked(
        self, query: str, rows: Sequence[Step], conditions: list[Condition], words: Words, anchor: Anchor
    ) -> list[Nearest]:
        probe = Probe()
        places = [probe.take(each) for each in conditions]
        tops = [place["holds"] for place in places if "holds" in place]
        first = " + ".join(f"CASE WHEN {probe.expressions[i]} THEN 0 ELSE 1 END" for i in tops) or "0"
        facts = [name for name in self._nodes(rows) if name in scope(rows)]
        about = ", ".join(f"{name} {{.key, .name}}" for name in facts)
        answer = self.walk.read(
            f"{query}\nWITH *\nORDER BY {first}\nLIMIT {LOOKED_AT}\n"
            f"RETURN [{', '.join(probe.expressions)}] AS values, [{about}] AS about",
            anchor,
        )
        return [
            Nearest(
                [
                    f"{words.variable(name)} {node['key']}" + (f"（{node['name']}）" if node["name"] else "")
                    for name, node in zip(facts, row["about"], strict=True)
                    if node is not None and node["key"] != self.subject.key
                ],
                [reading(place, row["values"], words) for place in places],
            )
            for row in answer
        ]

    def _nodes(self, rows: Sequence[Step]) -> list[str]:
        """Variables that are nodes still."""
        made = definitions(rows)
        return [name for name in _labels(rows) if name not in made]

    def _made(self, rows: Sequence[Step]) -> tuple[dict[str, Any], Any]:
        return definitions(rows), lambda tokens: plain(_source(self.model.query, tokens))

    def _words(self, way: Sequence[Step]) -> Words:
        kinds = {hop.names[1]: hop.types for step in way for hop in step.hops if len(hop.names) == 3}
        made = {name: plain(_source(self.model.query, tokens)) for name, tokens in definitions(way).items()}
        return Words(self.model, _labels(way), kinds, made, self.ontology, self.sources)

    def _step_words(self, words: Words, way: Sequence[Step], index: int) -> str:
        step = way[index]
        if step.kind == "match" and step.hops:
            known = scope(way[:index])
            said = []
            for hop in step.hops:
                said.append(words.hop(hop, known))
                known = known | set(hop.names)
            return "，".join(said)
        if step.kind == "filter":
            return "，".join(words.wanted(condition(text)) for text in step.where_texts)
        return plain(step.text)

    def _sentences(self, found: Explanation) -> list[str]:
        who = f"{found.name}（{found.entity}）"
        head = f"{found.model} {found.title}，截至 {found.as_of}："
        if found.clues:
            return [f"{head}{who}有线索 {'、'.join(clue['key'] for clue in found.clues)}。"] + [
                f"  {reason}" for clue in found.clues for reason in clue["reasons"]
            ]
        if not found.attempts:
            kind = self.ontology.labels[found.label].title if found.label in self.ontology.labels else found.label
            if found.problem:
                return [f"{head}{who}没有核对完。{found.problem}"]
            return [f"{head}{who}没有线索。该模型不涉及{kind}。"]
        lines = [f"{head}{who}没有线索。"]
        if found.problem:
            lines = [f"{head}{who}没有核对完（{found.problem}），以下是核对到的。"]
        elif not any(attempt.telling for attempt in found.attempts):
            lines = [f"{head}{who}没有线索：该模型所看的记录里没有该实体。"]
        for number, attempt in enumerate(found.attempts):
            lines.append(f"作为{attempt.words}：{attempt.sentence}")
            if number:
                continue
            for step in attempt.steps:
                lines.append(f"  {'✓' if step.holds else '✗'} {step.words}")
            for near in attempt.nearest:
                lines.append(f"  最接近：{'，'.join(near.about) or '—'}")
                lines += listed(near.conditions, 2)
        return lines


def _labels(way: Sequence[Step]) -> dict[str, tuple[str, ...]]:
    return {name: labels for step in way for name, labels in step.labels.items()}


def _source(query: str, tokens: Sequence[Any]) -> str:
    return Statement(query).source(tokens)


def _ordered(hops: Sequence[Hop], reached: set[str]) -> list[Hop]:
    """The hops so that each hangs on what is known before it."""
    left, found = list(hops), []
    known = set(reached)
    while left:
        hop = next((each for each in left if set(each.nodes) & known), left[0])
        left.remove(hop)
        found.append(hop)
        known |= set(hop.names)
    return found


def _asking(pattern: str, conditions: Sequence[str]) -> str:
    return f"{pattern}\nWHERE " + " AND ".join(f"({text})" for text in conditions) if conditions else pattern
