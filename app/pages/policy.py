"""What browsers may do with a page, said in headers: load and run nothing but ours, be framed by nobody, keep nothing."""

from __future__ import annotations

from flask import Response

_POLICY = (
    "default-src 'none'; script-src 'self'{wasm}; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; manifest-src 'self'; worker-src 'self'; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'; object-src 'none'"
)
_PERMISSIONS = "camera={camera}, microphone=(), geolocation=()"


def add_policy(response: Response, *, reads_codes: bool = False) -> None:
    """Adds the headers; `reads_codes`: a page with a camera and the WebAssembly that reads codes in its pictures.

    What the response says by itself stays, such as how long it may be kept.
    """
    headers = response.headers
    headers.setdefault("Content-Security-Policy", _POLICY.format(wasm=" 'wasm-unsafe-eval'" if reads_codes else ""))
    headers.setdefault("Permissions-Policy", _PERMISSIONS.format(camera="(self)" if reads_codes else "()"))
    headers.setdefault("Cross-Origin-Opener-Policy", "same-origin")
    headers.setdefault("Referrer-Policy", "same-origin")
    headers.setdefault("X-Content-Type-Options", "nosniff")
    headers.setdefault("Cache-Control", "no-store")
    if response.mimetype == "text/html":
        headers.setdefault("Vary", "Accept-Language, Cookie")
