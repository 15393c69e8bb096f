"""Sheets to the files that agencies hand in: encodings, column orders, the odd empty column."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import polars as pl
import xlsxwriter

from resolution.synthetic.arrays import generator
from resolution.synthetic.render import Sheet

# (xlsx for these as long as they are small; else as one of the encodings below)
WORKBOOKS = frozenset(
    {
        "companies",
        "enforcement_cases",
        "food_licences",
        "lodging_listings",
        "medical_claims",
        "online_restaurants",
        "work_certificates",
    }
)
WORKBOOK_ROWS = 20_000
ENCODINGS = ("utf-8", "utf-8-sig", "gb18030")
SHUFFLED = 0.35
SPARE_COLUMN = 0.25
CREATED = datetime(2025, 4, 1, tzinfo=UTC)


def write(sheet: Sheet, directory: Path, seed: int) -> Path:
    """Write one dataset; returns the file's path."""
    rng = generator(seed, "file", sheet.dataset)
    headers = list(sheet.cells)
    if rng.random() < SHUFFLED:
        headers = [headers[0], *np.array(headers[1:])[rng.permutation(len(headers) - 1)].tolist()]
    cells = {header: sheet.cells[header] for header in headers}
    if rng.random() < SPARE_COLUMN:
        cells["备注"] = np.full(len(sheet.order), "", dtype=object)
    encoding = ENCODINGS[int(rng.integers(len(ENCODINGS)))]
    if sheet.dataset in WORKBOOKS and len(sheet.order) <= WORKBOOK_ROWS:
        path = directory / f"{sheet.dataset}.xlsx"
        _workbook(path, cells)
    else:
        path = directory / f"{sheet.dataset}.csv"
        frame = pl.DataFrame({header: pl.Series(values.tolist(), dtype=pl.String) for header, values in cells.items()})
        text = frame.write_csv(line_terminator="\r\n", null_value="")
        path.write_bytes(text.encode(encoding))
    return path


def _workbook(path: Path, cells: dict[str, np.ndarray]) -> None:
    options = {
        "constant_memory": True,
        "strings_to_numbers": False,
        "strings_to_formulas": False,
        "strings_to_urls": False,
    }
    with xlsxwriter.Workbook(str(path), options) as book:
        # the same rows give the same bytes
        book.set_properties({"created": CREATED})
        page = book.add_worksheet("Sheet1")
        for column, header in enumerate(cells):
            page.write_string(0, column, header)
        for row, values in enumerate(zip(*cells.values(), strict=True), start=1):
            for column, value in enumerate(values):
                if value:
                    page.write_string(row, column, value)
