"""A file as the body of a request: its bytes alone, or one part of a form as browsers send it (RFC 7578)."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask import request
from werkzeug.formparser import FormDataParser

from app.foundation.i18n import words as _l
from app.foundation.problems import BadRequest, UnsupportedMediaType, ValidationFailed

SHEET = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
FORM = "multipart/form-data"
TABLES = ("text/csv", "text/plain", "text/tab-separated-values", "application/vnd.ms-excel", SHEET)
"""What tables are called; Windows calls CSV by the name of its spreadsheets."""
ANY = "application/octet-stream"
MOST_BYTES = 8 << 20
_MOST_PARTS = 40
_MOST_OF_FIELDS = 1 << 18
"""Bytes of all fields beside the file; the parser holds what it takes at once (64 KiB) against it too, with what is left over."""


@dataclass(frozen=True, slots=True)
class Upload:
    """A file that was sent, and the name that it had there, if any."""

    content: bytes
    name: str = ""

    def as_compared(self, said: Mapping[str, Any]) -> dict[str, Any]:
        """What an idempotency key compares of it, and of what was said with it."""
        return {**said, "content": hashlib.sha256(self.content).hexdigest()}


def check_upload_type() -> None:
    """Raises UnsupportedMediaType for what isn't said to be a table."""
    if request.mimetype not in (*TABLES, ANY, FORM):
        raise UnsupportedMediaType(_l("Send the file as text/csv or XLSX, or as the part `file` of a form."))
    if request.headers.get("Content-Encoding", "identity").lower() != "identity":
        raise UnsupportedMediaType(_l("The body is sent as it is, without a Content-Encoding."))


def take_apart(data: bytes) -> tuple[Upload, dict[str, str]]:
    """The file of a body, and the fields that came beside it. Raises ValidationFailed, BadRequest."""
    upload, fields = _parts(data) if request.mimetype == FORM else (Upload(data), {})
    if not upload.content:
        raise ValidationFailed.at("/file", "required", _l("The file is empty."))
    return upload, fields


def _parts(data: bytes) -> tuple[Upload, dict[str, str]]:
    parser = FormDataParser(max_form_memory_size=_MOST_OF_FIELDS, max_form_parts=_MOST_PARTS, silent=False)
    try:
        _, fields, files = parser.parse(io.BytesIO(data), FORM, len(data), request.mimetype_params)
    except Exception as error:
        raise BadRequest(_l("The form can't be read.")) from error
    part = files.get("file")
    if part is None:
        raise ValidationFailed.at("/file", "required", _l("A part `file` is needed."))
    return Upload(part.read(), part.filename or ""), fields.to_dict()
