"""A process with many tills: reads what they are to send, tells when all stand ready, lets them go at one word.

Speaks JSON lines on its standard input and output; knows nothing but the standard library, so that it starts at once.
"""

from __future__ import annotations

import json
import sys
import threading
import time
from http.client import HTTPConnection, HTTPException
from typing import Any

TIMEOUT_SECONDS = 30.0
PAUSE_SECONDS = 0.05


class Till(threading.Thread):
    """Sends its calls one after another; one that gets no answer or a 5xx is sent again until `patience` is over.

    Patience is lost once: who has waited in vain sends the rest without.
    """

    def __init__(self, host: str, port: int, calls: list[dict[str, Any]], patience: float, go: threading.Event) -> None:
        super().__init__(daemon=True)
        self.connection = HTTPConnection(host, port, timeout=TIMEOUT_SECONDS)
        self.calls, self.patience, self.go = calls, patience, go
        self.answers: list[dict[str, Any]] = []

    def run(self) -> None:
        self.go.wait()
        for call in self.calls:
            self.answers.append(self.sent(call))

    def sent(self, call: dict[str, Any]) -> dict[str, Any]:
        deadline = time.monotonic() + self.patience
        while True:
            answer = self.once(call)
            if 0 < answer["status"] < 500:
                return answer
            if time.monotonic() >= deadline:
                self.patience = 0.0
                return answer
            time.sleep(PAUSE_SECONDS)

    def once(self, call: dict[str, Any]) -> dict[str, Any]:
        try:
            self.connection.request(call["method"], call["path"], call["body"], call["headers"])
            reply = self.connection.getresponse()
            return {"status": reply.status, "body": reply.read().decode(), "headers": dict(reply.getheaders())}
        except (OSError, HTTPException) as error:
            self.connection.close()
            return {"status": 0, "body": json.dumps({"code": repr(error)}), "headers": {}}


def main() -> None:
    for line in sys.stdin:
        order = json.loads(line)
        go = threading.Event()
        tills = [Till(order["host"], order["port"], calls, order["patience"], go) for calls in order["tills"]]
        for till in tills:
            till.connection.connect()
            till.start()
        tell("ready")
        sys.stdin.readline()
        go.set()
        for till in tills:
            till.join()
            till.connection.close()
        tell(json.dumps([till.answers for till in tills]))


def tell(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
