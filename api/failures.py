"""What a person is told when work fails: one clear sentence and what to do, without a number that names anybody."""

from __future__ import annotations

import errno
import re

LONG_NUMBER = re.compile(r"(?<![0-9A-Za-z])[0-9０-９]{7,}[0-9Xx*]*(?![0-9A-Za-z])")
OURS = ("resolution", "graph", "cypher", "api")


def masked(text: str) -> str:
    """The text with the middle of every long number hidden (resident IDs, phones, accounts)."""
    return LONG_NUMBER.sub(lambda match: f"{match[0][:3]}***{match[0][-2:]}", text)


def explain(error: BaseException) -> str:
    """One sentence on what failed and what to do about it."""
    if isinstance(error, OSError) and error.errno == errno.ENOSPC:
        return "The disk is full. Free some space, then run the same command again; nothing half-done is kept."
    if isinstance(error, MemoryError):
        return "Not enough memory. Set CLUEGRAPH_MEMORY to a smaller amount (such as 3GB), then run the command again."
    text = masked(str(error)).strip()
    if type(error).__module__.split(".")[0] in OURS:
        return text
    if isinstance(error, ModuleNotFoundError) and error.name:
        return f"This installation lacks the module {error.name}; run scripts/setup again."
    if isinstance(error, OSError) and error.filename:
        return f"{error.filename}: {error.strerror}. Check the path and its permissions, then run the command again."
    first = text.splitlines()[0] if text else "no further words"
    return f"{type(error).__name__}: {first}. Run the command again with --debug (cluegraph --debug …) to see where."
