"""The words that normalisation goes by: the shipped lists, with the data office's own lying over them."""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

SHIPPED = Path(__file__).parent.parent / "lexicon"
FILES = (
    "branches",
    "compound_surnames",
    "forms",
    "institutions",
    "keep",
    "lookalikes",
    "not_a_name",
    "placeholder_numbers",
    "places",
    "shop_endings",
    "surnames",
    "titles",
    "trade_endings",
    "trades",
    "variants",
)


class LexiconError(Exception):
    """A lexicon file cannot be used; the message names file, word and remedy."""


@dataclass(frozen=True, eq=False)
class Lexicon:
    """All word lists, and a hash that changes when any of them does.

    A list is a text file of words apart by blanks or lines; `#` starts a comment line, `word=…` gives a word a value
    (a surname its reading, a legal form its canonical form). A file of the same name in `$CLUEGRAPH_CONFIG/lexicon/`
    adds words; a word there with a leading `-` takes a shipped one away.
    """

    words: dict[str, dict[str, str]]
    digest: str

    def __getitem__(self, name: str) -> dict[str, str]:
        return self.words[name]


def lexicon() -> Lexicon:
    """The lexicon in force: read once for each `$CLUEGRAPH_CONFIG`; `reload` sees files changed since."""
    return _current(os.environ.get("CLUEGRAPH_CONFIG"))


def reload() -> Lexicon:
    """The lexicon as its files are now."""
    _current.cache_clear()
    return lexicon()


@lru_cache(maxsize=4)
def _current(config: str | None) -> Lexicon:
    folders = [SHIPPED, *([Path(config) / "lexicon"] if config else [])]
    paths = [path for folder in folders for name in FILES if (path := folder / f"{name}.txt").exists()]
    return _load(tuple((str(path), path.stat().st_mtime_ns, path.stat().st_size) for path in paths))


@lru_cache(maxsize=2)
def _load(stamps: tuple[tuple[str, int, int], ...]) -> Lexicon:
    words: dict[str, dict[str, str]] = {name: {} for name in FILES}
    digest = hashlib.sha256()
    for file, _, _ in stamps:
        path = Path(file)
        try:
            text = path.read_text(encoding="utf-8-sig")
        except UnicodeDecodeError as error:
            raise LexiconError(f"{path}: save the file as UTF-8 ({error.reason} at byte {error.start})") from error
        digest.update(f"{path.stem}\n{text}".encode())
        entries = words[path.stem]
        for number, line in enumerate(text.splitlines(), 1):
            if line.lstrip().startswith("#"):
                continue
            for token in line.split():
                word, _, value = token.partition("=")
                if not word:
                    raise LexiconError(f"{path}:{number}: write the word before '=' in {token!r}")
                if len(word) > 1 and word.startswith("-") and word.strip("-"):
                    entries.pop(word[1:], None)
                elif value or word not in entries:
                    # a word listed again without its value keeps the one that it has
                    entries[word] = value
    return Lexicon(words, digest.hexdigest()[:16])
