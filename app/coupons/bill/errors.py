"""Refusals of what stands on a bill or on a coupon."""

from app.foundation.i18n import words as _l
from app.foundation.problems import DomainError


class CodeMistyped(DomainError):
    code, status, title = "code-mistyped", 422, _l("The coupon's code is mistyped")
