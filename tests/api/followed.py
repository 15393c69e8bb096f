"""Guides as they are followed: files written, commands run, what they print held against what the guide says."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

from resolution.workspace import Workspace
from tests.api.test_cli import SMALL

ROOT = Path(__file__).parents[2]
BLOCK = re.compile(r"(?:Write `(?P<file>[^`]+)`:\n\n)?```(?P<kind>\w+)\n(?P<text>.*?)```", re.DOTALL)


@dataclass
class Followed:
    """A guide that was followed in a folder."""

    folder: Path
    guide: str
    files: list[str] = field(default_factory=list)
    said: list[tuple[str, str]] = field(default_factory=list)
    """Each line that the guide promises, and what the commands before it printed."""

    @property
    def workspace(self) -> Workspace:
        return Workspace(self.folder / "workspace")

    @property
    def missing(self) -> list[str]:
        """Lines that were promised and not printed."""
        return [line for line, printed in self.said if line.strip() not in printed]

    def run(self, commands: str) -> subprocess.CompletedProcess[str]:
        """The commands as a shell takes them, with the settings that the guide exports."""
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("NEO4J", "CLUEGRAPH"))}
        settings = next(line for line in self.guide.splitlines() if line.startswith("export "))
        return subprocess.run(
            ["bash", "-e", "-c", f"{settings}\n{commands}"],
            cwd=self.folder,
            env={**kept, **SMALL, "PATH": f"{self.folder / 'bin'}:{kept['PATH']}", "PYTHONPATH": str(ROOT)},
            capture_output=True,
            text=True,
            timeout=200,
            check=False,
        )

    def follow(self) -> None:
        """Do all that the guide says."""
        command = self.folder / "bin" / "cluegraph"
        command.parent.mkdir()
        command.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m api.cli "$@"\n', encoding="utf-8")
        command.chmod(0o755)
        printed = ""
        for block in BLOCK.finditer(self.guide):
            if block["file"]:
                (self.folder / block["file"]).write_text(block["text"], encoding="utf-8")
                self.files.append(block["file"])
            elif block["kind"] == "sh":
                done = self.run(block["text"])
                assert done.returncode == 0, (block["text"], done.stdout, done.stderr)
                printed = done.stdout
            else:
                self.said += [(line, printed) for line in block["text"].splitlines()]
