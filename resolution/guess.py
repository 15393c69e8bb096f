"""Guesses: the type of a surveyed column, from what its header means elsewhere and from what stands in it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from resolution.headers import Meaning, meaning
from resolution.survey import Surveyed

MOST = 0.9  # share of the cells that must be readable for a type to be taken from them
SOME = 0.6  # the same for numbers of people, which agencies mask and mistype
MANY = 0.5  # enough where the header says the same
NUMBERED = frozenset({"id", "uscc", "party_id", "phone", "account"})
"""Types whose cells tell who somebody is: they are always optional and never a key."""

_MONEY = re.compile(r"额|款|费|元|资本|工资|租金|单价|价格|补贴$|标的|薪")
_DAY = re.compile(r"日期|时间$|日$")
_BIRTH_OR_END = re.compile(r"出生|生日|止|到期|届满|截止|终止|失效")
_NUMBER_WORDS = re.compile(r"号|编码|代码|编号|文书")
_PEOPLE_WORDS = re.compile(r"人$|姓名|员$|者$|负责|法人|经办|户主")
_SAID: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile("身份证|公民身份|护照"), "id"),
    (re.compile("信用代码|纳税人识别|机构代码"), "uscc"),
    (re.compile("证件号|证件编号"), "party_id"),
    (re.compile("手机|电话|联系方式|传真"), "phone"),
    (re.compile("账号|帐号|卡号|账户号|帐户号"), "account"),
)
"""Headers of numbers that must not reach the graph, whatever else their cells look like."""
_FIT = {"id": "resident", "uscc": "credit", "reference": "code"}
_DAYS = ("date", "datetime", "month", "year")


@dataclass(frozen=True)
class Guess:
    """What a column probably is."""

    type: str
    event: bool = False
    values: tuple[str, ...] = ()
    doubt: str = ""
    """What the office must decide, in Chinese; empty where the guess is plain."""


def guess(column: Surveyed, known: Mapping[str, Meaning]) -> Guess:
    """The type of a column, and what is doubtful about it."""
    told = meaning(column.header, known)
    if not column.filled:
        kind = str(told.column.type) if told else _said(column) or "text"
        kind = "text" if kind == "enum" else kind
        return Guess(kind, doubt="整列为空，类型仅按表头推测")
    if told is None:
        return _of_values(column)
    kind = str(told.column.type)
    if kind == "enum":
        if set(column.wordings) <= set(told.column.values) and column.wordings:
            return Guess("enum", values=told.column.values)
        if column.wordings:
            values = tuple(dict.fromkeys((*column.wordings,)))
            return Guess("enum", values=values, doubt="取值取自本文件；同义写法请合并，并在 [lookups] 中登记")
        return Guess("text", doubt="同名列在其他数据集里是固定取值，本文件不像，按文字处理")
    if kind in ("text", "address"):
        return Guess(kind)
    fits = column.shares.get(_FIT.get(kind, kind), 1.0)
    if kind == "party_id":
        fits = column.shares["resident"] + column.shares["credit"]
    if kind in ("lon", "lat"):
        fits = column.shares["number"]
    if kind in _DAYS:
        fits = max(column.shares[each] for each in _DAYS)
    if fits < MANY:
        other = _of_values(column)
        return Guess(other.type, other.event, other.values, f"表头像「{kind}」而内容不像，请核对")
    doubt = "" if fits >= MOST or kind in NUMBERED else _unread(fits)
    return Guess(kind, event=told.column.event and not column.header.startswith("出生"), doubt=doubt)


def _unread(fits: float) -> str:
    return f"约 {1 - fits:.0%} 的内容读不成该类型，请用 preview 核对"


def _said(column: Surveyed) -> str | None:
    """The kind of number that the header speaks of."""
    return next((kind for words, kind in _SAID if words.search(column.header)), None)


def _of_values(column: Surveyed) -> Guess:
    share, header = column.shares, column.header
    people = share["resident"] + share["credit"]
    if people >= SOME:
        if min(share["resident"], share["credit"]) >= 0.03:
            return Guess("party_id")
        return Guess("id" if share["resident"] > share["credit"] else "uscc")
    if said := _said(column):
        whole = (said == "phone" and share["phone"] >= SOME) or (said == "account" and share["account"] >= SOME)
        return Guess(said, doubt="" if whole else "内容大多不像完整号码（掩码、占位或残缺），请核对")
    if share["phone"] >= SOME:
        return Guess("phone")
    for kind in _DAYS:
        if share[kind] >= MOST and (kind != "year" or "年" in header):
            if kind == "year":
                return Guess(kind)
            event = not _BIRTH_OR_END.search(header)
            words = "若不是事情发生的日子（如有效期），请删去 event" if event else ""
            return Guess(kind, event=event, doubt=words)
    if column.wordings and share["bool"] >= 1 and column.distinct <= 2:
        return Guess("bool")
    if share["account"] >= MOST:
        return Guess("account", doubt="像账号或长编号；若不是账号，请改为 reference")
    if share["number"] >= MOST or share["money"] >= MOST:
        if re.search("经度", header):
            return Guess("lon")
        if re.search("纬度", header):
            return Guess("lat")
        if _NUMBER_WORDS.search(header):
            return Guess("reference")
        if share["money"] > share["number"] or _MONEY.search(header):
            return Guess("money", doubt="单位按元；若原表以万元计，请先折算")
        return Guess("number")
    for kind, says in (("money", _MONEY), ("date", _DAY)):
        if says.search(header) and share[kind] >= MANY:
            return Guess(kind, event=False, doubt=_unread(share[kind]))
    if column.wordings and not _PEOPLE_WORDS.search(header):
        return Guess("enum", values=column.wordings, doubt="取值取自本文件；今后可能出现的其他取值请补上")
    if share["address"] >= SOME and not (_NUMBER_WORDS.search(header) and share["code"] >= MOST):
        return Guess("address")
    if share["code"] >= MOST and _NUMBER_WORDS.search(header):
        return Guess("reference")
    return Guess("text")
