"""Preview: the first rows of a delivery as they will be understood. Nothing is stored."""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict, dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any

import duckdb

from resolution.delivery import Delivery, Reject, prepare
from resolution.disclosure import masked_number, masked_phone, shown
from resolution.mentions import read_mentions
from resolution.source import Source
from resolution.values import masked

KINDS = {"person": "人员", "company": "单位", "property": "不动产", "trade_name": "商号", "unknown": "未能判断"}
FIELDS = {
    "name": "名称", "former_name": "曾用名", "id": "证件号", "sex": "性别", "birth_date": "出生日期",
    "address": "地址", "phone": "电话",
}  # fmt: skip
SHOWN_REJECTS = 20


@dataclass(frozen=True)
class Who:
    """Who a row speaks of: role, kind as it was understood, and the describing cells, masked."""

    role: str
    kind: str
    cells: dict[str, str]

    def text(self) -> str:
        """One line for people."""
        told = "，".join(f"{FIELDS[name]} {value}" for name, value in self.cells.items() if name != "name")
        named = self.cells.get("name", "")
        return f"{self.role}（{KINDS[self.kind]}）{named}{f'：{told}' if told else ''}"


@dataclass(frozen=True)
class Row:
    """One row: the file's line, its cells by header as they were read (masked), and who it speaks of."""

    line: int
    cells: dict[str, str | None]
    mentions: tuple[Who, ...]


@dataclass(frozen=True)
class Preview:
    """What a file would bring."""

    dataset: str
    title: str
    file: str
    encoding: str
    usable: int
    """Rows of the whole file that can be taken."""
    rejected: int
    blank: int
    rows: tuple[Row, ...]
    rejects: tuple[Reject, ...]
    """The first rejected rows; `reasons` counts all."""
    reasons: dict[str, int]
    extra: list[str]
    """Headers that the source does not know; they are not read."""
    absent: list[str]
    """Optional columns that the file lacks."""
    warnings: list[str] = field(default_factory=list)

    def as_dict(self) -> dict[str, Any]:
        """As plain values, for JSON."""
        return asdict(self)

    def text(self) -> str:
        """For people."""
        lines = [f"{self.title}（{self.dataset}） {self.file} 编码 {self.encoding}"]
        lines.append(f"可用 {self.usable:,} 行，拒收 {self.rejected:,} 行，空行 {self.blank:,} 行；以下均未入库")
        for row in self.rows:
            lines += ["", f"第 {row.line} 行"]
            lines += [f"  {header}：{value if value is not None else '（空）'}" for header, value in row.cells.items()]
            lines += [f"  → {who.text()}" for who in row.mentions] or ["  → 没有提到任何人员或单位"]
        if self.rejects:
            lines += ["", "拒收的行"]
        for reject in self.rejects:
            where = f" {reject.column_name}「{reject.value}」" if reject.column_name else f"「{reject.value}」"
            lines.append(f"  第 {reject.line} 行{where}：{reject.reason}")
        if self.rejected > len(self.rejects):
            lines.append(f"  ……另有 {self.rejected - len(self.rejects):,} 行")
        if self.extra:
            lines += ["", f"数据源配置里没有的列（不读取）：{'、'.join(self.extra)}"]
        if self.absent:
            lines += ["", f"文件里没有的可选列：{'、'.join(self.absent)}"]
        return "\n".join([*lines, *(f"注意：{words}" for words in self.warnings)])


def preview(path: Path, source: Source, rows: int = 10) -> Preview:
    """Read the whole file as a load would and show its first `rows` usable rows. Raises FileRefused."""
    delivery = prepare(path, source)
    table = delivery.table.slice(0, rows)
    mentions = _mentions(source, table)
    understood = []
    for row in table.to_pylist():
        cells = {
            column.header: _shown(column.type, row[name])
            for name, column in source.columns.items()
            if name in delivery.headers
        }
        understood.append(Row(row["_line"], cells, tuple(mentions.get(row["_line"], ()))))
    return Preview(
        source.name, source.title, path.name, delivery.encoding, delivery.table.num_rows, len(delivery.rejects),
        delivery.blank, tuple(understood), tuple(delivery.rejects[:SHOWN_REJECTS]),
        dict(Counter(reject.reason for reject in delivery.rejects).most_common(SHOWN_REJECTS)),
        delivery.extra, delivery.absent, _warnings(delivery, source),
    )  # fmt: skip


def _warnings(delivery: Delivery, source: Source) -> list[str]:
    said = []
    usable, wanted = delivery.table.num_rows, source.expect.rows
    if usable < wanted.min:
        said.append(f"可用行少于 [expect] 的 {wanted.min} 行，导入时会拒绝整个文件")
    if wanted.max is not None and usable > wanted.max:
        said.append(f"可用行多于 [expect] 的 {wanted.max} 行")
    numbers = delivery.table[source.key]
    if repeated := len(numbers) - len(numbers.unique()):
        said.append(f"记录编号有 {repeated:,} 行重复，导入时同号只留一行")
    return said


def _mentions(source: Source, table: Any) -> dict[int, list[Who]]:
    """Who the rows speak of, by line: told by the very code that resolution uses, in a database of its own."""
    connection = duckdb.connect(":memory:")
    try:
        connection.execute("CREATE SCHEMA staged; CREATE SCHEMA norm")
        # the line takes the record's place: two rows of one number are two rows here
        connection.register("incoming", table)
        connection.execute(
            f'CREATE TABLE staged."{source.name}" AS SELECT * REPLACE ("_line"::VARCHAR AS "recordId") FROM incoming'
        )
        read_mentions(connection, {source.name: source})
        found = connection.execute(
            f"""SELECT record_id::BIGINT AS line, role, k.kind, {", ".join(FIELDS)}
            FROM mention_text JOIN mention_kind k USING (mention_id, dataset, record_id, role)"""
        ).fetchall()
    finally:
        connection.close()
    order = {role: number for number, role in enumerate(source.mentions)}
    by_line: dict[int, list[Who]] = {}
    for line, role, kind, *cells in sorted(found, key=lambda row: (row[0], order[row[1]])):
        told = {
            name: _masked(name, kind, value) for name, value in zip(FIELDS, cells, strict=True) if value is not None
        }
        by_line.setdefault(line, []).append(Who(role, kind or "unknown", told))
    return by_line


def _masked(name: str, kind: str, value: str) -> str:
    if name == "phone":
        return masked_phone(value)
    if name == "id":
        return masked_number(value) if kind != "company" else _shown("uscc", value) or ""
    return masked(value)


def _shown(kind: str, value: Any) -> str | None:
    """A typed cell as people may see it."""
    if value is None:
        return None
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, datetime):
        return value.isoformat(" ")
    if isinstance(value, date):
        return f"{value:%Y-%m}" if kind == "month" else value.isoformat()
    if isinstance(value, float):
        return f"{value:,.2f}" if kind == "money" else f"{value:g}"
    if kind == "uscc":
        return shown("code", value)  # public, unless a person's number was written in its place
    if kind in ("id", "party_id", "account"):
        return masked_number(str(value))
    return masked_phone(value) if kind == "phone" else masked(str(value))
