"""Clean facts to the cells of an agency's file, with the faults that clerks and copies put in."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from resolution.synthetic import noise
from resolution.synthetic.arrays import Bools, Ints, Strings, objects, texts
from resolution.synthetic.companies import BRANCH
from resolution.synthetic.facts import COMPANY, NOBODY, PARTY_KINDS, Column, Layout, Role, layouts
from resolution.synthetic.noise import RATES
from resolution.synthetic.places import CITY, DISTRICTS, PROVINCE
from resolution.synthetic.world import World

CAREFUL = {"household": 0.12, "companies": 0.3, "real_estate": 0.6, "public_employees": 0.5, "prison_terms": 0.6}
DATE_STYLES = ("%Y-%m-%d", "%Y/%-m/%-d", "%Y%m%d", "%Y年%-m月%-d日")
MONTH_STYLES = ("%Y-%m", "%Y%m", "%Y年%-m月")
TIME_STYLES = ("%Y-%m-%d %H:%M", "%Y/%m/%d %H:%M")
REGIONS = (*(CITY + district for district in DISTRICTS.tolist()), CITY, CITY[:-1], PROVINCE[:-1])


@dataclass
class Sheet:
    """The cells of one file by header, in the order in which rows stand in it, and what is true of its mentions."""

    dataset: str
    cells: dict[str, Strings]
    order: Ints  # row numbers of the facts
    mentions: list[tuple[str, Strings, Strings]]  # role, 记录编号, entity; without those that name nobody


class Rendering:
    """One dataset on its way into a file."""

    def __init__(self, world: World, dataset: str, relatives: Ints, bearers: Ints, protected: Ints) -> None:
        self.world, self.dataset = world, dataset
        self.layout: Layout = layouts()[dataset]
        self.rng = world.random("render", dataset)
        self.style = int(self.rng.integers(12))
        frame = world.facts.frame(dataset)
        self.order = self.rng.permutation(len(frame))
        self.frame = frame[self.order]
        self.relatives, self.bearers = relatives, bearers
        self.protected: Bools = np.isin(self.order, protected)
        self.cells: dict[str, Strings] = {}
        self.bearer: dict[str, Bools] = {}
        self.mentions: list[tuple[str, Strings, Strings]] = []

    def sheet(self) -> Sheet:
        """Cells by header, and the truth about each mention."""
        count = len(self.frame)
        prefix = "".join(word[0] for word in self.dataset.split("_")).upper() + "ABCDEFGHJKLM"[len(self.dataset) % 12]
        ids = objects(f"{prefix}{number:07d}" for number in range(1, count + 1))
        self.cells["recordId"] = ids
        truth: list[tuple[str, Strings]] = [(role.role, self._role(role)) for role in self.layout.roles]
        for column in self.layout.columns:
            if column.field not in self.cells:
                self.cells[column.field] = self._values(column)
        for role, entities in truth:
            named = entities != ""
            self.mentions.append((role, ids[named], entities[named]))
        cells = {column.header: self.cells[column.field] for column in self.layout.columns}
        return Sheet(self.dataset, cells, self.order, self.mentions)

    def _ints(self, field: str) -> Ints:
        if field not in self.frame.columns:
            return np.full(len(self.frame), NOBODY)
        return self.frame[field].cast(pl.Int64).fill_null(NOBODY).to_numpy()

    # -- who the row speaks of

    def _role(self, role: Role) -> Strings:
        if role.kind == "property":
            return self._property(role)
        if role.kind == "trade_name":
            return self._trade_name(role)
        return self._party(role)

    def _party(self, role: Role) -> Strings:
        parties = self._ints(role.fields["name"])
        firms = parties >= COMPANY
        persons = (parties >= 0) & ~firms
        people, rows = self.world.people, np.where(persons, parties, 0)
        light = CAREFUL.get(self.dataset, 1.0)
        if role.role == "法定代表人":
            light = 0.6
        name = np.full(len(parties), "", dtype=object)
        given, former = np.where(persons, people.name[rows], ""), np.where(persons, people.former_name[rows], "")
        has_former_column = "former_name" in role.fields
        titles = self._titles(rows) if role.role == "房东" else None
        name[persons] = noise.person_names(
            self.rng, given, np.full(len(given), "", dtype=object) if has_former_column else former, titles, light
        )[persons]
        if has_former_column:
            self.cells[role.fields["former_name"]] = former.astype(object)
        self._firm_names(name, parties, firms, official=self.dataset == "companies")
        self.cells[role.fields["name"]] = name
        if "id" in role.fields:
            self._numbers(role, parties, persons, firms)
        if "sex" in role.fields:
            sex = np.where(people.female[rows], "女", "男").astype(object)
            sex[self.rng.random(len(sex)) < RATES.sex_missing * light] = ""
            self.cells[role.fields["sex"]] = sex
        if "birth_date" in role.fields:
            self._births(role, rows)
        if "phone" in role.fields:
            self._phone(role, parties, persons, firms)
        if "address" in role.fields:
            self._home(role, parties, persons, firms)
        return np.where(name != "", self.world.entity_ids(np.maximum(parties, 0)), "")

    def _titles(self, rows: Ints) -> Strings:
        people = self.world.people
        surname = objects(
            n[:2] if n[:2] in {"欧阳", "司马", "上官", "诸葛", "皇甫"} else n[:1] for n in people.name[rows]
        )
        return texts(surname, np.where(people.female[rows], "女士", "先生"))

    def _firm_names(self, cells: Strings, parties: Ints, firms: Bools, official: bool) -> None:
        chosen = np.flatnonzero(firms)
        clean = self.world.party_names(parties[chosen])
        if official:
            for place, name in zip(chosen.tolist(), clean.tolist(), strict=True):
                cells[place] = noise.firm_spelling(self.rng, name)
            return
        old = self.world.party_names(parties[chosen], former=True)
        rows = parties[chosen] - COMPANY
        marks = self.world.companies.mark[rows]
        takes_old = (old != "") & (self.rng.random(len(chosen)) < RATES.firm_former)
        sounds = self.rng.random(len(chosen)) < RATES.firm_homophone
        written = self.rng.random(len(chosen)) < 0.30
        for place, name, former, mark, by_old, by_sound, changed in zip(
            chosen.tolist(),
            clean.tolist(),
            old.tolist(),
            marks.tolist(),
            takes_old.tolist(),
            sounds.tolist(),
            written.tolist(),
            strict=True,
        ):
            if by_old:
                name = former
            elif by_sound:
                name = name.replace(mark, noise.homophone(self.rng, mark), 1)
            if changed or "（" in name:
                region = next((r for r in REGIONS if name.startswith(r)), "")
                name = noise.firm_name(self.rng, name, region, FIRM_RATES)
            cells[place] = name

    def _numbers(self, role: Role, parties: Ints, persons: Bools, firms: Bools) -> None:
        world, people = self.world, self.world.people
        cells = np.full(len(parties), "", dtype=object)
        missing = RATES.id_missing_in.get(self.dataset, RATES.id_missing)
        who = parties[persons]
        told_by_name_only = not {"birth_date", "address", "phone"} & set(role.fields)
        keep = self.protected[persons] & (self.bearers[who] > 1) & told_by_name_only
        keep &= self.rng.random(len(who)) < KEPT
        mates = self.relatives[who]
        cells[persons] = noise.resident_numbers(
            self.rng,
            people.id18[who],
            np.where(mates >= 0, people.id18[np.maximum(mates, 0)], ""),
            people.birth[who] < np.datetime64("1965-01-01"),
            missing,
            RATES.id_masked_in.get(self.dataset, RATES.id_masked),
            keep,
        )
        rows = parties[firms] - COMPANY
        codes = world.companies.code[rows].copy()
        fate = self.rng.random(len(rows))
        lost = max(RATES.code_missing, missing) if self.dataset != "companies" else 0.14
        limits = np.cumsum([lost, RATES.code_old, RATES.code_lower, RATES.code_mistyped])
        kind = np.searchsorted(limits, fate, side="right")
        codes[kind == 0] = ""
        codes[kind == 1] = world.companies.old_number[rows[kind == 1]]
        for row in np.flatnonzero(kind == 2).tolist():
            codes[row] = codes[row].lower()
        for row in np.flatnonzero(kind == 3).tolist():
            codes[row] = noise.mistyped(self.rng, codes[row])
        # branches never had a number of the old register here
        codes[(kind == 1) & (world.companies.kind[rows] == BRANCH)] = ""
        cells[firms] = codes
        self.cells[role.fields["id"]] = cells

    def _births(self, role: Role, rows: Ints) -> None:
        birth = self.world.people.birth[rows].copy()
        wrong = self.rng.random(len(birth)) < RATES.birth_wrong
        birth[wrong] += np.timedelta64(30, "D")
        missing = self.rng.random(len(birth)) < (0.01 if self.dataset == "household" else RATES.birth_missing)
        cells = self._dates(pl.Series(birth))
        cells[missing] = ""
        self.cells[role.fields["birth_date"]] = cells

    def _phone(self, role: Role, parties: Ints, persons: Bools, firms: Bools) -> None:
        people, companies = self.world.people, self.world.companies
        clean, former = np.full((2, len(parties)), "", dtype=object)
        clean[persons], former[persons] = people.phone[parties[persons]], people.former_phone[parties[persons]]
        clean[firms] = companies.phone[parties[firms] - COMPANY]
        cells = noise.phones(self.rng, clean, former)
        field = role.fields["phone"]
        # one phone column may serve two roles: it is that of the first one who is named in the row
        named = self.bearer.setdefault(field, np.zeros(len(parties), dtype=bool))
        self.cells[field] = np.where(named, self.cells.get(field, ""), cells)
        self.bearer[field] = named | persons | firms

    def _home(self, role: Role, parties: Ints, persons: Bools, firms: Bools) -> None:
        people, companies = self.world.people, self.world.companies
        homes = np.full(len(parties), NOBODY)
        homes[firms] = companies.home[parties[firms] - COMPANY]
        who = parties[persons]
        old = self.rng.random(len(who)) < (0 if self.dataset == "household" else RATES.address_old)
        homes[persons] = np.where(old, people.former_home[who], people.home[who])
        # an address that the fact itself names goes before the home
        given = self._ints(role.fields["address"])
        cells = self._addresses(np.where(given >= 0, given, homes))
        required = next(c for c in self.layout.columns if c.field == role.fields["address"])
        if required.field in OPTIONAL_ADDRESSES.get(self.dataset, ()):
            lost = self.rng.random(len(cells)) < RATES.address_missing
            # texts pile up at a place: without it nothing tells where, and the row proves nothing
            cells[lost & ~self.protected if self.dataset == "hotline_calls" else lost] = ""
        self.cells[required.field] = cells

    def _property(self, role: Role) -> Strings:
        rows = self._ints("property")
        known, units = rows >= 0, self.world.properties
        chosen = np.maximum(rows, 0)
        if role.fields["id"] not in self.frame.columns:
            second = (units.second[chosen] != "") & (self.rng.random(len(rows)) < 0.5)
            certificate = np.where(second, units.second[chosen], units.certificate[chosen])
            certificate[self.rng.random(len(rows)) < RATES.certificate_missing] = ""
            self.cells[role.fields["id"]] = self._references(np.where(known, certificate, ""))
        if role.fields["address"] not in self.frame.columns:
            self.cells[role.fields["address"]] = self._addresses(np.where(known, units.home[chosen], NOBODY))
        return np.where(known, texts("U", chosen), "")

    def _trade_name(self, role: Role) -> Strings:
        if "id" in role.fields:
            return texts("T", objects(self.frame[role.fields["id"]].to_list()))
        return texts("S", "P" if self.dataset == "premises" else "R", self._ints("shop"))

    # -- what else the row says

    def _values(self, column: Column) -> Strings:
        if column.field not in self.frame.columns:
            return np.full(len(self.frame), "", dtype=object)
        values = self.frame[column.field]
        match column.type:
            case "date":
                return self._dates(values)
            case "month":
                return self._formatted(values, MONTH_STYLES)
            case "datetime":
                return self._formatted(values, TIME_STYLES, share=0.0)
            case "money":
                return self._money(values)
            case "number" | "year":
                return objects("" if v is None or v != v else f"{v:.10g}" for v in values.to_list())
            case "lon" | "lat":
                return objects(f"{v:.7f}" for v in values.to_list())
            case "bool":
                return objects("" if v is None else "是" if v else "否" for v in values.to_list())
            case "address" if values.dtype.is_integer():
                return self._addresses(self._ints(column.field))
            case "reference":
                return self._references(objects(v or "" for v in values.to_list()))
            case _:
                return objects("" if v is None else v for v in values.to_list())

    def _formatted(self, values: pl.Series, styles: tuple[str, ...], share: float | None = None) -> Strings:
        # most files keep to one style; one column in eight was filled in by somebody else
        strange = self.rng.random() < 0.12
        base = (self.style + (int(self.rng.integers(4)) if strange else 0)) % len(styles)
        result = objects(values.dt.strftime(styles[base]).fill_null("").to_list())
        stray = np.flatnonzero(self.rng.random(len(values)) < (RATES.cell_notation if share is None else share))
        for style in range(len(styles)):
            rows = stray[stray % len(styles) == style]
            result[rows] = objects(values.gather(pl.Series(rows)).dt.strftime(styles[style]).fill_null("").to_list())
        return result

    def _dates(self, values: pl.Series) -> Strings:
        return self._formatted(values, DATE_STYLES)

    def _money(self, values: pl.Series) -> Strings:
        chance = self.rng.random(len(values)).tolist()
        return objects(_sum(value, c) for value, c in zip(values.to_list(), chance, strict=True))

    def _references(self, cells: Strings) -> Strings:
        cells = cells.copy()
        noise.change(self.rng, cells, 0.08, lambda v: v.replace("（", "(").replace("）", ")"))
        noise.change(self.rng, cells, 0.004, lambda v: v[:4] + " " + v[4:])
        return cells

    def _addresses(self, rows: Ints) -> Strings:
        known = np.flatnonzero(rows >= 0)
        cells = np.full(len(rows), "", dtype=object)
        count, chance = len(known), self.rng.random
        cells[known] = self.world.places.write(
            rows[known],
            chance(count) < 0.36,
            chance(count) < 0.15,
            chance(count) < 0.28,
            self.rng.choice(4, size=count, p=[0.69, 0.08, 0.12, 0.11]),
        )
        noise.change(self.rng, cells, RATES.address_traditional, noise.to_traditional)
        noise.change(self.rng, cells, 0.004, lambda v: " " + v)
        return cells


# of the cells that alone tell who is meant in a row that proves a clue
KEPT = 0.94
OPTIONAL_ADDRESSES = {
    "household": ("address",),
    "prison_terms": ("address",),
    "subsidy_payments": ("address",),
    "disability_register": ("address",),
    "hotline_calls": ("address",),
}
# names are changed in three of ten cells, so within those cells the rates are as much higher
FIRM_RATES = noise.Noise(
    firm_no_region=RATES.firm_no_region / 0.3,
    firm_no_form=RATES.firm_no_form / 0.3,
    firm_other_form=RATES.firm_other_form / 0.3,
    firm_region=RATES.firm_region / 0.3,
    firm_spaced=RATES.firm_spaced / 0.3,
)


def _sum(value: float | None, chance: float) -> str:
    if value is None or value != value:
        return ""
    whole = float(value).is_integer()
    plain = str(int(value)) if whole else f"{value:.2f}"
    if chance < 0.74 or (chance < 0.82 and value < 10_000):
        return plain
    if chance < 0.82 and whole and value % 100 == 0:
        return f"{value / 10_000:g}万" + ("元" if chance < 0.78 else "")
    return f"{value:,.2f}" if chance < 0.9 else f"{value:.2f}"


def entity_fields(layout: Layout) -> set[str]:
    """Fields of a dataset that follow from who or what the row speaks of."""
    return {field for role in layout.roles if role.kind in PARTY_KINDS for field in role.fields.values()}
