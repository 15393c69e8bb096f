"""The synthetic files: complete, repeatable, noisy as promised, and true."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import re
from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path

import pytest
from python_calamine import CalamineWorkbook

from resolution.synthetic import generate
from resolution.synthetic.build import build
from resolution.synthetic.facts import layouts
from resolution.synthetic.identity import credit_code_check, old_resident_id, resident_check
from resolution.synthetic.noise import PLACEHOLDERS

RECORDS = 12_000
Rows = list[dict[str, str]]


def read(path: Path) -> Rows:
    """All rows of a CSV file in any of the encodings, or of a workbook."""
    if path.suffix == ".xlsx":
        table = [
            [str(v) for v in row] for row in CalamineWorkbook.from_path(str(path)).get_sheet_by_index(0).to_python()
        ]
    else:
        data = path.read_bytes()
        try:
            text = data.decode("utf-8-sig")
        except UnicodeDecodeError:
            text = data.decode("gb18030")
        table = list(csv.reader(io.StringIO(text)))
    return [dict(zip(table[0], row, strict=True)) for row in table[1:]]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A generated city."""
    directory = tmp_path_factory.mktemp("city")
    generate(directory, RECORDS, seed=4)
    return directory


@pytest.fixture(scope="module")
def files(folder: Path) -> dict[str, Rows]:
    """Its files, read."""
    return {path.stem: read(path) for path in sorted(folder.iterdir()) if path.is_file()}


def lines(path: Path) -> Iterator[dict[str, list[list[str]]]]:
    """Objects of a JSON lines file."""
    with path.open(encoding="utf-8") as file:
        yield from map(json.loads, file)


def test_every_dataset_is_there_with_every_header(files: dict[str, Rows]) -> None:
    assert set(files) == set(layouts())
    for dataset, layout in layouts().items():
        assert files[dataset], dataset
        missing = {column.header for column in layout.columns} - set(files[dataset][0])
        assert not missing, (dataset, missing)


def test_the_number_of_rows_is_the_one_asked_for(files: dict[str, Rows]) -> None:
    total = sum(map(len, files.values()))
    assert abs(total - RECORDS) <= RECORDS * 0.03


def test_the_same_seed_gives_the_same_bytes_and_another_seed_others(tmp_path: Path) -> None:
    def digest(name: str, seed: int) -> dict[str, str]:
        generate(tmp_path / name, 3_000, seed)
        found = sorted(p for p in (tmp_path / name).rglob("*") if p.is_file())
        return {p.relative_to(tmp_path / name).as_posix(): hashlib.sha256(p.read_bytes()).hexdigest() for p in found}

    first = digest("a", 7)
    assert digest("b", 7) == first
    assert digest("c", 8)["truth/mentions.csv"] != first["truth/mentions.csv"]


def test_a_folder_is_written_over_whole(tmp_path: Path) -> None:
    (tmp_path / "companies.csv").write_text("记录编号\n1\n")
    generate(tmp_path, 3_000, seed=1)
    assert {p.name for p in tmp_path.glob("companies.*")} == {"companies.xlsx"}


def test_too_few_records_are_refused_with_the_least_number(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="ask for 3000 or more"):
        generate(tmp_path, 500)


@pytest.mark.parametrize("seed", [11, 12, 13, 14])
def test_small_cities_hold_clues_of_every_model(seed: int) -> None:
    world = build(3_000, seed)
    assert {clue.model for clue in world.clues} == {f"M{n:02d}" for n in range(1, 25)}


def test_record_numbers_are_unique(files: dict[str, Rows]) -> None:
    for dataset, rows in files.items():
        assert len({row["记录编号"] for row in rows}) == len(rows), dataset


def test_truth_names_the_entity_of_every_mention_and_of_nothing_else(folder: Path, files: dict[str, Rows]) -> None:
    truth = {(m["dataset"], m["record_id"], m["role"]) for m in read(folder / "truth" / "mentions.csv")}
    expected = set()
    for dataset, layout in layouts().items():
        headers = {column.field: column.header for column in layout.columns}
        for role in layout.roles:
            says = [role.fields[k] for k in (("id", "address") if role.kind == "property" else ("name",))]
            for row in files[dataset]:
                if any(row[headers[field]] for field in says):
                    expected.add((dataset, row["记录编号"], role.role))
    assert truth == expected


def test_clean_numbers_have_valid_check_characters(files: dict[str, Rows]) -> None:
    ids = [row["身份证号"] for row in files["household"] if re.fullmatch(r"\d{17}[\dX]", row["身份证号"])]
    valid = sum(resident_check(number[:17]) == number[17] for number in ids if number not in PLACEHOLDERS)
    assert valid / len(ids) > 0.95
    codes = [row["统一社会信用代码"] for row in files["companies"]]
    codes = [code for code in codes if re.fullmatch(r"9[12]\d{6}[0-9A-Z]{10}", code)]
    assert sum(credit_code_check(code[:17]) == code[17] for code in codes) / len(codes) > 0.97


