"""Who may be somebody else: what keeps a model from saying that nothing is known of a party."""

from __future__ import annotations

from pathlib import Path

import pytest

from resolution.judgements import JudgementStore, Mention
from resolution.namesakes import MOST_BEARERS
from tests.resolution.test_resolve import (
    COMPANY,
    HOUSEHOLD,
    SUBSIDY,
    A,
    B,
    C,
    Office,
    check_digit,
    company,
    household,
    strangers,
    subsidy,
)

EAST, WEST = "兰州市城关区白银路12号锦绣家园3号楼1单元502室", "兰州市七里河区建兰路5号建兰新村2号楼3单元101室"


@pytest.fixture
def office(tmp_path: Path) -> Office:
    return Office(tmp_path)


def may_be(office: Office) -> dict[frozenset[str], float]:
    """Record numbers of the two, and the probability."""
    found = office.run()
    records: dict[str, str] = {}
    for (_, record, role), (entity, _) in sorted(found.items()):
        if role != "法定代表人":
            records.setdefault(entity, record)
    connection = office.workspace.connect()
    rows = connection.execute("SELECT entity_a, entity_b, probability FROM may_be").fetchall()
    connection.close()
    return {frozenset((records[a], records[b])): round(p, 4) for a, b, p in rows if a in records and b in records}


def test_a_row_with_a_mere_name_may_be_each_bearer_of_it(office: Office) -> None:
    office.put("household", HOUSEHOLD, household(1, "王芳", A), household(2, "王芳", B), household(3, "王芳", C))
    office.put("subsidy_payments", SUBSIDY, subsidy(1, "王芳"))
    assert may_be(office) == {frozenset(("S1", f"H{n}")): 0.25 for n in (1, 2, 3)}


def test_a_row_is_nobody_whom_what_is_known_of_it_contradicts(office: Office) -> None:
    office.put(
        "household", HOUSEHOLD,
        household(1, "王芳", A, address=EAST),
        household(2, "王芳", B, address=WEST),
        household(3, "王芳", C, address=EAST),
    )  # fmt: skip
    masked = A[:4] + "**********" + "0000"
    office.put("subsidy_payments", SUBSIDY, subsidy(1, "王芳", address="兰州市七里河区"), subsidy(2, "王芳", masked))
    assert frozenset(("S1", "H1")) not in (found := may_be(office))
    assert frozenset(("S1", "H3")) not in found
    assert not [pair for pair in found if pair & {"S2"} and pair & {"H1", "H2", "H3"}]


def test_two_numbers_are_two_people_unless_they_share_a_name_and_a_phone(office: Office) -> None:
    phone = "13900010001"
    office.put("household", HOUSEHOLD, household(1, "王建军", A, phone=phone), household(2, "王建军", C))
    office.put("subsidy_payments", SUBSIDY, subsidy(1, "王建军", B, phone=phone))
    assert may_be(office) == {frozenset(("H1", "S1")): 0.5}


def test_a_look_alike_name_is_the_name_and_a_birth_date_outweighs_a_damaged_number(office: Office) -> None:
    damaged = check_digit(A[:14] + "777")
    office.put("household", HOUSEHOLD, household(1, "崔建军", A), household(2, "崔建军", C))
    office.put("subsidy_payments", SUBSIDY, subsidy(1, "崔健军"), subsidy(2, "崔建军", damaged))
    found = may_be(office)
    assert {frozenset(("S1", "H1")), frozenset(("S1", "H2")), frozenset(("S2", "H1"))} <= found.keys()
    assert frozenset(("S2", "H2")) not in found


def test_a_name_that_very_many_bear_says_nothing(office: Office) -> None:
    numbers = [check_digit(f"62010219{50 + n // 12:02}{n % 12 + 1:02}07123") for n in range(MOST_BEARERS)]
    rows = [household(n, "王芳", number) for n, number in enumerate(numbers, 1)]
    office.put("subsidy_payments", SUBSIDY, subsidy(1, "王芳"))
    office.put("household", HOUSEHOLD, *rows)
    assert may_be(office) == {}
    office.put("household", HOUSEHOLD, *rows[1:])
    assert len(may_be(office)) == MOST_BEARERS - 1


