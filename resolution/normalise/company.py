"""Names of companies, shops and bodies: region, 字号, trade, legal form, branch; and whether a name is a person's.

字号 (the distinctive part) is what stands between region and trade. Trades come from a lexicon whose words may follow
each other (建筑 + 安装 + 工程) and, where it fails, from jieba. Regions are recognised by their endings (省, 市, 县)
and, without them (云岭盛宁石油销售), by what a whole table of names teaches: `learn`.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

from resolution.normalise import person
from resolution.normalise.lexicon import Lexicon, lexicon
from resolution.normalise.text import NUMERAL, clean, pinyin


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


@dataclass(frozen=True)
class Learnt:
    """What a table of names teaches.

    `named`: places that some name has with their ending (云岭市), without it; `places`: those of them that names also
    begin with bare (云岭盛宁石油销售); `tradenames`: 字号 seen behind a region with its ending.
    """

    named: frozenset[str] = frozenset()
    places: frozenset[str] = frozenset()
    tradenames: frozenset[str] = frozenset()


@dataclass(frozen=True, eq=False)
class _Words:
    trades: frozenset[str]
    lengths: dict[str, tuple[int, ...]]
    endings: frozenset[str]
    forms: dict[str, str]
    form: re.Pattern[str]
    branch: re.Pattern[str]
    institution: re.Pattern[str]
    places: frozenset[str]


def _any(words: Iterable[str]) -> str:
    return "|".join(re.escape(word) for word in sorted(words, key=lambda word: (-len(word), word)))


@lru_cache(maxsize=2)
def _words(words: Lexicon) -> _Words:
    trades = frozenset(words["trades"])
    lengths: dict[str, set[int]] = defaultdict(set)
    for word in trades:
        lengths[word[0]].add(len(word))
    forms = words["forms"]
    branches = _any(words["branches"])
    return _Words(
        trades=trades,
        lengths={first: tuple(sorted(lengths)) for first, lengths in lengths.items()},
        endings=frozenset(words["trade_endings"]),
        forms=forms,
        form=re.compile(f"(?:{_any(forms)})"),
        branch=re.compile(rf"(?:第?[{NUMERAL}\d]+)?(?:{branches})$"),
        institution=re.compile(rf"(?:{_any(words['institutions'])})(?:第?[{NUMERAL}\d]+)?$"),
        places=frozenset(words["places"]),
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
# words that end in 市, 区, 县 without being a place
_PROVINCE = re.compile(r"(?:[^省市区县]{2,3}省|(?:内蒙古|广西壮族|西藏|宁夏回族|新疆维吾尔)自治区)")
_CITY = re.compile(
    r"[^省市区县店厂部（）]{2,4}?(?<![超菜城夜都门早集股楼])市(?!场|集|容|值|政(?:工|建|园|公|设|道|养|环))"
    r"|[^省市区县店厂部（）]{2,8}?(?:自治州|地区)"
)
_DISTRICT = re.compile(
    r"[^省市区县店厂部（）]{1,6}?(?:自治县|自治旗|新区|开发区)"
    r"|[^省市区县店厂部（）]{1,3}?(?<![社小园校景片库工矿牧灾战专住])(?:区(?!域|块|间)|县|旗(?!舰|袍|帜))"
    r"|[^省市区县店厂部（）]{2,3}?(?<![超菜城夜都门早集股楼])市(?!场|集|容|值|政)"
)
_TOWN = re.compile(r"[^省市区县镇乡（）]{2,3}(?:街道|镇|乡)(?=.{3,})")
_ZONE = re.compile(r"(?:高新区|经开区|新区|开发区|经济技术开发区|高新技术产业开发区|工业园区|产业园区)(?=.{3,})")
_SUFFIX = re.compile(r"(?:自治州|自治县|自治旗|地区|省|市|区|县|旗|州)$")


def parse(value: str, learnt: Learnt | None = None) -> CompanyName:
    """The parts of a name; `learnt` from the table that it stands in helps with regions.

    >>> name = parse("耀众顺天(云岭)教育咨询有限责任公司")
    >>> name.tradename, name.trade, name.region, name.form
    ('耀众顺天', '教育咨询', '云岭', '有限公司')
    """
    learnt = learnt or Learnt()
    words = _words(lexicon())
    text = _NOISE.sub("", clean(value).translate(_BRACKETS)).upper()
    if not text or text in _nothing(lexicon()):
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
    text, notes = _without_brackets(text)
    text, branch = _branch(text, words, learnt)
    head, form = _form(text, words)
    region, rest, guessed = _region(head, words, learnt)
    for note in notes:
        if note in _FORM_NOTES:
            form = _note_form(note, form)
        elif words.branch.search(note) or note.endswith(("店", "部", "厂")):
            branch = branch or note
        elif len(note) >= 2 and not _STATUS.fullmatch(note) and _placelike(note, words):
            region += note
    body = not form and words.institution.search(rest) is not None
    tradename, trade = (rest, "") if body and not _trade(rest, words) else _split(rest, words, bool(form))
    if not tradename:
        tradename, trade, region = (rest or region or full), "", region if rest else ""
    known = bool(form or branch or body or trade or notes)
    return CompanyName(
        full=full,
        region=region,
        tradename=tradename,
        trade=trade,
        form=form,
        branch=branch,
        core=tradename + trade,
        pinyin=pinyin(tradename),
        kind="company" if known or _foreign(full) else "unknown",
        guessed=guessed,
    )


@lru_cache(maxsize=2)
def _nothing(words: Lexicon) -> frozenset[str]:
    return frozenset(clean(word).upper() for word in words["not_a_name"])


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
    if whole is None or (_SHOP.search(whole) and not name.titled) or words.form.search(whole):
        return None
    if "·" in whole or (name.titled and name.surname and person.is_surname(name.surname)):
        return name
    if _NOT_HAN.search(whole) or not 2 <= len(whole) <= 4 or words.institution.search(whole):
        return None
    if (len(whole) >= 3 and person.is_surname(whole[:2])) or (len(whole) <= 3 and person.is_surname(whole[0])):
        return name
    return None


def _without_brackets(text: str) -> tuple[str, list[str]]:
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
    return len(note) <= 8 and not _NOT_HAN.search(note) and note not in words.trades


def _branch(text: str, words: _Words, learnt: Learnt) -> tuple[str, str]:
    """The name without its branch, and the text that names the branch."""
    ends = [match.end() for match in _WHOLE.finditer(text)]
    if ends and ends[0] < len(text):
        rest = text[ends[0] :]
        # 集团有限公司 may own a company that carries the whole name of its parent in front of its own
        return (text, "") if words.form.fullmatch(rest) else (text[: ends[0]], rest)
    match = words.branch.search(text)
    if not match and text.endswith("店") and not _trade(text, words):
        # 老马家牛肉面城关店: a known place between trade and 店
        for length in (2, 3, 4):
            place, before = text[-length - 1 : -1], text[: -length - 1]
            if len(before) >= 2 and (place in learnt.named or place in words.places) and _trade(before, words):
                return before, place + "店"
    if not match or match.start() < 2:
        return text, ""
    head, branch = text[: match.start()], text[match.start() :]
    for length in (2, 3, 4, 5):
        place, before = head[-length:], head[:-length]
        if len(before) < 3:
            break
        bare = _SUFFIX.sub("", place)
        if (
            bare in learnt.named
            or bare in words.places
            or ((_trade(before, words) or words.institution.search(before)) and not _trade(head, words) and length <= 4)
        ):
            return before, place + branch
    if _trade(head, words) or words.form.search(head) or words.institution.search(head):
        return head, branch
    # 城关店 alone after a 字号: the shop is the whole, there is nothing that it would be a branch of
    return (head, branch) if match[0] not in ("一店", "二店", "三店") else (text, "")


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


def _region(text: str, words: _Words, learnt: Learnt) -> tuple[str, str, bool]:
    """Region as written, what follows, and whether the region was read without its ending."""
    at, guessed, county = 0, False, False
    if match := _PROVINCE.match(text):
        at = match.end()
    for pattern in (_CITY, _DISTRICT):
        match = pattern.match(text, at)
        if match and len(text) > match.end() and _regional(match[0], text[match.end() :], words):
            at = match.end()
            county = pattern is _DISTRICT
        elif pattern is _CITY and (place := _bare(text, at, words, learnt)):
            at += len(place)
            guessed = True
            if at and (again := _bare(text, at, words, learnt)) and place in words.places:
                at += len(again)
    if county or guessed or at:
        for pattern in (_ZONE, _TOWN):
            if (match := pattern.match(text, at)) and (pattern is _ZONE or match[0] in learnt.named):
                at = match.end()
    return text[:at], text[at:], guessed


def _regional(place: str, rest: str, words: _Words) -> bool:
    """Not a place when the ending belongs to a trade word that runs over it (超市, 社区服务)."""
    return not any(place[-length:] in words.trades for length in (2, 3)) and not any(
        place[-1] + rest[:length] in words.trades and rest[:length] not in words.trades for length in (1, 2, 3)
    )


def _bare(text: str, at: int, words: _Words, learnt: Learnt) -> str:
    """A place without its ending at this position, when what follows still holds a 字号."""
    for length in (4, 3, 2):
        place = text[at : at + length]
        if len(place) < length or not (place in words.places or place in learnt.places):
            continue
        rest = text[at + length :]
        if _SUFFIX.match(rest) and len(rest) > 1 and (place + rest[0]) in learnt.named:
            continue
        tradename, trade = _split(rest, words, True)
        if len(tradename) < 2 and not (tradename and trade and place in words.places):
            continue
        whole = _split(text[at:], words, True)[0]
        if at == 0 and whole in learnt.tradenames and tradename not in learnt.tradenames:
            continue
        return place
    return ""


@lru_cache(maxsize=100_000)
def _cover(text: str, words: _Words) -> tuple[int, ...]:
    """Starts from which the text to its end is nothing but trade words, longest first."""
    starts = [False] * (len(text) + 1)
    starts[len(text)] = True
    for start in range(len(text) - 1, -1, -1):
        for length in words.lengths.get(text[start], ()):
            if start + length <= len(text) and starts[start + length] and text[start : start + length] in words.trades:
                starts[start] = True
                break
    return tuple(start for start in range(len(text)) if starts[start])


def _trade(text: str, words: _Words) -> str:
    starts = [start for start in _cover(text, words) if start >= 1]
    return text[starts[0] :] if starts else ""


def _split(rest: str, words: _Words, formed: bool) -> tuple[str, str]:
    """字号 and trade: the longest run of trade words at the end that leaves two characters, else one."""
    starts = _cover(rest, words)
    for least in (2, 1):
        for start in starts:
            if start >= least:
                return rest[:start], rest[start:]
    if starts:  # nothing but trade words: the first of them has to serve as 字号
        inner = [start for start in _cover(rest, words) if start > 0]
        return (rest[: inner[0]], rest[inner[0] :]) if inner else (rest, "")
    if formed and len(rest) >= 4 and (start := _noun(rest)) >= 2:
        return rest[:start], rest[start:]
    if len(rest) >= 3 and rest[-1] in words.endings:
        if len(rest) >= 5 and (start := _noun(rest[:-1])) >= 2:
            return rest[:start], rest[start:]
        return rest[:-1], rest[-1]
    return rest, ""


def split(text: str) -> tuple[str, str]:
    """字号 and trade of a text that has no region, form or branch."""
    return _split(text, _words(lexicon()), False)


def _noun(text: str) -> int:
    """Where the last word of the text begins, when the dictionary has it as a word of two characters or more."""
    tokens = _tagger().lcut(text, HMM=False)
    if len(tokens) < 2 or len(tokens[-1]) < 2:
        return 0
    start = len(text) - len(tokens[-1])
    # 机器人研发, 牦牛养护: two words of which both are common ones
    if start - len(tokens[-2]) >= 2 and len(tokens[-2]) >= 2:
        start -= len(tokens[-2])
    return start


@lru_cache(maxsize=1)
def _tagger():  # type: ignore[no-untyped-def]
    import logging

    import jieba  # type: ignore[import-untyped]

    jieba.setLogLevel(logging.WARNING)
    tokenizer = jieba.Tokenizer()
    tokenizer.initialize()
    return tokenizer


def learn(values: Iterable[str]) -> Learnt:
    """What a table of names teaches about regions. The order of the values does not matter.

    A place is what stands before 省, 市, 区, 县, 州 or 旗 at the start of at least two names that go on differently.
    Without its ending it counts as a region when at least two names begin with it and go on differently.
    """
    words = _words(lexicon())
    continuations: dict[str, set[str]] = defaultdict(set)
    heads: list[str] = []
    explicit: dict[str, set[str]] = defaultdict(set)
    for value in values:
        text = _NOISE.sub("", clean(value).translate(_BRACKETS)).upper()
        if len(text) < 5:
            continue
        text, notes = _without_brackets(text)
        for note in notes:
            if 2 <= len(note) <= 4 and note not in _FORM_NOTES:
                explicit[_SUFFIX.sub("", note) if len(note) > 2 else note].add(text[:2])
        at = match.end() if (match := _PROVINCE.match(text)) else 0
        for pattern in (_CITY, _DISTRICT):
            if (match := pattern.match(text, at)) and _regional(match[0], text[match.end() :], words):
                bare = _SUFFIX.sub("", match[0])
                if len(bare) >= 2:
                    explicit[bare].add(text[match.end() : match.end() + 2])
                at = match.end()
        if match := _TOWN.match(text, at):
            explicit[match[0]].add(text[match.end() : match.end() + 2])
        if not at:
            heads.append(text)
    named = {place for place, after in explicit.items() if len(after) >= 2}
    for text in heads:
        for length in (2, 3, 4):
            if text[:length] in named:
                continuations[text[:length]].add(text[length : length + 2])
    places = frozenset(place for place in named if len(continuations[place]) >= 2 or place in words.places)
    return Learnt(frozenset(named), places)
