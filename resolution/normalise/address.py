"""Addresses taken apart by their grammar: region, road and number, compound, building, unit, room; village and group.

No list of places is needed: each part is known by the word that ends it.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from resolution.normalise.text import NUMERAL, clean, number


class Address(NamedTuple):
    """One address. Numbers are digits without leading zeros; parts that are not told are None.

    `base` names the place (road, number and compound, or village, group and house number); `key` adds building, unit
    and room and is the same for all notations of one unit; `place_key` is the key without them. `rest` is what was
    not understood.
    """

    province: str | None = None
    city: str | None = None
    district: str | None = None
    street: str | None = None
    road: str | None = None
    number: str | None = None
    compound: str | None = None
    building: str | None = None
    unit: str | None = None
    room: str | None = None
    village: str | None = None
    group: str | None = None
    rest: str | None = None
    base: str | None = None
    key: str | None = None
    place_key: str | None = None


_N = rf"(?:\d+|[{NUMERAL}]+)"
_PROVINCE = re.compile(
    r"(?:中国)?(?P<province>[^省市区县]{2,3}省|(?:内蒙古|广西壮族|西藏|宁夏回族|新疆维吾尔)自治区"
    r"|(?:内蒙古|广西|西藏|宁夏|新疆|河北|山西|辽宁|吉林|黑龙江|江苏|浙江|安徽|福建|江西|山东|河南|湖北|湖南|广东|海南"
    r"|四川|贵州|云南|陕西|甘肃|青海)(?=[^路街巷道]{2,7}?(?:市|州|地区|盟|县|区)))"
)
_CITY = re.compile(
    r"(?P<city>[^省市区县路街道巷镇乡村号\d]{1,7}?(?:市(?!场|政|民)|自治州|地区|盟(?=.{1,4}旗|.{1,4}[市县]))"
    r"|[^省市区县路街道巷镇乡村号\d]{2,6}州(?=.{1,4}[市县]))"
)
_DISTRICT = re.compile(
    r"(?P<district>[^省市区县路街道巷镇乡村号\d]{1,8}?(?:自治县|自治旗|林区|特区|新区|矿区"
    r"|(?<![小社园校厂库院景片住山])区(?!域|间)|县|旗(?!舰)|市(?!场|政|民)))"
)
_ZONE = re.compile(r"[^省市区县路街巷镇乡村号\d]{0,6}?(?:经济技术开发区|高新技术产业开发区|高新区|经开区|开发区|新区)")
_STREET = re.compile(
    r"(?P<street>[^路街巷号\d]{1,8}?(?:街道办事处|地区办事处|街道|民族乡|镇(?![东西南北中前后]?[路街])|乡(?![路街村])|苏木))"
)
_COMMUNITY = re.compile(
    r"[^路街巷号\d]{1,8}?(?:社区居民委员会|社区居委会|居民委员会|居委会|社区)(?=.)"
    rf"(?!\d*(?:号楼|栋|幢|-)|第?{_N}(?:村民小组|居民小组|小组|组|社))"
)
_VILLAGE = re.compile(
    rf"(?P<village>[^路街巷号\d]{{1,9}}?(?:嘎查|村|社区))(?:村?民委员会|村?委会|居民委员会|居委会)?"
    rf"(?=$|[^\d路街巷]{{0,5}}?{_N}(?:村民小组|居民小组|小组|组|社|队|屯|号(?!楼|院))|[^\d路街巷]{{1,3}}(?:组|社|队|屯)(?!区)|村民小组)"
)
_HAMLET = re.compile(rf"(?P<village>[^路街巷号\d]{{2,6}}?)(?=(?:第)?{_N}(?:村民小组|组|社|队)(?!区))")
_GROUP = re.compile(
    rf"(?:第)?(?P<group>{_N}|[^\d路街巷号{NUMERAL}]{{1,4}}?)(?:村民小组|居民小组|生产队|小组|小队|大队|组|社(?!区)|队|屯)"
)
_ROAD = re.compile(
    rf"(?P<road>[^号\d]{{1,12}}?(?:大道|大街|公路|国道|省道|环路|胡同|里弄|路|街(?!道办|区)|巷|弄|道(?![^号\d]{{0,5}}(?:街|路)\d))"
    rf"(?:[东西南北中前后]|[东西南北中]?[{NUMERAL}\d]?段)?(?:{_N}(?:巷|弄|胡同|支路))?)"
    rf"(?=$|{_N}|[甲乙丙]|[^路街巷]|附)"
)
_NUMBER = re.compile(
    rf"(?:门牌)?(?P<number>{_N}(?:[-之]{_N})?[甲乙丙丁]?)(?:号(?!楼)|#(?!楼))(?:院(?=$|\d|[{NUMERAL}]|[A-Z]))?"
    rf"(?:[之-](?P<sub>{_N})(?:号(?!楼))?(?![-\d]))?(?:附(?P<annex>{_N})号?)?"
)
_BARE_NUMBER = re.compile(r"(?P<number>\d+)(?=$|[^\d号栋幢座楼#单层室\-/.])")
_PHASE = re.compile(rf"[(]?(?:第)?({_N})期[)]?")
_BUILDING = re.compile(
    rf"(?P<building>{_N}|[A-Z]\d*|[东西南北中主副甲乙丙丁])(?:号楼|号栋|号幢|栋楼|#楼|栋|幢|座|#|楼(?={_N}单元|{_N}-|[A-Z\d]*\d{{3}}|[东西]单元))"
    rf"(?!层)"
)
_UNIT = re.compile(rf"(?P<unit>{_N}|[A-Z]|[东西南北中甲乙丙丁])(?:号)?(?:单元|门(?!面|市|牌|诊)|梯)")
_FLOOR = re.compile(rf"第?(?P<floor>负?{_N}|B\d)(?:层|楼|F)")
_BLOCK = re.compile(rf"({_N})楼$")
# endings of estates of several buildings, where 15楼 is a building and not a floor
_ESTATES = ("区", "苑", "园", "村", "府", "城", "庭", "院", "居", "里", "湾", "邸", "坊", "期")
_ROOM = re.compile(
    rf"(?P<room>[A-Z]?-?{_N}[A-Z]?|[东西南北中][东西南北]?(?=户|室))(?:号)?"
    rf"(?:室|房间|房|户|铺面|铺位|铺|摊位|摊|档口|车位|商铺|门面|号(?!楼)|$)"
)
_SERIES = re.compile(r"(?P<series>(?:[A-Z]?\d+[-/.]){1,3}[A-Z]?\d+[A-Z]?)(?:室|房|户|号)?$")
_COMPOUND_END = re.compile(
    rf"(?:[A-Z]?\d+[-/.#]|(?:{_N}|[A-Z]\d*|[东西南北主副甲乙丙丁])(?:号楼|号栋|号幢|栋|幢|座(?!落)|单元|#)|负?{_N}(?:层|楼|室|房|户|号)|[东西南北中]户|[A-Z]?\d{{2,4}}[A-Z]?$|第?{_N}[层楼]|[A-Z]?\d+[A-Z]?(?:室|号))"
)
_NOTE = re.compile(r"[(\[【〔][^()\[\]【】〔〕]*[)\]】〕]")
_PUNCTUATION = re.compile(r"[,、。;:'\"“”‘’|\\]+|(?<!\d)\.|\.(?!\d)")
_NOTHING = frozenset(("", "无", "不详", "未知", "暂无", "-", "/", "同上", "不明", "未填"))


def parse(value: str) -> Address:
    """The parts of an address.

    >>> parse("云岭市河东区平凉路579号天成嘉苑15号楼2单元1303室").key == parse("河东区平凉路579號天成嘉苑15-2-1303").key
    True
    >>> parse("白高镇张家村三社12号").base
    '张家村3组12号'
    """
    text = clean(value).upper()
    if text in _NOTHING:
        return Address()
    notes: list[str] = []

    def note(match: re.Match[str]) -> str:
        inside = match[0][1:-1]
        if _PHASE.fullmatch(inside) or inside in "东西南北中" or re.fullmatch(r"[A-Z\d]区|[东南西北]区", inside):
            return inside
        notes.append(inside)
        return ""

    text = _PUNCTUATION.sub("", _NOTE.sub(note, text))
    parts: dict[str, str | None] = {}
    for pattern in (_PROVINCE, _CITY, _DISTRICT):
        if match := pattern.match(text):
            parts.update(match.groupdict())
            text = text[match.end() :]
    if "district" not in parts and "city" in parts and (match := _DISTRICT.match(text)):
        parts["district"] = match["district"]
        text = text[match.end() :]
    if (match := _ZONE.match(text)) and len(text) > match.end():
        notes.append(match[0])
        text = text[match.end() :]
    if (match := _STREET.match(text)) and not text[match.end() :].startswith(("路", "街")):
        parts["street"] = match["street"].removesuffix("办事处")
        text = text[match.end() :]
    if match := _COMMUNITY.match(text):
        notes.append(match[0])
        text = text[match.end() :]
    return _place(text, parts, notes)


def _place(text: str, parts: dict[str, str | None], notes: list[str]) -> Address:
    text = _village(text, parts)
    if "village" not in parts and (match := _ROAD.match(text)):
        parts["road"] = match["road"]
        text = text[match.end() :]
    if match := _NUMBER.match(text):
        parts["number"] = _house(match)
        text = text[match.end() :]
    elif "road" in parts and (match := _BARE_NUMBER.match(text)):
        parts["number"] = number(match["number"])
        text = text[match.end() :]
    text = _compound(text, parts)
    text = _inside(text, parts)
    if text:
        notes.append(text)
    base = _base(parts)
    unit = [parts.get("building"), parts.get("unit"), parts.get("room")]
    return Address(
        **parts,
        rest=" ".join(notes) or None,
        base=base or None,
        key="|".join([base, *(part or "" for part in unit)]) if base else None,
        place_key=base or None,
    )


def _village(text: str, parts: dict[str, str | None]) -> str:
    if match := _VILLAGE.match(text):
        village = match["village"]
        for word in ("行政村", "自然村", "中心村"):
            if village.endswith(word) and len(village) > len(word):
                village = village.removesuffix(word) + "村"
        parts["village"] = village
    elif match := _HAMLET.match(text):
        if _ROAD.match(match[0]):
            return text
        parts["village"] = match["village"]
    else:
        return text
    text = text[match.end() :]
    if match := _GROUP.match(text):
        parts["group"] = number(match["group"]) if re.fullmatch(_N, match["group"]) else match["group"]
        text = text[match.end() :]
    return text


def _house(match: re.Match[str]) -> str:
    main = re.sub(_N, lambda found: number(found[0]), match["number"]).replace("之", "-")
    if match["sub"]:
        main += f"-{number(match['sub'])}"
    if match["annex"]:
        main += f"附{number(match['annex'])}"
    return main


def _compound(text: str, parts: dict[str, str | None]) -> str:
    """The name of the estate or building: what stands before the first building, unit, floor or room."""
    end = _COMPOUND_END.search(text)
    name, text = (text[: end.start()], text[end.start() :]) if end else (text, "")
    if phase := _PHASE.match(text):
        name, text = name + phase[0], text[phase.end() :]
        end = _COMPOUND_END.search(text)
        name, text = (name + text[: end.start()], text[end.start() :]) if end else (name + text, "")
    name = _PHASE.sub(lambda found: f"{number(found[1])}期", name).strip("-/.#第")
    if name:
        parts["compound"] = name
    return text


def _inside(text: str, parts: dict[str, str | None]) -> str:
    """Building, unit and room; what is left."""
    if match := _SERIES.match(text):
        return _series(match, parts)
    floor = None
    if match := _BUILDING.match(text):
        parts["building"] = _label(match["building"])
        text = text[match.end() :]
    if (match := _SERIES.match(text)) and "building" in parts:
        unit, *inner = map(_label, re.split("[-/.]", match["series"]))
        # a third number is the flat on the floor before it
        parts["unit"], parts["room"] = unit, inner[0] + "".join(flat.zfill(2) for flat in inner[1:])
        return ""
    text = text.lstrip("-/")
    if match := _UNIT.match(text):
        parts["unit"] = _label(match["unit"])
        text = text[match.end() :].lstrip("-/")
    if (match := _BLOCK.match(text)) and (parts.get("compound") or "").endswith(_ESTATES):
        parts["building"] = _label(match[1])
        return ""
    if match := _FLOOR.match(text):
        floor = re.sub(_N, lambda found: number(found[0]), match["floor"]).replace("负", "B")
        text = text[match.end() :].lstrip("-/")
    if match := _ROOM.match(text):
        room = _label(match["room"].replace("-", ""))
        if floor and floor.isdigit() and room.isdigit() and len(room) <= 2:
            room = floor + room.zfill(2)
        elif floor and not room[0].isdigit() and not room[0].isascii():
            room = f"{floor}层{room}"
        parts["room"] = room
        text = text[match.end() :]
    elif floor:
        parts["room"] = f"{floor}层"
    return text


def _series(match: re.Match[str], parts: dict[str, str | None]) -> str:
    """11-1-1804 is building, unit, room; 11-1804 building and room; a fourth number before them is the house's."""
    *before, last = map(_label, re.split("[-/.]", match["series"]))
    if len(before) == 3:
        parts.setdefault("number" if "compound" not in parts else "compound", before[0])
        before = before[1:]
    parts["building"], parts["room"] = before[0], last
    if len(before) == 2:
        parts["unit"] = before[1]
    return ""


def _label(text: str) -> str:
    """A number of a building, unit or room as digits; letters stay."""
    return number(text) if re.fullmatch(_N, text) else re.sub(r"\d+", lambda found: number(found[0]), text)


def _base(parts: dict[str, str | None]) -> str:
    base = parts.get("village") or parts.get("road") or ""
    if group := parts.get("group"):
        base += f"{group}组"
    if house := parts.get("number"):
        base += f"{house}号"
    return base + (parts.get("compound") or "")
