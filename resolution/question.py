"""A question about somebody, brought to the attributes that profiles have, by the same parsers."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

import polars as pl

from resolution.normalise import address, company, identity, person, phone, trade_name
from resolution.normalise.lexicon import lexicon
from resolution.normalise.region import Learnt
from resolution.profiles import LEGAL_FORMS
from resolution.settings import Kind

_FORM = re.compile(rf"({LEGAL_FORMS})(?:\(.*\))?$")
_RESIDENT = re.compile(r"[1-9][0-9]{16}[0-9X]")
_MOBILE = re.compile(r"1[3-9][0-9]{9}")
_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
LONGEST = 200
PLACED = ("address", "place", "district", "address_unit")


class QuestionError(ValueError):
    """A question cannot be understood; the message names the field and never its value."""


@dataclass(frozen=True)
class Question:
    """Who is asked about. Every field may be empty, but not all of them."""

    kind: Kind
    name: str | None = None
    id: str | None = field(default=None, repr=False)
    """Resident ID, credit code, registration or certificate number; may be masked with stars."""
    birth_date: str | None = None
    sex: str | None = None
    address: str | None = None
    district: str | None = None
    phone: str | None = field(default=None, repr=False)
    limit: int = 5


def profiles(questions: Sequence[Question], learnt: Learnt, attested: frozenset[str]) -> list[dict[str, Any]]:
    """The attributes of each question, by the names of the profile tables. Raises QuestionError.

    `learnt` and `attested` are what company names have taught (`norm.learnt`, their 字号).
    """
    for place, question in enumerate(questions):
        _check(place, question)
    # cells are staged so, too
    questions = [
        replace(
            question,
            name=_plain(question.name),
            id=_plain(question.id),
            address=_plain(question.address),
            district=_plain(question.district),
        )
        for question in questions
    ]
    ids = _numbers([question.id for question in questions])
    phones = _phones([question.phone for question in questions])
    made = []
    for question, number, dialled in zip(questions, ids, phones, strict=True):
        common = _place(question) | {
            "phone": dialled["canonical"] if question.phone and not dialled["placeholder"] else None
        }
        if question.kind == "person":
            made.append(common | _person(question, number))
        elif question.kind == "company":
            made.append(common | _company(question, number, learnt, attested))
        elif question.kind == "trade_name":
            parsed = trade_name.parse(question.name, learnt) if question.name else trade_name.parse("")
            names = {"name": parsed.full, "core": parsed.core or None, "pinyin": parsed.pinyin or None}
            made.append(names | {"registration_number": question.id or None, "address": common["address"]})
        else:
            made.append({name: common[name] for name in PLACED} | {"certificate": question.id or None})
    return made


def _plain(text: str | None) -> str | None:
    return unicodedata.normalize("NFKC", text).strip() or None if text else None


def _check(number: int, question: Question) -> None:
    texts = {name: getattr(question, name) for name in ("name", "id", "birth_date", "sex", "address", "phone")}
    given = [name for name, text in texts.items() if text and text.strip()]
    if not given:
        raise QuestionError(f"query {number}: give at least one of name, id, birthDate, address, phone")
    if long := [name for name in given if len(texts[name] or "") > LONGEST]:
        raise QuestionError(f"query {number}: {long[0]} is longer than {LONGEST} characters")
    if question.sex and question.sex not in ("男", "女"):
        raise QuestionError(f"query {number}: sex is 男 or 女")
    if question.birth_date:
        try:
            date.fromisoformat(question.birth_date)
        except ValueError:
            raise QuestionError(f"query {number}: birthDate is written as 1980-03-07") from None


def _numbers(values: Sequence[str | None]) -> list[dict[str, Any]]:
    """What `normalise.identity` says of each; the plain 18 digits, which are nearly all, are read without it."""
    return _read(values, plain_resident, identity.normalise, {"kind": "empty", "valid": False, "canonical": None})


def _phones(values: Sequence[str | None]) -> list[dict[str, Any]]:
    """What `normalise.phone` says of each; plain mobiles are read without it."""
    return _read(values, plain_mobile, phone.normalise, {"canonical": None, "placeholder": False})


def _read(
    values: Sequence[str | None],
    plain: Callable[[str], dict[str, Any] | None],
    whole: Callable[[list[str]], pl.DataFrame],
    empty: dict[str, Any],
) -> list[dict[str, Any]]:
    found = {value: quick for value in set(values) if value and (quick := plain(value))}
    rest = sorted({value for value in values if value and value not in found})
    if rest:
        found |= dict(zip(rest, whole(rest).to_dicts(), strict=True))
    return [found.get(value, empty) if value else empty for value in values]


def plain_resident(value: str) -> dict[str, Any] | None:
    """A resident ID of 18 characters that is sound beyond doubt; None for all else, which the tables' parser reads."""
    if not _RESIDENT.fullmatch(value) or len(set(value)) < 5 or value in lexicon()["placeholder_numbers"]:
        return None
    total = sum(int(digit) * weight for digit, weight in zip(value[:17], _WEIGHTS, strict=True))
    try:
        born = date(int(value[6:10]), int(value[10:12]), int(value[12:14]))
    except ValueError:
        return None
    if "10X98765432"[total % 11] != value[17] or not date(1900, 1, 1) <= born <= date.today():  # noqa: DTZ011
        return None
    sex = "男" if int(value[16]) % 2 else "女"
    return {
        "kind": "resident", "valid": True, "canonical": value, "birth": born, "sex": sex,
        "prefix": None, "suffix": None,
    }  # fmt: skip


