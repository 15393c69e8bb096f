"""What may not leave the workspace is masked here, in SQL, before a text becomes a property of the graph.

Agencies write resident IDs, phones and accounts into texts: a certificate number is an ID number with a letter before
it, a hotline call ends with the caller's phone. `install` gives a DuckDB connection the macros that hide them:

- `plain(text)`: control characters become one space, an empty text becomes NULL.
- `masked(text)`: resident IDs (18 and 15 digits, also inside longer numbers and written in groups), phones (mobile and
  fixed) and account-like runs of 16 digits or more keep their ends only.
- `masked_reference(text)`: the same for document and device numbers, which may be long: only resident IDs and mobile
  phones are hidden. A number that happens to look like one of these is hidden too.
- `masked_code(text)`: for credit codes and registration numbers, where only an 18-digit resident ID is hidden.
- `masked_phone(phone)`: the form of a phone that people may read: 138****5678.
- `reference(text)`: a document number as it is compared: upper case, no spaces, one kind of brackets.
"""

from __future__ import annotations

import duckdb

MONTH_AND_DAY = r"(?:0[1-9]|1[0-2])[ -]?(?:0[1-9]|[12][0-9]|3[01])"
RESIDENT_18 = rf"([1-9][0-9]{{3}})[0-9]{{2}}[ -]?(?:18|19|20)[0-9]{{2}}[ -]?{MONTH_AND_DAY}[ -]?([0-9]{{3}}[0-9Xx])"
# the other forms stand alone: within longer numbers they would hit too much (RE2 knows no look-around, so the
# characters beside are caught and put back)
RESIDENT_15 = rf"(^|[^0-9])([1-9][0-9]{{3}})[0-9]{{4}}{MONTH_AND_DAY}([0-9]{{3}})((?:[0-9]{{2}})?(?:[^0-9]|$))"
MOBILE = r"(^|[^0-9])((?:\+?86[ -]?)?1[3-9][0-9])[ -]?[0-9]{4}[ -]?([0-9]{4})([^0-9]|$)"
FIXED = r"(^|[^0-9])(0[0-9]{2,3}-?)[0-9]{4}([0-9]{3,4})([^0-9]|$)"
ACCOUNT = r"(^|[^0-9])([0-9]{4})[0-9]{8,}([0-9]{4})([^0-9]|$)"
CARD_IN_GROUPS = r"(^|[^0-9])([0-9]{4})(?: [0-9]{4}){2,3} ([0-9]{1,4})([^0-9]|$)"
NAMED_ACCOUNT = r"((?:账号|帐号|卡号|账户)[为是:： ]*[0-9]{4})[0-9]{4,}([0-9]{4})"

IN_TEXTS = ((RESIDENT_15, 8), (MOBILE, 4), (FIXED, 4), (CARD_IN_GROUPS, 8), (ACCOUNT, 8))
IN_REFERENCES = ((RESIDENT_15, 8), (MOBILE, 4))


def install(connection: duckdb.DuckDBPyConnection) -> None:
    """Give the connection the macros `plain`, `masked…` and `reference`."""
    resident = f"regexp_replace(t, '{RESIDENT_18}', '\\1{'*' * 10}\\2', 'g')"
    text = f"regexp_replace({_alone(resident, IN_TEXTS)}, '{NAMED_ACCOUNT}', '\\1****\\2', 'g')"
    reference = _alone(resident, IN_REFERENCES)
    macros = {
        "plain(t)": "nullif(trim(CASE WHEN regexp_matches(t, '[\\x00-\\x1f\\x7f]')"
        " THEN regexp_replace(t, '[\\x00-\\x1f\\x7f]+', ' ', 'g') ELSE t END), '')",
        # few texts hold so many digits: the patterns are only tried on those
        "masked(t)": f"CASE WHEN regexp_matches(t, '[0-9][0-9 -]{{9}}') THEN {text} ELSE t END",
        "masked_reference(t)": f"CASE WHEN regexp_matches(t, '[0-9][0-9 -]{{9}}') THEN {reference} ELSE t END",
        "masked_code(t)": f"CASE WHEN regexp_matches(t, '[0-9]{{10}}') THEN {resident} ELSE t END",
        "masked_phone(t)": "CASE WHEN length(t) >= 10 THEN t[:3] || '****' || t[-4:] ELSE '****' || t[-3:] END",
        "reference(t)": "nullif(upper(regexp_replace(translate(t, '（）〔〕【】［］[]{}', '()()()()()()'),"
        " '\\s', '', 'g')), '')",
    }
    for signature, body in macros.items():
        connection.execute(f"CREATE OR REPLACE TEMP MACRO {signature} AS {body}")


def _alone(expression: str, patterns: tuple[tuple[str, int], ...]) -> str:
    for pattern, stars in patterns:
        # twice: of two numbers with one character between them, the first pass takes that character for the first
        for _ in range(2):
            expression = f"regexp_replace({expression}, '{pattern}', '\\1\\2{'*' * stars}\\3\\4', 'g')"
    return expression
