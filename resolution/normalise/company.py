"""Names of companies, shops and bodies: region, 字号, trade, legal form, branch; and whether a name is a person's.

字号 (the distinctive part) is what stands between region and trade. Trades come from a lexicon whose words may follow
each other (建筑 + 安装 + 工程) and, where it fails, from jieba. Regions are recognised by their endings (省, 市, 县)
and, without them (云岭盛宁石油销售), by what a whole table of names teaches: `learn`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

from resolution.normalise import person, region, trade
from resolution.normalise.lexicon import Lexicon, lexicon
from resolution.normalise.region import Learnt
from resolution.normalise.text import NUMERAL, clean, pinyin
from resolution.normalise.trade import Trades, trades


class CompanyName(NamedTuple):
    """One name of a party. Absent parts are '' so that they compare; `tradename` is empty only when `full` is.

    `core` is tradename and trade. `kind`: company, person or unknown (a few characters that could be either);
    `person_name` is the cleaned name of a person. `guessed` marks a region read without its ending, which depends on
    what was learnt from other names. `others` are further parties in the cell.
    """

    full: str | None = None
    region: str = ""
    tradename: str = ""
    trade: str = ""
    form: str = ""
    branch: str = ""
    core: str = ""
    pinyin: str = ""
    kind: str = "unknown"
    person_name: str | None = None
    guessed: bool = False
    others: tuple[str, ...] = ()


@dataclass(frozen=True, eq=False)
class _Words:
    trades: Trades
    forms: dict[str, str]
    form: re.Pattern[str]
    branch: re.Pattern[str]
    institution: re.Pattern[str]
    places: frozenset[str]
    nothing: frozenset[str]


def _any(words: Iterable[str]) -> str:
    return "|".join(re.escape(word) for word in sorted(words, key=lambda word: (-len(word), word)))


@lru_cache(maxsize=2)
def _words(words: Lexicon) -> _Words:
    forms = words["forms"]
    branches = _any(words["branches"])
    return _Words(
        trades=trades(words),
        forms=forms,
        form=re.compile(f"(?:{_any(forms)})"),
        branch=re.compile(rf"(?:第?[{NUMERAL}\d]+)?(?:{branches})$"),
        institution=re.compile(rf"(?:{_any(words['institutions'])})(?:第?[{NUMERAL}\d]+)?$"),
        places=frozenset(words["places"]),
        nothing=frozenset(clean(word).upper() for word in words["not_a_name"]),
    )


_BRACKETS = str.maketrans("([{【〔〖<《「『)]}】〕〗>》」』", "（（（（（（（（（（））））））））））")
_NOISE = re.compile(r"[、,。;:·'\"“”‘’`*#|/\\.\-_!?]+$|^[、,。;:'\"“”‘’`*#|/\\.\-_!?]+|['\"“”‘’`]")
_APART = re.compile(r"[、;,]")
_BRACKET = re.compile(r"（([^（）]*)(?:）|$)")
_NOT_HAN = re.compile(r"[^\u3400-\u9fff]")
_WHOLE = re.compile("有限责任公司|有限公司|股份公司|集团公司|合作社|合伙企业|(?<![分子支总])公司")
_FORM_NOTES = frozenset(
    (
        "有限合伙",
        "普通合伙",
        "特殊普通合伙",
        "合伙",
        "个人独资",
        "独资",
        "个体工商户",
        "个体",
        "有限公司",
        "中外合资",
        "集团",
    )
)
_STATUS = re.compile(
    "已?(?:注销|吊销|迁出|停业|关闭|存续|清算|更名)|原名?[::].*|(?:曾用名|以下简称|简称).*|本级|机关|盖章|公章"
)


def plain(value: str) -> str:
    """The name as it is parsed: clean, in capitals, with one kind of brackets and no stray punctuation."""
    return _NOISE.sub("", clean(value).translate(_BRACKETS)).upper()


def without_form(text: str, words: Lexicon) -> tuple[str, str]:
    """A name without its legal form, and the form as it is compared."""
    return _form(text, _words(words))


def is_body(text: str, words: Lexicon) -> bool:
    """Whether the name ends as those of public bodies and of bodies that are no company do."""
    return _words(words).institution.search(text) is not None


def is_place(note: str, words: Lexicon) -> bool:
    """Whether what stands in brackets can be the name's place."""
    return note not in _FORM_NOTES and not note.endswith(("店", "部", "厂")) and _placelike(note, _words(words))


