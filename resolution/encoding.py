"""Encodings: which one a text file is in, and its lines as UTF-8, without guessing at a cell."""

from __future__ import annotations

import codecs
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

BOMS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
GUESSES = ("utf-8", "gb18030", "utf-16-le", "utf-16-be")
HEAD = 1 << 20  # bytes in which a header must begin and end
REPLACEMENT = "\ufffd".encode()


@dataclass(frozen=True)
class Decoded:
    """A text file as UTF-8 with \\n between its lines; lines that could not be decoded are empty there."""

    data: bytes
    encoding: str
    garbled: dict[int, str]
    """Line number (from 0) → what could be made of a line that is not in the file's encoding."""


def candidates(data: bytes, declared: str | None) -> list[str]:
    """The encodings that the file may be in, the likeliest first. A byte order mark leaves no choice."""
    for bom, name in BOMS:
        if data.startswith(bom):
            return [name]
    # big5 and others are taken only when declared: their bytes are as good as any in GB18030
    return [declared] if declared else list(GUESSES)


def head(data: bytes, encoding: str) -> str:
    """The beginning of the file, good enough to look for a header."""
    return (
        data[:HEAD].decode(encoding, errors="replace").removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    )


def decode(data: bytes, encoding: str) -> Decoded:
    """The whole file. Lines in another encoding are set aside one by one: some files are glued from several."""
    garbled: dict[int, str] = {}
    if encoding.startswith("utf-16"):
        plain = data.decode(encoding, errors="replace").removeprefix("\ufeff").encode()
    elif encoding.startswith("utf-8"):
        plain = data.removeprefix(codecs.BOM_UTF8)
        if not _decodes(plain, "utf-8"):
            plain = _by_line(plain, lambda line: line if _decodes(line, "utf-8") else None, garbled)
    else:
        plain = _by_line(data, lambda line: _from_local(line, encoding), garbled)
    plain = _newlines(plain)
    garbled.update(_replaced(plain, garbled))
    return Decoded(plain, encoding, garbled)


def _decodes(data: bytes, encoding: str) -> bool:
    try:
        data.decode(encoding)
    except UnicodeDecodeError:
        return False
    return True


def _by_line(data: bytes, convert: Callable[[bytes], bytes | None], garbled: dict[int, str]) -> bytes:
    # no byte of a character of GB18030 or Big5 is that of a line feed
    lines = data.split(b"\n")
    for number, line in enumerate(lines):
        if line.isascii():
            continue
        converted = convert(line)
        if converted is None:
            garbled[number] = line.decode("utf-8", errors="replace")
        lines[number] = converted or b""
    return b"\n".join(lines)


def _from_local(line: bytes, encoding: str) -> bytes | None:
    """The line in UTF-8; None when it cannot be in the encoding or is in UTF-8 already."""
    try:
        text = line.decode("utf-8")
    except UnicodeDecodeError:
        pass
    else:
        # one character can be an accident (通 in GBK is two bytes of good UTF-8), two Chinese ones are none
        if sum(char >= "\u0800" for char in text) >= 2:
            return None
    try:
        return line.decode(encoding).encode()
    except UnicodeDecodeError:
        return None


def _newlines(data: bytes) -> bytes:
    """\\n between lines; a carriage return inside a line becomes a space."""
    if b"\r" not in data:
        return data
    data = data.replace(b"\r\n", b"\n")
    return data.replace(b"\r", b" " if b"\n" in data else b"\n")


def _replaced(data: bytes, known: dict[int, str]) -> dict[int, str]:
    """Lines that hold U+FFFD: somebody before us lost a character there."""
    if REPLACEMENT not in data:
        return {}
    ends = np.flatnonzero(np.frombuffer(data, np.uint8) == ord("\n"))
    found: dict[int, str] = {}
    position = data.find(REPLACEMENT)
    while position >= 0:
        number = int(np.searchsorted(ends, position))
        end = int(ends[number]) if number < len(ends) else len(data)
        if number not in known:
            start = int(ends[number - 1]) + 1 if number else 0
            found[number] = data[start:end].decode()
        position = data.find(REPLACEMENT, end)
    return found
