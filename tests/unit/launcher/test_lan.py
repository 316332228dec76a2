"""Phones of the network come by https, with a certificate that is made for the machine's own address."""

from __future__ import annotations

import socket
import ssl
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509

from app.launcher import lan
from app.launcher.programs import Program


def test_a_certificate_is_for_the_address_and_its_key_is_nobody_else_s(tmp_path: Path) -> None:
    certificate_file, key_file = lan.make_certificate(tmp_path / "lan", "192.168.3.7")
    made = x509.load_pem_x509_certificate(certificate_file.read_bytes())
    names = made.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert names.get_values_for_type(x509.IPAddress) == [ip_address("192.168.3.7")]
    assert names.get_values_for_type(x509.DNSName) == [socket.gethostname()]
    assert key_file.stat().st_mode & 0o777 == 0o600
    ssl.create_default_context(ssl.Purpose.CLIENT_AUTH).load_cert_chain(certificate_file, key_file)


def test_it_is_made_anew_at_each_start(tmp_path: Path) -> None:
    first = lan.make_certificate(tmp_path, "10.0.0.1")[0].read_bytes()
    second, key = lan.make_certificate(tmp_path, "10.0.0.2")
    assert second.read_bytes() != first
    ssl.create_default_context(ssl.Purpose.CLIENT_AUTH).load_cert_chain(second, key)


def test_the_web_server_runs_once_more_for_the_network() -> None:
    web = Program("web", ["granian", "--host", "127.0.0.1", "--port", "8000", "--workers", "2", "wsgi:app"], {"A": "b"})
    second = lan.listener(web, 8443, (Path("/c"), Path("/k")))
    words = ["--host", "0.0.0.0", "--port", "8443", "--workers", "1"]
    secured = ["--ssl-certificate", "/c", "--ssl-keyfile", "/k", "--ssl-protocol-min", "tls1.2"]
    assert second == Program("lan", ["granian", *words, *secured, "wsgi:app"], {"A": "b"})


@pytest.mark.parametrize(("port", "beside"), [(8000, 8443), (1, 444), (65_092, 65_535), (65_093, 64_650)])
def test_its_port_is_one_that_there_is(port: int, beside: int) -> None:
    assert lan.port_beside(port) == beside


def test_a_machine_without_a_network_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    class Unplugged(socket.socket):
        def connect(self, address: Any) -> None:
            raise OSError(101, "Network is unreachable")

    monkeypatch.setattr(lan.socket, "socket", Unplugged)
    with pytest.raises(lan.NoNetwork, match="Network is unreachable"):
        lan.own_address()
