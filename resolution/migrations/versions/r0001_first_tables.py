"""The first tables.

Databases from before migrations have some of them, each as it stands here: what is there stays as it is.
"""

from __future__ import annotations

from typing import Any

from alembic import op
from sqlalchemy import JSON, Boolean, Column, DateTime, Float, ForeignKey, Integer, String, Text

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Make each table that is not there."""
    _table(
        "judgements",
        Column("id", Integer, primary_key=True, autoincrement=True),
        Column("pair", String(16), nullable=False),
        Column("left_dataset", String(64), nullable=False),
        Column("left_record", String(200), nullable=False),
        Column("left_role", String(64), nullable=False),
        Column("right_dataset", String(64), nullable=False),
        Column("right_record", String(200), nullable=False),
        Column("right_role", String(64), nullable=False),
        Column("verdict", String(8), nullable=False),
        Column("who", String(64), nullable=False),
        Column("why", Text, nullable=False),
        Column("at", DateTime(timezone=True), nullable=False),
        Column("blind", Boolean, nullable=False),
        Column("withdrawn_at", DateTime(timezone=True), nullable=True),
        Column("withdrawn_by", String(64), nullable=True),
    )
    _table(
        "clues",
        Column("key", String(64), primary_key=True),
        Column("model", String(32), nullable=False),
        Column("title", Text, nullable=False),
        Column("confidence", Float, nullable=False),
        Column("severity", String(8), nullable=False),
        Column("as_of", String(10), nullable=False),
        Column("subjects", JSON, nullable=False),
        Column("facts", JSON, nullable=False),
        Column("columns", JSON, nullable=False),
        Column("reasons", JSON, nullable=False),
        Column("parameters", JSON, nullable=False),
        Column("status", String(16), nullable=False),
        Column("note", Text, nullable=False),
        Column("found_at", DateTime(timezone=True), nullable=False),
        Column("seen_at", DateTime(timezone=True), nullable=False),
        Column("gone_on", String(10), nullable=True),
    )
    _table(
        "clue_events",
        Column("id", Integer, primary_key=True, autoincrement=True),
        Column("key", String(64), ForeignKey("clues.key"), nullable=False),
        Column("at", DateTime(timezone=True), nullable=False),
        Column("who", String(64), nullable=False),
        Column("what", String(16), nullable=False),
        Column("detail", JSON, nullable=False),
    )
    _table(
        "review_pairs",
        Column("pair", String(16), primary_key=True),
        Column("kind", String(16), nullable=False),
        Column("reason", String(16), nullable=False),
        Column("distance", Float, nullable=False),
        Column("probability", Float, nullable=True),
        Column("threshold", Float, nullable=False),
        Column("joined", Boolean, nullable=False),
        Column("left", JSON, nullable=False),
        Column("right", JSON, nullable=False),
        Column("values", JSON, nullable=False),
        Column("left_entity", String(32), nullable=False),
        Column("right_entity", String(32), nullable=False),
    )
    _table(
        "review_records",
        Column("pair", String(16), nullable=False),
        Column("entity_id", String(32), nullable=False),
        Column("fact", String(300), nullable=False),
    )
    _table(
        "review_clues",
        Column("pair", String(16), nullable=False),
        Column("clue", String(64), nullable=False),
    )
    _table(
        "entity_redirects",
        Column("former_id", String(32), primary_key=True),
        Column("entity_id", String(32), nullable=False),
    )
    _table(
        "entity_notes",
        Column("id", Integer, primary_key=True, autoincrement=True),
        Column("entity_id", String(32), nullable=False),
        Column("pair", String(16), nullable=False),
    )
    op.create_index("review_records_by_pair", "review_records", ["pair"], if_not_exists=True)
    for table, column in (
        ("judgements", "pair"),
        ("clues", "model"),
        ("clues", "status"),
        ("clues", "gone_on"),
        ("clue_events", "key"),
        ("review_clues", "pair"),
        ("entity_notes", "entity_id"),
    ):
        op.create_index(f"ix_{table}_{column}", table, [column], if_not_exists=True)


def _table(name: str, *columns: Column[Any]) -> None:
    op.create_table(name, *columns, if_not_exists=True)
