"""Two settings compared, charts that open anywhere, and scores measured by what people judged: over a small city."""

from __future__ import annotations

import json
import re
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from resolution.charts import LeftOut, hidden, write
from resolution.foresight import foresee
from resolution.judged_measure import Measured, labelled, measure
from resolution.judgements import Judgement, Mention
from resolution.reading import Reader
from resolution.settings import Settings, SettingsError, read_settings
from resolution.settings_compared import compare
from resolution.workspace import Workspace
from tests.city import city as city
from tests.city import pairs_in_doubt, said


def at(settings: Settings, threshold: float) -> Settings:
    return settings.model_copy(update={"cluster": settings.cluster.model_copy(update={"threshold": threshold})})


def test_the_same_settings_twice_change_nothing(city: Workspace) -> None:
    with Reader(city).cursor() as connection:
        found = compare(connection, read_settings("person"), read_settings("person"))
    assert (found.merges, found.splits, found.moved) == (0, 0, frozenset())
    assert found.entities == found.asked_entities > 100


def test_settings_that_differ_in_the_threshold_alone_change_what_the_threshold_would(city: Workspace) -> None:
    settings = read_settings("person")
    with Reader(city).cursor() as connection:
        found = compare(connection, settings, at(settings, 0.97))
        foreseen = foresee(connection, "person", 0.97)
    assert found == foreseen
    assert found.splits > 0


def test_a_name_that_says_nothing_splits_who_hung_together_by_it(city: Workspace) -> None:
    settings = read_settings("person")
    blind = [
        c.model_copy(update={"level": [level.model_copy(update={"m": 1e-6}) for level in c.level]})
        if c.name == "name"
        else c
        for c in settings.comparison
    ]
    with Reader(city).cursor() as connection:
        found = compare(connection, settings, settings.model_copy(update={"comparison": blind}))
    assert found.splits > 20 and found.asked_entities > found.entities


def test_settings_of_two_kinds_are_not_compared(city: Workspace) -> None:
    with Reader(city).cursor() as connection:
        with pytest.raises(SettingsError, match="compare two of one kind"):
            compare(connection, read_settings("person"), read_settings("company"))
        with pytest.raises(SettingsError, match="without scores"):
            compare(connection, read_settings("property"), read_settings("property"))


@pytest.mark.parametrize("kind", ["person", "company"])
def test_charts_hold_all_they_need_and_nobodys_values(city: Workspace, tmp_path: Path, kind: str) -> None:
    with Reader(city).cursor() as connection:
        *made, left_out = sorted(write(connection, kind, tmp_path, []), key=lambda each: isinstance(each, LeftOut))  # type: ignore[arg-type]
        rows = connection.sql(f"SELECT * FROM {kind}_profile").to_arrow_table().to_pylist()
    files = [each for each in made if isinstance(each, Path)]
    assert [file.name for file in files] == [
        "match_weights.html", "m_u_parameters.html", "histogram.html", "unlinkables.html", "waterfall.html",
        "cluster_studio.html", "comparison_viewer.html",
    ]  # fmt: skip
    assert isinstance(left_out, LeftOut) and sorted(tmp_path.iterdir()) == sorted(files)
    numbers = {str(row[name]) for row in rows for name in ("phone", "id_number") if row.get(name)}
    words = {row["address"] for row in rows if row["address"]}
    if kind == "person":
        words |= {row[name] for row in rows for name in ("name", "pinyin") if len(row[name] or "") > 1}
    words = {word for word in words if "*" not in word}
    assert len(numbers) > 50 and len(words) > 50
    for file in files:
        html = file.read_text("utf-8")
        assert "<script" in html and not re.findall(r"<(?:script|link|iframe)\b[^>]*\b(?:src|href)\s*=[^>]*", html)
        assert not re.findall(r"(?:src|href)=[\"']https?://[^\"']*[\"']", html)
        data = re.sub(r"\\u([0-9a-f]{4})", lambda code: chr(int(code[1], 16)), html)
        assert not [number for number in numbers if len(number) > 8 and number in data], file.name
        assert not words & set(re.findall(r'"([^"\n]{2,60})"', data)), file.name


@pytest.mark.parametrize(
    ("column", "value", "told"),
    [
        ("name", "王建国", "王**"),
        ("pinyin", "wang jian guo", "wang * *"),
        ("birth", date(1980, 3, 7), "1980-**-**"),
        ("phone", "13900010001", "139****0001"),
        ("id_number", "62010219800307123X", "6201**********123X"),
        ("id_tail", "23X", "***"),
        ("context", ["a", "b"], "2 项"),
        ("sex", None, None),
    ],
)
def test_what_a_chart_shows_of_a_value(column: str, value: object, told: object) -> None:
    assert hidden(column, value) == told


@given(st.text("0123456789X", min_size=11, max_size=18), st.sampled_from(["id_number", "id_valid", "anchor", "phone"]))
def test_no_number_is_shown_whole(number: str, column: str) -> None:
    assert number not in str(hidden(column, number))


