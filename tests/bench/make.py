"""Makes names.csv: labelled pairs of Chinese names, by hand (words.toml) and by rule. Run: python tests/bench/make.py

`same` says that one name may well be a writing of the other, `different` that both are names of two; `strong` that
anybody would say so, `weak` that more than the names is needed. Nothing of the project is imported here: who labels
must not be who is tested.
"""

from __future__ import annotations

import csv
import tomllib
from collections.abc import Iterator
from itertools import cycle, islice
from pathlib import Path

Row = tuple[str, str, str, str, str, str]
SURNAMES = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕"
WORDS: dict[str, list[str]] = tomllib.loads((Path(__file__).parent / "words.toml").read_text("utf-8"))


def pairs(name: str) -> Iterator[tuple[str, str]]:
    """The pairs of a list of words.toml."""
    for text in WORDS[name]:
        left, _, right = text.partition("|")
        yield left, right


def person() -> Iterator[Row]:
    """Pairs of names of people."""
    surname = cycle(SURNAMES)

    def row(left: str, right: str, label: str, category: str, strength: str) -> Row:
        return "person", left, right, label, category, strength

    for left, right in pairs("traditional"):
        yield row(left, right, "same", "traditional", "strong")
    for left, right in pairs("former"):
        yield row(left, right, "same", "notes and blanks", "strong")
    for name in (s + g for s, g in zip(SURNAMES, WORDS["given"], strict=False)):
        yield row(f"{name[0]}　{name[1:]}", name, "same", "notes and blanks", "strong")
    for words, label, category in (
        ("homophones", "same", "homophone"),
        ("near_sounds", "same", "near sound"),
        ("two_alike", "different", "homophone of two ordinary names"),
        ("lookalikes", "same", "look-alike"),
    ):
        for one, other in pairs(words):
            for s in islice(surname, 2):
                yield row(s + one, s + other, label, category, "weak")
    for number, title in enumerate(WORDS["titles"]):
        for s, given in islice(zip(SURNAMES[number:], WORDS["given"], strict=False), 4):
            yield row(s + title, s + given, "same", "title", "weak")
            other = SURNAMES[(SURNAMES.index(s) + 5) % len(SURNAMES)]
            yield row(s + title, other + given, "different", "title of another surname", "strong")
    for s, given in zip(SURNAMES[:16], WORDS["given"], strict=False):
        yield row(f"老{s}", s + given, "same", "nickname", "weak")
        yield row(f"小{s}", s + given, "same", "nickname", "weak")
        yield row(f"阿{given[-1]}", s + given, "same", "nickname", "weak")
        yield row(f"{s}**", s + given, "same", "masked name", "weak")
        yield row(f"{s}*{given[-1]}", s + given, "same", "masked name", "weak")
        yield row(f"{s}某{given[-1]}", SURNAMES[-1 - SURNAMES.index(s)] + given, "different", "masked name", "strong")
    for left, right in pairs("uyghur"):
        yield row(left, right, "same", "transliterated: other spelling", "weak")
    for name, other in zip(WORDS["dotted"], WORDS["dotted"][3:] + WORDS["dotted"][:3], strict=True):
        own, father = name.split("·")
        yield row(name, f"{own}•{father}", "same", "transliterated: other dot", "strong")
        yield row(name, f"{own}.{father}", "same", "transliterated: other dot", "strong")
        yield row(name, own + father, "same", "transliterated: no dot", "strong")
        yield row(name, own, "same", "transliterated: own name only", "weak")
        yield row(name, f"{own}·{other.split('·')[1]}", "different", "transliterated: another father", "strong")
        yield row(name, f"{other.split('·')[0]}·{father}", "different", "transliterated: a sibling", "strong")
    for s, given, other in zip(WORDS["compound"], WORDS["given"], WORDS["given"][7:], strict=False):
        yield row(f"{s} {given}", s + given, "same", "compound surname", "strong")
        yield row(f"{s}女士", s + given, "same", "compound surname", "weak")
        yield row(s + given, s + other, "different", "compound surname", "strong")
        yield row(s + given, s[0] + given, "different", "compound surname", "weak")
        yield row(s + given[0], s + given, "different", "compound surname", "weak")
    for left, right in pairs("foreign_readings"):
        yield row(left, right, "same", "pinyin", "weak")
    family = list(zip(SURNAMES, WORDS["given"], WORDS["given"][11:] + WORDS["given"][:11], strict=False))
    for s, given, other in family:
        yield row(s + given, s + other, "different", "same surname", "strong")
        yield row(s + given, s + given[0] + other[1], "different", "siblings of one generation name", "strong")
        yield row(s + given, s + other[0] + given[1], "different", "one character different", "strong")
        yield row(s + given, s + given[0], "different", "a character more", "weak")
        yield row(s + given, s + given[::-1], "different", "characters swapped", "weak")
        another = SURNAMES[(SURNAMES.index(s) + 9) % len(SURNAMES)]
        yield row(s + given, another + given, "different", "another surname", "strong")
        yield row(s + given[0], s + other[0], "different", "short names of one surname", "strong")
    for s, given, other in family[:20]:
        # a son who carries his father's first character, and nothing but the surname
        yield row(s + given, s + other[1] + given[0], "different", "father and son", "strong")
        if given[0] != "晓":
            yield row(s + given, s + "小" + given[1], "different", "father and son", "weak")


