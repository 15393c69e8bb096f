"""A handful of agency rows, as intake leaves them, and the entities that they resolve to.

张秀英 is in prison, draws a subsidy, owns a flat that she let to 王强 and that a court seized; 棠楼轩 is a mark, and
companies bear names like it.
"""

from __future__ import annotations

from typing import Any

import duckdb

from resolution.source_files import read_sources
from resolution.workspace import Workspace

ZHANG_ID = "620102195503010048"
WANG_ID = "620102197807150030"
ZHANG_PHONE = "13812345678"
ACCOUNT = "6217384271912840123"

TYPES = {
    "date": "DATE",
    "datetime": "TIMESTAMP",
    "month": "DATE",
    "money": "DOUBLE",
    "number": "DOUBLE",
    "lon": "DOUBLE",
    "lat": "DOUBLE",
    "year": "INTEGER",
    "bool": "BOOLEAN",
}
HOME = "云岭市河东区滨河路807号恒泰华府4号楼3单元301室"

ROWS: dict[str, list[dict[str, Any]]] = {
    "household": [
        {"recordId": "H1", "name": "张秀英", "idNumber": ZHANG_ID, "sex": "女", "birthDate": "1955-03-01",
         "address": HOME, "phone": ZHANG_PHONE, "householdNumber": "H100484", "status": "正常"},
        {"recordId": "H2", "name": "王强", "idNumber": WANG_ID, "sex": "男", "birthDate": "1978-07-15",
         "address": "河东区滨河路807号恒泰华府4-3-301", "householdNumber": "H100484", "status": "正常"},
    ],
    "prison_terms": [
        {"recordId": "P1", "name": "张秀英", "idNumber": ZHANG_ID, "crime": "诈骗罪", "execution": "监狱服刑",
         "admissionDate": "2019-02-10", "termEnd": "2024-02-09"},
    ],
    "subsidy_payments": [
        {"recordId": "S1", "name": "张秀英", "idNumber": "6201**********0048", "subsidyType": "高龄津贴",
         "paidOn": "2022-11-14", "amount": 110.0, "bankAccount": ACCOUNT, "phone": ZHANG_PHONE},
    ],
    "disability_register": [
        {"recordId": "D1", "name": "张秀英", "certificateNumber": ZHANG_ID + "62", "category": "肢体", "grade": "三级",
         "status": "有效"},
    ],
    "real_estate": [
        {"recordId": "R1", "certificateNumber": "甘(2014)云岭市不动产权第1001141号", "owner": "张秀英",
         "ownerId": ZHANG_ID, "address": HOME, "use": "住宅", "area": 99.58, "registeredOn": "2014-05-06"},
    ],
    "leases": [
        {"recordId": "L1", "filingNumber": "云租备000612", "certificateNumber": "甘（2014）云岭市不动产权第1001141号",
         "address": HOME, "area": 99.58, "landlord": "张秀英", "landlordId": ZHANG_ID, "tenant": "王强",
         "tenantId": WANG_ID, "tenantPhone": "138 1234 5678", "signedOn": "2021-05-01", "filedOn": "2021-06-11",
         "termStart": "2021-06-11", "termEnd": "2041-06-10", "monthlyRent": 300.0, "payment": "一次性付清"},
    ],
    "judgments": [
        {"recordId": "J1", "documentNumber": "(2021)甘0102民初755号", "cause": "民间借贷纠纷", "filedOn": "2021-01-04",
         "judgedOn": "2021-03-09", "closure": "判决", "plaintiff": "李文", "defendant": "张秀英", "amount": 781000.0,
         "summary": f"被告张秀英（身份证{ZHANG_ID}，电话{ZHANG_PHONE}）应向账号{ACCOUNT}还款"},
        {"recordId": "J2", "documentNumber": "(2021)甘0102民初755号", "cause": "民间借贷纠纷", "filedOn": "2021-01-04",
         "judgedOn": "2021-03-09", "closure": "判决", "plaintiff": "李文", "defendant": "张秀英", "amount": 781000.0},
    ],
    "enforcement_cases": [
        {"recordId": "E1", "caseNumber": "(2021)甘0102执582号", "judgmentNumber": "（2021）甘0102民初755号",
         "applicant": "李文", "debtor": "张秀英", "filedOn": "2021-06-01", "outstanding": 780000.0, "status": "执行中",
         "seizedCertificate": "甘(2014)云岭市不动产权第1001141号", "seizedOn": "2021-06-10"},
    ],
    "elevators": [
        {"recordId": "EL1", "deviceCode": "31101100012014010001", "user": "云岭银宁物业", "address": HOME,
         "registeredOn": "2011-12-31", "status": "在用", "nextInspection": "2024-10-29"},
    ],
    "elevator_maintenance": [
        {"recordId": "M1", "deviceCode": "31101100012014010001", "maintainer": "云岭丰博机电", "worker": "韩涛",
         "servicedAt": "2024-03-08 08:01:00", "serviceType": "半月"},
    ],
    "trademarks": [
        {"recordId": "T1", "markName": "棠楼轩", "registrationNumber": "7000304", "markType": "普通商标",
         "niceClass": "第43类", "owner": "云岭市棠楼轩餐饮服务有限公司", "appliedOn": "2013-04-29",
         "protectedFrom": "2014-03-04", "status": "有效"},
    ],
    "companies": [
        {"recordId": "C1", "companyName": "云岭市棠楼轩餐饮服务有限公司", "creditCode": "91620103U6QQEQB41M",
         "companyType": "有限责任公司", "legalRepresentative": "王强", "legalRepresentativeId": WANG_ID,
         "foundedOn": "2012-03-01", "status": "存续", "industry": "餐饮业", "businessScope": "餐饮服务",
         "registeredCapital": 500000.0, "address": "云岭市河东区平凉路236号"},
        {"recordId": "C2", "companyName": "云岭市老棠楼轩餐饮服务有限公司", "companyType": "有限责任公司",
         "legalRepresentative": "李文", "foundedOn": "2016-03-01", "status": "存续", "industry": "餐饮业",
         "businessScope": "餐饮服务", "address": "云岭市河东区平凉路240号"},
        {"recordId": "C3", "companyName": "云岭市唐楼轩餐饮服务有限公司", "companyType": "有限责任公司",
         "legalRepresentative": "李文", "foundedOn": "2016-03-01", "status": "存续", "industry": "餐饮业",
         "businessScope": "餐饮服务", "address": "云岭市河东区平凉路242号"},
    ],
    "land_use_tax": [
        {"recordId": "LT1", "taxpayer": "云岭市棠楼轩餐饮服务有限公司", "year": 2022, "declaredArea": 100.5,
         "taxPaid": 402.0},
    ],
    "mandatory_reports": [
        {"recordId": "MR1", "reportedAt": "2023-02-08 18:51:00", "reporter": "云岭市人民医院",
         "content": "报告人\t手机139-1234-5678", "policeFiled": False},
    ],
}  # fmt: skip

