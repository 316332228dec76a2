"""The product on the local network, so that phones can try it: https by a certificate that we make ourselves.

Cameras, keys and workers of browsers need https. Nobody vouches for the certificate: a phone asks once whether to go on.
"""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from app.launcher.programs import Program

_PORTS_ABOVE, _LAST_PORT = 443, 65_535
_LASTS = timedelta(days=365)
_NOWHERE = ("192.0.2.1", 9)
"""An address of RFC 5737 that nobody has; nothing is sent to it."""


class NoNetwork(RuntimeError):
    """There are no neighbours to come."""


def port_beside(port: int) -> int:
    """Where the network comes in: 8443 beside 8000."""
    return port + _PORTS_ABOVE if port + _PORTS_ABOVE <= _LAST_PORT else port - _PORTS_ABOVE


def own_address() -> str:
    """This machine's address in its network. Raises NoNetwork."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(_NOWHERE)
        except OSError as error:
            raise NoNetwork(
                f"This machine is in no network that a phone could be in, too ({error.strerror})."
            ) from error
        return str(probe.getsockname()[0])


def make_certificate(folder: Path, address: str) -> tuple[Path, Path]:
    """A certificate for an address, and its key, which only this user can read; made anew at each start."""
    key = ec.generate_private_key(ec.SECP256R1())
    now = datetime.now(UTC)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, f"Quantong on {address}")])
    names = [x509.IPAddress(ipaddress.ip_address(address)), x509.DNSName(socket.gethostname())]
    signed = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + _LASTS)
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    secret = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    certificate_file, key_file = folder / "certificate.pem", folder / "key.pem"
    certificate_file.write_bytes(signed.public_bytes(serialization.Encoding.PEM))
    key_file.touch(mode=0o600)
    key_file.write_bytes(secret)
    return certificate_file.resolve(), key_file.resolve()


def listener(web: Program, port: int, files: tuple[Path, Path]) -> Program:
    """The web server once more, for the network: one process of it, by https."""
    argv = _with(web.argv, {"--host": "0.0.0.0", "--port": str(port), "--workers": "1"})  # noqa: S104 - that is its use
    secured = ["--ssl-certificate", str(files[0]), "--ssl-keyfile", str(files[1]), "--ssl-protocol-min", "tls1.2"]
    return Program("lan", [*argv[:-1], *secured, argv[-1]], web.env)


def _with(argv: Sequence[str], values: dict[str, str]) -> list[str]:
    return [values.get(before, word) for before, word in zip(["", *argv], argv, strict=False)]
