"""Numbers that identify people and companies: resident IDs, unified social credit codes, old registration numbers.

Rules: GB 11643 (resident ID, check character ISO 7064 MOD 11-2), GB 32100-2015 (credit code, modulus 31) and the
registration numbers of the years before it (ISO 7064 MOD 11,10). Work is done on whole columns.
"""

from __future__ import annotations

import datetime
from collections.abc import Sequence

import numpy as np
import polars as pl

from resolution.normalise.lexicon import lexicon

COLUMNS = (
    *("value", "kind", "canonical", "valid", "birth", "sex", "prefix", "suffix"),
    *("registration_valid", "as_resident"),
)

_RESIDENT_WEIGHTS = np.array([7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2])
_RESIDENT_CHECKS = np.frombuffer(b"10X98765432", dtype=np.uint8)
_CREDIT_ALPHABET = b"0123456789ABCDEFGHJKLMNPQRTUWXY"
_CREDIT_VALUES = np.full(256, -1)
_CREDIT_VALUES[np.frombuffer(_CREDIT_ALPHABET, dtype=np.uint8)] = np.arange(31)
_CREDIT_WEIGHTS = np.array([3**power % 31 for power in range(17)])
# letters that the credit code leaves out because they look like digits
_CREDIT_REPAIRS = {"O": "0", "I": "1", "S": "5", "Z": "2"}
_PROVINCES = "(?:1[1-5]|2[1-3]|3[1-7]|4[1-6]|5[0-4]|6[1-5]|71|8[1-3])"
_MASKS = "[*×✕✖•●○〇□■#＊★☆星_?]"


def normalise(values: Sequence[str] | pl.Series) -> pl.DataFrame:
    """One row a value with COLUMNS.

    `kind`: resident, credit, registration, masked, placeholder, damaged (by a spreadsheet), invalid or empty.
    `canonical`: 18 characters for resident IDs (old 15-digit ones are written as 18) and credit codes, 15 digits for
    registration numbers, the cleaned text for all else. `valid`: the check character is right, and for a resident ID
    the day of birth is real (1880 to today); a 15-digit resident ID has no check character, so its day decides.
    `registration_valid`: the 15 digits carry the check digit of a registration number. Many registers hold numbers
    without one, so false only says that nothing confirms the number. `as_resident`: the 18-character reading of 15
    digits, whatever `kind` says. `prefix`, `suffix`: what a masked or damaged value still shows.
    """
    raw = pl.Series("value", values, dtype=pl.String)
    frame = pl.DataFrame({"value": raw}).with_columns(_cleaned().alias("text"))
    frame = frame.with_columns(
        pl.when(pl.col("text").str.contains(r"^\d{17}\*$"))
        .then(_resident_star())
        .otherwise(pl.col("text"))
        .alias("text")
    )
    text = pl.col("text")
    words = lexicon()
    nothing = [word.upper() for word in words["not_a_name"]]
    frame = frame.with_columns(
        text.str.contains(r"^\d{17}[\dX]$").alias("is18"),
        text.str.contains(r"^\d{15}$").alias("is15"),
        text.str.contains(r"^[0-9A-Z]{18}$").alias("code18"),
        (text.str.contains(r"^[0-9A-Z]*[*]+[0-9A-Z]*$") & text.str.contains("[0-9]")).alias("masked"),
        ((text == "") | text.is_in(nothing)).alias("nothing"),
        (
            text.str.contains(r"^(?:0+|1+|2+|3+|4+|5+|6+|7+|8+|9+)X?$")
            | text.is_in(list(words["placeholder_numbers"]))
            | text.str.contains(r"^\d{2,6}0{9,}X?$")
            | text.str.contains(r"^\*+$")
        ).alias("placeholder"),
        text.str.contains(r"^\d(?:\.\d+)?E\+?\d+$").alias("scientific"),
    )
    frame = _residents(frame)
    frame = _credits(frame)
    frame = _registrations(frame)
    return _verdict(frame)


