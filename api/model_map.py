"""The map of models: all of them as Markdown in Chinese, by business line and by dataset, from their headers alone."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from graph.model import LINES, Model
from resolution.source import Source
from resolution.source_files import read_sources

HEAD = """\
# 监督模型一览

本页由 `cluegraph models map` 从各模型文件的文件头生成，不要手工修改；改模型文件后重新生成即可。
写一个新模型见[十分钟写一个模型](write-a-model.zh-CN.md)。
"""
MATURITY = {"draft": "草稿", "tried": "试用", "proven": "成熟"}


def markdown(models: Mapping[str, Model]) -> str:
    """The map of these models, as the catalogue orders them."""
    sources = read_sources()
    parts = [HEAD, f"共 {len(models)} 个模型。\n", "## 按业务条线\n", _by_line(models)]
    parts += ["## 按数据集\n", _by_dataset(models, sources), "## 各模型\n"]
    parts += [_one(model, sources) for model in models.values()]
    return "\n".join(parts)


def _by_line(models: Mapping[str, Model]) -> str:
    rows = []
    for line in LINES:
        held = [_link(model) for model in models.values() if line in model.lines]
        rows.append([line, "<br>".join(held) or "—"])
    return _table(["业务条线", "模型"], rows)


def _by_dataset(models: Mapping[str, Model], sources: Mapping[str, Source]) -> str:
    """Every dataset that the service takes in, also those that no model reads."""
    rows = []
    for name in sorted({*sources, *(dataset for model in models.values() for dataset in model.datasets)}):
        needed = [f"[{m.id}](#{m.id.lower()})" for m in models.values() if name in m.required]
        helped = [f"[{m.id}](#{m.id.lower()})" for m in models.values() if name in m.optional]
        title, agency = (sources[name].title, sources[name].agency) if name in sources else (name, "—")
        rows.append([title, f"`{name}`", agency, "、".join(needed) or "—", "、".join(helped) or "—"])
    return _table(["数据集", "文件名", "提供单位", "必需于", "可缺于"], rows)


def _one(model: Model, sources: Mapping[str, Source]) -> str:
    missing = {name: f"（可缺：{model.without.get(name, '相关情形查不出')}）" for name in model.optional}
    titles = [_dataset(name, sources) + missing.get(name, "") for name in model.datasets]
    lines = [
        f'<a id="{model.id.lower()}"></a>\n',
        f"### {model.id} {model.title}\n",
        f"{_prose(model.description)}\n",
        f"- **看不到**：{_prose(model.misses)}",
        f"- **业务条线**：{'、'.join(model.lines)}；**线索送**：{'、'.join(model.receivers)}；"
        f"**成熟度**：{MATURITY[model.maturity]}",
        f"- **依据**：{'、'.join(map(_law, model.legal_basis)) or '—'}",
        f"- **严重程度**：{model.severity}",
        f"- **数据**：{'；'.join(titles)}",
        f"- **同一线索**：{'、'.join(model.returns[name].title for name in model.identity)}相同",
        "",
    ]
    if model.params:
        rows = [
            [f"`{name}`", each.description, f"{_value(each.default)} {each.unit}", _bounds(each)]
            for name, each in model.params.items()
        ]
        lines.append(_table(["参数", "说明", "默认", "范围"], rows))
    else:
        lines.append("没有可调参数。\n")
    return "\n".join(lines)


def _law(name: str) -> str:
    return name if "《" in name else f"《{name}》"


def _bounds(parameter: Any) -> str:
    low, high = parameter.min, parameter.max
    if low is None and high is None:
        return "—"
    return f"{'' if low is None else f'{low:g}'}–{'' if high is None else f'{high:g}'}"


def _value(value: object) -> str:
    if isinstance(value, Mapping):
        return "、".join(f"{name} {each}" for name, each in value.items())
    if isinstance(value, list):
        return "、".join(map(str, value)) or "空"
    if isinstance(value, bool):
        return "是" if value else "否"
    return str(value)


def _dataset(name: str, sources: Mapping[str, Source]) -> str:
    return sources[name].title if name in sources else name


def _link(model: Model) -> str:
    return f"[{model.id} {_cell(model.title)}](#{model.id.lower()})"


def _prose(text: str) -> str:
    return "".join(line.strip() for line in text.strip().splitlines())


def _cell(text: str) -> str:
    return " ".join(text.replace("|", "\\|").split())


def _table(heads: list[str], rows: list[list[str]]) -> str:
    lines = [heads, ["---"] * len(heads), *([_cell(cell) for cell in row] for row in rows)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines) + "\n"