def split(text: str, learnt: Learnt | None = None) -> tuple[str, str]:
    """字号 and trade of a text that has no region, form or branch."""
    return trade.split(text, trades(lexicon()), learnt=learnt.trades if learnt else frozenset())


def parse(value: str, learnt: Learnt | None = None) -> CompanyName:
    """The parts of a name; `learnt` from the table that it stands in helps with regions.

    >>> name = parse("耀众顺天(云岭)教育咨询有限责任公司")
    >>> name.tradename, name.trade, name.region, name.form
    ('耀众顺天', '教育咨询', '云岭', '有限公司')
    """
    learnt = learnt or Learnt()
    words = _words(lexicon())
    text = plain(value)
    if not text or text in words.nothing:
        return CompanyName()
    if "公司" not in text and (name := _person(value, words)):
        return CompanyName(
            full=name.full,
            tradename=name.full or "",
            core=name.full or "",
            pinyin=name.pinyin or "",
            kind="person",
            person_name=name.full,
            others=name.others,
        )
    if len(parties := [part for part in _APART.split(text) if len(part) >= 2]) > 1:
        first, *others = [parse(party, learnt) for party in parties]
        if all(other.kind != "unknown" for other in others):
            return first._replace(others=tuple(other.full or "" for other in others))
    full = text
    text, notes = without_brackets(text)
    text, branch = _branch(text, words, learnt)
    head, form = _form(text, words)
    place, rest, guessed = region.split(head, words.trades, words.places, learnt)
    for note in notes:
        if note in _FORM_NOTES:
            form = _note_form(note, form)
        elif words.branch.search(note) or note.endswith(("店", "部", "厂")):
            branch = branch or note
        elif len(note) >= 2 and not _STATUS.fullmatch(note) and _placelike(note, words):
            place += note
    body = not form and words.institution.search(rest) is not None
    if body and not trade.ending(rest, words.trades):
        tradename, line = rest, ""
    else:
        tradename, line = trade.split(rest, words.trades, formed=bool(form), learnt=learnt.trades)
    if not place and form:
        tradename, place = _place_behind(tradename, learnt)
        guessed = guessed or bool(place)
    if not tradename:
        tradename, place = place or full, ""
    known = bool(form or branch or body or line or notes)
    return CompanyName(
        full=full,
        region=place,
        tradename=tradename,
        trade=line,
        form=form,
        branch=branch,
        core=tradename + line,
        pinyin=pinyin(tradename),
        kind="company" if known or _foreign(full) else "unknown",
        guessed=guessed,
    )


def _place_behind(tradename: str, learnt: Learnt) -> tuple[str, str]:
    """字号 and place of 和佳湘陵 in 和佳湘陵能源有限公司: the brackets of 和佳（湘陵）能源有限公司 were left out."""
    for length in () if tradename in learnt.tradenames else (4, 3, 2):
        if len(tradename) >= length + 2 and tradename[-length:] in learnt.places:
            return tradename[:-length], tradename[-length:]
    return tradename, ""


def _foreign(text: str) -> bool:
    return bool(re.search(r"(?:LTD|INC|LLC|CORP|GMBH|LIMITED)$", text))


# endings that no given name has, however short the whole
_SHOP = re.compile(
    "(?:[店厂馆坊站局院]|超市|药房|商行|酒吧|网吧|网咖|银行|学校|公司|集团|合作社|中心|[省市区县镇乡村])$"
)


