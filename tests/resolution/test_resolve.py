"""Who is one person, company or property, told by literal rows of agency files."""

from pathlib import Path

import pytest

from resolution.intake import load
from resolution.resolve import resolve
from resolution.workspace import Workspace


def check_digit(first17: str) -> str:
    """A resident ID with the check digit of GB 11643-1999."""
    weights = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
    return first17 + "10X98765432"[sum(int(d) * w for d, w in zip(first17, weights, strict=True)) % 11]


HOUSEHOLD = "记录编号,姓名,曾用名,身份证号,性别,出生日期,户籍地址,联系电话,户号,状态,状态日期"
SUBSIDY = "记录编号,姓名,身份证号,补贴类型,发放日期,金额,银行账号,代领人,家庭住址,联系电话"
JUDGMENT = "记录编号,文书号,案由,立案日期,裁判日期,结案方式,原告,原告证件号,被告,被告证件号,委托代理人,标的金额,摘要"
ENFORCEMENT = (
    "记录编号,执行案号,依据文书号,申请执行人,申请执行人证件号,被执行人,被执行人证件号,"
    "立案日期,未履行金额,状态,查封不动产权证号,查封日期"
)
COMPANY = (
    "记录编号,企业名称,统一社会信用代码,类型,法定代表人,法定代表人身份证号,成立日期,经营状态,"
    "状态日期,行业,经营范围,注册资本,住所,联系电话"
)
ESTATE = "记录编号,不动产权证号,权利人,权利人证件号,坐落,用途,面积,土地面积,登记日期"
A = check_digit("62010219800307123")
B = check_digit("62010219750912456")
C = check_digit("62010219900101789")


