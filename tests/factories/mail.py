"""A server that takes letters (RFC 5321), over TLS and after a sign-in if it is so made, and keeps them."""

from __future__ import annotations

import base64
import socketserver
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from typing import cast


@dataclass
class MailServer:
    """What has come: letters with the addresses they were for. `refuses`: what an address is answered, such as `550 no`."""

    port: int = 0
    letters: list[tuple[str, EmailMessage]] = field(default_factory=list)
    signed_in: list[str] = field(default_factory=list)
    refuses: str = ""

    def to(self, address: str) -> list[str]:
        """The texts of the letters to an address."""
        return [one.get_content() for to, one in self.letters if to == address]


class _Talk(socketserver.StreamRequestHandler):
    kept: MailServer
    secured: ssl.SSLContext | None

    def handle(self) -> None:
        with suppress(ssl.SSLError):  # of who doesn't trust us
            self._talk()

    def _talk(self) -> None:
        self._say("220 tests")
        while line := self.rfile.readline().decode().strip():
            verb = line.upper()
            if verb.startswith("EHLO"):
                self._say("250-tests" if self.secured else "250 tests")
                if self.secured:
                    self._say("250-STARTTLS\r\n250 AUTH PLAIN")
            elif verb == "STARTTLS" and self.secured:
                self._say("220 go on")
                self.request = self.secured.wrap_socket(self.request, server_side=True)
                self.rfile, self.wfile = self.request.makefile("rb"), self.request.makefile("wb", buffering=0)
            elif verb.startswith("AUTH PLAIN"):
                self.kept.signed_in.append(base64.b64decode(line.split()[-1]).decode().replace("\0", " ").strip())
                self._say("235 welcome")
            elif verb.startswith("RCPT"):
                self.to = line.partition("<")[2].partition(">")[0]
                self._say(self.kept.refuses or "250 ok")
            elif verb == "DATA":
                self._say("354 go on")
                self._keep()
            else:
                self._say("221 bye" if verb == "QUIT" else "250 ok")

    def _keep(self) -> None:
        lines = b""
        while (line := self.rfile.readline()) != b".\r\n":
            lines += line.removeprefix(b".").replace(b"\r\n", b"\n")
        self.kept.letters.append((self.to, cast(EmailMessage, message_from_bytes(lines, policy=default))))
        self._say("250 kept")

    def _say(self, words: str) -> None:
        self.wfile.write(words.encode() + b"\r\n")


@contextmanager
def mail_server(secured: ssl.SSLContext | None = None) -> Iterator[MailServer]:
    """A server that runs."""
    kept = MailServer()
    talk = type("Talk", (_Talk,), {"kept": kept, "secured": secured})
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), talk) as server:
        server.daemon_threads = True
        kept.port = server.server_address[1]
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        yield kept
        server.shutdown()
