"""What is wrong with a model beyond its grammar: words that the graph does not have, rows that come twice, and
conditions without which its clues are not true on a day or at a confidence.
"""

from __future__ import annotations

import re

from graph import fanout, guards, pattern
from graph.fault import Fault
from graph.model import Model
from graph.statement import Statement
from graph.words import Words, unknown, unknown_fields


def refusals(model: Model, known: Words) -> list[Fault]:
    """Why the model cannot be used with this graph: what it names is not there, or it gives one clue many times."""
    patterns = _patterns(model)
    faults = [Fault(model.path, model.begins + line - 1, message) for message, line in unknown(patterns, known)]
    faults += [
        Fault(model.path, model.begins + line - 1, message)
        for message, line in fanout.repeated(patterns, model.identity, known)
    ]
    faults += [
        Fault(model.path, _header_line(model, dataset), message)
        for dataset, _, message in unknown_fields(model.datasets, known.sources)
    ]
    faults += _undeclared(model, patterns, known)
    return sorted(set(faults), key=lambda fault: (fault.line, fault.message))


def doubts(model: Model, known: Words) -> list[Fault]:
    """What the model can be used with and should mend: rows of later days, links below the confidence asked for."""
    patterns = _patterns(model)
    found = [*guards.unguarded_facts(patterns, known), *guards.unguarded_links(patterns, known)]
    faults = {Fault(model.path, model.begins + line - 1, message) for message, line in found}
    return sorted(faults, key=lambda fault: (fault.line, fault.message))


def _patterns(model: Model) -> pattern.Patterns:
    return pattern.read(Statement(model.query).tokens)


def _undeclared(model: Model, patterns: pattern.Patterns, known: Words) -> list[Fault]:
    """Datasets that the query reads and the header does not name, so that nobody would learn that they are missing."""
    faults = []
    for node in patterns.nodes:
        for label, line in node.labels:
            kind = known.ontology.labels.get(label)
            if kind and kind.datasets and not set(kind.datasets) & set(model.datasets):
                message = f"add {' or '.join(kind.datasets)} to [datasets]: the query reads {label}"
                faults.append(Fault(model.path, model.begins + line - 1, message))
    return faults


def _header_line(model: Model, dataset: str) -> int:
    """The line of the file on which a dataset stands in the header."""
    for number, line in enumerate(model.path.read_text(encoding="utf-8").splitlines(), 1):
        if re.match(rf"\s*[\"']?{re.escape(dataset)}[\"']?\s*=\s*\[", line):
            return number
    return 1
