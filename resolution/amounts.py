"""Amounts: money, numbers and coordinates in the notations that agencies write, Chinese numerals included."""

from __future__ import annotations

import math
import re
from decimal import Decimal, InvalidOperation


class Unreadable(ValueError):
    """A text cannot be read as the value that its column wants; the message is the reason, in Chinese."""


DIGITS = dict(zip("〇○零一二三四五六七八九", [0, 0, 0, *range(1, 10)], strict=True))
_CAPITALS = str.maketrans(
    "壹贰貳叁參肆伍陆陸柒捌玖两兩拾佰仟萬億圆圓廿卅", "一二二三三四五六六七八九二二十百千万亿元元廿卅"
)
_SMALL = {"十": 10, "百": 100, "千": 1000}
_LARGE = {"万": 10_000, "亿": 100_000_000}
_SCALES = {"": 0, "百": 2, "千": 3, "万": 4, "十万": 5, "百万": 6, "千万": 7, "亿": 8, "万亿": 12}
_LIMIT = Decimal(10) ** 15

_PLAIN = r"(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d*)?|\.\d+"
_NUMBER = re.compile(rf"([-+]?)({_PLAIN})((?:[eE][-+]?\d{{1,2}})?)(百|千|十万|百万|千万|万亿|万|亿)?")
_MIXED = re.compile(r"(?:(\d+(?:\.\d+)?)亿)?(?:(\d+(?:\.\d+)?)万)?(?:(\d+(?:\.\d+)?)千)?(\d+(?:\.\d+)?)?")
_UNITS = re.compile(
    r"(?:m2|m\^2|m3|m\^3|平方米|平米|平方|立方米|立方|米|吨|t|T|度|千瓦时|kwh|kWh|KWH|kW·h|方|个月|月|天|日|年"
    r"|人次|人|次|个|件|户|台|套|份|宗|起|名|条|笔|%|‰)$"
)


def read_money(text: str) -> float:
    """An amount in yuan: 1200, 1,200.00, ¥1200元, 1.2万, 1.2万元, 1万2000元, (1,200.00) for minus, 壹万贰仟元整."""
    plain = re.sub(r"\s", "", text)
    if re.search(r"[$€£]|美元|港[币元]|欧元|日元|英镑|USD|HKD|EUR|JPY", plain, re.IGNORECASE):
        raise Unreadable("不是人民币金额，请折算为元")
    plain = re.sub(r"^(?:人民币|RMB|CNY)?[¥]?", "", plain, flags=re.IGNORECASE)
    plain = re.sub(r"(?:RMB|CNY|人民币)$", "", plain, flags=re.IGNORECASE)
    minus = 1
    if match := re.fullmatch(r"\((.+)\)", plain):
        minus, plain = -1, match[1]
    if match := re.match(r"([-+])[¥]?(?=\d)", plain):
        minus, plain = (-minus if match[1] == "-" else minus), plain[match.end() :]
    yuan = re.sub(r"(?:元|圆|圓|块)?[整正]?$", "", plain)
    amount = _decimal(yuan)
    if amount is None:
        amount = _mixed(yuan, whole_yuan=yuan != plain)
    if amount is None:
        amount = _in_words(plain)
    if amount is None:
        raise Unreadable("看不出金额，请以元为单位写作 1200.00")
    return _float(minus * amount)


def read_number(text: str) -> float:
    """A number, with or without its unit: 1200, 1,200.5, 45.09㎡, 214.4吨, 1.2万, 40% (→ 40), 三."""
    plain = re.sub(r"\s", "", text)
    if match := re.fullmatch(r"百分之(.+)", plain):
        plain = match[1]
    bare = _UNITS.sub("", plain)
    for form in (plain, bare):
        amount = _decimal(form)
        if amount is None:
            amount = _in_words(form)
        if amount is not None:
            return _float(amount)
    raise Unreadable("看不出数值，请只写数字")


_DEGREES = re.compile(r"(\d{1,3})[°度](?:(\d{1,2}(?:\.\d+)?)['′’分])?(?:(\d{1,2}(?:\.\d+)?)(?:[\"″”秒]|''|′′))?")


