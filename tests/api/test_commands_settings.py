"""`train`, `compare-settings` and `charts`: where they cannot do what is asked, and what a browser makes of charts."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect, sync_playwright

from resolution.judgements import JudgementStore
from resolution.reading import Reader
from resolution.settings import HERE
from resolution.workspace import Workspace
from tests.api.test_cli import cluegraph
from tests.city import city as city
from tests.city import pairs_in_doubt


def test_what_needs_resolved_data_says_so(tmp_path: Path) -> None:
    for command in (("train", "--dry-run"), ("train", "--em"), ("charts", str(tmp_path / "charts"))):
        answer = cluegraph(tmp_path / "home", *command)
        assert answer.returncode == 1 and "cluegraph load" in answer.stderr
    assert not (tmp_path / "charts").exists()


def test_settings_that_are_not_there_are_named(tmp_path: Path) -> None:
    shipped = str(HERE / "person.toml")
    missing = cluegraph(tmp_path / "home", "compare-settings", shipped, str(tmp_path / "none.toml"))
    assert missing.returncode == 2 and "none.toml" in missing.stderr
    assert cluegraph(tmp_path / "home", "train", "--kind", "property").returncode == 2


@pytest.fixture(scope="module")
def judged_city(city: Workspace, tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """A copy of the city in which people have judged pairs."""
    workspace = Workspace(shutil.copytree(city.home, tmp_path_factory.mktemp("judged") / "workspace"))
    with Reader(workspace).cursor() as connection:
        words = pairs_in_doubt(connection)
    store = JudgementStore(workspace)
    store.take(words)
    store.engine.dispose()
    return workspace


def test_charts_open_in_a_browser_and_ask_for_nothing(judged_city: Workspace, tmp_path: Path, chromium: str) -> None:
    answer = cluegraph(judged_city.home, "charts", str(tmp_path))
    assert answer.returncode == 0 and answer.stderr == ""
    files = [Path(line) for line in answer.stdout.split()]
    assert {"threshold_selection.html", "comparison_viewer.html"} <= {file.name for file in files}
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-gpu"])
        page = browser.new_page(viewport={"width": 1366, "height": 1400})
        asked: list[str] = []
        complaints: list[str] = []
        page.on("request", lambda request: asked.append(request.url))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        for file in files:
            page.goto(file.as_uri())
            expect(page.locator("canvas, svg").first).to_be_visible()
            if file.name == "comparison_viewer.html":
                an_example_of_two_rows_can_be_opened(page)
        browser.close()
    assert (asked, complaints) == ([file.as_uri() for file in files], [])


def an_example_of_two_rows_can_be_opened(page: Page) -> None:
    """Bars stand side by side on one line: a click just above it, at one place or the next, is on one."""
    chart = page.locator("#observablehq-comparison_vector_distribution_chart canvas")
    example = page.locator("#observablehq-compairson_non_null_table")
    for across in range(200, 230):
        chart.click(position={"x": across, "y": 333})
        page.wait_for_timeout(100)
        if example.inner_text():
            break
    expect(example).to_contain_text("Comparison of non-null fields")
    expect(example).to_contain_text("*")
    expect(page.locator("#observablehq-waterfall_chart canvas")).to_be_visible()


def test_a_chart_that_cannot_be_drawn_is_named_with_the_reason(city: Workspace, tmp_path: Path) -> None:
    home = shutil.copytree(city.home, tmp_path / "workspace")
    answer = cluegraph(home, "charts", str(tmp_path / "charts"), "--kind", "company")
    assert answer.returncode == 0
    assert "未作 threshold_selection.html：已判定 0 对" in answer.stderr
    assert "threshold_selection" not in answer.stdout and not (tmp_path / "charts/threshold_selection.html").exists()