MENTIONS = [
    ("household", "H1", "人员", "person", "P1", 1.0),
    ("household", "H2", "人员", "person", "P2", 1.0),
    ("prison_terms", "P1", "罪犯", "person", "P1", 0.99),
    ("subsidy_payments", "S1", "领取人", "person", "P1", 0.93),
    ("disability_register", "D1", "残疾人", "person", "P1", 0.97),
    ("real_estate", "R1", "权利人", "person", "P1", 1.0),
    ("real_estate", "R1", "房屋", "property", "H1", 1.0),
    ("leases", "L1", "出租人", "person", "P1", 1.0),
    ("leases", "L1", "承租人", "person", "P2", 1.0),
    ("leases", "L1", "房屋", "property", "H1", 0.98),
    ("enforcement_cases", "E1", "被执行人", "person", "P1", 0.9),
    ("companies", "C1", "企业", "company", "C1", 1.0),
    ("companies", "C2", "企业", "company", "C2", 1.0),
    ("companies", "C1", "法定代表人", "person", "P2", 1.0),
    ("trademarks", "T1", "商号", "trade_name", "T1", 1.0),
    ("trademarks", "T1", "权利人", "company", "C1", 0.96),
]


def stage(connection: duckdb.DuckDBPyConnection, rows: dict[str, list[dict[str, Any]]]) -> None:
    """Leave the rows as intake does: `staged."<dataset>"` with all columns of the source, and `files`."""
    sources = read_sources()
    connection.execute(
        "CREATE OR REPLACE TABLE files (dataset VARCHAR, sha256 VARCHAR, name VARCHAR, encoding VARCHAR, rows BIGINT,"
        " rejected BIGINT, extra_columns VARCHAR[], loaded_at TIMESTAMP)"
    )
    for dataset, given in rows.items():
        columns = sources[dataset].columns
        shape = ", ".join(f'"{name}" {TYPES.get(column.type, "VARCHAR")}' for name, column in columns.items())
        connection.execute(f'CREATE OR REPLACE TABLE staged."{dataset}" ({shape}, _line BIGINT)')
        places = ", ".join("?" for _ in range(len(columns) + 1))
        for line, row in enumerate(given, 2):
            values = [row.get(name) for name in columns]
            connection.execute(f'INSERT INTO staged."{dataset}" VALUES ({places})', [*values, line])
        connection.execute(
            "INSERT INTO files VALUES (?, 'x', ? || '.csv', 'utf-8', ?, 1, [], TIMESTAMP '2024-07-01 08:00:00')",
            [dataset, dataset, len(given)],
        )


