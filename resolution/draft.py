"""Drafts: a source file for an agency dataset that nobody has described yet, for the data office to correct.

What the draft says is guessed from headers that known sources have, and from what stands in the file. It holds no cell
of the file but the words of short lists, and those masked. Every guess that somebody must decide has a comment.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from resolution.guess import NUMBERED, Guess, guess
from resolution.headers import Part, field_name, latin_words, meaning, meanings, parts
from resolution.source import MENTION_TYPES, Source, plain_header
from resolution.survey import Survey, Surveyed
from resolution.values import masked

_KEY = re.compile(r"^(?:记录|数据|业务|档案)?(?:编号|序号|主键|流水号|id|no\.?|编码)$", re.IGNORECASE)
_NAME_OF = re.compile(r"(?:姓名|名称|名字)$")
_FIELDS = {
    "id": re.compile(r"身份证|证件号|信用代码|识别号|机构代码"),
    "former_name": re.compile(r"曾用名"),
    "sex": re.compile(r"性别"),
    "birth_date": re.compile(r"出生日期|生日|出生年月"),
    "phone": re.compile(r"电话|手机|联系方式"),
    "address": re.compile(r"住址|住所|户籍地址|家庭地址|居住地|注册地址|地址$"),
}


@dataclass(frozen=True)
class _Cell:
    """One column of the draft."""

    name: str
    seen: Surveyed
    guess: Guess


@dataclass
class _Who:
    """One mention of the draft."""

    role: str
    kind: str
    name: _Cell
    link: str
    known: bool
    cells: dict[str, str]


def dataset_name(stem: str) -> str:
    """A dataset's name from that of its file: lower_snake, Chinese in pinyin.

    >>> dataset_name("农机补贴（2024）")
    'nong_ji_bu_tie'
    """
    plain = re.sub(r"[（(].*?[)）]", "", stem)
    words = latin_words(plain)
    while words and not re.match("[a-z]", words[0]):
        words.pop(0)
    while len(words) > 1 and words[-1].isdigit():
        words.pop()
    return "_".join(words)[:60].strip("_") or "dataset"


def draft(seen: Survey, sources: Mapping[str, Source], name: str) -> str:
    """The text of `<name>.toml` for the surveyed file. Only what `sources` hold is taken for known."""
    known = meanings(sources)
    key = _key(seen, known)
    cells: list[_Cell] = []
    for column in seen.columns:
        field = "recordId" if column is key else field_name(column.header, known, [cell.name for cell in cells])
        cells.append(_Cell(field, column, Guess("text") if column is key else guess(column, known)))
    people = _mentions(cells, parts(sources))
    lines = [*_heading(seen, cells), "", "[columns]   # 字段名（英文）= 表头、类型"]
    if key is None:
        lines.append("# 待定：没有一列能区分各行。请在原表补一列「记录编号」，或把能区分各行的列改名为 recordId")
        lines.append('recordId = {header = "记录编号", type = "text"}')
    lines += [_column(cell) for cell in cells]
    for who in people:
        lines += ["", *_mention(who)]
    if not people:
        lines += ["", "# 待定：没有看出哪一列是人员或单位的名称；没有 [mentions] 的数据集不参与归并"]
    lines += ["", *_fact(name, cells, people, sources)]
    lines += ["", "# 文件行数少于 min 时拒绝导入，多于 max 时提示，请按常年情况填写", "# [expect]"]
    lines.append(f"# rows = {{min = {max(1, seen.rows // 2)}, max = {seen.rows * 3}}}")
    return "\n".join(lines) + "\n"


def _heading(seen: Survey, cells: list[_Cell]) -> list[str]:
    where = (
        f"工作表「{_plain(masked(seen.sheet))}」"
        if seen.sheet
        else f"编码 {seen.encoding}，分隔符 {_DELIMITERS[seen.delimiter]}"
    )
    bad = f"，另有 {seen.malformed} 行不成行" if seen.malformed else ""
    sensitive = any(cell.guess.type in NUMBERED for cell in cells)
    stem = re.sub(r"[（(].*?[)）]", "", re.sub(r"\.\w+$", "", seen.file)).strip()
    title = seen.title or (stem if re.search("[一-鿿]", stem) else "")
    lines = [
        "#:schema ../schema/source.schema.json",
        f"# 草稿，据 {_plain(masked(seen.file))} 推测：{where}，表头在第 {seen.header_line} 行，{seen.rows} 行{bad}。",
        "# 请逐项核对，「待定」处必须由数据办决定；改完用 cluegraph config check 和 source preview 查看。",
        f"title = {_text(masked(title) if title else '待定')}" + ("" if title else "   # 待定：数据集的中文名"),
        'agency = "待定"   # 待定：提供数据的部门',
        f'grade = "{"敏感" if sensitive else "一般"}"   # 数据分级：一般、敏感、核心',
        'key = "recordId"',
    ]
    if seen.encoding == "big5":
        lines.append('encoding = "big5"')
    return lines


_DELIMITERS = {",": "逗号", ";": "分号", "\t": "制表符", "|": "竖线", "": "无"}


def _key(seen: Survey, known: Mapping[str, object]) -> Surveyed | None:
    """The column that tells rows apart, one that says so before one that happens to; never a number of a person."""
    told = [column for column in seen.columns if column.telling and _may_be_key(column)]
    named = [column for column in told if plain_header(column.header) == "记录编号"]
    named += [column for column in told if _KEY.match(plain_header(column.header))]
    named += [column for column in told if re.search(r"号|编码|代码", column.header)]
    return named[0] if named else None


def _may_be_key(column: Surveyed) -> bool:
    share = column.shares
    numbers = share["resident"] + share["credit"] < 0.05 and share["phone"] < 0.5 and share["account"] < 0.9
    return numbers and not re.search("身份证|证件|账号|卡号|电话|手机", column.header)


def _column(cell: _Cell) -> str:
    seen, told = cell.seen, cell.guess
    said = [f"header = {_text(seen.header)}", f'type = "{told.type}"']
    if told.values:
        said.append(f"values = [{', '.join(_text(masked(value)) for value in told.values)}]")
    if cell.name != "recordId" and (seen.fill < 1 or told.type in NUMBERED):
        said.append("optional = true")
    if told.event:
        said.append("event = true")
    note = f"有值 {seen.fill:.1%}，{seen.distinct} 种" if seen.filled else "无值"
    doubt = f"；待定：{told.doubt}" if told.doubt else ""
    return f"{cell.name} = {{{', '.join(said)}}}   # {note}{doubt}"


def _mentions(cells: list[_Cell], known: Mapping[str, Part]) -> list[_Who]:
    """Who the rows speak of; each describing column goes to the name whose header it begins with, or to the first."""
    found: list[_Who] = []
    for cell in cells:
        if cell.guess.type != "text" or cell.name == "recordId":
            continue
        share = cell.seen.shares
        part = known.get(plain_header(cell.seen.header))
        kind = part.kind if part and part.kind in ("person", "company", "party") else _kind(cell)
        if kind is None or (part and cell.seen.filled and share["person"] + share["company"] < 0.2):
            continue
        stem = _NAME_OF.sub("", cell.seen.header).strip()
        role = part.role if part else stem or ("本人" if kind == "person" else "单位")
        words = "_".join(latin_words(role)).upper()
        link = part.link if part else words if stem and re.match("[A-Z]", words) else "CONCERNS"
        if all(who.role != role for who in found):
            found.append(_Who(role, kind, cell, link, part is not None, {"name": cell.name}))
    taken = {who.name.name for who in found}
    for own in (True, False):  # what bears the name's own words first: 出租人证件号 is that of the 出租人
        for cell in cells:
            field = _field(cell)
            if field is None or cell.name in taken or cell.name == "recordId":
                continue
            who = _owner(found, cell, field, own=own)
            if who:
                who.cells[field] = cell.name
                taken.add(cell.name)
    return found


def _kind(cell: _Cell) -> str | None:
    share, header = cell.seen.shares, cell.seen.header
    if not cell.seen.filled or share["code"] > 0.5:
        return None
    if share["person"] >= 0.15 and share["company"] >= 0.15 and share["person"] + share["company"] >= 0.6:
        return "party"
    if share["company"] >= 0.6:
        return "company"
    if share["person"] >= 0.6 and re.search(r"人|姓名|名字|员$|者$|主$|长$|师$|父|母|配偶", header):
        return "person"
    return None


def _field(cell: _Cell) -> str | None:
    for field, words in _FIELDS.items():
        if words.search(cell.seen.header) and cell.guess.type in MENTION_TYPES[field]:
            return field
    if cell.guess.type in ("id", "uscc", "party_id"):
        return "id"
    return "phone" if cell.guess.type == "phone" else None


def _owner(found: list[_Who], cell: _Cell, field: str, *, own: bool) -> _Who | None:
    header = cell.seen.header
    for who in sorted(found, key=lambda who: -len(who.name.seen.header)):
        stem = _NAME_OF.sub("", who.name.seen.header) or who.name.seen.header
        if own and header.startswith(stem) and field not in who.cells:
            return who
    if own:
        return None
    bare = re.match(r"公民身份|居民身份|身份证|证件|性别|出生|生日|曾用|统一社会|信用代码|纳税人识别|组织机构|联系|手机"
                    r"|电话|移动电话|固定电话|家庭|户籍|居住|住址|住所|地址|现住|注册地址", header)  # fmt: skip
    wanted = {"id": ("person", "party"), "uscc": ("company", "party"), "party_id": ("party", "person", "company")}
    kinds = wanted.get(cell.guess.type, ("person", "party", "company"))
    if field in ("sex", "birth_date", "former_name"):
        kinds = ("person",)
    fits = [who for who in found if who.kind in kinds and field not in who.cells]
    plain = [who for who in fits if not _NAME_OF.sub("", who.name.seen.header) or len(found) == 1]
    return (plain or fits)[0] if bare and (plain or fits) else None


def _mention(who: _Who) -> list[str]:
    lines = [f"[mentions.{_text(who.role)}]"]
    if not who.known:
        lines[0] += "   # 待定：角色名和 link（关系名，英文大写）请按业务含义改定"
    lines += [f'kind = "{who.kind}"' + ("   # 个人或单位" if who.kind == "party" else "")]
    lines += [f'{field} = "{column}"' for field, column in who.cells.items()]
    return [*lines, f'link = "{who.link}"']


def _fact(name: str, cells: list[_Cell], people: list[_Who], sources: Mapping[str, Source]) -> list[str]:
    words = [word.capitalize() for word in name.split("_")]
    if len(words[-1]) > 3:
        words[-1] = re.sub(r"ies$", "y", words[-1]) if words[-1].endswith("ies") else re.sub(r"(?<!s)s$", "", words[-1])
    label = "".join(words)
    if label in {source.fact.label for source in sources.values()} or label in _GENERAL:
        label += "Row"
    day = next((c for c in cells if c.guess.event), None) or next((c for c in cells if c.guess.type == "date"), None)
    if day and re.search("出生|生日", day.seen.header):
        day = None
    said = [who.name.name for who in people[:2]]
    said += [cell.name for cell in cells if cell.guess.type == "enum" and "性别" not in cell.seen.header][:1]
    said += [day.name] if day else []
    caption = " ".join(f"{{{field}}}" for field in said) or "{recordId}"
    lines = ["[fact]   # 一行数据在图中是什么", f'label = "{label}"   # 待定：节点标签，英文单数，首字母大写']
    lines.append(f"caption = {_text(caption)}   # 待定：一行在页面上怎样称呼")
    if day:
        lines.append(f'on = "{day.name}"   # 待定：从哪一天起可见，回看更早日期的模型看不到该行')
    else:
        lines.append('# on = "…"   # 待定：没有看出日期列；不填则任何日期都可见')
    used = {column for who in people for column in who.cells.values()}
    for cell in cells:
        if cell.guess.type == "address" and cell.name not in used:
            lines += ["", "[[fact.places]]   # 待定：该地址若是事情发生地则保留", f'column = "{cell.name}"']
            lines.append('link = "LOCATED_AT"')
    lines += _joins(cells, sources)
    return lines


_GENERAL = frozenset(
    {"Entity", "Fact", "Person", "Company", "Property", "TradeName", "Phone", "Address", "Household", "Dataset"}
)


def _joins(cells: list[_Cell], sources: Mapping[str, Source]) -> list[str]:
    """Numbers that lead to rows of known datasets, as suggestions."""
    known = meanings(sources)
    lines = []
    for cell in cells:
        told = meaning(cell.seen.header, known)
        if cell.guess.type != "reference" or told is None:
            continue
        ends = {
            (join.to, join.link)
            for source in sources.values()
            for join in source.fact.joins
            if source.columns[join.column].header == told.column.header
        }
        for to, link in sorted(ends)[:1]:
            lines += ["", "# 待定：该号码可指向另一数据集的记录，需要时去掉各行的 #", "# [[fact.joins]]"]
            lines += [f'# column = "{cell.name}"', f'# to = "{to}"', f'# link = "{link}"']
    return lines


def _text(text: str) -> str:
    """A TOML string."""
    return '"' + _plain(text).replace("\\", "\\\\").replace('"', '\\"') + '"'


def _plain(text: str) -> str:
    return re.sub(r"[\x00-\x1f\x7f]+", " ", text)