def read_coordinate(text: str, limit: int) -> float:
    """A longitude (`limit` 180) or latitude (90) in degrees: 103.7645, E103.7645, 103°45′52″."""
    plain = re.sub(r"\s", "", text).upper()
    minus = -1 if re.search(r"[WS]|西经|南纬", plain) else 1
    plain = re.sub(r"^(?:东经|西经|北纬|南纬|[EWNS])|[EWNS]$", "", plain)
    if match := _DEGREES.fullmatch(plain):
        degrees = math.fsum(float(part or 0) / pow(60, power) for power, part in enumerate(match.groups()))
    else:
        amount = _decimal(plain.rstrip("°度"))
        if amount is None:
            raise Unreadable("看不出经纬度，请写作十进制度数，如 103.7645131")
        degrees = float(amount)
    if abs(degrees) > limit:
        raise Unreadable(f"经纬度超出 ±{limit} 度，请核对")
    return minus * degrees


def whole(text: str) -> int:
    """A small whole number in figures or Chinese (12, 十二, 二〇二四, 元 for the first). -1 when it is none."""
    if text.isascii() and text.isdigit():
        return int(text)
    if text in ("元", "正"):
        return 1
    if all(char in DIGITS for char in text):
        return int("".join(str(DIGITS[char]) for char in text))
    amount = _spoken(text.replace("廿", "二十").replace("卅", "三十"))
    return -1 if amount is None else int(amount)


def _decimal(text: str) -> Decimal | None:
    match = _NUMBER.fullmatch(text)
    if not match:
        return None
    try:
        value = Decimal(match[1] + match[2].replace(",", "") + match[3])
    except InvalidOperation:
        return None
    return value.scaleb(_SCALES[match[4] or ""])


def _mixed(text: str, *, whole_yuan: bool) -> Decimal | None:
    """1万2000元: parts by their scale. A short tail without 元 (3万5) could mean anything."""
    match = _MIXED.fullmatch(text)
    if not match or not any(match.groups()[:3]):
        return None
    if match[4] and not (whole_yuan or len(match[4].split(".")[0]) >= 4):
        return None
    parts = zip(match.groups(), (8, 4, 3, 0), strict=True)
    return sum((Decimal(part).scaleb(scale) for part, scale in parts if part), Decimal(0))


def _in_words(text: str) -> Decimal | None:
    """An amount in Chinese numerals, 元角分 included."""
    plain = text.translate(_CAPITALS)
    match = re.fullmatch(
        r"(?:([^元角分整正]+)元?)?零?(?:([一二三四五六七八九])角)?零?(?:([一二三四五六七八九])分)?[整正]?", plain
    )
    if not match or not any(match.groups()):
        return None
    main = _spoken(match[1]) if match[1] else Decimal(0)
    if main is None:
        return None
    return main + Decimal(DIGITS[match[2]] if match[2] else 0) / 10 + Decimal(DIGITS[match[3]] if match[3] else 0) / 100


def _spoken(text: str) -> Decimal | None:
    """A whole number in simple Chinese numerals (一万二千三百).

    None when it is none, or when it is short for another (一万二 is said for 一万二千).
    """
    total = section = 0
    digit: int | None = None
    last = ""
    floor = 10**12
    for char in text:
        if char in DIGITS:
            if digit:
                return None
            digit = DIGITS[char]
        elif char in _SMALL:
            section += (1 if digit is None else digit) * _SMALL[char]
            digit = None
        elif char in _LARGE:
            section += digit or 0
            if section == 0 or _LARGE[char] >= floor:
                return None
            total, section, digit, floor = total + section * _LARGE[char], 0, None, _LARGE[char]
        else:
            return None
        if char in DIGITS and last in ("百", "千", "万", "亿") and DIGITS[char] and text.endswith(last + char):
            return None
        last = char
    if not text:
        return None
    return Decimal(total + section + (digit or 0))


def _float(amount: Decimal) -> float:
    if abs(amount) >= _LIMIT:
        raise Unreadable("数值过大，请核对")
    return float(amount)
