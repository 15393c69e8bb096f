"""Texts on the themes of the shipped keyword rules, and texts that only look like it (M23).

What each text speaks of stands in `themes.toml`, as somebody who reads rule and text would say; nothing is matched
here.
"""

from __future__ import annotations

import re
import tomllib
from importlib.resources import files
from typing import Any

import numpy as np

from resolution.synthetic.arrays import objects, pick
from resolution.synthetic.calls import KINDS, OUTCOMES, add_calls, moments
from resolution.synthetic.people import mobiles
from resolution.synthetic.places import STREETS
from resolution.synthetic.world import World

SPAN = ("2022-08-01", "2024-11-30")
"""Before the last weeks, so that no street becomes a hot spot."""
TEXTS = ("hotline_calls", "grid_events", "mandatory_reports")


def _written() -> dict[str, list[dict[str, Any]]]:
    return tomllib.loads(files("resolution.synthetic").joinpath("themes.toml").read_text(encoding="utf-8"))


def plant(world: World) -> None:
    """A few texts on every theme, and every text that looks like one, told to the hotline or by a grid worker."""
    rng, texts = world.random("M23"), _written()["text"]
    said: dict[str, list[str]] = {}
    for text in texts:
        said.setdefault(text["themes"][0] if text["themes"] else text["why"], []).append(text["said"])
    each = world.some(0.4, 2)
    content = objects(str(one) for options in said.values() for one in pick(rng, objects(options), each))
    count = len(content)
    personal = np.isin(content, [t["said"] for t in texts if "性骚扰家暴" in t["themes"]])
    seen = (rng.random(count) < 0.3) & ~personal
    called, when = ~seen, moments(rng, *SPAN, count)
    street, nowhere = pick(rng, STREETS, count), np.full(count, -1)
    rows = add_calls(
        world,
        when[called],
        mobiles(rng, int(called.sum())),
        street[called],
        pick(rng, KINDS, int(called.sum())),
        content[called],
        nowhere[called],
    )
    # one text of harassment is a clue of M24 by itself
    world.notes.setdefault("M24", {}).setdefault("abuse", []).extend(rows[personal[called]].tolist())
    world.facts.add(
        "grid_events",
        reportedAt=when[seen],
        street=street[seen],
        address=nowhere[seen],
        content=content[seen],
        status=pick(rng, OUTCOMES, int(seen.sum())),
    )


def find(world: World) -> None:
    """M23 by what `themes.toml` says of each text; a text that only looks like a theme is a trap."""
    known = [text for texts in _written().values() for text in texts]
    exact = {text["said"]: text for text in known}
    patterns = [(re.compile(re.escape(t["said"]).replace(r"\{\}", ".+")), t) for t in known if "{}" in t["said"]]
    for dataset in TEXTS:
        for (content,), group in world.facts.frame(dataset).group_by("content", maintain_order=True):
            said = str(content)
            fitting = (text for pattern, text in patterns if pattern.fullmatch(said))
            text = exact.get(said) or next(fitting, None)
            if text is None:
                raise KeyError(f"add {said!r} to themes.toml: nothing says which themes it speaks of")
            for row in group["row"].to_list():
                for theme in text["themes"]:
                    world.clue("M23", [(dataset, row)], [(dataset, row)], theme)
                if "why" in text:
                    world.trap("M23", text["kind"], [(dataset, row)], text["why"])
