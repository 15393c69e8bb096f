"""What a comparison, a veto or a certainty says, as a sentence in Chinese with every number masked."""

from __future__ import annotations

from typing import Any

from resolution import disclosure
from resolution.settings import Kind, Settings
from resolution.weights import Weight

ONE = {"person": "同一人", "company": "同一单位", "trade_name": "同一商号", "property": "同一房产"}
VETOES = {"id_valid": "身份证号", "document": "其他证件号码", "code_valid": "统一社会信用代码", "branch": "分支机构"}
BLOCKED = {
    "pinyin": "读音", "surname": "姓氏", "shape": "字形", "id_number": "证件号码", "id_tail": "证件尾号",
    "document": "其他证件号码",
    "id_head": "证件首段", "rare_name": "少见姓名", "core": "字号与行业", "tradename": "字号", "trade": "行业",
    "branch": "分支", "registration": "注册号",
}  # fmt: skip


def sentence(kind: Kind, weight: Weight, left: str | None, right: str | None) -> str:
    """One comparison as a sentence in Chinese."""
    if weight.nothing:
        return f"{weight.title}：{weight.label}，不作判断。"
    values = ""
    if left and right:
        values = f"（{left}）" if left == right else f"（{left} ／ {right}）"
    size = abs(weight.bits)
    if size < 0.5:
        said = "几乎不影响判断"
    else:
        strength = "极强" if size >= 10 else "强" if size >= 5 else "中等" if size >= 2 else "弱"
        said = f"{strength}{'支持' if weight.bits > 0 else '反对'}为{ONE[kind]}"
    return f"{weight.title}：{weight.label}{values}，{said}（{weight.bits:+.1f} 比特）。"


def value_shown(weight: Weight, profile: dict[str, Any]) -> str | None:
    """The value that a comparison looked at on one side, masked."""
    columns = weight.columns
    if any(column.startswith("id_") for column in columns):
        return disclosure.given_number(profile)
    for column in columns:
        if column in ("district", "titled", "address_unit"):
            continue
        if (text := disclosure.shown(column, profile.get(column))) is not None:
            return f"应在 {text} 前出生" if column == "adult_by" else text
    return disclosure.shown("district", profile.get("district")) if "district" in columns else None


def anchor_words(kind: Kind, a: dict[str, Any], b: dict[str, Any]) -> str:
    """Why two profiles are one for certain."""
    if kind == "person":
        number = disclosure.given_number(a) or disclosure.given_number(b)
        if a.get("id_valid"):
            names = "姓名相同" if a["name"] == b["name"] else f"姓名相容（{a['name']}、{b['name']}）"
            return f"有效身份证号相同（{number}），{names}"
        return f"姓名与登记的曾用名互相对应（{a['name']}、{b['name']}）"
    if kind == "company":
        return f"统一社会信用代码有效且相同（{disclosure.shown('code', a.get('code_valid'))}），同为总部或同一分支"
    if kind == "property":
        return "不动产权证号相同，或户室地址相同"
    return "注册号相同，或经营者与地点相同"


def veto_words(settings: Settings, a: dict[str, Any], b: dict[str, Any]) -> str | None:
    """The first veto between two profiles; None where none stands."""
    for column in settings.cluster.vetoes:
        left, right = a.get(column), b.get(column)
        if left is not None and right is not None and left != right:
            title = VETOES.get(column, column)
            values = f"{disclosure.shown(column, left) or '总部'}、{disclosure.shown(column, right) or '总部'}"
            valid = "两个有效的" if column.endswith("_valid") else ""
            return f"{valid}{title}不同（{values}）"
    return None
