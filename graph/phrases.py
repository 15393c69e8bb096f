"""What a model's query says, in Chinese: its values, what is asked of them, and how much is lacking."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from neo4j.graph import Node, Relationship
from neo4j.time import Date, DateTime, Duration

from graph.clauses import Hop
from graph.conditions import Condition, condition, plain
from graph.expressions import closing, split
from graph.model import Model
from graph.ontology import Ontology
from graph.statement import Statement, Token, depths
from resolution.source import Source

MOST_SHOWN = 3
LONGEST = 90  # characters of a computed value that are still told in words
_DATES = {"<": "早于", "<=": "不晚于", ">": "晚于", ">=": "不早于", "=": "等于", "<>": "不同于"}
_FIGURES = {"<": "小于", "<=": "不大于", ">": "大于", ">=": "不小于", "=": "等于", "<>": "不同于"}
_SIGNS = {"<": "<", "<=": "≤", ">": ">", ">=": "≥", "=": "=", "<>": "≠"}
_OTHERS = {
    "IN": "属于", "CONTAINS": "含有", "STARTS WITH": "起首为", "ENDS WITH": "末尾为",
    "IS NULL": "为空", "IS NOT NULL": "不为空",
}  # fmt: skip
_UNITS = {"years": "年", "months": "个月", "days": "天", "hours": "小时", "minutes": "分钟", "seconds": "秒"}
_PARTS = {"year": "年", "quarter": "季度", "month": "月", "week": "周", "day": "日"}
_FUNCTIONS = {
    "size": "个数", "count": "个数", "sum": "合计", "max": "最大值", "min": "最小值",
    "head": "第一条", "last": "最后一条",
}  # fmt: skip
_KNOWN = {"as_of": "截至日期", "min_confidence": "最低把握"}


@dataclass(frozen=True)
class Gap:
    """How much is lacking: in words, and as a figure to compare by (days, or per cent of what is asked)."""

    words: str
    size: float


class Words:
    """The words of one model's query.

    `labels` and `relationships` say what its variables are, `made` what its values are made of.
    """

    def __init__(
        self,
        model: Model,
        labels: Mapping[str, tuple[str, ...]],
        relationships: Mapping[str, tuple[str, ...]],
        made: Mapping[str, str],
        ontology: Ontology,
        sources: Mapping[str, Source],
    ) -> None:
        self.model, self.labels, self.made = model, labels, made
        self.relationships = relationships
        self.ontology, self._sources = ontology, sources
        self._telling: list[str] = []

    def expression(self, text: str) -> str:
        """An expression in words, as far as there are words for it; what has none stays as it is written."""
        statement = Statement(text)
        return self._said(statement, statement.tokens)

    def label(self, label: str) -> str:
        """What a label is called."""
        kind = self.ontology.labels.get(label)
        return kind.title if kind else label

    def variable(self, name: str) -> str:
        """What a variable of the query is called."""
        if words := self.model.conditions.get(name):
            return words
        if self.labels.get(name):
            return "或".join(self.label(label) for label in self.labels[name])
        if kinds := self.relationships.get(name):
            return f"「{'、'.join(map(self._relationship, kinds))}」"
        if column := self.model.returns.get(name):
            return column.title
        if 0 < len(made := self.made.get(name, "")) <= LONGEST and name not in self._telling:
            self._telling.append(name)
            told = self.expression(made)
            self._telling.pop()
            if not re.search(r"[\[{(]", told):
                return told
        return f"`{name}`"

    def _relationship(self, name: str) -> str:
        kind = self.ontology.relationships.get(name)
        return kind.title if kind else name

    def sign(self, name: str) -> str:
        """What a condition with a name of its own is called; a letter is a sign that the model's description lists."""
        words = self.model.conditions.get(name, "")
        return f"{name} {words}".strip() if len(name) == 1 else words

    def hop(self, hop: Hop, known: set[str]) -> str:
        """What a hop of a pattern looks for, from what is known already."""
        title = "、".join(map(self._relationship, hop.types))
        ends = [name for name in hop.nodes if name not in known]
        begin = [name for name in hop.nodes if name in known]
        sought = self._node(ends[0] if ends else hop.nodes[0])
        if len(hop.nodes) == 1:
            return sought
        if not begin:
            return f"{self._node(hop.nodes[0])}（{title}：{self._node(hop.nodes[1])}）"
        if not ends:
            return f"{self._node(hop.nodes[0])}与{self._node(hop.nodes[1])}之间的「{title}」"
        return f"与{self._node(begin[0])}以「{title}」相连的{sought}"

    def part(self, hop: Hop, name: str) -> str:
        """The rows in which an entity would stand in this part."""
        others = [each for each in hop.nodes if each != name]
        title = "、".join(map(self._relationship, hop.types))
        return f"以其为「{title}」的{self._node(others[0])}" if others else self._node(name)

    def unit(self, *texts: str) -> str:
        """The unit of a figure, when one of these expressions tells it."""
        for text in texts:
            if (name := text.removeprefix("$")) != text and name in self.model.params:
                return self.model.params[name].unit
        money = {
            column
            for dataset in self.model.datasets
            if dataset in self._sources
            for column, each in self._sources[dataset].columns.items()
            if each.type == "money"
        }
        return "元" if any(part in money for text in texts for part in text.split(".")[1:2]) else ""

    def asked(self, found: Condition, left: Any, right: Any) -> str:
        """A comparison in words with the values of both sides."""
        if found.operator in ("IS NULL", "IS NOT NULL"):
            return f"{self.expression(found.left)}（{value(_hidden(found.left, left))}）须{_OTHERS[found.operator]}"
        if found.right == "[]":
            asked = "须至少有一条" if found.operator == "<>" else "须一条也没有"
            return f"{self.expression(found.left)}（{value(left)}）{asked}"
        dated = isinstance(left, Date | DateTime) or isinstance(right, Date | DateTime)
        asked = _OTHERS.get(found.operator) or (_DATES if dated else _FIGURES).get(found.operator, found.operator)
        unit = "" if dated or not (_figure(left) or _figure(right)) else self.unit(found.left, found.right)
        return f"{self._side(found.left, left, unit)}须{asked}{self._side(found.right, right, unit)}"

    def wanted(self, found: Condition) -> str:
        """A comparison in words, before any values are known; other conditions as the model has them."""
        if found.kind != "compare":
            return plain(found.text)
        if found.operator in ("IS NULL", "IS NOT NULL"):
            return f"{self.expression(found.left)}须{_OTHERS[found.operator]}"
        if found.right == "[]":
            return f"{self.expression(found.left)}{'须至少有一条' if found.operator == '<>' else '须一条也没有'}"
        asked = f"须{_OTHERS[found.operator]}" if found.operator in _OTHERS else f" {_SIGNS[found.operator]} "
        return f"{self.expression(found.left)}{asked}{self.expression(found.right)}"

    def gap(self, found: Condition, left: Any, right: Any) -> Gap | None:
        """How much a comparison that does not hold lacks."""
        if found.operator not in _DATES or left is None or right is None:
            return None
        if isinstance(left, Date | DateTime) and isinstance(right, Date | DateTime):
            days = abs(_day(left).toordinal() - _day(right).toordinal())
            # strictly before or after: the day itself is one day short
            days += found.operator in ("<", ">")
            if found.operator == "<>":
                return None
            months = f"（约 {days / 30.44:.0f} 个月）" if days >= 60 else ""
            return Gap(f"差 {days} 天{months}", float(days))
        if _figure(left) and _figure(right):
            short = abs(float(left) - float(right))
            if found.operator == "<>":
                return None
            size = 100 * short / (abs(float(right)) or 1.0)
            unit = self.unit(found.left, found.right)
            words = f"差 {_number(round(short, 4))} {unit}".rstrip() if short else "恰好相等"
            return Gap(words, max(size, 0.01))
        return None

    def _side(self, text: str, given: Any, unit: str) -> str:
        given = _hidden(text, given)
        words = self.expression(text)
        shown = f"{value(given)} {unit}".rstrip() if _figure(given) else value(given)
        if text.startswith("["):
            return shown
        return words if words == shown or _literal(text) else f"{words}（{shown}）"

    def _node(self, name: str) -> str:
        return self.variable(name) if not name.startswith("unnamed") else "记录"

    def _property(self, name: str, key: str) -> str:
        """What a property is called; of a variable whose label is not known, by the datasets of the model."""
        labels = self.labels.get(name, ())
        if labels == ("Fact",):
            labels = ()
        owners = labels or tuple(
            label
            for label, kind in self.ontology.labels.items()
            if set(kind.datasets) & set(self.model.datasets) and key in kind.properties
        )
        for label in owners:
            kind = self.ontology.labels.get(label)
            for each in (kind, self.ontology.labels.get(kind.under or "") if kind else None):
                if each and key in each.properties:
                    return each.properties[key].title
        everywhere = self.ontology.relationship_properties.get(key)
        return everywhere.title if everywhere else self.model.conditions.get(key, key)

    def _said(self, statement: Statement, tokens: Sequence[Token]) -> str:
        while len(tokens) > 2 and tokens[0].text == "(" and all(depth for _, depth in depths(tokens)):
            if closing(tokens, 0) != len(tokens) - 1:
                break
            tokens = tokens[1:-1]
        if not tokens:
            return ""
        first = tokens[0]
        if len(tokens) == 1:
            if first.kind == "parameter":
                name = first.text[1:]
                return _KNOWN.get(name, f"参数 {name}")
            if first.kind == "string":
                return f"「{first.text[1:-1]}」"
            return self.variable(first.text) if first.kind in ("word", "quoted") else first.text
        if (
            [t.text for t in tokens[1:3:2]] == ["."]
            and len(tokens) in (3, 5)
            and all(t.kind == "word" for t in tokens[::2])
        ):
            owner = self.variable(first.text) if len(tokens) == 3 else ""
            return f"{owner}的{self._property(first.text if len(tokens) == 3 else '', tokens[-1].text)}".lstrip("的")
        if sum_ := self._arithmetic(statement, tokens):
            return sum_
        return self._function(statement, tokens) or plain(statement.source(tokens))

    def _arithmetic(self, statement: Statement, tokens: Sequence[Token]) -> str:
        for marks, words in ((("+", "-"), {"+": " 加 ", "-": " 减 "}), (("*", "/"), {"*": " × ", "/": " ÷ "})):
            parts = split(tokens, *marks)
            if len(parts) > 1 and all(parts):
                signs = [t.text for t, depth in depths(tokens) if depth == 0 and t.text in marks]
                said = self._said(statement, parts[0])
                for sign, part in zip(signs, parts[1:], strict=False):
                    said += words[sign] + self._said(statement, part)
                return said
        return ""

    def _function(self, statement: Statement, tokens: Sequence[Token]) -> str:
        opening = next((i for i, t in enumerate(tokens) if t.text == "("), -1)
        if opening < 1 or closing(tokens, opening) != len(tokens) - 1 or any(t.text == "{" for t in tokens[:opening]):
            # duration.inDays(a, b).days
            if tokens[-2].text == "." and tokens[-1].text in _UNITS and opening > 0:
                arguments = split(tokens[opening + 1 : closing(tokens, opening)], ",")
                if len(arguments) == 2 and tokens[0].text.lower() == "duration":
                    one, two = (self._said(statement, part) for part in arguments)
                    return f"{one}至{two}的{_UNITS[tokens[-1].text]}数"
            return ""
        name = "".join(t.text for t in tokens[:opening]).lower()
        arguments = split(tokens[opening + 1 : -1], ",")
        if name in ("any", "all", "none") and len(parts := split(tokens[opening + 1 : -1], "WHERE")) == 2:
            return self._quantified(statement, name, parts)
        if arguments[0] and arguments[0][0].says("DISTINCT"):
            arguments[0] = arguments[0][1:]
        said = [self._said(statement, part) for part in arguments if part]
        if not said:
            return ""
        if name == "duration":
            found = re.findall(r"(\w+): *([^,}]+)", plain(statement.source(tokens[opening + 1 : -1])))
            return " ".join(f"{self.expression(amount)} {_UNITS.get(unit, unit)}" for unit, amount in found)
        if name == "date.truncate" and len(said) == 2:
            return f"{said[1]}所在{_PARTS.get(arguments[0][0].text.strip(chr(39)), said[0])}的首日"
        if name == "coalesce":
            return f"{said[0]}（空则{'、'.join(said[1:])}）"
        if name in ("date", "round", "tointeger", "tofloat", "trim", "collect"):
            return said[0]
        ending = _FUNCTIONS.get(name)
        return f"{said[0]}的{ending}" if ending else ""

    def _quantified(self, statement: Statement, name: str, parts: list[list[Token]]) -> str:
        """any(word IN $words WHERE row.text CONTAINS word): row.text holds one of $words."""
        own, listed = parts[0][0].text, self._said(statement, parts[0][2:])
        asked = condition(statement.source(parts[1]))
        if name == "any" and asked.operator == "CONTAINS" and asked.right == own:
            return f"{self.expression(asked.left)}含有{listed}之一"
        return ""


