"""No number that names somebody gets through, however it is written."""

from __future__ import annotations

import re
from datetime import date

import pytest

from resolution.disclosure import masked_text, percent, shown


@pytest.mark.parametrize(
    ("column", "value", "expected"),
    [
        ("id_given", "620102198003071235", "6201**********1235"),
        ("id_given", "6201 0219 8003 0712 35", "6201**********1235"),
        ("id_given", "6201************35", "6201************35"),
        ("id_given", "62010219800307123*", "6201**********123*"),
        ("id_given", "62010280030712", "62**********12"),
        ("code", "6201-0219-8003-0712-35", "6201**********1235"),
        ("code", "91620102MA71234578", "91620102MA71234578"),
        ("phone", "13900010001", "139****0001"),
        ("phone", "8888888", "****888"),
        ("address", "白银路12号，电话13900010001", "白银路12号，电话13*******01"),
        ("certificate", "Z620102198003071235", "Z6201**********1235"),
        ("birth", date(1980, 3, 7), "1980-03-07"),
        ("name", None, None),
        ("context", [], None),
    ],
)
def test_a_value_is_shown_as_people_may_see_it(column: str, value: object, expected: str | None) -> None:
    assert shown(column, value) == expected


def test_a_text_keeps_its_words_and_loses_its_numbers() -> None:
    told = masked_text("身份证620102198003071235，卡号6222020200012345678，2024年3月7日")
    assert "2024年3月7日" in told and not re.search(r"[0-9]{7}", told)


def test_what_is_nearly_sure_is_not_called_sure() -> None:
    assert [percent(p) for p in (0.36237, 0.9996, 1.0)] == ["36.2%", "99.9% 以上", "100.0%"]
