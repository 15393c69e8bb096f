"""The homonym meter: how many other people of a name and birth year the loaded population leads one to expect."""

from __future__ import annotations

from dataclasses import dataclass, replace

import duckdb


@dataclass(frozen=True)
class Homonyms:
    """What the loaded population says of a person's name."""

    entity_id: str
    name: str
    birth_year: int | None
    place: str | None
    """The district most of the person's rows name."""
    people: int
    """People loaded who stand in that place, or in all places where none is known."""
    expected: float
    """Other people of this name, and birth year where it is known, to be expected among them."""
    loaded: int
    """Other people of this name who are loaded, wherever they are."""

    sentence: str = ""
    """In words, for people."""

    def _words(self) -> str:
        where = f"{self.place}已载人口约 {self.people:,} 人" if self.place else f"已载人口 {self.people:,} 人"
        who = f"同名（{self.name}）" + (f"且 {self.birth_year} 年出生" if self.birth_year else "")
        others = f"已载数据中另有同名者 {self.loaded:,} 人" if self.loaded else "已载数据中没有其他同名者"
        return f"按{where}估计，除本人外预计另有{_figure(self.expected)}名{who}的人；{others}。"


def homonyms(connection: duckdb.DuckDBPyConnection, entity_id: str) -> Homonyms | None:
    """The meter of one person; None for what is no person, or one who is only known as 王先生.

    How rare the name is comes from `frequency_name` (the bearer himself left out), how many are born in a year and
    live in a place from the resolved people.
    """
    rows = connection.execute(
        """SELECT p.name, year(p.birth_date), p.homonyms, f.tf_name, (
                SELECT mode(d.district ORDER BY d.district) FROM entity_of e JOIN person_profile_of o USING (mention_id)
                JOIN person_profile d USING (unique_id) WHERE e.entity_id = p.entity_id)
        FROM person_entities p JOIN frequency_name f ON f.name = p.name WHERE p.entity_id = ?""",
        [entity_id],
    ).fetchall()
    if not rows:
        return None
    name, born, others, share, place = rows[0]
    total, dated, same_year = connection.execute(
        """SELECT count(*), count(birth_date), count(*) FILTER (year(birth_date) = ?) FROM person_entities""", [born]
    ).fetchall()[0]
    people = total
    if place:
        people = connection.execute(
            """SELECT count(DISTINCT e.entity_id) FROM person_profile d JOIN person_profile_of USING (unique_id)
            JOIN entity_of e USING (mention_id) WHERE d.district = ?""",
            [place],
        ).fetchall()[0][0]
    of_year = same_year / dated if born and dated else 1.0
    found = Homonyms(entity_id, name, born, place, people, people * share * of_year, others)
    return replace(found, sentence=found._words())


def _figure(number: float) -> str:
    """The number with the spaces that part it from Chinese on both sides."""
    if number < 0.001:
        return "不足 0.001 "
    return f" {number:,.0f} " if number >= 10 else f" {number:.1f} " if number >= 1 else f" {number:.2g} "