@pytest.fixture(scope="module")
def judged(city: Workspace) -> list[Judgement]:
    """20 pairs that one number joins, called the same, and 20 of two numbers, called two."""
    with Reader(city).cursor() as connection:
        rows = connection.execute(
            """SELECT m.dataset, m.record_id, m.role, p.anchor FROM mentions m JOIN person_profile_of USING (mention_id)
            JOIN person_profile p USING (unique_id) WHERE m.kind = 'person' AND p.anchor IS NOT NULL
            QUALIFY count(*) OVER (PARTITION BY p.anchor) > 1 ORDER BY p.anchor, 1, 2, 3"""
        ).fetchall()
    of: dict[str, list[Mention]] = {}
    for *place, anchor in rows:
        of.setdefault(anchor, []).append(Mention(*place))
    people = list(of.values())[:40]
    same = [said(each[0], each[1], "same") for each in people[:20]]
    return same + [said(one[0], other[0], "not_same") for one, other in zip(people[:20], people[20:], strict=True)]


@pytest.fixture(scope="module")
def in_doubt(city: Workspace) -> list[Judgement]:
    """60 pairs of the run of any score, called the same when they score well, one in five the other way round."""
    with Reader(city).cursor() as connection:
        return pairs_in_doubt(connection)


def measured(city: Workspace, words: list[Judgement]) -> Measured:
    with Reader(city).cursor() as connection:
        return next(each for each in measure(connection, words) if each.kind == "person")


def test_scores_that_agree_with_people_have_no_fault_at_any_threshold(city: Workspace, judged: list[Judgement]) -> None:
    found = measured(city, judged)
    assert (found.same, found.not_same, found.missing) == (20, 20, "")
    assert {(each.precision, each.recall) for each in found.at} == {(1.0, 1.0)}
    assert [each.threshold for each in found.at if each.in_force] == [read_settings("person").cluster.threshold]


def test_a_pair_that_people_call_two_and_scores_one_costs_precision(city: Workspace, judged: list[Judgement]) -> None:
    wrong = said(judged[0].left, judged[0].right, "not_same")
    found = measured(city, [*judged[1:], wrong])
    assert {each.precision for each in found.at} == {19 / 20} and found.not_same == 21


def test_too_few_judged_pairs_give_no_figure(city: Workspace, judged: list[Judgement]) -> None:
    gone = said(Mention("household", "没有", "人员"), judged[0].left, "same")
    unsure = said(judged[0].left, judged[5].left, "unsure")
    found = measured(city, [*judged[:25], gone, unsure])
    assert found.at == () and "已判定 25 对（同一 20，不同 5）" in found.missing


def thresholds(city: Workspace, folder: Path, words: list[Judgement]) -> Path | LeftOut:
    """What becomes of the chart of thresholds."""
    with Reader(city).cursor() as connection:
        for made in write(connection, "person", folder, words):
            if (made.file if isinstance(made, LeftOut) else made).name == "threshold_selection.html":
                return made
    raise AssertionError("neither drawn nor left out")


def test_thresholds_are_drawn_on_the_probabilities_that_the_office_sets_them_on(
    city: Workspace, in_doubt: list[Judgement], tmp_path: Path
) -> None:
    file = thresholds(city, tmp_path, in_doubt)
    assert isinstance(file, Path)
    html = file.read_text("utf-8")
    spec, _ = json.JSONDecoder().raw_decode(html[html.index("{", html.rindex("vegaEmbed(document")) :])
    told = "".join(spec["title"]["subtitle"])
    assert "现行阈值 0.7，即权重 +1.22" in told and f"由 {len(in_doubt)} 对" in told
    with Reader(city).cursor() as connection:
        labels = labelled(connection, "person", in_doubt)
    truths = list(zip(labels.probabilities, labels.truths, strict=True))
    points = spec["data"]["values"]
    assert len(points) > 10
    for point in points:
        joined = [truth for probability, truth in truths if probability >= point["match_probability"] - 1e-9]
        assert point["precision"] == pytest.approx(sum(joined) / len(joined))
        assert point["recall"] == pytest.approx(sum(joined) / labels.same)


def test_no_chart_of_thresholds_is_drawn_or_left_where_too_little_is_judged(
    city: Workspace, judged: list[Judgement], in_doubt: list[Judgement], tmp_path: Path
) -> None:
    assert isinstance(thresholds(city, tmp_path, in_doubt), Path)
    few = thresholds(city, tmp_path, judged[:25])
    assert isinstance(few, LeftOut) and "已判定 25 对（同一 20，不同 5）" in few.why and not few.file.exists()
    # all that is judged scores 1 or 0: there is no curve
    clear = thresholds(city, tmp_path, judged)
    assert isinstance(clear, LeftOut) and "画不成曲线" in clear.why and not clear.file.exists()
