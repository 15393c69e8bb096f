"""The report of a load: what became of each file, for people and for programs."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any, Literal

STATUS = {"loaded": "已导入", "unchanged": "未变化", "refused": "未导入"}


@dataclass
class FileReport:
    """What became of one file."""

    file: str
    dataset: str
    sha256: str
    status: Literal["loaded", "unchanged", "refused"] = "loaded"
    rows: int = 0
    """Rows taken in."""
    rejected: int = 0
    """Rows kept aside with their reason."""
    duplicates: int = 0
    """Rows that say the same as one before, left out."""
    blank: int = 0
    """Lines with nothing in them."""
    encoding: str = ""
    extra_columns: list[str] = field(default_factory=list)
    """Headers that the source does not know; they are not stored."""
    absent_columns: list[str] = field(default_factory=list)
    """Optional columns that the file lacks."""
    warnings: list[str] = field(default_factory=list)
    message: str = ""
    """Why the file was refused and what to do."""
    seconds: float = 0.0


@dataclass
class LoadReport:
    """What became of a folder."""

    files: list[FileReport] = field(default_factory=list)
    unknown: list[str] = field(default_factory=list)
    """Files that belong to no dataset."""

    def as_dict(self) -> dict[str, Any]:
        """Totals, datasets and files as plain values that JSON can hold."""
        datasets: dict[str, dict[str, Any]] = {}
        for file in self.files:
            of_dataset = datasets.setdefault(
                file.dataset,
                {"rows": 0, "rejected": 0, "duplicates": 0, "extra_columns": [], "unchanged": True, "files": []},
            )
            of_dataset["rows"] += file.rows
            of_dataset["rejected"] += file.rejected
            of_dataset["duplicates"] += file.duplicates
            extra = [name for name in file.extra_columns if name not in of_dataset["extra_columns"]]
            of_dataset["extra_columns"] += extra
            of_dataset["unchanged"] = of_dataset["unchanged"] and file.status == "unchanged"
            of_dataset["files"].append(file.file)
        return {
            "rows": sum(file.rows for file in self.files),
            "rejected": sum(file.rejected for file in self.files),
            "duplicates": sum(file.duplicates for file in self.files),
            "unchanged": all(file.status == "unchanged" for file in self.files),
            "datasets": datasets,
            "files": [asdict(file) for file in self.files],
            "unknown": self.unknown,
        }

    def text(self) -> str:
        """The report in words, a line a file and a line for all."""
        lines = [_line(file) for file in self.files]
        if self.unknown:
            lines.append(f"不认识的文件（未读）：{'、'.join(self.unknown)}")
        rows, rejected = sum(file.rows for file in self.files), sum(file.rejected for file in self.files)
        lines.append(f"共 {len(self.files)} 个文件，{rows:,} 行可用，{rejected:,} 行被拒")
        return "\n".join(lines)


def _line(file: FileReport) -> str:
    if file.status == "refused":
        return f"{STATUS[file.status]}  {file.message}"
    words = [f"{STATUS[file.status]}  {file.file}：{file.rows:,} 行"]
    if file.rejected:
        words.append(f"拒绝 {file.rejected:,} 行（cluegraph export rejects 可导出原因）")
    if file.duplicates:
        words.append(f"重复 {file.duplicates:,} 行")
    if file.extra_columns:
        words.append(f"多出的列（未存）{'、'.join(file.extra_columns)}")
    if file.absent_columns:
        words.append(f"缺少的选填列 {'、'.join(file.absent_columns)}")
    return "，".join([*words, *file.warnings])
