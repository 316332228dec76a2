"""Something in Valkey's place that takes connections and never answers."""

from __future__ import annotations

import socket
import threading
from types import TracebackType


class Silent:
    """Listens and says nothing; knows how often somebody came."""

    def __init__(self) -> None:
        self._server = socket.create_server(("127.0.0.1", 0))
        self._kept: list[socket.socket] = []
        self._thread = threading.Thread(target=self._listen, daemon=True)

    @property
    def url(self) -> str:
        """Where it listens, as Valkey's URL."""
        return f"redis://127.0.0.1:{self._server.getsockname()[1]}"

    @property
    def visits(self) -> int:
        """How many connections were made so far."""
        return len(self._kept)

    def __enter__(self) -> Silent:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown(socket.SHUT_RDWR)
        self._thread.join()
        self._server.close()
        for one in self._kept:
            one.close()

    def _listen(self) -> None:
        while True:
            try:
                self._kept.append(self._server.accept()[0])
            except OSError:
                return
