"""Telephone numbers: mobiles of 11 digits, landlines with area code, service numbers."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from resolution.normalise.lexicon import lexicon

COLUMNS = ("value", "canonical", "mobile", "placeholder", "masked", "others")

_SHAPE = (
    r"(?:\+|00)?86[\s-]?1[3-9]\d(?:[\s-]?\d{4}){2}"  # mobile with country code
    r"|1[3-9]\d(?:[\s-]?\d{4}){2}"
    r"|(?:(?:\+|00)?86[\s-]?)?\(?0?(?:10|2\d|[3-9]\d{2})\)?[\s-]?[2-9]\d{6,7}"  # landline with area code
    r"|[48]00[\s-]?\d{3}[\s-]?\d{4}"
    r"|[\d*×xX•]+(?:[\s-][\d*×xX•]+)*"
)


def normalise(values: Sequence[str] | pl.Series) -> pl.DataFrame:
    """One row a value with COLUMNS.

    `canonical`: 11 digits of a mobile, area code and number of a landline (09318888888), else the digits; null for a
    cell without a number and for a masked one. `placeholder`: typed to get past a form (all one digit, 13800000000,
    12345678) or too short to be a number. `others`: further numbers in the cell. Extensions are dropped.
    """
    raw = pl.Series("value", values, dtype=pl.String)
    text = pl.col("value").fill_null("").str.normalize("NFKC").str.replace_all("[‐‑‒–—―−_]", "-")
    text = text.str.replace_all(r"[\u200b-\u200f\u2060\ufeff'’‘`´\"“”]", "").str.replace(r"\.0+$", "")
    # a number that blanks were put into is still one number
    text = text.str.replace(r"(?:转|分机|EXT\.?|ext\.?|#).*$", "")
    # what follows the second dash of a landline is its extension
    landline = text.str.contains(r"^0\d{2,3}-\d{7,8}-\d{1,5}$")
    joined = text.str.replace_all(r"[\s-]", "")
    whole = joined.str.contains(r"^(?:\+?\d{1,12}|(?:\+|00)?861[3-9]\d{9})$") & ~landline
    text = pl.when(whole).then(joined).otherwise(text.str.replace(r"(\d{7,8})-\d{1,5}$", "$1"))
    frame = pl.DataFrame({"value": raw}).with_columns(text.alias("text"))
    # twelve digits and more that are no number with its prefix are one mistyped number, not a number and a rest
    mistyped = pl.col("text").str.contains(r"^\d{12,19}$") & ~pl.col("text").str.contains(
        r"^(?:0?1[3-9]\d{9}|0\d{9,11}|(?:00)?86(?:1[3-9]\d{9}|\d{9,11}))$"
    )
    scientific = pl.col("text").str.contains(r"^\d(?:\.\d+)?[eE]\+?\d+$")
    frame = frame.with_columns(
        pl.when(scientific)
        .then(pl.lit([], dtype=pl.List(pl.String)))
        .when(mistyped)
        .then(pl.concat_list("text"))
        .otherwise(pl.col("text").str.extract_all(_SHAPE))
        .alias("found")
    )
    frame = frame.with_columns(
        pl.col("found").list.eval(_digits(pl.element())).list.eval(pl.element().filter(pl.element() != ""))
    )
    first = pl.col("found").list.first()
    frame = frame.with_columns(first.alias("first"))
    first = pl.col("first")
    digits = first.str.contains(r"^\d+$").fill_null(False)
    masked = first.str.contains(r"\*").fill_null(False)
    placeholder = digits & (
        first.str.contains(r"^(?:0+|1+|2+|3+|4+|5+|6+|7+|8+|9+)$")
        | first.str.contains(r"^1\d{2}(?:0{8}|1{8}|2{8}|3{8}|4{8}|5{8}|6{8}|7{8}|8{8}|9{8})$")
        | first.str.contains(r"^0\d{2,3}(?:0{7,8}|1{7,8})$")
        | first.is_in(list(lexicon()["placeholder_numbers"]))
        | (first.str.len_chars() < 7)
        | first.str.contains(r"^1[0-2]\d{9}$")
    )
    return frame.select(
        pl.col("value"),
        pl.when(digits).then(first).alias("canonical"),
        first.str.contains(r"^1[3-9]\d{9}$").fill_null(False).alias("mobile"),
        (placeholder | scientific).alias("placeholder"),
        masked.alias("masked"),
        pl.col("found").list.slice(1).alias("others"),
    )


def _digits(found: pl.Expr) -> pl.Expr:
    """Without punctuation and country code; landlines with their leading 0; masks as `*`."""
    text = found.str.replace_all(r"[\s()+-]", "").str.replace_all("[×xX•]", "*")
    text = text.str.replace(r"^(?:00)?86(1[3-9]\d{9})$", "$1").str.replace(r"^0(1[3-9]\d{9})$", "$1")
    text = text.str.replace(r"^(?:00)?86(\d{9,11})$", "0$1").str.replace("^00(.{10,11})$", "0$1")
    return text.str.replace(r"^((?:10|2\d)[2-9]\d{7}|[3-9]\d{2}[2-9]\d{6,7})$", "0$1").str.replace(
        r"^0([48]00\d{7})$", "$1"
    )


def parse(value: str) -> dict[str, object]:
    """One number by itself, for trying out.

    >>> parse("+86 138-9483-6414")["canonical"]
    '13894836414'
    """
    return normalise([value]).row(0, named=True)
