"""Workbooks: the sheets of an .xlsx or .xls as rows of text, read in a child process with limits.

A workbook comes from outside and may be made to harm: a few hundred kilobytes can unpack to gigabytes. So this file
runs as a program of its own (`python workbook.py FILE`) with bounded memory and time and writes an Arrow stream of
(sheet, row, cells) to stdout. What it needs is in this file, the standard library, pyarrow and calamine.
"""

from __future__ import annotations

import datetime
import os
import subprocess
import sys
import zipfile
from decimal import Decimal
from pathlib import Path

import pyarrow as pa

MEMORY = 3 << 30  # bytes of address space that the child may take
SECONDS = 180  # of processor time, and as long again of waiting
PACKED = 100 << 20  # bytes of a workbook
UNPACKED = 512 << 20  # bytes of all that is in it
RATIO = 100  # unpacked : packed, above which a workbook of any size worth mentioning is a bomb
HARMLESS = 20 << 20  # bytes unpacked below which the ratio does not matter
ENTRIES = 2_000
BATCH = 20_000  # rows

SCHEMA = pa.schema([("sheet", pa.string()), ("row", pa.int64()), ("cells", pa.list_(pa.string()))])

ENCRYPTED, DAMAGED, TOO_MUCH = 3, 4, 5


class WorkbookError(Exception):
    """A workbook cannot be read; the message says why and what to do, in Chinese."""


def read_workbook(path: Path) -> pa.Table:
    """All rows that hold something of all sheets: sheet name, row number from 1, cells as text.

    Numbers are written without a needless fraction and with the 15 digits that Excel keeps, days in ISO form.
    Raises WorkbookError.
    """
    if path.stat().st_size > PACKED:
        raise WorkbookError(f"工作簿超过 {PACKED >> 20} MB，请另存为 CSV（UTF-8）后再导入")
    with path.open("rb") as file:
        zipped = file.read(4) == b"PK\x03\x04"
    if zipped:
        _check_archive(path)
    command = [sys.executable, "-I", str(Path(__file__).resolve()), str(path.resolve())]
    environment = {"ARROW_DEFAULT_MEMORY_POOL": "system", "PATH": os.environ.get("PATH", "")}
    try:
        done = subprocess.run(command, capture_output=True, timeout=2 * SECONDS, env=environment, check=False)
    except subprocess.TimeoutExpired:
        raise WorkbookError("工作簿读取超时，请另存为 CSV（UTF-8）后再导入") from None
    if done.returncode == ENCRYPTED:
        raise WorkbookError("工作簿有密码，请取消密码后再导入")
    if done.returncode == DAMAGED:
        raise WorkbookError("工作簿已损坏或不完整，请重新导出后再导入")
    if done.returncode:
        raise WorkbookError("工作簿过大或异常，读取时超出内存或时间限制；请另存为 CSV（UTF-8）后再导入")
    return pa.ipc.open_stream(done.stdout).read_all()


def _check_archive(path: Path) -> None:
    """Refuse by what the archive declares and by what it really holds (its sums are checked on the way)."""
    bomb = WorkbookError("工作簿解压后过大，疑似异常文件；请另存为 CSV（UTF-8）后再导入")
    try:
        with zipfile.ZipFile(path) as archive:
            entries = archive.infolist()
            packed, unpacked = path.stat().st_size, sum(entry.file_size for entry in entries)
            if len(entries) > ENTRIES or unpacked > UNPACKED or unpacked > max(HARMLESS, RATIO * packed):
                raise bomb
            for entry in entries:
                with archive.open(entry) as file:
                    while file.read(1 << 20):
                        pass
    except (zipfile.BadZipFile, OSError, EOFError, RuntimeError, NotImplementedError, ValueError) as error:
        if "encrypted" in str(error):
            raise WorkbookError("工作簿有密码，请取消密码后再导入") from None
        raise WorkbookError("工作簿已损坏或不完整，请重新导出后再导入") from None
    except Exception as error:
        if type(error).__module__ == "zlib":
            raise WorkbookError("工作簿已损坏或不完整，请重新导出后再导入") from None
        raise


def _text(cell: object) -> str:
    """A cell as a person would copy it out."""
    if isinstance(cell, str):
        return cell
    if isinstance(cell, bool):
        return "是" if cell else "否"
    if isinstance(cell, int | float):
        # Excel keeps 15 digits; more of them would make a damaged ID look like a whole one
        return format(Decimal(f"{cell:.15g}"), "f")
    if isinstance(cell, datetime.datetime):
        moment = (cell + datetime.timedelta(microseconds=500_000)).replace(microsecond=0)
        return moment.date().isoformat() if moment.time() == datetime.time() else moment.isoformat(" ")
    if isinstance(cell, datetime.date | datetime.time):
        return cell.isoformat()
    return "" if cell is None else str(cell)


def _limit() -> None:
    try:
        import resource
    except ImportError:  # not on this platform; the archive has been checked all the same
        return
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def main(path: str) -> int:
    """Write the workbook's rows to stdout; the exit status says what went wrong."""
    _limit()
    import python_calamine as calamine

    try:
        with Path(path).open("rb") as file, pa.ipc.new_stream(sys.stdout.buffer, SCHEMA) as out:
            book = calamine.load_workbook(file)
            for name in book.sheet_names:
                _write(out, name, book.get_sheet_by_name(name))
    except calamine.PasswordError:
        return ENCRYPTED
    except (calamine.CalamineError, OSError, ValueError):
        return DAMAGED
    except MemoryError:
        return TOO_MUCH
    return 0


def _write(out: pa.RecordBatchWriter, name: str, sheet: object) -> None:
    numbers: list[int] = []
    rows: list[list[str]] = []
    for number, row in enumerate(sheet.iter_rows(), 1):  # type: ignore[attr-defined]
        cells = [_text(cell) for cell in row]
        if any(cells):
            numbers.append(number)
            rows.append(cells)
        if len(rows) == BATCH:
            out.write_batch(pa.record_batch([[name] * len(rows), numbers, rows], schema=SCHEMA))
            numbers, rows = [], []
    out.write_batch(pa.record_batch([[name] * len(rows), numbers, rows], schema=SCHEMA))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
