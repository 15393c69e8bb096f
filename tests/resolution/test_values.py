"""What a person would understand is understood; what a person would ask back about is not."""

# ruff: noqa: DTZ001  moments in agency files are local and say no zone

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from resolution.amounts import Unreadable
from resolution.days import read_date, read_datetime
from resolution.source import Column, Lookup
from resolution.values import convert, masked, normalised, reader

READ: list[tuple[str, str, Any]] = [
    *(
        ("date", text, date(2024, 3, 5))
        for text in (
            "2024-03-05", "2024-3-5", "2024/3/5", "2024.03.05", "20240305", "2024年3月5日", "2024年03月05日",
            "二〇二四年三月五日", "二零二四年三月五日", "二○二四年三月五号", "２０２４年３月５日", " 2024 - 03 - 05 ",
            "2024-03-05 00:00:00", "2024-03-05T00:00:00+08:00", "2024/03/05 08:01", "45356", "45356.0", "20240305.0",
            "2024-03-05 星期二", "5-Mar-2024", "2024—03—05", "20240305080102",
        )
    ),
    ("date", "二〇二三年十二月三十一日", date(2023, 12, 31)),
    ("date", "2024-02-29", date(2024, 2, 29)),
    ("datetime", "2024-03-05 08:01", datetime(2024, 3, 5, 8, 1)),
    ("datetime", "2024/03/05 08:01:02", datetime(2024, 3, 5, 8, 1, 2)),
    ("datetime", "2024年3月5日15时30分", datetime(2024, 3, 5, 15, 30)),
    ("datetime", "2024-3-5 下午3:05", datetime(2024, 3, 5, 15, 5)),
    ("datetime", "2024-03-05T00:01:02Z", datetime(2024, 3, 5, 8, 1, 2)),
    ("datetime", "45356.5", datetime(2024, 3, 5, 12)),
    ("datetime", "20240305", datetime(2024, 3, 5)),
    *(
        ("month", text, date(2024, 3, 1))
        for text in ("2024-03", "202403", "2024-3", "2024年3月", "2024年03月份", "2024/03", "2024.3", "2024-03-17")
    ),
    ("year", "2024", 2024),
    ("year", "2024年度", 2024),
    ("year", "2024.0", 2024),
    ("money", "1200", 1200.0),
    ("money", "1,200.00", 1200.0),
    ("money", "１，２００．００", 1200.0),
    ("money", "1.2万", 12000.0),
    ("money", "1.2万元", 12000.0),
    ("money", "1万2000元", 12000.0),
    ("money", "壹万贰仟元", 12000.0),
    ("money", "壹万贰仟叁佰肆拾伍元陆角柒分", 12345.67),
    ("money", "￥1200", 1200.0),
    ("money", "1200元", 1200.0),
    ("money", "1200元整", 1200.0),
    ("money", "(1,200.00)", -1200.0),
    ("money", "1.2亿元", 120_000_000.0),
    ("money", "0", 0.0),
    ("number", "40%", 40.0),
    ("number", "百分之四十", 40.0),
    ("number", "45.09㎡", 45.09),
    ("number", "45.09 平方米", 45.09),
    ("number", "214.4吨", 214.4),
    ("number", "1,234.5", 1234.5),
    ("number", "十二", 12.0),
    ("lon", "103.7645131", 103.7645131),
    ("lat", "北纬36.5°", 36.5),
    ("lat", "36°30′00″", 36.5),
    *(("bool", text, True) for text in ("是", "有", "Y", "yes", "TRUE", "1", "√", "已移送", "Ｙ")),
    *(("bool", text, False) for text in ("否", "无", "N", "no", "False", "0", "×", "未移送", "没有")),
]  # fmt: skip

