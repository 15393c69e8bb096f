"""A small synthetic city, loaded and resolved once for all tests that read it. Nothing may write to it."""

from __future__ import annotations

from pathlib import Path

import pytest

from resolution import synthetic
from resolution.intake import load
from resolution.resolve import resolve
from resolution.workspace import Workspace

RECORDS = 4_000


_made: list[Workspace] = []  # modules that import the fixture share what the first of them made


@pytest.fixture(scope="session")
def city(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """The workspace of the city."""
    if not _made:
        folder: Path = tmp_path_factory.mktemp("city")
        synthetic.generate(folder / "files", records=RECORDS, seed=11)
        workspace = Workspace(folder / "workspace")
        load(workspace, folder / "files")
        resolve(workspace)
        _made.append(workspace)
    return _made[0]
