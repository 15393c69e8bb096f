"""Synthetic agency files with a known truth, to try the service on and to measure it by.

`generate` makes a city of people and firms (none of them real), lets them marry, borrow, lease and offend until one
day, and writes what each agency would have written down of it, clerks' faults included (`noise.Noise` has the rates).
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np

from resolution.synthetic import files, truth
from resolution.synthetic.build import build
from resolution.synthetic.facts import layouts
from resolution.synthetic.noise import Noise
from resolution.synthetic.people import TODAY
from resolution.synthetic.render import Rendering

__all__ = ["TODAY", "Noise", "generate"]


def generate(
    directory: Path, records: int = 20_000, seed: int = 1, progress: Callable[[str], None] | None = None
) -> dict[str, int]:
    """Write the 44 agency files and `truth/` into `directory`; returns rows by dataset.

    `records`: rows of all files together, kept within 3 %; at least 3,000, fewer hold no city. The same `records` and
    `seed` give the same bytes. Files of the same names are overwritten. `progress` is told what is being done.
    """
    if records < 3_000:
        raise ValueError(f"records is {records}; ask for 3000 or more, a smaller city has no room for its cases")
    tell = progress or (lambda _: None)
    tell("world")
    world = build(records, seed)
    directory.mkdir(parents=True, exist_ok=True)
    relatives, bearers = world.relatives(), world.people.bearers()
    protected: dict[str, list[int]] = {}
    # a text is one clue by its words alone (M23): none of its other cells is needed
    for clue in (clue for clue in world.clues if clue.model != "M23"):
        for dataset, row in clue.key_facts:
            protected.setdefault(dataset, []).append(row)
    ids: dict[str, list[str]] = {}
    mentions, counts = [], {}
    for dataset in layouts():
        tell(dataset)
        keep = np.array(protected.get(dataset, []), dtype=np.int64)
        sheet = Rendering(world, dataset, relatives, bearers, keep).sheet()
        for other in (directory / f"{dataset}.csv", directory / f"{dataset}.xlsx"):
            other.unlink(missing_ok=True)
        files.write(sheet, directory, seed)
        ids |= truth.record_ids([sheet])
        mentions.append(truth.mentions_frame(sheet))
        counts[dataset] = len(sheet.order)
    tell("truth")
    truth.write(world, ids, mentions, directory / "truth")
    return counts