def test_whom_people_called_two_are_in_no_doubt(office: Office) -> None:
    office.put("household", HOUSEHOLD, household(1, "王芳", A), household(2, "王芳", B), household(3, "王芳", C))
    office.put("subsidy_payments", SUBSIDY, subsidy(1, "王芳"))
    said = JudgementStore(office.workspace)
    said.say(Mention("household", "H1", "人员"), Mention("subsidy_payments", "S1", "领取人"), "not_same", "李检")
    assert frozenset(("S1", "H1")) not in (found := may_be(office))
    assert frozenset(("S1", "H2")) in found


def test_a_company_without_a_number_may_be_one_whose_name_has_its_characters(office: Office) -> None:
    code = "91620102MA71234578"
    office.put(
        "companies", COMPANY,
        company(1, "老马（兰州）餐饮有限公司", code),
        company(2, "老马兰州餐饮有限公司"),
        company(3, "老马兰州餐饮股份有限公司"),
    )  # fmt: skip
    found = may_be(office)
    assert frozenset(("C1", "C2")) in found
    assert frozenset(("C1", "C3")) not in found


def registered(number: int, name: str, code: str, address: str, phone: str = "") -> str:
    return f"C{number},{name},{code},个体工商户,孙大圣,,2015-01-01,存续,,餐饮业,餐饮服务,,{address},{phone}"


def test_a_company_without_a_number_may_be_the_one_of_its_trade_at_its_door_under_a_former_name(office: Office) -> None:
    office.put(
        "companies", COMPANY,
        registered(1, "兰州市老马饭店", "91620102MA7123457X", EAST),
        registered(2, "兰州市新月饭店", "", EAST),
        registered(3, "兰州市联康五金店", "", EAST),
        registered(4, "兰州市金城饭店", "", WEST),
        registered(5, "兰州市银滩饭店", "91620102MA7ABCDE8B", EAST),
    )  # fmt: skip
    found = may_be(office)
    assert frozenset(("C1", "C2")) in found
    assert not [pair for pair in found if pair & {"C3", "C4"}]
    # two that have numbers follow one another at one door
    assert frozenset(("C1", "C5")) not in found


def test_a_company_without_a_number_may_be_the_one_of_its_trade_with_its_phone(office: Office) -> None:
    phone = "13993100001"
    office.put(
        "companies", COMPANY,
        registered(1, "兰州市老马饭店", "91620102MA7123457X", EAST, phone),
        registered(2, "兰州市新月饭店", "", WEST, phone),
        registered(3, "兰州市联康五金店", "", "", phone),
    )  # fmt: skip
    assert set(may_be(office)) == {frozenset(("C1", "C2"))}


def test_one_number_under_two_names_of_one_surname_may_be_one_person(office: Office) -> None:
    """Either the name was changed, or a relative's number was written down: which of the two nobody knows."""
    office.put("household", HOUSEHOLD, household(1, "刘洁雨", A))
    office.put("subsidy_payments", SUBSIDY, subsidy(1, "刘建国", A), subsidy(2, "陈玉兰", A))
    found = may_be(office)
    assert frozenset(("H1", "S1")) in found
    assert not [pair for pair in found if "S2" in pair]


def test_a_company_without_a_number_may_be_the_one_that_sounds_the_same(office: Office) -> None:
    office.put(
        "companies", COMPANY,
        registered(1, "兰州市菡雁祥饭店", "91620102MA7123457X", EAST),
        registered(2, "兰州市菡雁香饭店", "", WEST).replace("孙大圣", "马腾"),
        registered(3, "兰州市菡雁香五金店", "", WEST).replace("孙大圣", "朱八"),
        registered(4, "兰州市菡雁乡饭店", "91620102MA7ABCDE8B", EAST).replace("孙大圣", "沙净"),
        *strangers(),
    )  # fmt: skip
    found = may_be(office)
    assert frozenset(("C1", "C2")) in found
    assert not [pair for pair in found if "C3" in pair]
    assert frozenset(("C1", "C4")) not in found