REFUSED = [
    ("date", "2023-02-30", "没有这一天"),
    ("date", "20230230", "没有这一天"),
    ("date", "2023-02-29", "没有这一天"),
    ("date", "2024-13-01", "没有这一天"),
    ("date", "1899-12-31", "年份"),
    ("date", "2101-01-01", "年份"),
    ("date", "9999-12-31", "年份"),
    ("date", "2024-03", "看不出是哪一天"),
    ("date", "24-3-5", "看不出是哪一天"),
    ("date", "3/5/2024", "看不出是哪一天"),
    ("date", "三月", "看不出是哪一天"),
    ("datetime", "2024-03-05 25:00", "没有这个时间"),
    ("month", "202413", "没有"),
    ("month", "2024", "看不出是哪个月"),
    ("year", "24", "看不出是哪一年"),
    ("money", "一万二", "看不出金额"),
    ("money", "3万5", "看不出金额"),
    ("money", "12,00", "看不出金额"),
    ("money", "$1200", "不是人民币"),
    ("money", "大约一千", "看不出金额"),
    ("money", "50%", "看不出金额"),
    ("money", "1e20", "过大"),
    ("number", "1/3", "看不出数值"),
    ("number", "nan", "看不出数值"),
    ("number", "inf", "看不出数值"),
    ("lon", "203.7", "超出"),
    ("bool", "待定", "看不出是或否"),
]


@pytest.mark.parametrize(("kind", "text", "value"), READ)
def test_notation_is_understood(kind: Any, text: str, value: object) -> None:
    assert reader(of(kind), {})(normalised(text)) == value


@pytest.mark.parametrize(("kind", "text", "reason"), REFUSED)
def test_doubtful_notation_is_refused_with_its_reason(kind: Any, text: str, reason: str) -> None:
    with pytest.raises(Unreadable, match=reason):
        reader(of(kind), {})(normalised(text))


def of(kind: str, **more: Any) -> Column:
    """A column of this type."""
    return Column.model_validate({"header": "列", "type": kind, **more})


def column(texts: list[Any], kind: str, **spec: Any) -> tuple[list[Any], list[tuple[int, str]]]:
    """The values of a column of these texts, and the rows in which it is wrong with the reason."""
    lookups = spec.pop("lookups", {})
    values, wrong = convert(pa.chunked_array([pa.array(texts, pa.string())]), of(kind, **spec), lookups)
    return values.to_pylist(), [(each.row, each.reason) for each in wrong]


def test_enum_takes_spaces_full_width_codes_and_local_wordings() -> None:
    local = {"解矫": Lookup(value="C", why="local wording")}
    values, wrong = column(
        ["Ａ", " b ", "1-A", "解矫", "D", "无"], kind="enum", values=["A", "B", "C"], optional=True, lookups=local
    )
    assert values == ["A", "B", "A", "C", None, None]
    assert [row for row, _ in wrong] == [4]
    assert "A、B、C" in wrong[0][1] and "[lookups]" in wrong[0][1]


def test_words_for_nothing_are_empty_where_the_cell_may_be_empty() -> None:
    words = ["", "-", "—", "/", "无", "暂无", "NULL", "N/A", "null", " ", None]
    assert column(words, kind="phone", optional=True) == ([None] * len(words), [])
    assert column(words, kind="money", optional=True) == ([None] * len(words), [])


def test_required_cell_must_say_something() -> None:
    values, wrong = column(["", "2024-03-05", "-", "长期"], kind="date")
    assert values == [None, date(2024, 3, 5), None, None]
    assert sorted(row for row, _ in wrong) == [0, 2, 3]


def test_required_text_may_say_none() -> None:
    assert column(["无", "-", ""], kind="text") == (["无", "-", None], [(2, "必填项为空，请补填")])


def test_open_end_is_no_day_where_the_day_may_be_missing() -> None:
    assert column(["长期", "0000-00-00"], kind="date", optional=True) == ([None, None], [])


def test_malformed_identifiers_stay_as_text() -> None:
    texts = [
        "6201**********123X",
        "620102196610232000",
        "6.20102E+17",
        "12345",
        "６２０１０２１９６６１０２３２６８７",
        "'0931123",
    ]
    values, wrong = column(list(texts), kind="id", optional=True)
    assert values == [
        "6201**********123X",
        "620102196610232000",
        "6.20102E+17",
        "12345",
        "620102196610232687",
        "0931123",
    ]
    assert wrong == []


