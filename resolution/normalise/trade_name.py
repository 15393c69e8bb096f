"""Trade names: marks as registered, and what shops call themselves on platforms and signs."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

from resolution.normalise import company
from resolution.normalise.lexicon import Lexicon, lexicon
from resolution.normalise.region import Learnt
from resolution.normalise.text import NUMERAL, clean, pinyin


class TradeName(NamedTuple):
    """One mark or shop name. `core` is without branch notes and shop endings; `branch` is what was taken off.

    `tradename` and `trade` split the core as a company's name is split (英佳 + 烤肉); for a mark the core is both.
    `pinyin` is the core's, toneless.
    """

    full: str | None = None
    core: str = ""
    pinyin: str = ""
    branch: str = ""
    tradename: str = ""
    trade: str = ""


_BRACKET = re.compile(r"\(([^()]*)(?:\)|$)|【([^【】]*)(?:】|$)|\[([^\[\]]*)(?:\]|$)|《([^《》]*)(?:》|$)")
_SIGN = re.compile(r"[®©™℠\"'“”‘’`·•・|/\\\-_!?。,、;:.*#~+&]")
_TM = re.compile(r"(?<=[\u3400-\u9fff])(?:TM|R)$")


@lru_cache(maxsize=2)
def _endings(words: Lexicon) -> re.Pattern[str]:
    endings = "|".join(sorted(map(re.escape, words["shop_endings"]), key=len, reverse=True))
    return re.compile(rf"(?:第?[{NUMERAL}\d]+(?:分店|号店|店)|{endings})$")


def parse(value: str, learnt: Learnt | None = None) -> TradeName:
    """The parts of a trade name.

    >>> name = parse("英佳烤肉(永宁店)")
    >>> name.core, name.branch, name.tradename
    ('英佳烤肉', '永宁店', '英佳')
    """
    text = clean(re.sub("[®©™℠]", "", value)).upper()
    branches: list[str] = []

    def take(match: re.Match[str]) -> str:
        branches.append(next((inside for inside in match.groups() if inside), ""))
        return ""

    bare = _TM.sub("", _SIGN.sub("", _BRACKET.sub(take, text)))
    if not bare:
        bare, branches = _SIGN.sub("", "".join(branches)), []
    if not bare:
        return TradeName()
    full = bare + "".join(f"({branch})" for branch in branches if branch)
    parts = company.parse(bare, learnt)
    if parts.form:
        core, tradename, trade = parts.core, parts.tradename, parts.trade
    else:
        core, tradename, trade = _shop(bare, parts)
    if core != bare and not parts.form:
        branches.append(bare[len(core) :])
    return TradeName(
        full=full,
        core=core,
        pinyin=pinyin(core),
        branch=" ".join(branch for branch in (*branches, parts.branch if parts.form else "") if branch),
        tradename=tradename,
        trade=trade,
    )


def _shop(text: str, parts: company.CompanyName) -> tuple[str, str, str]:
    """Core, 字号 and trade: 安宁牛肉面二店 loses 二店; the 店 of 万福火锅店 belongs to its trade and stays."""
    core = text.removesuffix(parts.branch) if parts.branch else text
    endings = _endings(lexicon())
    while (match := endings.search(core)) and match.start() >= 2:
        if match[0] == "店" and len(company.split(core)[1]) >= 2:
            break
        core = core[: match.start()]
    tradename, trade = company.split(core)
    # a single character (坊, 庄, 楼) at the end of a mark is part of the mark
    return core, *((tradename, trade) if len(trade) >= 2 else (core, ""))
