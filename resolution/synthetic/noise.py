"""What happens to facts on their way into a file: rates, and the ways in which clerks write names and numbers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache, lru_cache

import numpy as np
import opencc
import pypinyin

from resolution.synthetic import names
from resolution.synthetic.arrays import Bools, Strings, pick
from resolution.synthetic.identity import old_resident_id
from resolution.synthetic.places import CITY, PROVINCE


@dataclass(frozen=True)
class Noise:
    """Share of cells that each fault hits. `*_missing` is the default; datasets that differ are listed below."""

    # resident IDs
    id_missing: float = 0.10
    id_masked: float = 0.05
    id_mistyped: float = 0.018  # one digit; the check digit shows it ten times in eleven
    id_old_form: float = 0.012  # 15 digits; five times as often for those born before 1965
    id_placeholder: float = 0.006
    id_relative: float = 0.003  # a valid number, but of somebody in the same household
    id_excel: float = 0.001  # typed as a number: the last three digits are 0
    id_notation: float = 0.02  # full-width digits, spaces, lower-case x
    # people's names
    name_homophone: float = 0.010
    name_lookalike: float = 0.006
    name_traditional: float = 0.004
    name_spaced: float = 0.008
    name_former: float = 0.30  # of those renamed, outside the register
    name_title: float = 0.12  # 王先生 for hosts of lodgings
    # businesses
    code_missing: float = 0.18
    code_old: float = 0.03  # the 15-digit registration number
    code_lower: float = 0.01
    code_mistyped: float = 0.004
    code_masked: float = 0.0
    firm_no_region: float = 0.06
    firm_no_form: float = 0.05
    firm_other_form: float = 0.04  # 有限公司 for 有限责任公司 and back
    firm_brackets: float = 0.06  # () for （）, or the bracket left out
    firm_region: float = 0.03  # 湘陵 for 湘陵市, district dropped, province put before
    firm_homophone: float = 0.006
    firm_former: float = 0.25  # of those renamed
    firm_spaced: float = 0.005
    # addresses, phones, dates
    address_missing: float = 0.08
    address_old: float = 0.35  # of those who moved
    address_traditional: float = 0.005
    phone_missing: float = 0.10
    phone_old: float = 0.25  # of those with another number
    phone_notation: float = 0.04
    birth_missing: float = 0.08
    birth_wrong: float = 0.003
    sex_missing: float = 0.08
    certificate_missing: float = 0.15
    cell_notation: float = 0.03  # dates, sums and months written otherwise than the rest of their file
    # datasets whose ID column is emptier or fuller than the default
    id_missing_in: dict[str, float] = field(
        default_factory=lambda: {
            "household": 0.05,
            "judgments": 0.26,
            "enforcement_cases": 0.10,
            "enforcement_objections": 0.45,
            "shareholders": 0.22,
            "admin_penalties": 0.20,
            "subsidy_payments": 0.13,
            "companies": 0.12,
            "criminal_cases": 0.06,
            "public_employees": 0.06,
            "disciplinary_actions": 0.35,
            "medical_claims": 0.06,
            "leases": 0.18,
            "lodging_permits": 0.30,
            "premises": 0.50,
            "deaths": 0.12,
            "mortgage_loans": 0.04,
            "wage_arrears": 0.15,
            "trademarks": 0.25,
            "certificate_registry": 0.02,
            "work_certificates": 0.05,
            "commutations": 0.04,
            "community_corrections": 0.03,
            "housing_fund_withdrawals": 0.09,
            "online_restaurants": 0.40,
        }
    )
    # datasets that star out more numbers than the default
    id_masked_in: dict[str, float] = field(
        default_factory=lambda: {
            "shareholders": 0.20,
            "companies": 0.12,
            "judgments": 0.14,
            "mortgage_loans": 0.14,
            "wage_arrears": 0.10,
            "leases": 0.08,
        }
    )


RATES = Noise()
PLACEHOLDERS = ("000000000000000000", "无", "-", "111111111111111111", "不详")
LOOKALIKES = dict(
    pair
    for a, b in zip(
        "宇建梅婷晨未己天日土大王玉辰浩洁莉倩祥萍宁伟军志海",
        "字健海停辰末已夭曰士太玉王晨洁浩利清样苹宇伪车忠梅",
        strict=True,
    )
    for pair in ((a, b),)
)


@cache
def _homophones() -> dict[str, list[str]]:
    characters = sorted(set("".join(names.FREQUENT.values()) + names.MALE + names.FEMALE + names.YOUNG) - {" "})
    by_sound: dict[str, list[str]] = {}
    for character in characters:
        by_sound.setdefault(pypinyin.lazy_pinyin(character)[0], []).append(character)
    return {c: [o for o in group if o != c] for group in by_sound.values() for c in group if len(group) > 1}


@cache
def _traditional() -> opencc.OpenCC:
    return opencc.OpenCC("s2t")


@lru_cache(maxsize=100_000)
def to_traditional(text: str) -> str:
    """The text in traditional characters."""
    return str(_traditional().convert(text))


def homophone(rng: np.random.Generator, name: str) -> str:
    """One character written as another of the same sound (not the first: surnames are known)."""
    places = [i for i in range(1, len(name)) if name[i] in _homophones()]
    if not places:
        return name
    place = places[int(rng.integers(len(places)))]
    options = _homophones()[name[place]]
    return name[:place] + options[int(rng.integers(len(options)))] + name[place + 1 :]


def lookalike(rng: np.random.Generator, name: str) -> str:
    """One character written as another of the same look."""
    for place in range(len(name) - 1, 0, -1):
        if name[place] in LOOKALIKES:
            return name[:place] + LOOKALIKES[name[place]] + name[place + 1 :]
    return homophone(rng, name)


def spaced(rng: np.random.Generator, name: str) -> str:
    """A space inside, as in names set to one width."""
    place = 1 if len(name) < 4 else int(rng.integers(1, len(name) - 1))
    return name[:place] + (" " if rng.random() < 0.6 else "\u3000") + name[place:]


def mistyped(rng: np.random.Generator, number: str) -> str:
    """One digit wrong, or two neighbours changed over."""
    place = int(rng.integers(6, len(number) - 1))
    if rng.random() < 0.4 and number[place] != number[place + 1] and number[place + 1].isdigit():
        return number[:place] + number[place + 1] + number[place] + number[place + 2 :]
    digit = number[place]
    other = str((int(digit) + int(rng.integers(1, 10))) % 10) if digit.isdigit() else "7"
    return number[:place] + other + number[place + 1 :]


def masked(rng: np.random.Generator, number: str) -> str:
    """Middle of the number starred out, in one of two ways."""
    return number[:4] + "*" * 10 + number[-4:] if rng.random() < 0.7 else number[:6] + "*" * 8 + number[-4:]


def other_notation(rng: np.random.Generator, number: str) -> str:
    """The same number in full-width digits, with spaces, or in lower case."""
    way = rng.random()
    if way < 0.35:
        return number.translate(str.maketrans("0123456789X", "０１２３４５６７８９Ｘ"))
    if way < 0.7:
        return f"{number[:6]} {number[6:14]} {number[14:]}" if rng.random() < 0.5 else " " + number + " "
    return number.lower() if number[-1] == "X" else number + "\t"


def change(rng: np.random.Generator, cells: Strings, rate: float | np.ndarray, how: Callable[[str], str]) -> None:
    """Apply `how` in place to a share of the cells that are not empty."""
    for row in np.flatnonzero(rng.random(len(cells)) < rate).tolist():
        if cells[row]:
            cells[row] = how(cells[row])


def resident_numbers(
    rng: np.random.Generator,
    clean: Strings,
    relatives: Strings,
    born_early: Bools,
    missing: float,
    masked_part: float,
    keep: Bools,
    rates: Noise = RATES,
) -> Strings:
    """ID cells of people; `masked_part` of them are starred out.

    `keep` marks cells that stay readable because nothing else tells who is meant.
    """
    cells = clean.copy()
    fate = rng.random(len(cells))
    limits = np.cumsum(
        [missing, masked_part, rates.id_placeholder, rates.id_relative, rates.id_excel, rates.id_mistyped]
    )
    kind = np.searchsorted(limits, fate, side="right")
    kind[keep] = len(limits)
    cells[kind == 0] = ""
    for row in np.flatnonzero(kind == 1).tolist():
        cells[row] = masked(rng, cells[row])
    cells[kind == 2] = pick(rng, np.array(PLACEHOLDERS, dtype=object), int((kind == 2).sum()))
    own = (kind == 3) & (relatives != "")
    cells[own] = relatives[own]
    for row in np.flatnonzero(kind == 4).tolist():
        cells[row] = cells[row][:15] + "000"
    for row in np.flatnonzero(kind == 5).tolist():
        cells[row] = mistyped(rng, cells[row])
    whole = kind == len(limits)
    old = whole & (rng.random(len(cells)) < np.where(born_early, rates.id_old_form * 5, rates.id_old_form / 3))
    for row in np.flatnonzero(old & (clean != "")).tolist():
        # numbers of those born after 1999 never had fifteen digits
        if cells[row][6:8] == "19":
            cells[row] = old_resident_id(cells[row])
    change(rng, cells, np.where(whole & ~old, rates.id_notation, 0), lambda v: other_notation(rng, v))
    return cells


def person_names(
    rng: np.random.Generator,
    clean: Strings,
    former: Strings,
    titles: Strings | None,
    light: float,
    rates: Noise = RATES,
) -> Strings:
    """Name cells of people; `light` scales the faults down for careful registers."""
    cells = clean.copy()
    old = (former != "") & (rng.random(len(cells)) < rates.name_former * light)
    cells[old] = former[old]
    change(rng, cells, rates.name_homophone * light, lambda v: homophone(rng, v))
    change(rng, cells, rates.name_lookalike * light, lambda v: lookalike(rng, v))
    change(rng, cells, rates.name_traditional * light, to_traditional)
    change(rng, cells, rates.name_spaced, lambda v: spaced(rng, v))
    if titles is not None:
        polite = (rng.random(len(cells)) < rates.name_title) & (clean != "")
        cells[polite] = titles[polite]
    return cells


def firm_name(rng: np.random.Generator, name: str, region: str, rates: Noise = RATES) -> str:
    """One business name as somebody else writes it; `region` is what it begins with."""
    chance = rng.random(7)
    if chance[0] < rates.firm_no_region:
        name = name[len(region) :]
    elif chance[0] < rates.firm_no_region + rates.firm_region and region:
        name = _other_region(region, chance[1] < 0.5) + name[len(region) :]
    if chance[2] < rates.firm_no_form:
        for form in ("有限责任公司", "股份有限公司", "有限公司"):
            name = name.removesuffix(form)
    elif chance[2] < rates.firm_no_form + rates.firm_other_form:
        if name.endswith("有限责任公司"):
            name = name.removesuffix("有限责任公司") + "有限公司"
        elif name.endswith("有限公司") and not name.endswith("股份有限公司"):
            name = name.removesuffix("有限公司") + "有限责任公司"
    return firm_spelling(rng, name, rates)


def firm_spelling(rng: np.random.Generator, name: str, rates: Noise = RATES) -> str:
    """The same name with other brackets, a stray space, or in traditional characters."""
    chance = rng.random(3)
    if chance[0] < rates.firm_brackets * 5 and "（" in name:
        return (
            name.replace("（", "(").replace("）", ")") if chance[1] < 0.75 else name.replace("（", "").replace("）", "")
        )
    if chance[2] < rates.firm_spaced:
        return spaced(rng, name)
    if chance[2] < rates.firm_spaced * 2:
        return to_traditional(name)
    return name


def _other_region(region: str, province: bool) -> str:
    if region == PROVINCE[:-1]:
        return PROVINCE
    if region == CITY:
        return PROVINCE + CITY if province else CITY[:-1]
    return CITY


def phones(rng: np.random.Generator, clean: Strings, former: Strings | None, rates: Noise = RATES) -> Strings:
    """Phone cells: some empty, some an older number, some with +86, dashes or spaces."""
    cells = clean.copy()
    if former is not None:
        old = (former != "") & (rng.random(len(cells)) < rates.phone_old)
        cells[old] = former[old]
    cells[rng.random(len(cells)) < rates.phone_missing] = ""

    def write(number: str) -> str:
        way = rng.random()
        if way < 0.4:
            return "+86" + ("-" if way < 0.1 else "") + number
        if way < 0.8:
            mark = " " if way < 0.6 else "-"
            return f"{number[:3]}{mark}{number[3:7]}{mark}{number[7:]}"
        return number.translate(str.maketrans("0123456789", "０１２３４５６７８９"))

    change(rng, cells, rates.phone_notation, write)
    return cells
