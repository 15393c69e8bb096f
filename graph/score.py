"""How good the clues are, measured against a known truth (`DIR/truth/clues.jsonl` and `traps.jsonl`)."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

FactKey = tuple[str, str]


class TruthError(Exception):
    """The truth cannot be read; the message names the file and line."""


@dataclass
class ModelScore:
    """One model's clues against its truth. Precision and recall are None where there is nothing to divide by."""

    model: str
    clues: int = 0
    truths: int = 0
    right: int = 0
    """Clues that find a truth."""
    found: int = 0
    """Truths that a clue finds."""
    traps: int = 0
    trap_hits: int = 0
    """Traps that a clue fell into."""
    missed: list[dict[str, Any]] = field(default_factory=list)
    """Truths that no clue finds."""
    false: list[str] = field(default_factory=list)
    """Keys of clues that find no truth."""
    trapped: list[dict[str, Any]] = field(default_factory=list)
    """Traps fallen into, each with the clue's key."""

    @property
    def precision(self) -> float | None:
        """Clues that are right, of all clues; None where nothing is known of the model's truths."""
        return self.right / self.clues if self.clues and (self.truths or self.traps) else None

    @property
    def recall(self) -> float | None:
        """Truths that are found, of all truths."""
        return self.found / self.truths if self.truths else None

    def as_dict(self) -> dict[str, Any]:
        """The score as JSON takes it."""
        return asdict(self) | {"precision": self.precision, "recall": self.recall}


def score(clues: Iterable[Mapping[str, Any]], truth_dir: Path) -> dict[str, ModelScore]:
    """Precision, recall and trap hits by model.

    A clue finds a truth of its model when its facts hold all key_facts; a clue that finds none is false; a clue whose
    facts hold all the facts of a trap of its model has fallen into it. Clues that are gone do not count. `clues` are
    as `export clues` writes them. Raises TruthError.
    """
    truths = _read(truth_dir / "clues.jsonl", "key_facts")
    traps = _read(truth_dir / "traps.jsonl", "facts")
    given: dict[str, dict[str, frozenset[FactKey]]] = defaultdict(dict)
    for clue in clues:
        if clue.get("status") != "gone":
            given[clue["model"]][clue["key"]] = frozenset((f["dataset"], f["record_id"]) for f in clue["facts"])
    scores = {}
    for model in sorted(set(truths) | set(traps) | set(given)):
        result = scores[model] = ModelScore(model, clues=len(given[model]))
        holders = _holders(given[model])
        right: set[str] = set()
        for truth, facts in truths.get(model, []):
            finders = _holding(facts, holders, given[model])
            right |= finders
            result.truths += 1
            result.found += bool(finders)
            if not finders:
                result.missed.append(truth)
        for trap, facts in traps.get(model, []):
            fallen = _holding(facts, holders, given[model])
            result.traps += 1
            result.trap_hits += bool(fallen)
            if fallen:
                result.trapped.append({**trap, "clues": sorted(fallen)})
        result.right = len(right)
        result.false = sorted(set(given[model]) - right)
    return scores


def _holders(clues: Mapping[str, frozenset[FactKey]]) -> dict[FactKey, set[str]]:
    """Clues by the facts they list."""
    holders: dict[FactKey, set[str]] = defaultdict(set)
    for key, facts in clues.items():
        for fact in facts:
            holders[fact].add(key)
    return holders


def _holding(
    facts: frozenset[FactKey], holders: Mapping[FactKey, set[str]], clues: Mapping[str, frozenset[FactKey]]
) -> set[str]:
    """Clues whose facts hold all of these."""
    rarest = min((holders.get(fact, set()) for fact in facts), key=len, default=set())
    return {key for key in rarest if facts <= clues[key]}


def _read(path: Path, name: str) -> dict[str, list[tuple[dict[str, Any], frozenset[FactKey]]]]:
    lines: dict[str, list[tuple[dict[str, Any], frozenset[FactKey]]]] = defaultdict(list)
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise TruthError(f"cannot read {path.name}: give the folder `truth` that `cluegraph generate` wrote") from error
    for number, line in enumerate(text.splitlines(), 1):
        if line.strip():
            try:
                said = json.loads(line)
                facts = frozenset((str(dataset), str(record)) for dataset, record in said[name])
                lines[str(said["model"])].append((said, facts))
            except (ValueError, KeyError, TypeError) as error:
                raise TruthError(f"{path.name}:{number}: needs model and {name} ({error})") from error
    return lines
