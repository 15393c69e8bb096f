"""`cluegraph serve`: the HTTP service of one workspace, until it is stopped."""

from __future__ import annotations

import signal
import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import typer
import uvicorn

from api.access import access_token
from api.app import create_app
from api.guard import LONGEST_URL
from graph import server
from resolution.workspace import Workspace

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"plain": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "plain"}},
    "root": {"handlers": ["stderr"], "level": "WARNING"},
    "loggers": {"cluegraph": {"level": "INFO"}, "uvicorn.error": {"level": "WARNING"}},
}


class ServeError(Exception):
    """The service cannot start; the message says what to do."""


@contextmanager
def engine_kept(workspace: Workspace) -> Iterator[None]:
    """A Neo4j that was not running before is stopped after."""
    running = server.status(workspace)
    try:
        yield
    finally:
        if running is None:
            server.stop(workspace)


def serve(workspace: Workspace, host: str, port: int, *, quiet: bool = False) -> None:
    """Serve until Ctrl-C or SIGTERM. A Neo4j that was started for it is stopped with it."""
    _claim(host, port)
    # uvicorn hands the signal on once it has shut down; Neo4j must still be stopped then
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    with suppress(KeyboardInterrupt), engine_kept(workspace):
        server.start(workspace)
        app = create_app(workspace)
        if not quiet:
            typer.echo(welcome(workspace, host, port))
        config = uvicorn.Config(
            app,
            host=host,
            port=port,
            log_config=LOGGING,
            access_log=False,
            server_header=False,
            timeout_keep_alive=15,
            limit_concurrency=1000,
            h11_max_incomplete_event_size=4 * LONGEST_URL,
            timeout_graceful_shutdown=5,
        )
        uvicorn.Server(config).run()


def welcome(workspace: Workspace, host: str, port: int) -> str:
    """Where everything is, and how to enter, while the Neo4j runs."""
    graph = server.status(workspace)
    shown = f"[{host}]" if ":" in host else host
    address = f"http://{shown}:{port}"
    token = workspace.home / "access.token"
    lines = [
        f"页面 Pages          {address}/",
        f"接口 API            {address}/api/v1   文档 {address}/docs",
        f"访问令牌 Token      {access_token(token)}",
        f"                    kept in {token}",
    ]
    if graph and graph.http:
        lines += [
            f"Neo4j Browser       {graph.http}/browser/   connect to {graph.uri}",
            f"                    user {graph.username}, password in {graph.password_file}",
        ]
    return "\n".join(lines)


def _claim(host: str, port: int) -> None:
    """Learn that a port is taken before anything is started."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise ServeError(
                f"{host}:{port} cannot be listened on ({error.strerror}); give another --host or --port."
            ) from error
