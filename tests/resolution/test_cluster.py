"""Clusters: rivals halve each other, and no chain brings together what a veto keeps apart."""

import random

import duckdb
import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from resolution.cluster import _constrained_components, cluster, weigh_candidates
from resolution.settings import Cluster, Settings

PEOPLE = Settings(
    kind="person", title="人", cluster=Cluster(threshold=0.9, review=0.3, open_world=0.25, vetoes=["id_valid"])
)


def clusters(profiles: dict[str, str | None], pairs: list[tuple[str, str, float]]) -> dict[str, tuple[int, float]]:
    """Cluster and weakest link of each profile; `profiles` gives each its sound number or None."""
    connection = duckdb.connect()
    connection.execute("CREATE TABLE profile (unique_id VARCHAR, anchor VARCHAR, id_valid VARCHAR, outside DOUBLE)")
    connection.executemany("INSERT INTO profile VALUES (?, ?, ?, NULL)", [[k, v, v] for k, v in profiles.items()])
    connection.execute("CREATE TABLE pair (l VARCHAR, r VARCHAR, bits DOUBLE)")
    if pairs:
        connection.executemany("INSERT INTO pair VALUES (?, ?, ?)", [list(pair) for pair in pairs])
    weigh_candidates(connection, PEOPLE)
    cluster(connection, PEOPLE)
    rows = connection.execute("SELECT unique_id, cluster, probability FROM clustered").fetchall()
    return {name: (number, probability) for name, number, probability in rows}


def test_a_row_without_number_joins_its_one_candidate() -> None:
    found = clusters({"zhang": "A", "row": None}, [("row", "zhang", 10.0)])
    assert found["row"][0] == found["zhang"][0]
    assert found["row"][1] == pytest.approx(1024 / 1024.25)


def test_two_equally_good_bearers_of_a_name_leave_the_row_alone() -> None:
    found = clusters({"zhang1": "A", "zhang2": "B", "row": None}, [("row", "zhang1", 10.0), ("row", "zhang2", 10.0)])
    assert len({number for number, _ in found.values()}) == 3


def test_the_better_of_two_candidates_takes_the_row() -> None:
    found = clusters({"zhang1": "A", "zhang2": "B", "row": None}, [("row", "zhang1", 14.0), ("row", "zhang2", 4.0)])
    assert found["row"][0] == found["zhang1"][0] != found["zhang2"][0]


def test_a_chain_of_rows_never_ties_two_numbers() -> None:
    found = clusters(
        {"zhang1": "A", "zhang2": "B", "row1": None, "row2": None},
        [("row1", "zhang1", 12.0), ("row1", "row2", 8.0), ("row2", "zhang2", 12.0)],
    )
    assert found["row1"][0] == found["zhang1"][0]
    assert found["row2"][0] == found["zhang2"][0]
    assert found["zhang1"][0] != found["zhang2"][0]


def test_the_weakest_link_of_a_chain_is_what_its_far_end_rests_on() -> None:
    found = clusters({"zhang": "A", "row1": None, "row2": None}, [("row1", "zhang", 3.0), ("row1", "row2", 12.0)])
    assert len({number for number, _ in found.values()}) == 1
    assert found["row2"][1] == pytest.approx(8 / 8.25)


@settings(max_examples=60, deadline=None)
@given(
    numbers=st.lists(st.sampled_from([None, "A", "B", "C"]), min_size=2, max_size=9),
    data=st.data(),
)
def test_no_cluster_holds_two_numbers_whatever_the_pairs(numbers: list[str | None], data: st.DataObject) -> None:
    names = [f"n{i}" for i in range(len(numbers))]
    profiles = dict(zip(names, numbers, strict=True))
    every = [(x, y) for i, x in enumerate(names) for y in names[i + 1 :]]
    chosen = data.draw(st.lists(st.sampled_from(every), max_size=15, unique=True))
    found = clusters(profiles, [(x, y, float(data.draw(st.integers(-3, 20)))) for x, y in chosen])
    held: dict[int, set[str]] = {}
    for name, (number, _) in found.items():
        if profiles[name]:
            held.setdefault(number, set()).add(str(profiles[name]))
    assert all(len(ids) == 1 for ids in held.values())