def resolve(connection: duckdb.DuckDBPyConnection) -> None:
    """Leave the entities as resolution does."""
    connection.execute(
        "CREATE OR REPLACE TABLE mentions (mention_id BIGINT, dataset VARCHAR, record_id VARCHAR, role VARCHAR,"
        " kind VARCHAR)"
    )
    connection.execute("CREATE OR REPLACE TABLE entity_of (mention_id BIGINT, entity_id VARCHAR, probability DOUBLE)")
    for number, (dataset, record, role, kind, entity, probability) in enumerate(MENTIONS):
        connection.execute("INSERT INTO mentions VALUES (?, ?, ?, ?, ?)", [number, dataset, record, role, kind])
        connection.execute("INSERT INTO entity_of VALUES (?, ?, ?)", [number, entity, probability])
    connection.execute(
        f"""
        CREATE OR REPLACE TABLE person_entities AS
        SELECT * FROM (VALUES
            ('P1', '张秀英', ['张秀英', '张秀瑛', ''], '女', DATE '1955-03-01', '{ZHANG_ID}', 0),
            ('P2', '王强', ['王强'], '男', DATE '1978-07-15', NULL, 3))
            t(entity_id, name, names, sex, birth_date, id_number, homonyms);
        CREATE OR REPLACE TABLE company_entities AS
        SELECT * FROM (VALUES
            ('C1', '云岭市棠楼轩餐饮服务有限公司', ['云岭市棠楼轩餐饮服务有限公司'], '棠楼轩', 'tang lou xuan',
             '餐饮服务', '云岭市', '有限公司', '', '91620103U6QQEQB41M'),
            ('C2', '云岭市棠楼轩餐饮服务有限公司城关店', ['棠楼轩城关店'], '棠楼轩', 'tang lou xuan',
             '餐饮服务', '', '', '城关店', NULL))
            t(entity_id, name, names, tradename, pinyin, trade, region, form, branch, credit_code);
        CREATE OR REPLACE TABLE trade_name_entities AS
        SELECT 'T1' AS entity_id, '棠楼轩' AS name, ['棠楼轩'] AS names, 'tang lou xuan' AS pinyin,
               '7000304' AS registration_number;
        CREATE OR REPLACE TABLE property_entities AS
        SELECT 'H1' AS entity_id, '{HOME}' AS name, ['{HOME}'] AS names,
               ['甘(2014)云岭市不动产权第1001141号'] AS certificates, '河东区' AS district;
        CREATE OR REPLACE TABLE entity_phones AS
        SELECT * FROM (VALUES ('P1', '{ZHANG_PHONE}', 1.0, ['household/H1', 'subsidy_payments/S1']),
                              ('P2', '{ZHANG_PHONE}', 1.0, ['leases/L1']))
            t(entity_id, phone, probability, records);
        CREATE OR REPLACE TABLE entity_addresses AS
        SELECT * FROM (VALUES ('P1', '{HOME}', 'k', 1.0, ['household/H1']),
                              ('P2', '河东区滨河路807号恒泰华府4-3-301', 'k', 1.0, ['household/H2']))
            t(entity_id, address, key, probability, records);
        CREATE OR REPLACE TABLE doubts AS SELECT 'P2' AS entity_a, 'P1' AS entity_b, 0.62 AS probability;
        CREATE OR REPLACE TABLE may_be AS FROM (VALUES ('P1', 'P2', 0.62), ('C1', 'C2', 0.25))
            t(entity_a, entity_b, probability);
        CREATE OR REPLACE TABLE branches AS SELECT 'C2' AS branch_id, 'C1' AS parent_id, 0.95 AS probability;
        """
    )


def fill(workspace: Workspace, rows: dict[str, list[dict[str, Any]]] = ROWS) -> None:
    """Stage the rows in the workspace and resolve them."""
    connection = workspace.connect()
    stage(connection, rows)
    resolve(connection)
    connection.close()
