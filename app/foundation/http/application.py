"""Flask without what no route of ours has: views that are coroutines, and rules that stand under some hosts only."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Flask, Request
from werkzeug.routing import MapAdapter
from werkzeug.wsgi import get_path_info


class Application(Flask):
    """The application of a process. What Flask asks at every request and ours answer all alike isn't asked."""

    def ensure_sync(self, func: Callable[..., Any]) -> Callable[..., Any]:
        """The function as it is; Flask looks ten times a request whether one is a coroutine."""
        return func

    def create_url_adapter(self, request: Request | None) -> MapAdapter | None:
        """What finds the rule of a path. Hosts are judged by `framing`; outside of requests no addresses are made."""
        if request is None:
            return None
        environ = request.environ
        return MapAdapter(
            self.url_map,
            environ.get("HTTP_HOST", ""),
            environ.get("SCRIPT_NAME", ""),
            "",
            environ["wsgi.url_scheme"],
            get_path_info(environ),
            environ["REQUEST_METHOD"],
            environ.get("QUERY_STRING", ""),
        )
