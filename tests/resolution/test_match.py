"""Who is this? Asked with literal fields, and with the rows of a city."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from resolution import lookup
from resolution.match import Matcher
from resolution.normalise import identity, phone
from resolution.question import Question, QuestionError, plain_mobile, plain_resident, profiles
from resolution.reading import NotResolved, Reader
from resolution.settings import KINDS, Kind, read_settings
from resolution.workspace import Workspace
from tests.city import city as city
from tests.resolution.test_resolve import (
    COMPANY,
    ESTATE,
    HOUSEHOLD,
    SUBSIDY,
    A,
    B,
    C,
    Office,
    check_digit,
    company,
    household,
    subsidy,
)

UNIT = "兰州市城关区白银路12号锦绣家园3号楼1单元502室"


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Office:
    """Four people, a company with its branch, and a flat."""
    office = Office(tmp_path_factory.mktemp("office"))
    office.put(
        "household", HOUSEHOLD,
        household(1, "王芳", A, address=UNIT, phone="13900010001"), household(2, "王芳", B), household(3, "王芳", C),
        household(4, "欧阳倩云", check_digit("62010219880202333"), birth="1988-02-02"),
    )  # fmt: skip
    office.put(
        "companies", COMPANY,
        company(1, "兰州市老马餐饮有限公司", "91620102MA71234578"),
        company(2, "兰州市老马餐饮有限公司城关分公司", "91620102MA71234578", "分公司"),
    )  # fmt: skip
    office.put("real_estate", ESTATE, f"R1,甘（2015）兰州市不动产权第0000001号,王芳,{A},{UNIT},住宅,90,,2015-01-01")
    office.found = office.run()  # type: ignore[attr-defined]
    return office


@pytest.fixture
def matcher(office: Office) -> Matcher:
    """Who answers."""
    made = Matcher(Reader(office.workspace))
    made.refresh()
    return made


def entity(office: Office, dataset: str, record: str, role: str) -> str:
    """The entity of a row."""
    return office.found[dataset, record, role][0]  # type: ignore[attr-defined, no-any-return]


def test_a_number_says_who_it_is_and_is_not_repeated(office: Office, matcher: Matcher) -> None:
    answer = matcher.match([Question("person", name="王芳", id=" ".join(B))])[0]
    first = answer.candidates[0]
    assert (first.entity_id, first.score, first.match) == (entity(office, "household", "H2", "人员"), 1.0, True)
    assert "确定为同一人" in first.reasons[0]
    assert B not in repr(answer) and first.facts["证件号码"] == f"{B[:4]}**********{B[-4:]}"


def test_a_common_name_alone_is_shared_among_its_bearers(matcher: Matcher) -> None:
    answer = matcher.match([Question("person", name="王芳")])[0]
    assert answer.total == 3 and not any(candidate.match for candidate in answer.candidates)
    assert len({candidate.score for candidate in answer.candidates}) == 1
    assert sum(candidate.score for candidate in answer.candidates) < 1


@pytest.mark.parametrize(
    "more",
    [
        {"phone": "139 0001 0001"},
        {"address": "甘肃省兰州市城关区白银路12号锦绣家园3-1-502"},
        {"id": A[:4] + "*" * 10 + A[-4:]},
    ],
)
def test_one_more_field_tells_homonyms_apart(office: Office, matcher: Matcher, more: dict[str, str]) -> None:
    first = matcher.match([Question("person", name="王芳", **more)])[0].candidates[0]  # type: ignore[arg-type]
    assert first.entity_id == entity(office, "household", "H1", "人员") and first.match


def test_a_relatives_number_is_not_believed(office: Office, matcher: Matcher) -> None:
    answer = matcher.match([Question("person", name="欧阳倩云", id=A)])[0]
    assert answer.candidates[0].entity_id == entity(office, "household", "H4", "人员")
    assert "另一姓名" in answer.note


def test_another_sound_number_excludes_a_namesake(matcher: Matcher) -> None:
    answer = matcher.match([Question("person", name="王芳", id=check_digit("62010219660606123"))])[0]
    assert not answer.candidates and "排除" in answer.note


def test_a_company_is_found_by_its_trade_name_and_kept_from_its_branch(office: Office, matcher: Matcher) -> None:
    whole, bare = matcher.match(
        [
            Question("company", name="兰州市老马餐饮有限公司", id="91620102MA71234578"),
            Question("company", name="老马餐饮"),
        ]
    )
    parent = entity(office, "companies", "C1", "企业")
    assert [candidate.entity_id for candidate in whole.candidates if candidate.match] == [parent]
    assert bare.candidates[0].entity_id == parent


def test_a_flat_is_found_by_certificate_and_by_address(office: Office, matcher: Matcher) -> None:
    flat = entity(office, "real_estate", "R1", "房屋")
    certificate, address = matcher.match(
        [
            Question("property", id="甘（2015）兰州市不动产权第0000001号"),
            Question("property", address="甘肃省兰州市城关区白银路12号锦绣家园3-1-502"),
        ]
    )
    assert certificate.candidates[0].entity_id == address.candidates[0].entity_id == flat
    assert certificate.candidates[0].score == 1.0 and address.candidates[0].match


def test_nobody_is_found_where_nobody_fits(matcher: Matcher) -> None:
    assert matcher.match([Question("person", name="诸葛无名", birth_date="1901-01-01")])[0].candidates == ()


@pytest.mark.parametrize(
    ("question", "fault"),
    [
        (Question("person"), "at least one"),
        (Question("person", name="王芳", birth_date="7.3.1980"), "birthDate"),
        (Question("person", name="王芳", sex="F"), "sex"),
        (Question("person", id="6" * 300), "longer"),
    ],
)
def test_a_question_that_says_nothing_is_told_so_without_its_values(
    matcher: Matcher, question: Question, fault: str
) -> None:
    with pytest.raises(QuestionError, match=fault) as told:
        matcher.match([question])
    assert "666666" not in str(told.value) and "王芳" not in str(told.value)


def test_new_rows_are_found_and_a_running_resolve_does_not_stop_the_answers(office: Office, matcher: Matcher) -> None:
    newcomer = Question("person", name="令狐青", phone="13900090009")
    assert matcher.match([newcomer])[0].candidates == ()
    office.put("subsidy_payments", SUBSIDY, subsidy(1, "令狐青", phone="13900090009"))
    office.run()
    writing = office.workspace.connect()
    matcher.refresh_aside(5)
    assert matcher.match([newcomer])[0].candidates == ()  # the former file answers
    writing.close()
    matcher.refresh_aside(20)
    assert [each.name for each in matcher.match([newcomer])[0].candidates] == ["令狐青"]
    assert lookup.build(Reader(office.workspace)).stat().st_mode & 0o777 == 0o600


def test_before_the_first_run_it_says_so(tmp_path: Path) -> None:
    with pytest.raises(NotResolved):
        Matcher(Reader(Workspace(tmp_path))).refresh_aside(1)


@pytest.fixture
def connection(city: Workspace) -> Iterator[duckdb.DuckDBPyConnection]:
    """The city's resolved data."""
    with Reader(city).cursor() as cursor:
        yield cursor


