"""Numbers of people and businesses: resident IDs (GB 11643), credit codes (GB 32100), old registration numbers."""

from __future__ import annotations

import numpy as np

from resolution.synthetic.arrays import Dates, Ints, Strings, objects

RESIDENT_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
RESIDENT_CHECK = "10X98765432"
CODE_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
CODE_WEIGHTS = (1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28)
ORGANISATION_WEIGHTS = (3, 7, 9, 10, 5, 8, 4, 2)


def resident_check(first17: str) -> str:
    """Check character of an 18-digit resident ID."""
    return RESIDENT_CHECK[sum(int(a) * w for a, w in zip(first17, RESIDENT_WEIGHTS, strict=True)) % 11]


def resident_ids(region: Ints, birth: Dates, sequence: Ints) -> Strings:
    """18-digit IDs; `sequence` (0-999) is odd for men and even for women."""
    day = birth.astype("datetime64[D]").astype(object)
    birthday = np.array([d.year * 10000 + d.month * 100 + d.day for d in day], dtype=np.int64)
    number = (region * 10**8 + birthday) * 1000 + sequence
    total = np.zeros(len(number), dtype=np.int64)
    rest = number.copy()
    for weight in reversed(RESIDENT_WEIGHTS):
        total += rest % 10 * weight
        rest //= 10
    check = objects(RESIDENT_CHECK)[total % 11]
    return objects(f"{n:017d}{c}" for n, c in zip(number.tolist(), check.tolist(), strict=True))


def old_resident_id(resident_id: str) -> str:
    """The 15-digit form that was issued until 1999."""
    return resident_id[:6] + resident_id[8:17]


def credit_code_check(first17: str) -> str:
    """Check character of an 18-character unified social credit code."""
    total = sum(CODE_ALPHABET.index(a) * w for a, w in zip(first17, CODE_WEIGHTS, strict=True))
    return CODE_ALPHABET[(31 - total % 31) % 31]


def credit_codes(rng: np.random.Generator, region: Ints, household_business: np.ndarray) -> Strings:
    """Credit codes: 91 for companies, 92 for individual businesses; organisation code with its own check character."""
    letters = rng.integers(0, len(CODE_ALPHABET), size=(len(region), 8))
    result = []
    for where, kind, row in zip(region.tolist(), household_business.tolist(), letters.tolist(), strict=True):
        organisation = "".join(CODE_ALPHABET[i] for i in row)
        total = sum(int(a, 36) * w for a, w in zip(organisation, ORGANISATION_WEIGHTS, strict=True))
        first17 = f"{'92' if kind else '91'}{where:06d}{organisation}{'0123456789X'[(11 - total % 11) % 11]}"
        result.append(first17 + credit_code_check(first17))
    return objects(result)


def old_registration_numbers(rng: np.random.Generator, region: Ints) -> Strings:
    """15-digit registration numbers as used before 2015 (check digit by ISO 7064, MOD 11,10)."""
    serial = rng.integers(0, 10**8, size=len(region))
    result = []
    for where, number in zip(region.tolist(), serial.tolist(), strict=True):
        digits = f"{where:06d}{number:08d}"
        product = 10
        for digit in digits:
            product = (product + int(digit)) % 10 or 10
            product = product * 2 % 11
        result.append(f"{digits}{(11 - product) % 10}")
    return objects(result)
