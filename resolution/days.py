"""Days: dates, times, months and years in the notations that agencies write."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta

from resolution.amounts import DIGITS, Unreadable, whole

FIRST_YEAR, LAST_YEAR = 1900, 2100
EXCEL_EPOCH = datetime(1899, 12, 30)  # noqa: DTZ001  days in Excel have no zone
LOCAL = timedelta(hours=8)  # China Standard Time, in which all agencies write

_CN = "".join(DIGITS) + "十廿卅元正"
_SEPARATED = re.compile(
    rf"([\d{_CN}]{{4}})\s*[-/.年]\s*([\d{_CN}]{{1,3}})\s*[-/.月]\s*([\d{_CN}]{{1,3}})\s*[日号]?\s*[.。]?(?:\s*[T,]?\s*(.+))?"
)
_COMPACT = re.compile(r"(\d{4})(\d\d)(\d\d)(?:\s*T?(\d\d:?\d\d(?::?\d\d)?))?")
_ENGLISH = (
    re.compile(r"(?P<d>\d{1,2})[- ](?P<m>[A-Za-z]{3,9})\.?[- ,]+(?P<y>\d{4})(?:\s+(?P<t>\d.*))?"),
    re.compile(r"(?P<m>[A-Za-z]{3,9})\.?\s+(?P<d>\d{1,2}),?\s+(?P<y>\d{4})(?:\s+(?P<t>\d.*))?"),
)
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_SERIAL = re.compile(r"\d{5}(?:\.\d+)?")
_TIME = re.compile(
    r"(?:(?:\(?(?:星期|周|礼拜)[一二三四五六日天]\)?)\s*)?"
    r"(?:(?P<half>上午|下午|中午|晚上|凌晨|[AaPp][Mm])?\s*(?P<h>\d{1,2})\s*[:时点](?:\s*(?P<m>\d{1,2})\s*(?:[:分]|$)?)?"
    r"(?:\s*(?P<s>\d{1,2})(?:[.,]\d+)?\s*秒?)?\s*(?P<after>[AaPp][Mm])?\s*(?P<zone>Z|[-+]\d\d:?\d\d)?)?"
)
_MONTH = re.compile(rf"([\d{_CN}]{{4}})\s*[-/.年]\s*([\d{_CN}]{{1,3}})\s*(?:月份?)?")
_YEAR = re.compile(rf"([\d{_CN}]{{4}})(?:\.0+)?\s*(?:年度?)?")
_DASHES = re.compile(r"[‐‑‒–—−]")


def read_date(text: str) -> date:
    """A day: 2024-03-05, 2024/3/5, 2024.3.5, 20240305, 2024年3月5日, 二〇二四年三月五日, an Excel serial number.

    A time behind it is left off.
    """
    return read_datetime(text).date()


def read_datetime(text: str) -> datetime:
    """A day as `read_date` reads it with a time behind it (local time; midnight where there is none)."""
    plain = _DASHES.sub("-", text).strip()
    if re.fullmatch(r"\d+\.0+", plain):
        plain = plain.split(".")[0]
    if match := _COMPACT.fullmatch(plain):
        clock = match[4] and re.sub(r"^(\d\d):?(\d\d)(?::?(\d\d))?$", r"\1:\2:\3", match[4]).rstrip(":")
        return _moment(int(match[1]), int(match[2]), int(match[3]), clock)
    if match := _SEPARATED.fullmatch(plain):
        return _moment(whole(match[1]), whole(match[2]), whole(match[3]), match[4])
    if _SERIAL.fullmatch(plain):
        moment = EXCEL_EPOCH + timedelta(days=float(plain))
        return _within(moment + timedelta(microseconds=500_000)).replace(microsecond=0)
    for pattern in _ENGLISH:
        if (match := pattern.fullmatch(plain)) and match["m"][:3].lower() in _MONTHS:
            return _moment(int(match["y"]), _MONTHS.index(match["m"][:3].lower()) + 1, int(match["d"]), match["t"])
    raise Unreadable("看不出是哪一天，请写作 2024-03-05")


def read_month(text: str) -> date:
    """The first day of a month: 2024-03, 202403, 2024/3, 2024年3月, or any day in it."""
    plain = _DASHES.sub("-", text).strip()
    if re.fullmatch(r"\d{6}(\.0+)?", plain):
        plain = f"{plain[:4]}-{plain[4:6]}"
    if match := _MONTH.fullmatch(plain):
        return _moment(whole(match[1]), whole(match[2]), 1, None).date()
    try:
        return read_date(plain).replace(day=1)
    except Unreadable:
        raise Unreadable("看不出是哪个月，请写作 2024-03") from None


def read_year(text: str) -> int:
    """A year: 2024, 2024年, 2024年度, or any day in it."""
    if match := _YEAR.fullmatch(text.strip()):
        return _moment(whole(match[1]), 1, 1, None).year
    try:
        return read_month(text).year
    except Unreadable:
        raise Unreadable("看不出是哪一年，请写作 2024") from None


def _moment(year: int, month: int, day: int, clock: str | None) -> datetime:
    try:
        midnight = datetime(year, month, day)  # noqa: DTZ001  local, as written
    except (ValueError, OverflowError):
        raise Unreadable("没有这一天，请核对年月日") from None
    _within(midnight)
    return _within(midnight + _clock(clock.strip())) if clock and clock.strip() else midnight


def _clock(text: str) -> timedelta:
    """Time since midnight."""
    match = _TIME.fullmatch(text)
    if not match:
        raise Unreadable("看不出是什么时间，请写作 2024-03-05 14:30")
    if match["h"] is None:
        return timedelta()
    hour, minute, second = int(match["h"]), int(match["m"] or 0), int(match["s"] or 0)
    half = (match["half"] or match["after"] or "").lower()
    if half in ("下午", "晚上", "pm") and hour < 12:
        hour += 12
    if half in ("上午", "凌晨", "am") and hour == 12:
        hour = 0
    if (hour, minute, second) > (24, 0, 0) or minute > 59 or second > 59:
        raise Unreadable("没有这个时间，请核对时分秒")
    moment = timedelta(hours=hour, minutes=minute, seconds=second)
    if zone := match["zone"]:
        digits = "+0000" if zone == "Z" else zone.replace(":", "")
        ahead = timedelta(hours=int(digits[1:3]), minutes=int(digits[3:])) * (-1 if digits[0] == "-" else 1)
        moment += LOCAL - ahead
    return moment


def _within(moment: datetime) -> datetime:
    if not FIRST_YEAR <= moment.year <= LAST_YEAR:
        raise Unreadable(f"年份不在 {FIRST_YEAR} 至 {LAST_YEAR} 之间，请核对")
    return moment