def _cleaned() -> pl.Expr:
    """NFKC, upper case, without blanks, quotes, dots and dashes; masks as `*`."""
    text = pl.col("value").fill_null("").str.normalize("NFKC").str.to_uppercase()
    text = text.str.replace_all(r"[\s\u200b-\u200f\u2060\ufeff'’‘`´\"“”,，。、:：;；\-‐-―—–_/\\|()（）\[\]]", "")
    text = text.str.replace_all(_MASKS, "*").str.replace_all("Х|Χ", "X")
    text = text.str.replace(r"\.0+$", "")
    # X is the check character when it stands alone at the end, a mask when it is repeated or in the middle
    return (
        pl.when(text.str.contains(r"\d*X{2,}|\*X+|\d{3}X\d"))
        .then(text.str.replace_all(r"X{3,}", "***").str.replace_all(r"\bXX$|^XX", "**"))
        .otherwise(text)
    )


def _resident_star() -> pl.Expr:
    """17 digits and one star: the star stands for X when X is the right check character."""
    with_x = pl.col("text").str.slice(0, 17) + "X"
    return pl.when(with_x.map_batches(_resident_checks, return_dtype=pl.Boolean)).then(with_x).otherwise(pl.col("text"))


def _matrix(series: pl.Series, width: int) -> np.ndarray[tuple[int, int], np.dtype[np.uint8]]:
    joined = series.str.join("").item() or ""
    return np.frombuffer(joined.encode("ascii"), dtype=np.uint8).reshape(-1, width)


def _checked(series: pl.Series, pattern: str, width: int, check: object) -> pl.Series:
    """`check` of those values that have the pattern (and so the width); false for all others."""
    right = np.zeros(len(series), dtype=bool)
    fits = series.str.contains(pattern).fill_null(False)
    if fits.any():
        right[fits.to_numpy()] = check(_matrix(series.filter(fits), width))  # type: ignore[operator]
    return pl.Series(right)


def _resident_checks(series: pl.Series) -> pl.Series:
    def check(signs: np.ndarray[tuple[int, int], np.dtype[np.uint8]]) -> object:
        sums = (signs[:, :17] - 48).astype(np.int64) @ _RESIDENT_WEIGHTS
        return _RESIDENT_CHECKS[sums % 11] == signs[:, 17]

    return _checked(series, r"^\d{17}[\dX]$", 18, check)


def _credit_checks(series: pl.Series) -> pl.Series:
    def check(signs: np.ndarray[tuple[int, int], np.dtype[np.uint8]]) -> object:
        numbers = _CREDIT_VALUES[signs]
        sums = numbers[:, :17] @ _CREDIT_WEIGHTS
        return (numbers >= 0).all(axis=1) & ((31 - sums % 31) % 31 == numbers[:, 17])

    return _checked(series, r"^[1-9A-GY][1-9][0-9A-Z]{16}$", 18, check)


def _registration_checks(series: pl.Series) -> pl.Series:
    def check(signs: np.ndarray[tuple[int, int], np.dtype[np.uint8]]) -> object:
        product = np.full(len(signs), 10)
        for column in range(14):
            digit = (product + signs[:, column] - 48) % 10
            product = np.where(digit == 0, 10, digit) * 2 % 11
        return (11 - product) % 10 == signs[:, 14] - 48

    return _checked(series, r"^\d{15}$", 15, check)


def _day(text: pl.Expr) -> pl.Expr:
    """The day written as yyyymmdd, null when there is no such day or nobody alive can have been born on it."""
    day = text.str.strptime(pl.Date, "%Y%m%d", strict=False)
    return pl.when(day.is_between(datetime.date(1880, 1, 1), datetime.date.today())).then(day)  # noqa: DTZ011


