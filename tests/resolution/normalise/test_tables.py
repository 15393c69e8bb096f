"""The norm tables hold every value once, parse only what is new, and follow the lexicon."""

import duckdb
import pytest

from resolution.normalise import tables
from resolution.normalise.lexicon import LexiconError, reload


@pytest.fixture
def connection():
    with duckdb.connect() as connection:
        yield connection


def values(*texts: str) -> str:
    return " UNION ALL ".join(f"SELECT '{text}' AS value" for text in texts)


def test_only_new_values_are_parsed(connection):
    assert tables.extend(connection, "person_name", values("张三", "李四", "张三")) == 2
    assert tables.extend(connection, "person_name", values("张三", "王先生")) == 1
    rows = connection.execute("SELECT value, surname, given, titled FROM norm.person_name ORDER BY value").fetchall()
    assert rows == [("张三", "张", "三", False), ("李四", "李", "四", False), ("王先生", "王", None, True)]


@pytest.mark.parametrize("kind", tables.KINDS)
def test_every_kind_takes_any_value_and_null_is_none(connection, kind):
    connection.execute("CREATE TABLE raw AS SELECT unnest(['', '无', '张三', '620102196610232687', NULL]) AS value")
    assert tables.extend(connection, kind, "SELECT value FROM raw") == 4
    assert tables.extend(connection, kind, "SELECT value FROM raw") == 0


def test_an_empty_source_makes_an_empty_table(connection):
    for kind in tables.KINDS:
        assert tables.extend(connection, kind, "SELECT NULL::VARCHAR AS value WHERE false") == 0
        assert connection.execute(f"SELECT count(*) FROM norm.{kind}").fetchall() == [(0,)]


def test_numbers_are_typed(connection):
    tables.extend(connection, "identity", values("620102196610232687", "9162040263jb6f8h3y"))
    rows = connection.execute("SELECT kind, valid, birth::VARCHAR, sex FROM norm.identity ORDER BY kind").fetchall()
    assert rows == [("credit", True, None, None), ("resident", True, "1966-10-23", "女")]


def test_a_word_of_the_data_office_changes_what_was_parsed_before(connection, tmp_path, monkeypatch):
    monkeypatch.setenv("CLUEGRAPH_CONFIG", str(tmp_path))
    query = values("云岭市金永驼峰酿", "云岭市昌顺驼峰酿")
    tables.extend(connection, "company_name", query)
    before = connection.execute("SELECT tradename FROM norm.company_name ORDER BY value").fetchall()
    (tmp_path / "lexicon").mkdir()
    (tmp_path / "lexicon" / "trades.txt").write_text("驼峰酿\n", encoding="utf-8")
    tables.extend(connection, "company_name", query)
    after = connection.execute("SELECT tradename, trade FROM norm.company_name ORDER BY value").fetchall()
    assert before == [("昌顺驼峰酿",), ("金永驼峰酿",)]
    assert after == [("昌顺", "驼峰酿"), ("金永", "驼峰酿")]


def test_a_word_can_be_taken_away(tmp_path, monkeypatch):
    (tmp_path / "lexicon").mkdir()
    (tmp_path / "lexicon" / "trades.txt").write_text("-百货\n", encoding="utf-8")
    monkeypatch.setenv("CLUEGRAPH_CONFIG", str(tmp_path))
    assert "百货" not in reload()["trades"]


def test_a_lexicon_in_another_encoding_is_named(tmp_path, monkeypatch):
    (tmp_path / "lexicon").mkdir()
    (tmp_path / "lexicon" / "trades.txt").write_bytes("驼峰酿".encode("gb18030"))
    monkeypatch.setenv("CLUEGRAPH_CONFIG", str(tmp_path))
    with pytest.raises(LexiconError, match=r"trades\.txt: save the file as UTF-8"):
        reload()


NAMES = [
    "云岭市大地商贸有限公司",
    "云岭市春光百货有限公司",
    "云岭安达运输有限公司",
    "云岭明月食品厂",
    "云岭市安泰区永宁康贵火锅店",
    "云岭市永宁县利民超市",
    "云岭市永宁县惠民超市",
    "永宁大华商贸有限公司",
    "永宁康贵火锅店",
]


def test_the_order_in_which_names_come_does_not_matter(connection):
    tables.extend(connection, "company_name", values(*NAMES))
    together = connection.execute("SELECT * FROM norm.company_name ORDER BY value").fetchall()
    connection.execute("DROP SCHEMA norm CASCADE")
    for name in reversed(NAMES):
        tables.extend(connection, "company_name", values(name))
    assert connection.execute("SELECT * FROM norm.company_name ORDER BY value").fetchall() == together
    tradenames = dict(connection.execute("SELECT value, tradename FROM norm.company_name").fetchall())
    assert tradenames["云岭明月食品厂"] == "明月"
    assert tradenames["永宁康贵火锅店"] == "永宁康贵"


@pytest.mark.parametrize("kept", [*range(len(NAMES)), slice(0, None, 2), slice(1, None, 2), slice(0, 0)])
def test_names_that_are_gone_taught_nothing(connection, kept):
    left = NAMES[kept] if isinstance(kept, slice) else [*NAMES[:kept], *NAMES[kept + 1 :]]
    query = values(*left) if left else "SELECT NULL AS value"
    tables.extend(connection, "company_name", values(*NAMES))
    assert tables.forget_company_names(connection, query) == len(NAMES) - len(left)
    held = connection.execute("SELECT * FROM norm.company_name ORDER BY value").fetchall()
    learnt = connection.execute("SELECT * FROM norm.learnt ORDER BY ALL").fetchall()
    connection.execute("DROP SCHEMA norm CASCADE")
    tables.extend(connection, "company_name", query)
    assert connection.execute("SELECT * FROM norm.company_name ORDER BY value").fetchall() == held
    assert connection.execute("SELECT * FROM norm.learnt ORDER BY ALL").fetchall() == learnt


def test_places_learnt_later_are_seen_in_trade_names_read_before(connection):
    shop = values("老马家牛肉面永宁店")
    tables.extend(connection, "trade_name", shop)
    tables.extend(connection, "company_name", values(*NAMES))
    tables.extend(connection, "trade_name", shop)
    assert connection.execute("SELECT core, branch FROM norm.trade_name").fetchall() == [("老马家牛肉面", "永宁店")]


def test_progress_is_told(connection):
    told = []
    tables.extend(connection, "address", values("平凉路1号", "平凉路2号"), lambda *step: told.append(step))
    assert told == [("address", 2, 2)]
