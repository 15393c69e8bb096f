"""The region at the head of a company's name, with its ending (云岭市河东区) or without (云岭)."""

from __future__ import annotations

import re
from dataclasses import dataclass

from resolution.normalise import trade
from resolution.normalise.trade import Trades


@dataclass(frozen=True)
class Learnt:
    """What a table of names teaches (see `learning.learn`).

    `named`: places that some name has with their ending (云岭市), without it; `places`: those of them that names also
    begin with bare (云岭盛宁石油销售); `trades`: trade words that the lexicon lacks; `tradenames`: 字号 seen behind a
    region with its ending.
    """

    named: frozenset[str] = frozenset()
    places: frozenset[str] = frozenset()
    trades: frozenset[str] = frozenset()
    tradenames: frozenset[str] = frozenset()


PROVINCE = re.compile(r"(?:[^省市区县]{2,3}省|(?:内蒙古|广西壮族|西藏|宁夏回族|新疆维吾尔)自治区)")
# places whose name ends as a word does that would else be taken for one (都市, 城市, 门市)
_CITIES = (
    "(?:成都|宜都|聊城|盐城|晋城|运城|宣城|丰城|邹城|诸城|项城|禹城|海城|凤城|兴城|白城|韩城|厦门|荆门|江门|天门|玉门)"
    "市(?!场)"
)
# the looks behind and ahead leave out words that end in 市, 区, 县 without being a place (超市, 市场, 小区)
CITY = re.compile(
    rf"{_CITIES}"
    r"|[^省市区县店厂部（）]{2,4}?(?<![超菜城夜都门早集股楼])市(?!场|集|容|值|政(?:工|建|园|公|设|道|养|环))"
    r"|[^省市区县店厂部（）]{2,8}?(?:自治州|地区)"
)
# no banner is called 红旗 or 锦旗, and many a shop is
DISTRICT = re.compile(
    r"[^省市区县店厂部（）]{1,6}?(?:自治县|自治旗|新区|开发区)"
    r"|[^省市区县店厂部（）]{1,3}?(?<![社小园校景片库工矿牧灾战专住])(?:区(?!域|块|间)|县|(?<![红锦国军彩义帅])旗(?!舰|袍|帜))"
    rf"|{_CITIES}"
    r"|[^省市区县店厂部（）]{2,3}?(?<![超菜城夜都门早集股楼])市(?!场|集|容|值|政)"
)
TOWN = re.compile(r"[^省市区县镇乡（）]{2,3}(?:街道|镇|乡)(?=.{3,})")
_ZONE = re.compile(r"(?:高新区|经开区|新区|开发区|经济技术开发区|高新技术产业开发区|工业园区|产业园区)(?=.{3,})")
# 白银路社区 is named after a street, not after the place that the street is named after
_STREET = re.compile(r"[东西南北中]?[路街巷](?:社区|街道|派出所|小学|中学|幼儿园|支行|分理处|居委会)")
_SUFFIX = re.compile(r"(?:自治州|自治县|自治旗|地区|省|市|区|县|旗|州)$")


def bare(place: str) -> str:
    """A place without its ending: 云岭市 → 云岭, 泾县 → 泾县."""
    short = _SUFFIX.sub("", place)
    return short if len(short) >= 2 else place


def split(text: str, known: Trades, provinces: frozenset[str], learnt: Learnt) -> tuple[str, str, bool]:
    """Region as written, what follows, and whether the region was read without its ending."""
    at, guessed = 0, False
    if match := PROVINCE.match(text):
        at = match.end()
    if (match := CITY.match(text, at)) and stands(match, known):
        at = match.end()
    else:
        while place := _without_ending(text, at, known, provinces, learnt):
            at, guessed = at + len(place), True
            if place not in provinces:
                break
    match = DISTRICT.match(text, at)
    if match and stands(match, known) and (at or _independent(match, known, learnt)):
        at = match.end()
    if at:
        for pattern in (_ZONE, TOWN):
            if (match := pattern.match(text, at)) and (pattern is _ZONE or match[0] in learnt.named):
                at = match.end()
    return text[:at], text[at:], guessed


def stands(match: re.Match[str], known: Trades) -> bool:
    """Not when the ending belongs to a trade word that runs over it (超市, 社区服务), or nothing follows."""
    place, rest = match[0], match.string[match.end() :]
    return bool(rest) and not (
        any(place[-length:] in known.words for length in (2, 3))
        or any(place[-1] + rest[:size] in known.words and rest[:size] not in known.words for size in (1, 2, 3))
    )


def _independent(match: re.Match[str], known: Trades, learnt: Learnt) -> bool:
    """A district at the head, with no city before it: 红旗加油站 is the station 红旗, no place in the banner 红."""
    if bare(match[0]) in learnt.named:
        return True
    rest = match.string[match.end() :]
    return not match[0].endswith("旗") and len(match[0]) >= 3 and 0 not in trade.starts(rest, known)


def _without_ending(text: str, at: int, known: Trades, provinces: frozenset[str], learnt: Learnt) -> str:
    """A place without its ending at this position, when what follows still holds a 字号."""
    for length in (4, 3, 2):
        place, rest = text[at : at + length], text[at + length :]
        if len(place) < length or not (place in provinces or place in learnt.places):
            continue
        if rest[:1] and rest[:1] in "省市区县旗州" and len(rest) > 1 and not _market(rest):
            continue
        if _STREET.match(rest):
            continue
        tradename, line = trade.split(rest, known, learnt=learnt.trades)
        only_trade = 0 in trade.starts(rest, known) and not _market(rest)
        # 中国建设银行 has a 字号 all the same, 云岭饭店 has none but its place
        if len(tradename) < 2 or (only_trade and not (line and place in provinces)):
            continue
        if at == 0 and learnt.tradenames and tradename not in learnt.tradenames:
            whole = trade.split(text, known, learnt=learnt.trades)[0]
            if whole in learnt.tradenames:
                continue
        return place
    return ""


def _market(rest: str) -> bool:
    """云岭市场调查: 市 belongs to what follows."""
    return rest.startswith(("市场", "市政", "市容", "区域", "区块", "旗舰", "旗袍"))