def _residents(frame: pl.DataFrame) -> pl.DataFrame:
    text = pl.col("text")
    # typed O for 0 and I for 1, where the check character then comes out right
    typed = text.str.replace_all("O", "0").str.replace_all("[IL]", "1")
    mistyped = pl.col("code18") & ~pl.col("is18") & text.str.contains(r"^[1-8][0-9OIL]{16}[0-9OILX]$")
    repaired = pl.when(mistyped).then(typed)
    frame = frame.with_columns(
        repaired.alias("repaired"),
        pl.when(pl.col("is15") & text.str.contains(f"^{_PROVINCES}"))
        .then(text.str.slice(0, 6) + "19" + text.str.slice(6))
        .alias("old"),
    )
    frame = frame.with_columns(
        pl.when(pl.col("repaired").map_batches(_resident_checks, return_dtype=pl.Boolean))
        .then(pl.col("repaired"))
        .when(pl.col("is18"))
        .then(text)
        .alias("resident")
    )
    frame = frame.with_columns(
        pl.col("resident").map_batches(_resident_checks, return_dtype=pl.Boolean).alias("resident_check"),
        _day(pl.col("resident").str.slice(6, 8)).alias("resident_birth"),
        _day(pl.col("old").str.slice(6, 8)).alias("old_birth"),
    )
    old = frame.get_column("old")
    upgraded = pl.Series("as_resident", [None] * len(frame), dtype=pl.String)
    known = old.is_not_null()
    if known.any():
        signs = (_matrix(old.filter(known), 17) - 48).astype(np.int64)
        checks = _RESIDENT_CHECKS[(signs @ _RESIDENT_WEIGHTS) % 11]
        whole = old.filter(known) + pl.Series(list(checks.tobytes().decode()), dtype=pl.String)
        upgraded = upgraded.scatter(known.arg_true(), whole)
    return frame.with_columns(
        pl.when(pl.col("old_birth").is_not_null()).then(upgraded.alias("as_resident")).alias("as_resident")
    )


def _credits(frame: pl.DataFrame) -> pl.DataFrame:
    repaired = pl.col("text")
    for letter, digit in _CREDIT_REPAIRS.items():
        repaired = repaired.str.replace_all(letter, digit, literal=True)
    frame = frame.with_columns(pl.when(pl.col("code18")).then(repaired).alias("credit"))
    return frame.with_columns(
        (
            pl.col("credit").map_batches(_credit_checks, return_dtype=pl.Boolean)
            # a mistyped resident ID passes the other check once in 31 times: digits alone are a credit code only
            # where it would be (9 …, or a body's 1 … or 5 … and a province) and no month and day stand inside
            & (
                ~pl.col("is18")
                | pl.col("text").str.starts_with("9")
                | (
                    pl.col("text").str.contains(f"^[15][1239]{_PROVINCES}")
                    & ~pl.col("text").str.contains(r"^\d{10}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])")
                )
            )
        ).alias("credit_check")
    )


def _registrations(frame: pl.DataFrame) -> pl.DataFrame:
    return frame.with_columns(
        pl.col("text").map_batches(_registration_checks, return_dtype=pl.Boolean).alias("registration_check")
    )