def value(given: Any) -> str:
    """A value as people read it; of a long list the first few."""
    if given is None:
        return "空"
    if isinstance(given, bool):
        return "是" if given else "否"
    if isinstance(given, Date):
        return given.iso_format()
    if isinstance(given, DateTime):
        return given.iso_format()[:16].replace("T", " ")
    if isinstance(given, Duration):
        return f"{given.months} 个月 {given.days} 天" if given.months else f"{given.days} 天"
    if _figure(given):
        return _number(given)
    if isinstance(given, str):
        return f"「{given[:60]}{'…' if len(given) > 60 else ''}」"
    if isinstance(given, Node):
        return str(given.get("name") or given.get("key") or "")
    if isinstance(given, Relationship):
        return given.type
    if isinstance(given, Mapping):
        return "、".join(value(each) for each in given.values() if isinstance(each, Node | str | Date)) or "一条"
    if isinstance(given, Sequence):
        if not given:
            return "无"
        some = [value(each) for each in given[:MOST_SHOWN]]
        more = f" 等 {len(given)} 个" if len(given) > MOST_SHOWN else ""
        return "、".join(some) + more
    return str(given)


def _hidden(text: str, given: Any) -> Any:
    """A hash tells people nothing: only whether there is one is shown."""
    return None if given is None else ("有" if text.endswith("Hash") else given)


def _figure(given: Any) -> bool:
    return isinstance(given, int | float) and not isinstance(given, bool)


def _number(given: float) -> str:
    return f"{given:,.4f}".rstrip("0").rstrip(".") if isinstance(given, float) else f"{given:,}"


def _day(given: Date | DateTime) -> date:
    return given.date().to_native() if isinstance(given, DateTime) else given.to_native()


def _literal(text: str) -> bool:
    tokens = Statement(text).tokens
    return len(tokens) == 1 and tokens[0].kind in ("string", "number")
