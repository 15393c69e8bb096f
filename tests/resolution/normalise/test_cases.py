"""What each cell says, from tables of cases; an empty field means that the part is not told."""

import csv
from pathlib import Path

import pytest

from resolution.normalise import address, company, identity, person, phone, trade_name
from resolution.normalise.learning import learn
from resolution.normalise.region import Learnt

HERE = Path(__file__).parent
LEARNT = Learnt(named=frozenset(("云岭", "永宁", "安泰", "榆川", "河东", "河西", "青石")), places=frozenset(("云岭",)))


def cases(name: str):
    with (HERE / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return [pytest.param(row, id=row["value"]) for row in csv.DictReader(file)]


def told(parsed: dict, row: dict) -> dict:
    """The parts that the case names, as the table writes them."""
    return {column: written(parsed[column]) for column in row if column != "value"}


def written(part: object) -> str:
    if isinstance(part, bool):
        return "yes" if part else "no"
    if isinstance(part, (tuple, list)):
        return "|".join(part)
    return "" if part is None else str(part)


def expected(row: dict) -> dict:
    return {column: field for column, field in row.items() if column != "value"}


@pytest.mark.parametrize("row", cases("person_names"))
def test_name_of_a_person(row):
    assert told(person.parse(row["value"])._asdict(), row) == expected(row)


@pytest.mark.parametrize("row", cases("companies"))
def test_name_of_a_party(row):
    assert told(company.parse(row["value"], LEARNT)._asdict(), row) == expected(row)


@pytest.mark.parametrize("row", cases("addresses"))
def test_address(row):
    assert told(address.parse(row["value"])._asdict(), row) == expected(row)


@pytest.mark.parametrize("row", cases("trade_names"))
def test_trade_name(row):
    assert told(trade_name.parse(row["value"], LEARNT)._asdict(), row) == expected(row)


@pytest.mark.parametrize("row", cases("identities"))
def test_identity_number(row):
    assert told(identity.parse(row["value"]), row) == expected(row)


@pytest.mark.parametrize("row", cases("phones"))
def test_phone_number(row):
    assert told(phone.parse(row["value"]), row) == expected(row)


def test_old_resident_number_that_could_be_a_companys_shows_both_readings():
    both = identity.parse("620104651215459")
    assert (both["kind"], both["as_resident"], both["registration_valid"]) == ("resident", "620104196512154593", True)


def test_names_that_sound_alike_in_dialect_share_their_fuzzy_sound():
    assert person.parse("陈兰英").fuzzy == person.parse("岑南应").fuzzy != person.parse("陈南安").fuzzy


def test_names_that_look_alike_share_their_shape():
    assert person.parse("李未已").shape == person.parse("李末己").shape


def test_mark_and_company_that_sound_the_same_have_one_pinyin():
    assert company.parse("云岭市骄唐餐饮有限公司").pinyin == trade_name.parse("娇唐").pinyin == "jiao tang"


def test_a_word_is_read_as_a_word():
    assert company.parse("重阳酒业有限公司").pinyin == "chong yang"


def test_shops_own_district_name_is_no_region_when_the_full_name_says_so():
    learnt = Learnt(frozenset(("云岭", "永宁")), frozenset(("云岭", "永宁")), tradenames=frozenset(("永宁康贵",)))
    assert company.parse("永宁康贵火锅店", learnt).tradename == "永宁康贵"
    assert company.parse("永宁鑫源火锅店", learnt).region == "永宁"


def test_a_place_whose_brackets_were_left_out_is_no_part_of_the_distinctive_name():
    learnt = Learnt(frozenset(("云岭",)), frozenset(("云岭",)), tradenames=frozenset(("盛世云岭",)))
    name = company.parse("和佳云岭能源有限公司", learnt)
    assert (name.tradename, name.region, name.core) == ("和佳", "云岭", "和佳能源")
    assert company.parse("盛世云岭餐饮有限公司", learnt).tradename == "盛世云岭"


def test_places_are_learnt_from_the_names_themselves():
    names = ["星河市大地商贸有限公司", "星河市春光百货有限公司", "星河安达运输有限公司", "星河明月食品厂"]
    learnt = learn(names)
    assert company.parse("星河安达运输有限公司", learnt).region == "星河"
    assert company.parse("星河安达运输有限公司", learnt).tradename == "安达"


def test_a_trade_that_no_lexicon_has_is_learnt_from_the_names_that_share_it():
    names = [
        f"云岭市{tradename}驼峰酿{form}" for tradename in ("金永", "昌顺", "大成", "飞天") for form in ("", "有限公司")
    ]
    learnt = learn(names)
    assert learnt.trades == {"驼峰酿"}
    assert company.parse("云岭市飞天驼峰酿", learnt).tradename == "飞天"
    assert company.parse("云岭市飞天驼峰酿商贸有限公司", learnt).trade == "驼峰酿商贸"


@pytest.mark.parametrize("name", ["红旗加油站", "新市区", "城区饭店", "好邻居社区超市"])
def test_a_name_that_only_looks_like_a_place_keeps_its_tradename(name):
    parts = company.parse(name)
    assert parts.region == "" and parts.tradename and name.startswith(parts.tradename)
