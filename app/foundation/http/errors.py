"""The one mapper from what went wrong to `application/problem+json`, and the request id on every answer."""

from __future__ import annotations

import logging
import re

import uuid_utils
from flask import Flask, Response, g, request
from psycopg import errors as pg
from werkzeug.exceptions import HTTPException

from app.foundation.database.db import UNAVAILABLE
from app.foundation.database.unit_of_work import Overtaken
from app.foundation.http.answers import Whole, respond_with_problem
from app.foundation.i18n import words as _l
from app.foundation.problems import (
    BadRequest,
    BodyTooLarge,
    Busy,
    Conflict,
    DomainError,
    InternalError,
    MethodNotAllowed,
    NotFound,
)

log = logging.getLogger("quantong")
_REQUEST_ID = re.compile(r"[\w.:-]{1,100}", re.ASCII)


def register_errors(app: Flask) -> None:
    """Gives every request an id and every error a problem."""
    app.before_request(_name_request)
    app.after_request(_add_request_id)
    app.register_error_handler(DomainError, respond_with_problem)
    app.register_error_handler(HTTPException, _http_error)
    app.register_error_handler(Exception, _unexpected)


def _name_request() -> None:
    given = request.headers.get("Request-Id", "")
    g.request_id = given if _REQUEST_ID.fullmatch(given) else uuid_utils.uuid7().hex


def _add_request_id(response: Response) -> Response:
    if not isinstance(response, Whole):
        response.headers["Request-Id"] = g.get("request_id", "")
    return response


def _http_error(error: HTTPException) -> Response:
    return respond_with_problem(_problem_of_http(error))


def _problem_of_http(error: HTTPException) -> DomainError:
    match error.code:
        case 404:
            return NotFound(_l("There is nothing at this address."))
        case 405:
            allowed = ", ".join(sorted(getattr(error, "valid_methods", None) or []))
            return MethodNotAllowed(headers={"Allow": allowed})
        case 413:
            return BodyTooLarge()
        case code if code is not None and code < 500:
            return BadRequest()
        case _:
            return InternalError()


def _unexpected(error: Exception) -> Response:
    return respond_with_problem(problem_of(error))


def problem_of(error: Exception) -> DomainError:
    """What a caller is told of whatever went wrong; what nobody expected goes into the log."""
    if isinstance(error, DomainError):
        return error
    if isinstance(error, HTTPException):
        return _problem_of_http(error)
    if isinstance(error, pg.UniqueViolation):
        return Conflict()
    if isinstance(error, (*UNAVAILABLE, Overtaken)):
        log.warning("nothing was done (%s) in request %s", type(error).__name__, g.get("request_id"))
        return Busy(headers={"Retry-After": "1"})
    log.exception("unexpected error in request %s", g.get("request_id"))
    return InternalError()