def _person(value: str, words: _Words) -> person.PersonName | None:
    """The cleaned name when it is a person's: surname and one or two characters, a title, or a transliterated name."""
    name = person.parse(value)
    whole = name.full
    # the brackets of （集团） go with what stands in them, and a surname may be left
    if whole is None or "集团" in value or (_SHOP.search(whole) and not name.titled) or words.form.search(whole):
        return None
    if "·" in whole or (name.titled and name.surname and person.is_surname(name.surname)):
        return name
    if _NOT_HAN.search(whole) or not 2 <= len(whole) <= 4 or words.institution.search(whole):
        return None
    if (len(whole) >= 3 and person.is_surname(whole[:2])) or (len(whole) <= 3 and person.is_surname(whole[0])):
        return name
    return None


def without_brackets(text: str) -> tuple[str, list[str]]:
    """The text without what stands in brackets, and that; （集团） stays as 集团."""
    notes: list[str] = []

    def take(match: re.Match[str]) -> str:
        if match[1]:
            notes.append(match[1])
        return "集团" if match[1] == "集团" else ""

    return _BRACKET.sub(take, text), notes


def _note_form(note: str, form: str) -> str:
    if "合伙" in note:
        return "合伙企业"
    if note in ("个人独资", "独资"):
        return form or "个人独资企业"
    return form


def _placelike(note: str, words: _Words) -> bool:
    """What stands in brackets inside a company's name is its place, unless it is something that we know."""
    return len(note) <= 8 and not _NOT_HAN.search(note) and note not in words.trades.words


def _branch(text: str, words: _Words, learnt: Learnt) -> tuple[str, str]:
    """The name without its branch, and the text that names the branch."""
    ends = [match.end() for match in _WHOLE.finditer(text)]
    if ends and ends[0] < len(text):
        rest = text[ends[0] :]
        # 集团有限公司 may own a company that carries the whole name of its parent in front of its own
        return (text, "") if words.form.fullmatch(rest) else (text[: ends[0]], rest)
    match = words.branch.search(text)
    if not match:
        return _shop_at(text, words, learnt) if text.endswith("店") else (text, "")
    head, branch = text[: match.start()], text[match.start() :]
    if len(head) < 2:
        return text, ""
    for length in (2, 3, 4, 5):
        place, before = head[-length:], head[:-length]
        if len(before) >= 3 and (_known(place, words, learnt) or (length <= 4 and _complete(before, head, words))):
            return before, place + branch
    whole = trade.ending(head, words.trades) or words.form.search(head) or words.institution.search(head)
    return (head, branch) if whole or match[0] not in ("一店", "二店", "三店") else (text, "")


def _known(place: str, words: _Words, learnt: Learnt) -> bool:
    bare = region.bare(place)
    return bare in learnt.named or bare in words.places


def _complete(before: str, head: str, words: _Words) -> bool:
    """耀正机电维修部 is a whole name, 耀正机电维修部榆川 is not: 榆川 belongs to the branch."""
    ends = trade.ending(before, words.trades) or words.institution.search(before)
    return bool(ends) and not trade.ending(head, words.trades)


def _shop_at(text: str, words: _Words, learnt: Learnt) -> tuple[str, str]:
    """老马家牛肉面城关店: a known place between trade and 店 names the branch."""
    if not trade.ending(text, words.trades):
        for length in (2, 3, 4):
            place, before = text[-length - 1 : -1], text[: -length - 1]
            if _known(place, words, learnt) and trade.ending(before, words.trades):
                return before, place + "店"
    return text, ""


def _form(text: str, words: _Words) -> tuple[str, str]:
    """The name without its legal form, and the form as it is compared."""
    last = None
    for match in words.form.finditer(text):
        if match.end() == len(text):
            last = match
    if last is None or last.start() == 0:
        return text, ""
    head, form = text[: last.start()], words.forms[last[0]]
    if head.endswith("集团") and len(head) > 3:
        head, form = head[:-2], "集团"
    return head, form