def plain_mobile(value: str) -> dict[str, Any] | None:
    """A mobile of 11 plain digits that nobody types to get past a form; None for all else."""
    if not _MOBILE.fullmatch(value) or len(set(value[3:])) < 4 or value in lexicon()["placeholder_numbers"]:
        return None
    return {"canonical": value, "placeholder": False}


def _place(question: Question) -> dict[str, Any]:
    parsed = address.parse(question.address) if question.address else None
    whole = parsed is not None and bool(parsed.key)
    return {
        "address": parsed.key if parsed and whole else None,
        "place": (parsed.place_key or None) if parsed and whole else None,
        "district": question.district or (parsed.district if parsed else None) or None,
        "address_unit": bool(parsed and parsed.room and parsed.base),
    }


def _person(question: Question, number: Mapping[str, Any]) -> dict[str, Any]:
    name = person.parse(question.name or "")
    resident = number["kind"] == "resident"
    sound = resident and bool(number["valid"])
    canonical = number["canonical"]
    masked = number["kind"] == "masked"
    whole = resident or (number["kind"] == "invalid" and 17 <= len(canonical or "") <= 19)
    given = canonical if whole else None
    head, tail = (number["prefix"] or "", number["suffix"] or "") if masked else (None, None)
    last = tail if tail is not None else given
    stated = date.fromisoformat(question.birth_date) if question.birth_date else None
    return {
        "name": name.full,
        "surname": name.surname,
        "pinyin": name.pinyin,
        "fuzzy": name.fuzzy,
        "shape": name.shape,
        "titled": name.titled if name.full else None,
        "id_valid": canonical if sound else None,
        "id_number": given,
        "id_given": given,
        "document": canonical if number["kind"] == "invalid" and 5 <= len(canonical or "") <= 13 else None,
        "id_prefix": head,
        "id_suffix": tail,
        "birth": stated or (number["birth"] if sound else None),
        "sex": question.sex or (number["sex"] if sound else None),
        "id_tail": last[-3:] if last and len(last) >= 3 else None,
        "id_head": given[:10] if given and len(given) >= 17 else None,
    }


def _company(question: Question, number: Mapping[str, Any], learnt: Learnt, attested: frozenset[str]) -> dict[str, Any]:
    named: dict[str, Any] = {}
    if question.name:
        parsed = company.parse(question.name, learnt)
        # a bare place before a 字号 that others bear behind a full region is read once more, as in the tables
        if (parsed.guessed and parsed.region + parsed.tradename in attested) or (
            not parsed.guessed and not parsed.region and parsed.tradename[:2] in learnt.places
        ):
            parsed = company.parse(question.name, Learnt(learnt.named, learnt.places, learnt.trades, attested))
        found = _FORM.search(parsed.full or "")
        form = found[1] if found else ""
        group = form.replace("有限责任公司", "有限公司").replace("股份公司", "股份有限公司")
        named = {
            "name": parsed.full,
            "region": parsed.region,
            "region_known": parsed.region,
            "tradename": parsed.tradename,
            "trade": parsed.trade,
            "branch": parsed.branch,
            "core": parsed.core,
            "pinyin": parsed.pinyin,
            "shape": re.sub(r".$", "", parsed.tradename or ""),
            "form": form,
            "form_group": group,
            "form_known": group,
        }
    canonical = number["canonical"] or ""
    digits = re.sub(r"[^0-9]", "", question.id or "")
    registered = len(canonical) == 15 or (number["kind"] in ("resident", "registration") and len(digits) == 15)
    return named | {
        "code_valid": canonical if number["kind"] == "credit" and number["valid"] else None,
        "code": canonical if len(canonical) == 18 and number["kind"] in ("credit", "invalid") else None,
        "registration": digits if registered else None,
    }