def asked(connection: duckdb.DuckDBPyConnection, where: str = "true") -> list[tuple[str, int, Question]]:
    """Rows of the city as questions, with their entity and mention."""
    rows = connection.execute(
        f"""SELECT e.entity_id, m.mention_id, m.kind, t.name, t.id, t.birth_date, t.sex, t.address, t.phone
        FROM mentions m JOIN mention_text t USING (mention_id) JOIN entity_of e USING (mention_id)
        WHERE {where} AND (t.sex IS NULL OR t.sex IN ('男', '女')) ORDER BY hash(m.mention_id) LIMIT 200"""
    ).fetchall()
    return [
        (found, mention, Question(kind, name, id, birth, sex, address, phone=phone))
        for found, mention, kind, name, id, birth, sex, address, phone in rows
    ]


def test_the_rows_of_a_city_find_themselves(city: Workspace, connection: duckdb.DuckDBPyConnection) -> None:
    matcher = Matcher(Reader(city))
    matcher.refresh()
    wanted = asked(connection)
    answers = [answer for i in range(0, 200, 100) for answer in matcher.match([q for _, _, q in wanted[i : i + 100]])]
    sure = [(found, answer.candidates[0]) for (found, _, _), answer in zip(wanted, answers, strict=True)
            if answer.candidates and answer.candidates[0].match]  # fmt: skip
    assert len(sure) > 180
    assert all(found == candidate.entity_id for found, candidate in sure)
    assert all(0 <= candidate.score <= 1 for answer in answers for candidate in answer.candidates)
    one_by_one = [matcher.match([q])[0] for _, _, q in wanted[:20]]
    assert one_by_one == answers[:20]


