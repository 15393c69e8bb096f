"""`train`, `compare-settings` and `charts` on the command line, where they cannot do what is asked."""

from __future__ import annotations

from pathlib import Path

from resolution.settings import HERE
from tests.api.test_cli import cluegraph


def test_what_needs_resolved_data_says_so(tmp_path: Path) -> None:
    for command in (("train", "--dry-run"), ("charts", str(tmp_path / "charts"))):
        answer = cluegraph(tmp_path / "home", *command)
        assert answer.returncode == 1 and "cluegraph load" in answer.stderr
    assert not (tmp_path / "charts").exists()


def test_settings_that_are_not_there_are_named(tmp_path: Path) -> None:
    shipped = str(HERE / "person.toml")
    missing = cluegraph(tmp_path / "home", "compare-settings", shipped, str(tmp_path / "none.toml"))
    assert missing.returncode == 2 and "none.toml" in missing.stderr
    assert cluegraph(tmp_path / "home", "train", "--kind", "property").returncode == 2
