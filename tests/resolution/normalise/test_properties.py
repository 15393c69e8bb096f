"""Noise never changes what a cell says, and what is normal already stays as it is."""

import csv
from pathlib import Path

from hypothesis import given as _given
from hypothesis import settings
from hypothesis import strategies as st

from resolution.normalise import address, company, identity, person, phone
from resolution.normalise.text import clean

HERE = Path(__file__).parent


def given(*strategies):
    """Cases by Hypothesis, without its limit of time: the first of them loads the lexicon."""
    return lambda test: settings(deadline=None)(_given(*strategies)(test))


def column(table: str, name: str) -> list[str]:
    with (HERE / f"{table}.csv").open(encoding="utf-8", newline="") as file:
        return [row[name] for row in csv.DictReader(file) if row[name]]


SURNAMES = "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗"
GIVEN = "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超霞平刚桂英华玉兰春梅红建国志强永新"
TRADENAMES = "昌创隆恒耀顺鑫源达贵美联瑞祥宏富嘉森博飞"
TRADES = ["商贸", "餐饮管理", "建筑安装", "石油销售", "加油站", "机电维修部", "食品厂", "化妆品"]
FORMS = ["股份有限公司", "有限责任公司", "有限公司", ""]
WIDE = str.maketrans({code: code + 0xFEE0 for code in range(0x21, 0x7F)})
TRADITIONAL = str.maketrans(
    "张刘陈杨黄赵吴孙马云岭东河区县号楼单栋贸饮筑销创鑫达贵联飞",
    "張劉陳楊黃趙吳孫馬雲嶺東河區縣號樓單棟貿飲築銷創鑫達貴聯飛",
)
BLANKS = ["", " ", "　", "\u200b", "\t"]

names = st.builds(
    lambda surname, given: surname + given, st.sampled_from(SURNAMES), st.text(GIVEN, min_size=1, max_size=2)
)
companies = st.builds(
    lambda region, tradename, trade, form: region + tradename + trade + form,
    st.sampled_from(["", "云岭市", "云岭市河东区", "甘肃省云岭市永宁县"]),
    st.text(TRADENAMES, min_size=2, max_size=4),
    st.sampled_from(TRADES),
    st.sampled_from(FORMS),
)
addresses = st.builds(
    lambda region, road, house, estate, building, unit, room: (region, road, house, estate, building, unit, room),
    st.sampled_from(["", "云岭市", "河东区", "甘肃省云岭市河东区", "云岭市榆川县里金镇", "云岭市河东区和红街道"]),
    st.sampled_from(["平凉路", "火车站东路", "迎宾大道", "科技街", "农民巷", "工业一路"]),
    st.integers(1, 999),
    st.sampled_from(["天成嘉苑", "兰亭新村", "恒泰小区", "名仕庭院", "盛世公馆", "鑫海花园"]),
    st.integers(1, 40),
    st.integers(1, 6),
    st.integers(101, 3304),
)


def noisy(draw, text: str) -> str:
    text = text.translate(TRADITIONAL) if draw(st.booleans()) else text
    text = text.translate(WIDE) if draw(st.booleans()) else text
    return "".join(sign + draw(st.sampled_from(BLANKS)) for sign in text)


@given(st.data(), names)
def test_noise_does_not_change_a_persons_name(data, name):
    assert person.parse(noisy(data.draw, name)) == person.parse(name)


@given(names)
def test_a_cleaned_name_is_its_own(name):
    assert person.parse(person.parse(name).full).full == name


@given(st.data(), companies)
def test_noise_does_not_change_a_company(data, name):
    assert company.parse(noisy(data.draw, name)) == company.parse(name)


@given(companies)
def test_a_companys_parts_make_its_name(name):
    parts = company.parse(name)
    assert parts.region + parts.core == name.removesuffix(next(form for form in FORMS if name.endswith(form)))


@given(st.text(TRADENAMES, min_size=2, max_size=4), st.sampled_from(TRADES))
def test_what_stands_between_region_and_trade_is_the_distinctive_part(tradename, trade):
    for region in ("云岭市", "甘肃省云岭市永宁县", ""):
        parts = company.parse(f"{region}{tradename}{trade}有限公司")
        assert (parts.tradename, parts.trade) == (tradename, trade)


@given(st.data(), addresses)
def test_all_notations_of_a_unit_have_one_key(data, parts):
    region, road, house, estate, building, unit, room = parts
    place = f"{region}{road}{house}号{estate}"
    notations = [
        f"{building}号楼{unit}单元{room}室",
        f"{building}栋{unit}单元{room}",
        f"{building}幢{unit}单元{room}室",
        f"{building}-{unit}-{room}",
        f"{building}#{unit}-{room}",
        f"{building}号楼{unit}-{room}室",
    ]
    keys = {address.parse(noisy(data.draw, place + notation)).key for notation in notations}
    assert keys == {f"{road}{house}号{estate}|{building}|{unit}|{room}"}


@given(st.data(), st.sampled_from(column("identities", "canonical")))
def test_a_number_is_normal_already(data, number):
    first = identity.parse(number)
    again = identity.parse(noisy(data.draw, number))
    assert {**again, "value": ""} == {**first, "value": ""}
    assert first["canonical"] == number


def test_no_resident_number_with_one_wrong_digit_or_two_digits_exchanged_is_valid():
    good = "620102196610232687"
    wrong = {good[:at] + digit + good[at + 1 :] for at in range(18) for digit in "0123456789"}
    wrong |= {good[:at] + good[at + 1] + good[at] + good[at + 2 :] for at in range(17)}
    parsed = identity.normalise(sorted(wrong - {good}))
    assert parsed.filter("valid").is_empty()


@given(st.data(), st.sampled_from(column("phones", "canonical")))
def test_a_phone_number_is_normal_already(data, number):
    again = phone.parse(noisy(data.draw, number))
    assert again["canonical"] == number


@given(st.text())
def test_any_text_is_read_without_failing_and_cleaning_can_be_repeated(text):
    assert clean(clean(text)) == clean(text)
    person.parse(text)
    company.parse(text)
    address.parse(text)
    assert identity.parse(text)["kind"]
    phone.parse(text)
