"""Who may enter: one access token for the whole service, and the sessions of people who signed in with it on a page."""

from __future__ import annotations

import hashlib
import hmac
import os
import secrets
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path

COOKIE = "cluegraph_session"
IDLE_SECONDS = 15 * 60
LONGEST_SECONDS = 8 * 60 * 60


def access_token(path: Path) -> str:
    """The service's access token: 256 random bits, made at the first start and kept with mode 0600."""
    try:
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(secrets.token_urlsafe(32))
    except FileExistsError:
        path.chmod(0o600)
    return path.read_text().strip()


@dataclass
class Sessions:
    """Signed-in browsers, by the hash of their cookie; a restart signs everybody out."""

    _seen: dict[str, tuple[float, float]] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def open(self) -> str:
        """A new session's cookie value."""
        cookie = secrets.token_urlsafe(32)
        now = time.monotonic()
        with self._lock:
            self._seen = {name: times for name, times in self._seen.items() if _alive(times, now)}
            self._seen[_digest(cookie)] = (now, now)
        return cookie

    def holds(self, cookie: str) -> bool:
        """True while the session is neither idle too long nor too old; looking keeps it awake."""
        name, now = _digest(cookie), time.monotonic()
        with self._lock:
            times = self._seen.get(name)
            if times is None or not _alive(times, now):
                self._seen.pop(name, None)
                return False
            self._seen[name] = (times[0], now)
            return True

    def close(self, cookie: str) -> None:
        """Sign out; the cookie is worth nothing from now on."""
        with self._lock:
            self._seen.pop(_digest(cookie), None)


def same(given: str, token: str) -> bool:
    """Compare in constant time; text that is no ASCII is simply wrong."""
    return hmac.compare_digest(given.encode("utf-8", "replace"), token.encode())


def _alive(times: tuple[float, float], now: float) -> bool:
    opened, seen = times
    return now - opened < LONGEST_SECONDS and now - seen < IDLE_SECONDS


def _digest(cookie: str) -> str:
    return hashlib.sha256(cookie.encode("utf-8", "replace")).hexdigest()