def company() -> Iterator[Row]:
    """Pairs of names of companies and bodies."""

    def row(left: str, right: str, label: str, category: str, strength: str) -> Row:
        return "company", left, right, label, category, strength

    made = [
        (WORDS["regions"][i % len(WORDS["regions"])], brand, WORDS["trades"][i % len(WORDS["trades"])])
        for i, brand in enumerate(WORDS["brands"])
    ]
    for i, (region, brand, trade) in enumerate(made):
        whole = f"{region}{brand}{trade}有限公司"
        yield row(whole, f"{region}{brand}{trade}有限责任公司", "same", "form written otherwise", "strong")
        yield row(whole, f"{region[:-1]}{brand}{trade}有限公司", "same", "region without its ending", "strong")
        yield row(whole, f"{brand}{trade}有限公司", "same", "region omitted", "strong")
        yield row(whole, f"{brand}（{region[:-1]}）{trade}有限公司", "same", "region in brackets", "strong")
        yield row(whole, f"{brand}({region[:-1]}){trade}有限公司", "same", "region in brackets", "strong")
        yield row(whole, f"{region}{brand}{trade}公司", "same", "form shortened", "strong")
        yield row(whole, f"{brand}{trade}", "same", "region and form omitted", "weak")
        yield row(whole, f"{brand}公司", "same", "字号 only", "weak")
        yield row(whole, f"{region}{brand}{trade}股份有限公司", "same", "form changed", "weak")
        yield row(whole, f"{whole}城关分公司", "different", "branch", "strong")
        yield row(f"{whole}城关分公司", f"{whole}七里河分公司", "different", "two branches", "strong")
        yield row(f"{whole}城关分公司", f"{brand}{trade}有限公司城关分公司", "same", "branch: region omitted", "strong")
        trade_of_another = WORDS["trades"][(i + 4) % len(WORDS["trades"])]
        yield row(whole, f"{region}{brand}{trade_of_another}有限公司", "different", "字号 in another trade", "strong")
        abroad = WORDS["regions"][(i + 3) % len(WORDS["regions"])]
        yield row(whole, f"{abroad}{brand}{trade}有限公司", "different", "another region", "weak")
        brand_of_another = WORDS["brands"][(i + 7) % len(WORDS["brands"])]
        yield row(whole, f"{region}{brand_of_another}{trade}有限公司", "different", "another 字号", "strong")
        yield row(
            whole, f"{abroad}{brand_of_another}{trade_of_another}有限公司", "different", "all different", "strong"
        )
    for i, (one, other) in enumerate(pairs("brand_sound")):
        region, trade = WORDS["regions"][i % len(WORDS["regions"])], WORDS["trades"][i % len(WORDS["trades"])]
        names = (f"{region}{one}{trade}有限公司", f"{region}{other}{trade}有限公司")
        another = WORDS["trades"][(i + 5) % len(WORDS["trades"])]
        yield row(*names, "same", "homophone", "weak")
        yield row(names[0], f"{region}{other}{another}有限公司", "different",
                  "homophone in another trade", "strong")  # fmt: skip
    for i, (one, other) in enumerate(pairs("brand_near")):
        region, trade = WORDS["regions"][i % len(WORDS["regions"])], WORDS["trades"][i % len(WORDS["trades"])]
        names = (f"{region}{one}{trade}有限公司", f"{region}{other}{trade}有限公司")
        yield row(*names, "different", "one character different", "strong")
    for left, right in pairs("abbreviations"):
        yield row(left, right, "same", "abbreviation", "weak")
    for left, right in pairs("bodies"):
        yield row(left, right, "different", "two bodies", "strong")
        yield row(left, left.replace("兰州市", "蘭州市").replace("区", "區").replace("村", "村 "), "same",
                  "traditional", "strong")  # fmt: skip


def trade_name() -> Iterator[Row]:
    """Pairs of marks and shop names."""

    def row(left: str, right: str, label: str, category: str, strength: str) -> Row:
        return "trade_name", left, right, label, category, strength

    for i, mark in enumerate(WORDS["marks"]):
        trade = WORDS["shop_trades"][i % len(WORDS["shop_trades"])]
        whole = mark + trade
        yield row(whole, f"{whole}（城关店）", "same", "branch in brackets", "strong")
        yield row(f"{whole}(城关店)", f"{whole}（雁滩店）", "same", "two branches of a shop", "strong")
        yield row(whole, f"{mark}·{trade}", "same", "signs", "strong")
        yield row(f"{mark}®{trade}", whole, "same", "signs", "strong")
        yield row(whole, mark, "same", "mark without its trade", "weak")
        other = WORDS["shop_trades"][(i + 5) % len(WORDS["shop_trades"])]
        yield row(whole, mark + other, "different", "mark in another trade", "weak")
        another = WORDS["marks"][(i + 7) % len(WORDS["marks"])]
        yield row(whole, another + trade, "different", "another mark", "strong")
        yield row(whole, another + other, "different", "all different", "strong")
        yield row(f"{mark}{trade}旗舰店", f"{mark}{trade}", "same", "shop ending", "strong")
    for i, (one, other) in enumerate(pairs("mark_sound")):
        trade = WORDS["shop_trades"][i % len(WORDS["shop_trades"])]
        yield row(one + trade, other + trade, "same", "homophone", "weak")
    for i, (one, other) in enumerate(pairs("mark_other")):
        trade = WORDS["shop_trades"][i % len(WORDS["shop_trades"])]
        yield row(one + trade, other + trade, "different", "one character different", "strong")


def rows() -> list[Row]:
    """All pairs, none of them twice and none of two equal cells."""
    found: dict[tuple[str, str, str], Row] = {}
    for row in (*person(), *company(), *trade_name()):
        if row[1] != row[2]:
            found.setdefault(row[:3], row)
    return list(found.values())


if __name__ == "__main__":
    with (Path(__file__).parent / "names.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(("kind", "left", "right", "label", "category", "strength"))
        writer.writerows(rows())
