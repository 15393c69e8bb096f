"""The truth beside the files: who each mention is, what the models must find, what they must not."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path

import polars as pl

from resolution.synthetic.render import Sheet
from resolution.synthetic.world import FactRow, World


def record_ids(sheets: Iterable[Sheet]) -> dict[str, list[str]]:
    """For each dataset the 记录编号 of each row number."""
    result = {}
    for sheet in sheets:
        ids = [""] * len(sheet.order)
        for row, record in zip(sheet.order.tolist(), sheet.cells["记录编号"].tolist(), strict=True):
            ids[row] = record
        result[sheet.dataset] = ids
    return result


def mentions_frame(sheet: Sheet) -> pl.DataFrame:
    """The mentions of one sheet as dataset, record_id, role, entity_id."""
    parts = [
        pl.DataFrame(
            {"dataset": sheet.dataset, "record_id": records.tolist(), "role": role, "entity_id": entities.tolist()}
        )
        for role, records, entities in sheet.mentions
    ]
    schema = {"dataset": pl.String, "record_id": pl.String, "role": pl.String, "entity_id": pl.String}
    return pl.concat([pl.DataFrame(schema=schema), *(part.cast(schema) for part in parts)])  # type: ignore[arg-type]


def write(world: World, ids: dict[str, list[str]], mentions: list[pl.DataFrame], directory: Path) -> None:
    """Write mentions.csv, clues.jsonl and traps.jsonl into `directory`."""
    directory.mkdir(parents=True, exist_ok=True)
    (directory / "mentions.csv").write_bytes(pl.concat(mentions).write_csv().encode())

    def facts(rows: Iterable[FactRow]) -> list[list[str]]:
        return [[dataset, ids[dataset][row]] for dataset, row in rows]

    covered: dict[str, list[set[FactRow]]] = {}
    with (directory / "clues.jsonl").open("w", encoding="utf-8", newline="\n") as file:
        for clue in world.clues:
            covered.setdefault(clue.model, []).append(set(clue.all_facts))
            line = {
                "model": clue.model,
                "key_facts": facts(clue.key_facts),
                "all_facts": facts(clue.all_facts),
                "note": clue.note,
            }
            file.write(json.dumps(line, ensure_ascii=False) + "\n")
    by_fact: dict[tuple[str, FactRow], list[set[FactRow]]] = {}
    for model, sets in covered.items():
        for rows in sets:
            for row in rows:
                by_fact.setdefault((model, row), []).append(rows)
    with (directory / "traps.jsonl").open("w", encoding="utf-8", newline="\n") as file:
        for trap in world.traps:
            # what a true clue shows anyhow is no trap
            if any(set(trap.facts) <= rows for rows in by_fact.get((trap.model, trap.facts[0]), [])):
                continue
            line = {"model": trap.model, "facts": facts(trap.facts), "why": trap.why}
            file.write(json.dumps(line, ensure_ascii=False) + "\n")
