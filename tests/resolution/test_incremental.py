"""A batch resolved onto what is there gives what resolving all of it at once gives."""

import csv
import random
from pathlib import Path
from typing import Any

import duckdb
import pytest

from resolution import synthetic
from resolution.intake import load
from resolution.link import block_pairs, score_pairs
from resolution.resolve import resolve
from resolution.settings import HERE, read_settings
from resolution.weights import frequencies, population
from resolution.workspace import Workspace
from tests.city import city as city

SCORED = ("person", "company")
Rows = dict[str, list[list[str]]]


class Delivery:
    """The files of a synthetic city, delivered bit by bit; workbooks come whole in the first delivery."""

    def __init__(self, folder: Path, seed: int) -> None:
        self.random = random.Random(seed)
        self.made, self.folder = folder / "made", folder / "files"
        self.folder.mkdir()
        synthetic.generate(self.made, records=3_000, seed=seed)
        self.heads: dict[str, list[str]] = {}
        self.waiting: list[tuple[str, list[str]]] = []
        self.given: Rows = {}
        for path in sorted(self.made.iterdir()):
            if path.suffix == ".csv":
                head, *rows = _read(path)
                self.heads[path.stem] = head
                self.given[path.stem] = []
                self.waiting += [(path.stem, row) for row in rows]
            elif path.is_file():
                (self.folder / path.name).write_bytes(path.read_bytes())
        self.random.shuffle(self.waiting)

    def deliver(self, rows: int, name: str = "") -> None:
        """So many more rows: in the files that are there, made anew, or in files of another name beside them."""
        batch, self.waiting = self.waiting[:rows], self.waiting[rows:]
        for dataset in sorted({dataset for dataset, _ in batch}):
            new = [row for of, row in batch if of == dataset]
            if name:
                self._write(f"{dataset}_{name}", dataset, new)
            else:
                self.given[dataset] += new
                self._write(dataset, dataset, self.given[dataset])

    def change(self) -> None:
        """Other cells in a row of the household and of the company register."""
        names = {"household": ("姓名", "欧阳甲乙"), "companies": ("企业名称", "湘陵市甲乙商贸有限公司")}
        for dataset, (column, value) in names.items():
            if dataset in self.heads:
                row = self.random.choice(self.given[dataset])
                row[self.heads[dataset].index(column)] = value
                self._write(dataset, dataset, self.given[dataset])

    def remove(self) -> None:
        """A row fewer in each of the largest files."""
        for dataset in sorted(self.given, key=lambda name: -len(self.given[name]))[:3]:
            self.given[dataset].pop(self.random.randrange(len(self.given[dataset])))
            self._write(dataset, dataset, self.given[dataset])

    def _write(self, name: str, dataset: str, rows: list[list[str]]) -> None:
        with (self.folder / f"{name}.csv").open("w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows([self.heads[dataset], *rows])


def _read(path: Path) -> list[list[str]]:
    data = path.read_bytes()
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        return list(csv.reader(text.splitlines(), delimiter=max(",\t;|", key=text.splitlines()[0].count)))
    raise AssertionError(path)


def rows_of(workspace: Workspace, query: str) -> list[tuple[Any, ...]]:
    connection = workspace.connect(read_only=True)
    try:
        return connection.execute(query).fetchall()
    finally:
        connection.close()


def partition(workspace: Workspace) -> set[frozenset[tuple[tuple[str, str, str], float]]]:
    """Entities as sets of mentions, each with the weakest link that holds it; what they are called does not matter."""
    found: dict[str, set[tuple[tuple[str, str, str], float]]] = {}
    for entity, probability, *mention in rows_of(
        workspace,
        "SELECT entity_id, probability, dataset, record_id, role FROM entity_of JOIN mentions USING (mention_id)",
    ):
        found.setdefault(entity, set()).add((tuple(mention), probability))
    return set(map(frozenset, found.values()))


@pytest.mark.parametrize("seed", [3, 29])
def test_batches_give_what_all_at_once_gives(tmp_path: Path, seed: int) -> None:
    office, workspace = Delivery(tmp_path, seed), Workspace(tmp_path / "workspace")
    office.deliver(2_000)
    load(workspace, office.folder)
    resolve(workspace)
    for step in (
        lambda: office.deliver(1),
        lambda: office.deliver(50, "second"),
        office.change,
        lambda: office.deliver(400, "third"),
        office.remove,
        lambda: office.deliver(50),
    ):
        step()
        load(workspace, office.folder)
        report = resolve(workspace)
        for kind in SCORED:
            assert report[kind]["compared_anew"] + report[kind]["taken_over"] == report[kind]["pairs"]
            assert report[kind]["taken_over"] > report[kind]["compared_anew"]

    at_once = Workspace(tmp_path / "at_once")
    load(at_once, office.folder)
    resolve(at_once)
    for kind in SCORED:
        for table in (f"{kind}_pair", f"{kind}_edge"):
            scored = f"SELECT l, r, bits, probability FROM {table}"
            assert set(rows_of(workspace, scored)) == set(rows_of(at_once, scored))
    assert partition(workspace) == partition(at_once)


def test_a_run_with_nothing_new_compares_nothing(city: Workspace, tmp_path: Path) -> None:
    workspace = copied(city, tmp_path)
    before = partition(workspace)
    report = resolve(workspace)
    for kind in SCORED:
        assert (report[kind]["compared_anew"], report[kind]["taken_over"]) == (0, report[kind]["pairs"])
    assert partition(workspace) == before


def test_anew_compares_every_pair_and_finds_the_same(city: Workspace, tmp_path: Path) -> None:
    workspace = copied(city, tmp_path)
    before = partition(workspace)
    report = resolve(workspace, anew=True)
    for kind in SCORED:
        assert (report[kind]["compared_anew"], report[kind]["taken_over"]) == (report[kind]["pairs"], 0)
    assert partition(workspace) == before


@pytest.mark.parametrize(
    ("former", "changed", "compared_anew"),
    [
        ("hamming(l.id_number, r.id_number) <= 2", "hamming(l.id_number, r.id_number) <= 1", True),
        ('sql = "l.pinyin = r.pinyin"\nm = 0.05', 'sql = "l.pinyin = r.pinyin"\nm = 0.2', False),
    ],
)
def test_a_changed_condition_is_asked_anew_and_a_changed_figure_weighs_at_once(
    city: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, former: str, changed: str, compared_anew: bool
) -> None:
    workspace = copied(city, tmp_path)
    shipped = (HERE / "person.toml").read_text("utf-8")
    assert former in shipped
    (tmp_path / "config" / "settings").mkdir(parents=True)
    (tmp_path / "config" / "settings" / "person.toml").write_text(shipped.replace(former, changed), "utf-8")
    monkeypatch.setenv("CLUEGRAPH_CONFIG", str(tmp_path / "config"))
    scored = "SELECT l, r, bits, probability FROM person_pair"
    before = set(rows_of(workspace, scored))
    report = resolve(workspace)
    assert report["person"]["compared_anew"] == (report["person"]["pairs"] if compared_anew else 0)
    assert report["company"]["compared_anew"] == 0
    found = set(rows_of(workspace, scored))
    assert found != before
    resolve(workspace, anew=True)
    assert set(rows_of(workspace, scored)) == found


@pytest.mark.parametrize("kind", SCORED)
def test_pairs_weigh_what_splink_says(city: Workspace, kind: Any) -> None:
    settings = read_settings(kind)
    connection, memory = city.connect(read_only=True), duckdb.connect(":memory:")
    for name in ("profile", *(f"frequency_{name}" for name in frequencies(settings))):
        source = name if name.startswith("frequency") else f"{kind}_{name}"
        memory.register("taken", connection.sql(f"FROM {source}").to_arrow_table())
        memory.execute(f"CREATE TABLE {name} AS FROM taken")
        memory.unregister("taken")
    assert block_pairs(memory, settings) > 1_000
    score_pairs(memory, settings, population(connection, kind))
    columns = ", ".join(["bits", "probability", *(f"bits_{comparison.name}" for comparison in settings.comparison)])
    by_splink = {row[:2]: row[2:] for row in memory.execute(f"SELECT l, r, {columns} FROM pair").fetchall()}
    kept = {row[:2]: row[2:] for row in connection.execute(f"SELECT l, r, {columns} FROM {kind}_pair").fetchall()}
    connection.close()
    assert kept.keys() == by_splink.keys()
    for pair, weights in by_splink.items():
        assert kept[pair] == pytest.approx(weights, abs=1e-9, rel=0)


def copied(city: Workspace, folder: Path) -> Workspace:
    """A workspace of one's own with what the city holds."""
    workspace = Workspace(folder / "workspace")
    workspace.duckdb_path.write_bytes(city.duckdb_path.read_bytes())
    return workspace
