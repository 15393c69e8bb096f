"""The graph's labels, relationships and columns in the words of the agencies."""

from __future__ import annotations

from typing import Any

from api.sources import Dataset, datasets

ENTITIES = {"Person": "人员", "Company": "单位", "TradeName": "商号", "Property": "不动产"}
OTHERS = {"Phone": "电话", "Address": "地址", "Household": "户", "Rule": "规则"}
COLUMNS = {
    "Person": {
        "names": "曾见姓名",
        "sex": "性别",
        "birthDate": "出生日期",
        "idMasked": "证件号（遮掩）",
        "homonyms": "同名者（人）",
    },
    "Company": {
        "names": "曾见名称",
        "tradeName": "字号",
        "trade": "行业用语",
        "region": "地域",
        "legalForm": "组织形式",
        "branch": "分支",
        "creditCode": "统一社会信用代码",
    },
    "TradeName": {"names": "曾见名称", "registrationNumber": "注册号"},
    "Property": {"certificates": "不动产权证号", "district": "辖区"},
    "Phone": {"masked": "号码（遮掩）", "holders": "使用者（个）"},
    "Address": {"district": "辖区", "street": "街道", "road": "道路", "number": "门牌", "place": "场所", "unit": "室"}
    | {"holders": "登记者（个）"},
    "Household": {"holders": "人数"},
}
TIES = {
    "HAS_PHONE": "使用电话",
    "HAS_ADDRESS": "登记地址",
    "IN_HOUSEHOLD": "同户",
    "LOCATED_AT": "位于",
    "BRANCH_OF": "分支机构",
    "POSSIBLY_SAME": "可能同一",
    "RESEMBLES": "字号近似",
    "MATCHES": "命中规则",
}
SEVERITIES = {"high": "高", "medium": "中", "low": "低"}
STATUSES = {
    "new": "新发现",
    "checking": "核查中",
    "confirmed": "属实",
    "rejected": "排除",
    "transferred": "已移送",
    "corrected": "已整改",
    "closed": "已办结",
    "gone": "失效",
}
GENERAL = frozenset({"Entity", "Fact"})


def own_label(labels: list[str]) -> str:
    """The label that says what a node is (every entity and fact has a general one beside it)."""
    return next((label for label in labels if label not in GENERAL), labels[0] if labels else "")


def label_title(label: str) -> str:
    """A label in Chinese."""
    if title := ENTITIES.get(label) or OTHERS.get(label):
        return title
    return next((each.short_title for each in datasets().values() if each.label == label), label)


def dataset_title(name: str) -> str:
    """A dataset as its agency calls it."""
    found = datasets().get(name)
    return found.title if found else name


def edge_title(kind: str, role: str | None) -> str:
    """What a relationship says: the role that the row names, else its own words."""
    return role or TIES.get(kind) or kind


def columns(label: str, dataset: str | None) -> dict[str, str]:
    """Columns that people may see, in the agency's order, with their titles."""
    found: Dataset | None = datasets().get(dataset) if dataset else None
    return found.columns if found else COLUMNS.get(label, {})


def plain(value: Any) -> Any:
    """A property as JSON holds it: dates as ISO text, numbers without a needless fraction."""
    if hasattr(value, "iso_format"):
        return value.iso_format()
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return int(value)
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    if value is None or isinstance(value, str | int | float | bool):
        return value
    return str(value)