def test_one_person_is_written_in_many_ways(folder: Path, files: dict[str, Rows]) -> None:
    role = {m["record_id"]: m["entity_id"] for m in read(folder / "truth" / "mentions.csv") if m["role"] == "领取人"}
    written: dict[str, set[str]] = defaultdict(set)
    for row in files["subsidy_payments"]:
        written[role[row["记录编号"]]].add(row["身份证号"])
    cells = [cell for cells in written.values() for cell in cells]
    assert any("*" in cell for cell in cells)
    assert any(len(cell) == 15 for cell in cells)
    assert any(cell in PLACEHOLDERS for cell in cells)
    assert "" in cells


@pytest.mark.parametrize(
    ("dataset", "column", "low", "high"),
    [
        ("judgments", "原告证件号", 0.25, 0.45),
        ("household", "身份证号", 0.02, 0.09),
        ("leases", "不动产权证号", 0.08, 0.22),
    ],
)
def test_cells_are_empty_as_often_as_the_rates_say(
    files: dict[str, Rows], dataset: str, column: str, low: float, high: float
) -> None:
    rows = files[dataset]
    assert low < sum(not row[column] for row in rows) / len(rows) < high


def test_names_repeat_as_they_do_in_life(files: dict[str, Rows]) -> None:
    names = Counter(row["姓名"] for row in files["household"])
    people = len(files["household"])
    pairs = sum(count * (count - 1) for count in names.values()) / (people * (people - 1))
    # agency files: two people drawn at random bear one name about once in 4,000 to 7,000 pairs
    assert 1 / 10_000 < pairs < 1 / 3_500


def test_no_date_of_an_event_lies_after_the_last_day(files: dict[str, Rows]) -> None:
    def key(text: str) -> str:
        parts = re.findall(r"\d+", text)
        return "".join(parts) if len(parts) == 1 else f"{parts[0]}{int(parts[1]):02d}{int(parts[2]):02d}"

    for dataset, column in (("subsidy_payments", "发放日期"), ("leases", "备案日期"), ("hotline_calls", "来电时间"),
                            ("criminal_cases", "判决日期"), ("companies", "成立日期")):  # fmt: skip
        assert max(key(row[column]) for row in files[dataset] if row[column]) <= "20250331", (dataset, column)
    assert max(key(row["来电时间"]) for row in files["hotline_calls"]) == "20250331"


def test_clues_and_traps_point_to_rows_that_exist(folder: Path, files: dict[str, Rows]) -> None:
    known = {(dataset, row["记录编号"]) for dataset, rows in files.items() for row in rows}
    clues, traps = list(lines(folder / "truth" / "clues.jsonl")), list(lines(folder / "truth" / "traps.jsonl"))
    for clue in clues:
        keys = {tuple(fact) for fact in clue["key_facts"]}
        assert keys and keys <= {tuple(fact) for fact in clue["all_facts"]} <= known
    for trap in traps:
        assert trap["facts"] and {tuple(fact) for fact in trap["facts"]} <= known


def test_no_clue_holds_all_facts_of_a_trap(folder: Path) -> None:
    found: dict[str, list[set[tuple[str, ...]]]] = defaultdict(list)
    for clue in lines(folder / "truth" / "clues.jsonl"):
        found[str(clue["model"])].append({tuple(fact) for fact in clue["all_facts"]})
    for trap in lines(folder / "truth" / "traps.jsonl"):
        facts = {tuple(fact) for fact in trap["facts"]}
        assert not any(facts <= clue for clue in found[str(trap["model"])]), trap


KINDS = {
    "M01": "subsidiary parent licensee earlier closed generic branch",
    "M02": "before judgment/one sign/enforcement closed/lease over/other property/market hall/idle unknown/namesake",
    "M03": "社区矫正/暂予监外执行/month of admission/after release/namesake",
    "M05": "spends little/half performed/at the limits/a year apart/namesake",
    "M09": "month of death/month of end/renewed",
    "M11": "disciplined/left/namesake/not prosecuted for doubt",
    "M16": "died in hospital/outpatient/transfer/one hospital",
    "M22": "few callers/long ago/one complainer/firm long ago",
    "M23": "part of a longer word/unwanted word/one word only",
}


@pytest.mark.parametrize("model", KINDS)
def test_every_kind_of_near_miss_is_planted(model: str) -> None:
    world = build(20_000, 2)
    expected = set(re.split("/" if "/" in KINDS[model] else " ", KINDS[model]))
    assert expected <= {trap.kind for trap in world.traps if trap.model == model}


def test_twenty_thousand_records_are_enough_to_measure_the_three_lead_models(tmp_path: Path) -> None:
    generate(tmp_path, 20_000, seed=3)
    clues = Counter(str(clue["model"]) for clue in lines(tmp_path / "truth" / "clues.jsonl"))
    traps = Counter(str(trap["model"]) for trap in lines(tmp_path / "truth" / "traps.jsonl"))
    for model in ("M01", "M02", "M03"):
        assert clues[model] >= 15 and traps[model] >= 15, (model, clues[model], traps[model])


def test_known_numbers_have_known_checks() -> None:
    assert resident_check("11010519491231002") == "X"
    assert credit_code_check("91350100M000100Y4") == "3"
    assert old_resident_id("11010519491231002X") == "110105491231002"