def _verdict(frame: pl.DataFrame) -> pl.DataFrame:
    text, resident = pl.col("text"), pl.col("resident")
    resident_valid = pl.col("resident_check") & pl.col("resident_birth").is_not_null()
    damaged = pl.col("scientific") | (pl.col("is18") & ~pl.col("resident_check") & text.str.ends_with("000"))
    credit_like = pl.col("code18") & text.str.contains(r"^(?:[1-9A-GYN][1-9])[0-9OISZ]{6}[0-9A-Z]{10}$")
    person15 = pl.col("as_resident").is_not_null() & ~pl.col("registration_check")
    kind = (
        pl.when(pl.col("nothing"))
        .then(pl.lit("empty"))
        .when(pl.col("placeholder"))
        .then(pl.lit("placeholder"))
        .when(resident_valid)
        .then(pl.lit("resident"))
        .when(pl.col("credit_check"))
        .then(pl.lit("credit"))
        .when(damaged)
        .then(pl.lit("damaged"))
        .when(pl.col("masked"))
        .then(pl.lit("masked"))
        .when(person15)
        .then(pl.lit("resident"))
        .when(pl.col("is15"))
        .then(pl.when(pl.col("as_resident").is_not_null()).then(pl.lit("resident")).otherwise(pl.lit("registration")))
        .when(pl.col("is18") & ~text.str.starts_with("9"))
        .then(pl.lit("resident"))
        .when(credit_like | (pl.col("code18") & text.str.contains("^9[1-3]")))
        .then(pl.lit("credit"))
        .otherwise(pl.lit("invalid"))
    )
    frame = frame.with_columns(kind.alias("kind"))
    kind = pl.col("kind")
    frame = frame.with_columns(
        pl.when(kind == "empty")
        .then(None)
        .when((kind == "resident") & pl.col("is15"))
        .then(pl.col("as_resident"))
        .when(kind == "resident")
        .then(resident)
        .when((kind == "credit") & pl.col("credit_check"))
        .then(pl.col("credit"))
        .when(kind == "masked")
        .then(_masked(text))
        .otherwise(text)
        .alias("canonical"),
        pl.when(kind == "resident")
        .then(resident_valid | pl.col("is15"))
        .when(kind == "credit")
        .then(pl.col("credit_check"))
        .when(kind == "registration")
        .then(pl.col("registration_check"))
        .otherwise(False)
        .alias("valid"),
        (pl.col("is15") & pl.col("registration_check") & ~pl.col("placeholder")).alias("registration_valid"),
    )
    canonical = pl.col("canonical")
    shown = kind == "masked"
    frame = frame.with_columns(
        pl.when(shown)
        .then(canonical.str.extract(r"^([0-9A-Z]*)\*", 1))
        .when((kind == "damaged") & pl.col("scientific"))
        .then(text.str.extract(r"^([\d.]+)\dE", 1).str.replace(".", "", literal=True))
        .when(kind == "damaged")
        .then(text.str.slice(0, 15))
        .alias("prefix"),
        pl.when(shown).then(canonical.str.extract(r"\*([0-9A-Z]*)$", 1)).alias("suffix"),
    )
    whole18 = canonical.str.len_chars() == 18
    born = (
        pl.when((kind == "resident") & pl.col("valid"))
        .then(canonical.str.slice(6, 8))
        .when(whole18 & pl.col("prefix").str.contains(r"^\d{14}"))
        .then(pl.col("prefix").str.slice(6, 8))
    )
    order = (
        pl.when((kind == "resident") & pl.col("valid"))
        .then(canonical.str.slice(16, 1))
        .when(shown & whole18 & pl.col("suffix").str.contains(r"^\d*\d[\dX]$"))
        .then(canonical.str.slice(16, 1))
    ).cast(pl.Int8, strict=False)
    return frame.with_columns(
        _day(born).alias("birth"),
        pl.when(order % 2 == 1).then(pl.lit("男")).when(order % 2 == 0).then(pl.lit("女")).alias("sex"),
        pl.when(kind != "empty").then(pl.col("as_resident")).alias("as_resident"),
    ).select(COLUMNS)


def _masked(text: pl.Expr) -> pl.Expr:
    """What is shown, with as many stars between as the whole number has (18, or 15 where that is what was written)."""
    head, tail = text.str.extract(r"^([0-9A-Z]*)\*", 1), text.str.extract(r"\*([0-9A-Z]*)$", 1)
    shown = head.str.len_chars() + tail.str.len_chars()
    hidden = pl.when(text.str.len_chars() == 15).then(15).otherwise(18) - shown.cast(pl.Int64)
    return head + pl.lit("*").repeat_by(pl.max_horizontal(hidden, 1)).list.join("") + tail


def parse(value: str) -> dict[str, object]:
    """One number by itself, for trying out.

    >>> parse("６２０１０４１９９９０１０１００１Ｘ")["kind"]
    'resident'
    """
    return normalise([value]).row(0, named=True)