def test_lost_character_is_told() -> None:
    values, wrong = column(["张\ufffd", "张三"], kind="text")
    assert [row for row, _ in wrong] == [0]
    assert values[1] == "张三"


def test_document_numbers_have_one_spelling() -> None:
    texts = [
        "（2021）甘0102民初000755号",
        "(2021)甘0102民初 000755号",
        "〔2021〕甘0102民初000755号",
        "[2021]甘0102民初000755号",
    ]
    assert set(column(list(texts), kind="reference")[0]) == {"(2021)甘0102民初000755号"}
    assert column(["ab－12 c"], kind="reference")[0] == ["AB-12C"]


def test_text_is_normalised_but_not_changed_in_its_inside() -> None:
    values, _ = column(["　张　三\u200b ", "商号，㐂𬎆（集团）", "一行\n二行"], kind="text")
    assert values == ["张 三", "商号,㐂𬎆(集团)", "一行\n二行"]


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("620102196610232687", "6201**********2687"),
        ("62010219661023268X", "6201**********268X"),
        ("电话13379781812转8", "电话13*******12转8"),
        ("1337 978 1812", "13*******12"),
        ("133-7978-1812", "13*******12"),
        ("12345", "1***5"),
        ("2023-02-30", "2023-02-30"),
        ("1,200", "1,200"),
    ],
)
def test_long_numbers_are_masked(text: str, shown: str) -> None:
    assert masked(text) == shown


@given(
    st.dates(date(1900, 1, 1), date(2100, 12, 31)), st.sampled_from(["%Y-%m-%d", "%Y/%m/%d", "%Y%m%d", "%Y年%m月%d日"])
)
def test_every_day_reads_back(day: date, form: str) -> None:
    assert read_date(day.strftime(form)) == day


@given(st.datetimes(datetime(1900, 1, 1), datetime(2100, 12, 31)).map(lambda moment: moment.replace(microsecond=0)))
def test_every_moment_reads_back(moment: datetime) -> None:
    assert read_datetime(moment.isoformat(" ")) == moment
    assert read_datetime(moment.strftime("%Y%m%d%H%M%S")) == moment


CAPITALS = "零壹贰叁肆伍陆柒捌玖"


def capitals(amount: int) -> str:
    """The amount as a cashier writes it."""
    text, pending = "", False
    for place, unit in reversed(list(enumerate(["", "拾", "佰", "仟"]))):
        digit = amount // 10**place % 10
        if digit:
            text += ("零" if pending and text else "") + CAPITALS[digit] + unit
            pending = False
        else:
            pending = True
    return text


@given(st.integers(1, 9999), st.integers(0, 9999))
def test_every_amount_in_capitals_reads_back(high: int, low: int) -> None:
    gap = "零" if 0 < low < 1000 else ""
    text = f"{capitals(high)}万{gap}{capitals(low)}元整"
    assert reader(of("money"), {})(text) == high * 10_000 + low


@given(st.decimals(-(10**12), 10**12, places=2, allow_nan=False))
def test_every_amount_reads_back(amount: Any) -> None:
    read = reader(of("money"), {})
    assert read(f"{amount:,}") == read(str(amount)) == read(f"{amount}元") == float(amount)


@given(
    st.text(max_size=40),
    st.sampled_from(["date", "datetime", "month", "year", "money", "number", "lon", "lat", "bool"]),
)
def test_any_text_is_read_or_refused_with_a_reason(text: str, kind: Any) -> None:
    values, wrong = column([text], kind=kind)
    assert (values[0] is None) == bool(wrong)


@given(st.text(alphabet="0123456789Xx abc张-", max_size=80))
def test_no_long_number_survives_masking(text: str) -> None:
    shown = masked(text).replace(" ", "")
    assert not any(shown[i : i + 9].isdigit() for i in range(len(shown) - 8))