@pytest.mark.parametrize("kind", ["person", "company"])
def test_a_question_is_read_as_the_row_is(
    city: Workspace,
    connection: duckdb.DuckDBPyConnection,
    kind: Kind,
) -> None:
    file = lookup.opened(lookup.build(Reader(city)))
    taught = lookup.learnt(file)
    file.close()
    wanted = asked(connection, f"m.kind = '{kind}'")
    numbers = [mention for _, mention, _ in wanted]
    found = connection.execute(
        f"""SELECT f.mention_id, p.* FROM {kind}_profile p JOIN {kind}_profile_of f USING (unique_id)
        WHERE f.mention_id IN (SELECT unnest(?))""",
        [numbers],
    )
    names = [column[0] for column in found.description]
    rows = {row[0]: dict(zip(names, row, strict=True)) for row in found.fetchall()}
    # what other rows decide: districts filled in, hot values, numbers that belong to somebody else
    decided = {"district", "phone", "address", "place", "id_valid", "id_number", "birth", "sex", "id_head", "id_tail",
               "region_known", "form_known"}  # fmt: skip
    for (_, mention, question), profile in zip(wanted, profiles([q for _, _, q in wanted], *taught), strict=True):
        row = rows[mention]
        assert {name: row[name] for name in profile.keys() - decided} == {
            name: profile[name] for name in profile.keys() - decided
        }, question
        for name in decided & profile.keys():
            if name in ("region_known", "form_known"):
                assert profile[name] in row[name]
                continue
            assert row[name] in (profile[name], None) or name == "district" or row.get("id_valid") is None


def test_keys_of_questions_are_the_keys_of_rows(city: Workspace) -> None:
    file = lookup.opened(lookup.build(Reader(city)))
    for kind in KINDS:
        chosen = read_settings(kind)
        made = file.execute(
            f"SELECT [{', '.join(lookup.key_columns(chosen))}], * FROM {kind}_row ORDER BY number LIMIT 200"
        )
        names = [column[0] for column in made.description][1:]
        for keys, *cells in made.fetchall():
            assert lookup.keys(chosen, dict(zip(names, cells, strict=True))) == [k for k in keys if k is not None]
    file.close()


@settings(max_examples=100, deadline=None)
@given(
    st.from_regex(r"[1-6][0-9]{5}(?:19|20)[0-9]{2}[01][0-9][0-3][0-9][0-9]{3}", fullmatch=True),
    st.sampled_from("0123456789X"),
)
def test_plain_numbers_are_read_as_the_tables_read_them(first: str, last: str) -> None:
    for value in (first + last, check_digit(first)):
        if quick := plain_resident(value):
            whole = identity.normalise([value]).to_dicts()[0]
            assert quick == {name: whole[name] for name in quick}


@settings(max_examples=100, deadline=None)
@given(st.from_regex(r"1[3-9][0-9]{9}", fullmatch=True))
def test_plain_mobiles_are_read_as_the_tables_read_them(value: str) -> None:
    if quick := plain_mobile(value):
        whole = phone.normalise([value]).to_dicts()[0]
        assert quick == {name: whole[name] for name in quick}