class Office:
    """A workspace and the files that are loaded into it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder / "files"
        self.folder.mkdir()
        self.workspace = Workspace(folder / "workspace")

    def put(self, dataset: str, header: str, *rows: str) -> None:
        (self.folder / f"{dataset}.csv").write_text("\n".join((header, *rows)) + "\n", "utf-8")

    def run(self) -> dict[tuple[str, str, str], tuple[str, float]]:
        """Entity and weakest link by (dataset, record, role)."""
        load(self.workspace, self.folder)
        resolve(self.workspace)
        connection = self.workspace.connect()
        rows = connection.execute(
            "SELECT dataset, record_id, role, entity_id, probability FROM entity_of JOIN mentions USING (mention_id)"
        ).fetchall()
        connection.close()
        return {(d, r, role): (entity, probability) for d, r, role, entity, probability in rows}


@pytest.fixture
def office(tmp_path: Path) -> Office:
    return Office(tmp_path)


def household(
    number: int, name: str, id: str = "", birth: str = "", address: str = "", phone: str = "", former: str = ""
) -> str:
    return f"H{number},{name},{former},{id},,{birth},{address},{phone},,正常,"


def subsidy(number: int, name: str, id: str = "", address: str = "", phone: str = "") -> str:
    return f"S{number},{name},{id},高龄津贴,2024-01-10,100,,,{address},{phone}"


def test_one_number_in_every_notation_is_one_person(office: Office) -> None:
    office.put("household", HOUSEHOLD, household(1, "张永强", A))
    spaced = " ".join(A)
    office.put("subsidy_payments", SUBSIDY, subsidy(1, "張永強", spaced), subsidy(2, "张永襁", A))
    found = office.run()
    assert len({entity for (d, _, _), (entity, _) in found.items()}) == 1


def test_two_sound_numbers_are_never_one_person(office: Office) -> None:
    same = "兰州市城关区白银路12号锦绣家园3号楼1单元502室"
    office.put("household", HOUSEHOLD, household(1, "王建军", A, address=same, phone="13900010001"))
    office.put("subsidy_payments", SUBSIDY, subsidy(1, "王建军", B, same, "13900010001"))
    found = office.run()
    assert found["household", "H1", "人员"][0] != found["subsidy_payments", "S1", "领取人"][0]


def test_a_relatives_number_does_not_make_two_people_one(office: Office) -> None:
    office.put("household", HOUSEHOLD, household(1, "李泽志", A), household(2, "李晓明", B, phone="13900020002"))
    office.put("subsidy_payments", SUBSIDY, subsidy(1, "李晓明", A, phone="13900020002"))
    found = office.run()
    assert found["subsidy_payments", "S1", "领取人"][0] == found["household", "H2", "人员"][0]
    assert found["household", "H1", "人员"][0] != found["household", "H2", "人员"][0]


def test_one_character_written_wrong_beside_the_number_is_a_slip(office: Office) -> None:
    office.put("household", HOUSEHOLD, household(1, "吴雨菡", A))
    office.put("subsidy_payments", SUBSIDY, subsidy(1, "吴雨函", A), subsidy(2, "吴雨雷", A))
    found = office.run()
    assert len({entity for entity, _ in found.values()}) == 1


def test_a_brothers_number_does_not_make_two_people_one_though_the_names_differ_by_one_character(
    office: Office,
) -> None:
    office.put("household", HOUSEHOLD, household(1, "吴雨菡", A), household(2, "吴雨雷", B))
    office.put("subsidy_payments", SUBSIDY, subsidy(2, "吴雨雷", A))
    found = office.run()
    assert found["household", "H1", "人员"][0] != found["household", "H2", "人员"][0]
    assert found["subsidy_payments", "S2", "领取人"][0] != found["household", "H1", "人员"][0]


def test_another_given_name_of_one_character_is_no_slip(office: Office) -> None:
    office.put("household", HOUSEHOLD, household(1, "吴雷", A))
    office.put("subsidy_payments", SUBSIDY, subsidy(2, "吴菡", A))
    found = office.run()
    assert len({entity for entity, _ in found.values()}) == 2


def test_a_former_name_under_the_same_number_is_the_same_person(office: Office) -> None:
    office.put("household", HOUSEHOLD, household(1, "杨建", A, former="杨海文"))
    office.put("subsidy_payments", SUBSIDY, subsidy(1, "杨海文", A))
    found = office.run()
    assert found["subsidy_payments", "S1", "领取人"][0] == found["household", "H1", "人员"][0]


def test_a_masked_number_joins_the_bearer_of_the_name(office: Office) -> None:
    masked = A[:4] + "**********" + A[-4:]
    office.put("household", HOUSEHOLD, household(1, "王芳", A), household(2, "王芳", B), household(3, "王芳", C))
    office.put("subsidy_payments", SUBSIDY, subsidy(1, "王芳", masked))
    found = office.run()
    entity, probability = found["subsidy_payments", "S1", "领取人"]
    assert entity == found["household", "H1", "人员"][0]
    assert probability < 1


def test_a_common_name_alone_joins_nobody(office: Office) -> None:
    office.put("household", HOUSEHOLD, household(1, "王芳", A), household(2, "王芳", B), household(3, "王芳", C))
    office.put("subsidy_payments", SUBSIDY, subsidy(1, "王芳"))
    found = office.run()
    assert found["subsidy_payments", "S1", "领取人"][0] not in {
        found["household", f"H{i}", "人员"][0] for i in (1, 2, 3)
    }


def test_the_debtor_of_a_judgment_is_its_defendant_though_neither_has_a_number(office: Office) -> None:
    office.put("household", HOUSEHOLD, household(1, "王芳", A), household(2, "王芳", B), household(3, "王芳", C))
    office.put(
        "judgments", JUDGMENT,
        "J1,（2021）甘0102民初12号,民间借贷纠纷,2021-01-01,2021-03-01,判决,赵铁柱,,王芳,,,1000,",
        "J2,（2021）甘0102民初13号,民间借贷纠纷,2021-01-01,2021-03-01,判决,钱进财,,王芳,,,1000,",
    )  # fmt: skip
    office.put(
        "enforcement_cases",
        ENFORCEMENT,
        "E1,(2021)甘0102执7号,(2021)甘0102民初12号,赵铁柱,,王芳,,2021-06-01,1000,执行中,,",
    )
    found = office.run()
    assert found["enforcement_cases", "E1", "被执行人"][0] == found["judgments", "J1", "被告"][0]
    assert found["enforcement_cases", "E1", "被执行人"][0] != found["judgments", "J2", "被告"][0]


def company(number: int, name: str, code: str = "", kind: str = "有限责任公司") -> str:
    return f"C{number},{name},{code},{kind},孙大圣,,2015-01-01,存续,,餐饮业,餐饮服务,,兰州市城关区白银路1号,"


def test_a_branch_is_not_its_company_though_it_gives_its_code(office: Office) -> None:
    code = "91620102MA71234578"
    office.put(
        "companies",
        COMPANY,
        company(1, "兰州市老马餐饮有限公司", code),
        company(2, "兰州市老马餐饮有限公司城关分公司", code, "分公司"),
    )
    found = office.run()
    assert found["companies", "C1", "企业"][0] != found["companies", "C2", "企业"][0]


def test_another_tradename_in_the_same_trade_is_another_company(office: Office) -> None:
    office.put("companies", COMPANY, company(1, "兰州市老马餐饮有限公司"), company(2, "兰州市新马餐饮有限公司"))
    found = office.run()
    assert found["companies", "C1", "企业"][0] != found["companies", "C2", "企业"][0]


def test_a_short_name_under_a_number_is_no_rival_from_another_district(office: Office) -> None:
    east, west = "91620102MA7123457X", "91620103MA7ABCDE8R"
    office.put(
        "companies", COMPANY,
        company(1, "兰州市城关区东方加油站", east),
        company(2, "兰州市七里河区东方加油站", west),
        company(3, "东方加油站", west),
    )  # fmt: skip
    header = "记录编号,加油站,信用代码,月份,购进吨数,销售吨数"
    office.put("fuel_records", header, "F1,兰州市城关区东方加油站,,2024年3月,300,290")
    found = office.run()
    assert found["fuel_records", "F1", "加油站"][0] == found["companies", "C1", "企业"][0]
    assert found["companies", "C2", "企业"][0] == found["companies", "C3", "企业"][0]


def test_two_certificates_of_one_unit_are_one_property(office: Office) -> None:
    office.put(
        "real_estate", ESTATE,
        f"R1,甘（2015）兰州市不动产权第0000001号,张永强,{A},兰州市城关区白银路12号锦绣家园3号楼1单元502室,住宅,90,,2015-01-01",
        f"R2,甘（2020）兰州市不动产权第0000009号,王建军,{B},甘肃省兰州市城关区白银路12号锦绣家园3-1-502,住宅,90,,2020-01-01",
        f"R3,甘（2020）兰州市不动产权第0000010号,王建军,{B},甘肃省兰州市城关区白银路12号锦绣家园3-1-503,住宅,90,,2020-01-01",
    )  # fmt: skip
    found = office.run()
    one, two, three = (found["real_estate", f"R{i}", "房屋"][0] for i in (1, 2, 3))
    assert one == two != three


def test_ids_are_permanent_when_new_rows_come(office: Office) -> None:
    office.put("household", HOUSEHOLD, household(1, "张永强", A), household(2, "王建军", B))
    before = office.run()
    office.put("subsidy_payments", SUBSIDY, subsidy(0, "张永强", A), subsidy(1, "李爱国", C))
    after = office.run()
    assert {key: after[key][0] for key in before} == {key: value[0] for key, value in before.items()}
    assert after["subsidy_payments", "S0", "领取人"][0] == before["household", "H1", "人员"][0]


def test_resolving_twice_changes_nothing(office: Office) -> None:
    office.put("household", HOUSEHOLD, *(household(i, "王芳", phone=f"1390003{i:04d}") for i in range(5)))
    assert office.run() == office.run()


SHARES = "记录编号,企业名称,统一社会信用代码,股东名称,股东证件号,持股比例,职务"


def registered(number: int, name: str, code: str, kind: str, who: str, id: str) -> str:
    row = f"C{number},{name},{code},{kind},{who},{id},2015-01-01,存续,,化学原料和化学制品制造业,化工产品销售,,"
    return f"{row}兰州市庆阳路{number}8号,"


def strangers() -> list[str]:
    """Companies of other names: of few companies any two that are alike would be one."""
    names = [a + b for a in "金银铜铁锡东南西北中春夏秋冬" for b in "山川河海湖岭原谷泉溪峰江洲岛"]
    kind = "有限责任公司"
    return [
        registered(n, f"兰州市{name}饭店{kind}", f"6201{n:011}", kind, name, "") for n, name in enumerate(names, 10)
    ]


def test_a_company_under_its_full_name_is_not_its_shareholders_other_company_of_that_name(office: Office) -> None:
    office.put(
        "companies", COMPANY,
        registered(1, "兰州市榆中县枫瑟化工有限公司", "91620123MA7123457B", "有限责任公司", "李泽志", B),
        registered(2, "兰州市枫瑟化工有限责任公司", "91620102MA7123457X", "有限责任公司", "张志强", A),
        *strangers(),
    )  # fmt: skip
    office.put("shareholders", SHARES, f"S1,兰州市榆中县枫瑟化工有限公司,620123567436866,张志强,{A},40,股东")
    found = office.run()
    assert found["shareholders", "S1", "企业"][0] == found["companies", "C1", "企业"][0]


@pytest.mark.parametrize("written", ["甘肃省兰州市雁滩能源有限责任公司", "雁滩能源"])
def test_a_short_row_is_read_with_what_its_number_writes_out_elsewhere(office: Office, written: str) -> None:
    """The other company's short row gives neither region nor form; its number does, and not those asked for."""
    office.put(
        "companies", COMPANY,
        registered(1, "兰州市雁滩能源有限责任公司", "91620102MA7123457X", "有限责任公司", "李泽志", B),
        registered(2, "兰州市榆中县雁滩能源股份有限公司", "91620123MA7123457B", "股份有限公司", "张志强", A),
        *strangers(),
    )  # fmt: skip
    office.put(
        "shareholders", SHARES,
        f"S1,雁滩能源,91620123MA7123457B,张志强,{A},40,股东",
        f"S2,{written},,陈玉兰,{C},40,股东",
    )  # fmt: skip
    found = office.run()
    first, second = (found["companies", f"C{n}", "企业"][0] for n in (1, 2))
    assert found["shareholders", "S1", "企业"][0] == second
    if written != "雁滩能源":
        assert found["shareholders", "S2", "企业"][0] == first
    else:
        assert found["shareholders", "S2", "企业"][0] not in (first, second)