Edges = list[tuple[int, int, float]]
Pairs = list[tuple[int, int]]


def parts(numbers: list[str | None], edges: Edges, same: Pairs, apart: Pairs) -> list[int]:
    """The first member of each node's part, so that parts can be compared whatever they are called."""
    a, b, p = (np.array([edge[i] for edge in edges]) for i in range(3))
    labels, _, _ = _constrained_components(
        len(numbers),
        a.astype(np.int64),
        b.astype(np.int64),
        p.astype(float),
        [pa.chunked_array([pa.array(numbers, pa.string())])],
        same=(np.array([x for x, _ in same], np.int64), np.array([y for _, y in same], np.int64)),
        apart=(np.array([x for x, _ in apart], np.int64), np.array([y for _, y in apart], np.int64)),
    )
    first: dict[int, int] = {}
    return [first.setdefault(label, node) for node, label in enumerate(labels.tolist())]


@st.composite
def graphs(draw: st.DrawFn) -> tuple[list[str | None], Edges, Pairs]:
    """Nodes with or without a number, edges with few different strengths, and pairs that people call two."""
    numbers = draw(st.lists(st.sampled_from([None, None, "A", "B", "C"]), min_size=2, max_size=10))
    every = [(x, y) for x in range(len(numbers)) for y in range(x + 1, len(numbers))]
    ends = draw(st.lists(st.sampled_from(every), max_size=20, unique=True))
    edges = [(x, y, draw(st.sampled_from([0.8, 0.9, 0.99, 1.0]))) for x, y in ends]
    return numbers, edges, draw(st.lists(st.sampled_from(every), max_size=4, unique=True))


@settings(max_examples=200, deadline=None)
@given(graph=graphs(), shuffled=st.randoms(use_true_random=False))
def test_no_part_holds_what_is_kept_apart_and_the_order_of_edges_does_not_matter(
    graph: tuple[list[str | None], Edges, Pairs], shuffled: random.Random
) -> None:
    numbers, edges, apart = graph
    found = parts(numbers, edges, [], apart)
    assert [pair for pair in apart if found[pair[0]] == found[pair[1]]] == []
    for part in set(found):
        held = {number for number, own in zip(numbers, found, strict=True) if own == part and number}
        assert len(held) <= 1
    # each cut was needed: no edge lies between parts that could be one
    for x, y, _ in edges:
        if found[x] != found[y]:
            inside = [node for node, own in enumerate(found) if own in (found[x], found[y])]
            held = {numbers[node] for node in inside if numbers[node]}
            assert len(held) > 1 or any(one in inside and other in inside for one, other in apart)
    again = [(y, x, p) if shuffled.random() < 0.5 else (x, y, p) for x, y, p in edges]
    shuffled.shuffle(again)
    assert parts(numbers, again, [], apart) == found


@settings(max_examples=100, deadline=None)
@given(graph=graphs(), data=st.data())
def test_what_people_call_the_same_is_one_over_vetoes_and_what_they_call_two_is_two(
    graph: tuple[list[str | None], Edges, Pairs], data: st.DataObject
) -> None:
    numbers, edges, apart = graph
    every = [(x, y) for x in range(len(numbers)) for y in range(x + 1, len(numbers))]
    same = data.draw(st.lists(st.sampled_from(every), max_size=2, unique=True))
    joined = parts([None] * len(numbers), [(x, y, 1.0) for x, y in same], [], [])
    apart = [(x, y) for x, y in apart if joined[x] != joined[y]]
    found = parts(numbers, edges, same, apart)
    assert [pair for pair in apart if found[pair[0]] == found[pair[1]]] == []
    if len(apart) <= 1:
        assert [pair for pair in same if found[pair[0]] != found[pair[1]]] == []


def test_the_weakest_edge_on_the_way_between_two_is_cut() -> None:
    edges = [(0, 1, 0.99), (1, 2, 0.8), (2, 3, 0.95)]
    assert parts([None] * 4, edges, [], [(0, 3)]) == [0, 0, 2, 2]
