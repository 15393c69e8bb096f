"""A day at the data office: load, review, undo, the next delivery, another threshold, training. What people decided and
the ids of entities hold all day."""

from __future__ import annotations

import csv
import shutil
from pathlib import Path

import pytest

from graph.review import ReviewQueue, prepare
from resolution import synthetic
from resolution.foresight import foresee
from resolution.intake import load
from resolution.judgements import Mention
from resolution.resolve import resolve
from resolution.settings import read_settings, settings_path
from resolution.train import train
from resolution.workspace import Workspace

LATER = ("medical_claims", "shareholders", "leases", "housing_fund_withdrawals", "admin_penalties")
"""Datasets that are delivered in the afternoon."""

Belongs = dict[Mention, str]


def belongs(workspace: Workspace) -> Belongs:
    """The entity of every mention."""
    connection = workspace.connect(read_only=True)
    try:
        rows = connection.execute(
            "SELECT dataset, record_id, role, entity_id FROM mentions JOIN entity_of USING (mention_id)"
        ).fetchall()
    finally:
        connection.close()
    return {Mention(*row[:3]): row[3] for row in rows}


def members(of: Belongs) -> dict[str, set[Mention]]:
    """The mentions of every entity."""
    found: dict[str, set[Mention]] = {}
    for mention, entity in of.items():
        found.setdefault(entity, set()).add(mention)
    return found


def redirects(workspace: Workspace) -> dict[str, str]:
    connection = workspace.connect(read_only=True)
    try:
        return dict(connection.execute("SELECT former_id, entity_id FROM redirect").fetchall())
    finally:
        connection.close()


def assert_ids_last(before: Belongs, now: Belongs, workspace: Workspace) -> None:
    """Who is made of the same rows has the same id; who is no more leads to who took the rows over."""
    then, present = members(before), members(now)
    for entity, rows in then.items():
        if entity in present:
            assert present[entity] & rows, f"{entity} is another now"
        kept = {now[row] for row in rows if row in now}
        if len(kept) == 1 and present[next(iter(kept))] == rows:
            assert kept == {entity}
    led = redirects(workspace)
    assert set(then) - set(present) <= set(led)
    assert set(led.values()) <= set(present)


@pytest.fixture
def deliveries(tmp_path: Path) -> tuple[Path, Path, dict[Mention, str]]:
    """The folders of the morning and of the whole day, and who is who."""
    whole, morning = tmp_path / "whole", tmp_path / "morning"
    synthetic.generate(whole, records=4_000, seed=77)
    shutil.copytree(whole, morning)
    for name in LATER:
        for file in morning.glob(f"{name}.*"):
            file.unlink()
    with (whole / "truth" / "mentions.csv").open(encoding="utf-8", newline="") as file:
        truth = {Mention(r["dataset"], r["record_id"], r["role"]): r["entity_id"] for r in csv.DictReader(file)}
    return morning, whole, truth


def test_a_day_at_the_data_office(
    deliveries: tuple[Path, Path, dict[Mention, str]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    morning, whole, truth = deliveries
    monkeypatch.setenv("CLUEGRAPH_CONFIG", str(tmp_path / "office"))
    monkeypatch.delenv("CLUEGRAPH_DATABASE_URL", raising=False)
    workspace = Workspace(tmp_path / "home")
    load(workspace, morning)
    resolve(workspace)
    first = belongs(workspace)

    # twenty pairs are looked at; the reviewers know who is who
    prepare(workspace)
    queue = ReviewQueue(workspace)
    page, waiting = queue.find(limit=20)
    assert len(page) == 20 <= waiting
    asked = {item["pair"]: queue.sides(item["pair"]) for item in page}
    verdicts = {pair: "same" if truth[left] == truth[right] else "not_same" for pair, (left, right) in asked.items()}
    assert set(verdicts.values()) == {"same", "not_same"}
    for pair, verdict in verdicts.items():
        queue.say(pair, verdict, "李文", "查阅档案")
    # three words are taken back, both kinds among them
    by_verdict = sorted(asked, key=lambda pair: (verdicts[pair], pair))
    undone = [*by_verdict[:2], by_verdict[-1]]
    for pair in undone:
        queue.say(pair, "withdraw", "李文", "")
    held = {pair: sides for pair, sides in asked.items() if pair not in undone}

    def assert_decisions_hold(now: Belongs) -> None:
        for pair, (left, right) in held.items():
            assert (now[left] == now[right]) is (verdicts[pair] == "same"), pair

    resolve(workspace)
    reviewed = belongs(workspace)
    assert_decisions_hold(reviewed)
    assert_ids_last(first, reviewed, workspace)
    prepare(workspace)
    open_pairs = {item["pair"] for item in queue.find(limit=waiting)[0]}
    assert not open_pairs & set(held)
    assert open_pairs & set(undone), "what was taken back is asked again, unless the other words settled it"

    # the afternoon's delivery
    load(workspace, whole)
    report = resolve(workspace)
    assert report["person"]["created"] and report["person"]["joined"]
    delivered = belongs(workspace)
    assert set(reviewed) < set(delivered)
    assert_decisions_hold(delivered)
    assert_ids_last(reviewed, delivered, workspace)

    # another threshold: what the preview says is what comes
    connection = workspace.connect(read_only=True)
    try:
        seen = foresee(connection, "person", threshold=0.95)
    finally:
        connection.close()
    stated = settings_path("person").read_text("utf-8")
    own = tmp_path / "office" / "settings" / "person.toml"
    own.parent.mkdir(parents=True)
    threshold = f"threshold = {read_settings('person').cluster.threshold}"
    assert threshold in stated
    own.write_text(stated.replace(threshold, "threshold = 0.95"), "utf-8")
    report = resolve(workspace)["person"]
    stricter = belongs(workspace)
    assert seen.entities == len({entity for entity in delivered.values() if entity.startswith("P")})
    assert seen.asked_entities == report["entities"] > seen.entities
    assert_decisions_hold(stricter)
    assert_ids_last(delivered, stricter, workspace)

    # the figures are learnt anew from the data of the day
    connection = workspace.connect(read_only=True)
    try:
        learnt = train(connection, "person")
    finally:
        connection.close()
    assert learnt.file == own and learnt.former is not None and learnt.learnt.moved
    resolve(workspace)
    trained = belongs(workspace)
    assert_decisions_hold(trained)
    assert_ids_last(stricter, trained, workspace)
