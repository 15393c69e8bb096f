"""Candidates of a question: what speaks for each, and how likely each is among all of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from resolution.disclosure import shown
from resolution.question import Question
from resolution.sentences import ONE, sentence, value_shown
from resolution.settings import Kind, Settings
from resolution.weights import columns_of, prior_bits, weights_of

LARGEST_BITS = 60.0


@dataclass(frozen=True)
class Candidate:
    """An entity that a question may be about. `score` is its probability among all candidates, 0 to 1."""

    entity_id: str
    name: str
    score: float
    match: bool
    """The score reaches the threshold at which resolution joins."""
    bits: float
    reasons: tuple[str, ...]
    facts: dict[str, str]
    """What is known of it, masked, by Chinese title."""


@dataclass(frozen=True)
class Answer:
    """The candidates of one question, the likeliest first, and how many there were."""

    candidates: tuple[Candidate, ...]
    total: int
    note: str = ""


def weighed(
    settings: Settings,
    entities: float,
    question: Question,
    profile: dict[str, Any],
    found: list[tuple[dict[str, Any], tuple[Any, ...] | None]],
    facts: dict[str, dict[str, Any]],
    bearers: dict[str, int],
) -> Answer:
    """Candidates weighed against each other; of an entity its best row speaks."""
    best: dict[str, tuple[float, tuple[str, ...], bool]] = {}
    vetoed = 0
    for row, cells in found:
        if _apart(settings, profile, row):
            vetoed += 1
            continue
        bits, reasons, certain = _reasons(settings, entities, profile, row, cells)
        held = best.get(row["entity_id"])
        if held is None or (certain, bits) > (held[2], held[0]):
            best[row["entity_id"]] = (bits, reasons, certain)
    odds = {entity: 2.0 ** min(bits, LARGEST_BITS) for entity, (bits, _, _) in best.items()}
    named = [
        odds[entity]
        for entity in odds
        if profile.get("name") and profile["name"] in (facts.get(entity, {}).get("names") or ())
    ]
    # who bears the name and was not looked at competes as the least of those who were
    unseen = max(0, bearers.get(profile.get("name") or "", 0) - len(named)) * (min(named) if named else 0.0)
    total = sum(odds.values()) + settings.cluster.open_world + unseen
    surely = {entity for entity, (_, _, sure) in best.items() if sure}
    scores = {entity: 1.0 if entity in surely else (0.0 if surely else odds[entity] / total) for entity in best}
    ranked = sorted(best, key=lambda entity: (-scores[entity], -best[entity][0], entity))
    candidates = tuple(
        Candidate(
            entity_id=entity,
            name=facts[entity]["name"] or "",
            score=round(scores[entity], 6),
            match=scores[entity] >= settings.cluster.threshold,
            bits=round(best[entity][0], 3),
            reasons=best[entity][1],
            facts=facts_shown(settings.kind, facts[entity]),
        )
        for entity in ranked[: question.limit]
        if entity in facts
    )
    notes = []
    if profile.get("_doubted"):
        notes.append("所给证件号在库中属于另一姓名，未据以认定。")
    if vetoed:
        notes.append(f"{vetoed} 条记载因有效号码不同而排除。")
    return Answer(candidates, len(ranked), "".join(notes))


def _apart(settings: Settings, profile: dict[str, Any], row: dict[str, Any]) -> bool:
    return any(
        profile.get(veto) is not None and row.get(veto) is not None and profile[veto] != row[veto]
        for veto in settings.cluster.vetoes
    )


def _reasons(
    settings: Settings, entities: float, profile: dict[str, Any], row: dict[str, Any], cells: tuple[Any, ...] | None
) -> tuple[float, tuple[str, ...], bool]:
    """Bits, reasons in words, and whether the number alone makes it certain."""
    kind = settings.kind
    if cells is None:
        return _plain(kind, profile, row)
    bits, reasons = prior_bits(entities), []
    for comparison, weight in zip(settings.comparison, weights_of(settings, entities, cells), strict=True):
        # what the question does not tell is neither for nor against
        if all(profile.get(column) in (None, "") for column in columns_of(comparison) if column != "address_unit"):
            continue
        bits += weight.bits
        if not weight.nothing:
            reasons.append(sentence(kind, weight, value_shown(weight, profile), value_shown(weight, row)))
    number = settings.cluster.vetoes[0] if settings.cluster.vetoes else ""
    branch = kind == "company" and profile.get("name") and profile.get("branch") != row.get("branch")
    certain = bool(number and profile.get(number) and profile[number] == row.get(number)) and not branch
    if certain:
        reasons.insert(0, f"有效号码相同{'且名称相容' if profile.get('name') else ''}，确定为{ONE[kind]}。")
    return bits, tuple(reasons), certain


def _plain(kind: Kind, profile: dict[str, Any], row: dict[str, Any]) -> tuple[float, tuple[str, ...], bool]:
    """Kinds that are not scored: one number or one unit is certain, all else is a hint."""
    if kind == "property":
        if profile.get("certificate") and profile["certificate"] == row.get("certificate"):
            return LARGEST_BITS, ("不动产权证号相同，确定为同一房产。",), True
        near = profile.get("district") in (None, row.get("district")) or row.get("district") is None
        if profile.get("address") and profile["address"] == row.get("address") and near:
            if profile.get("address_unit"):
                return LARGEST_BITS / 2, ("户室地址相同，认定为同一房产。",), False
            return 0.0, ("地址相同，但未写明户室。",), False
        return -6.0, ("同一门牌。",), False
    if profile.get("registration_number") and profile["registration_number"] == row.get("registration_number"):
        return LARGEST_BITS, ("注册号相同，确定为同一商号。",), True
    if profile.get("name") and profile["name"] == row.get("name"):
        return 0.0, ("名称相同。",), False
    if profile.get("core") and profile["core"] == row.get("core"):
        return -1.0, ("名称的核心部分相同。",), False
    return -3.0, ("名称同音。",), False


TITLES: dict[Kind, tuple[tuple[str, str], ...]] = {
    "person": (("sex", "性别"), ("birth", "出生日期"), ("number", "证件号码"), ("district", "区县")),
    "company": (("birth", "行政区划"), ("number", "统一社会信用代码"), ("district", "区县")),
    "trade_name": (("number", "注册号"),),
    "property": (("number", "权证号"), ("district", "区县")),
}


def facts_shown(kind: Kind, row: dict[str, Any]) -> dict[str, str]:
    """What is known of an entity, masked, by Chinese title."""
    told = {
        title: text
        for column, title in TITLES[kind]
        if (text := shown("code" if column == "number" else column, row.get(column)))
    }
    others = [name for name in row.get("names") or () if name != row.get("name")]
    if others and kind != "property":
        told["其他名称"] = "、".join(others[:5])
    return told | {"记载": f"{row['mentions']:,} 条"}
