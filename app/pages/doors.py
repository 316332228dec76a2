"""Doors: sets of pages for one kind of people, and the one decorator that makes a function a page.

A view is `view(uow, visit, **path)` and gives a page, the way to another, or figures for a script. Around it, in this
order: the reader's language, whether one of our pages has sent this, who comes, its limit, the form, the unit of work.

    @shopper.page("/me/name", signed_in=True)
    def name(uow: UnitOfWork, visit: Visit) -> WebPage: …

    @shopper.act("/me/name", form=NameForm(), again=name, audit="member.changed")
    def change_name(uow: UnitOfWork, visit: Visit) -> Go: …

What a form gets wrong is shown by the page `again`, with the texts that were sent and each flaw at its field. A form with
a hidden field `once` (macro `once()`) is done once, however often it is sent.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from flask import Blueprint, Response, g, request
from marshmallow import Schema

from app.foundation.database import idempotency
from app.foundation.database.idempotency import StoredAnswer
from app.foundation.database.once import Once, ToStore, do_once
from app.foundation.database.unit_of_work import UnitOfWork
from app.foundation.http import auditing
from app.foundation.http.answers import respond_with_problem
from app.foundation.http.errors import problem_of
from app.foundation.http.fields import Nothing
from app.foundation.http.limits import rate_limit
from app.foundation.http.uploads import Upload
from app.foundation.jobs import queue
from app.foundation.metrics import PROBLEMS
from app.foundation.problems import DomainError, NotFound, Unauthorized
from app.foundation.tenancy import Principal
from app.pages import forms, languages
from app.pages.forms import Form, Readers
from app.pages.origin import check_origin
from app.pages.outcomes import Go, Handed, Refused, WebPage, add_cookies
from app.pages.policy import add_policy

ONCE = "once"
_NOTHING = Nothing()
_PLACE = re.compile(r"<[^>]*?(\w+)>")
Path = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Visit:
    """A request for a page whose sender is known: the principal, and the form as it was sent and as it was checked."""

    principal: Principal
    path: Path
    form: Form = field(default_factory=Form)
    body: dict[str, Any] = field(default_factory=dict)
    upload: Upload | None = None

    @property
    def is_signed_in(self) -> bool:
        """Whether it is somebody, not anybody."""
        return self.principal.kind != "visitor"

    def asked(self, name: str) -> str:
        """A value of the query string."""
        return request.args.get(name, "").strip()


View = Callable[..., Handed]
Frame = Callable[[UnitOfWork, Visit], Mapping[str, Any]]
Caller = Callable[[Path], Principal]
Elsewhere = Callable[[DomainError, Path], str | None]
Guard = Callable[[str, Visit], None]
"""Raises what keeps somebody from acting by a rule, though it may look."""


@dataclass(frozen=True, slots=True)
class PageSpec:
    """What a page promises. `signed_in`: a visitor is refused (Unauthorized). `audit`: as in RouteSpec.

    `form`, `readers`: what is sent, and how texts become values; `again`: the page that shows what is wrong with it.
    `is_data`: for scripts; its refusals are problems, not pages. `own_transaction`: the view is `view(visit, **path)`.
    `takes_file`: the form brings a file, which comes as `visit.upload`.
    """

    method: str
    rule: str
    signed_in: bool = True
    form: Schema = _NOTHING
    readers: Readers | None = None
    again: View | None = None
    audit: str | None = None
    is_data: bool = False
    own_transaction: bool = False
    takes_file: bool = False


class Door(Blueprint):
    """Pages for one kind of people.

    `caller` tells who comes; `frame` gives what stands around every page of theirs; `elsewhere` where a refusal leads,
    such as to the sign-in, if anywhere; `guard` what keeps from acting. `reads_codes`: its pages may use the camera.
    """

    def __init__(
        self,
        name: str,
        import_name: str,
        *,
        url_prefix: str,
        caller: Caller,
        frame: Frame,
        elsewhere: Elsewhere = lambda error, path: None,
        guard: Guard = lambda rule, visit: None,
        reads_codes: bool = False,
    ) -> None:
        super().__init__(name, import_name, url_prefix=url_prefix)
        self.caller, self.frame, self.elsewhere, self.guard = caller, frame, elsewhere, guard
        self.reads_codes = reads_codes
        self.specs: list[PageSpec] = []
        self.before_request(languages.hear)
        self.after_request(self._finish)
        self.register_error_handler(Exception, self._refuse)
        self.add_url_rule("/<path:anything>", "nothing", _nothing, methods=["GET", "POST"])

    def page(self, rule: str, **options: Any) -> Callable[[View], View]:
        """Declares what is shown; see PageSpec for the options."""
        return self._serve("GET", rule, options)

    def data(self, rule: str, **options: Any) -> Callable[[View], View]:
        """Declares what is told to scripts."""
        return self._serve("GET", rule, {**options, "is_data": True})

    def act(self, rule: str, **options: Any) -> Callable[[View], View]:
        """Declares what is done by a form."""
        return self._serve("POST", rule, options)

    def _serve(self, method: str, rule: str, options: dict[str, Any]) -> Callable[[View], View]:
        def decorate(view: View) -> View:
            spec = PageSpec(method, rule, **options)
            self.specs.append(spec)

            def handle(**path: str) -> Response:
                return self._handle(spec, view, path)

            self.add_url_rule(rule, view.__name__, handle, methods=[method])
            return view

        return decorate

    def _handle(self, spec: PageSpec, view: View, path: Path) -> Response:
        g.page_spec = spec
        check_origin(request)
        principal = self.caller(path)
        g.principal = principal
        if principal.kind != "visitor":
            rate_limit.check(principal)
        elif spec.signed_in:
            raise Unauthorized
        visit = Visit(principal, path)
        if spec.method == "GET":
            return self._respond(*self._done(spec, view, visit))
        texts, upload = forms.sent_file() if spec.takes_file else (forms.sent_texts(), None)
        return self._act(spec, view, replace(visit, form=Form(texts), upload=upload))

    def _act(self, spec: PageSpec, view: View, visit: Visit) -> Response:
        try:
            self.guard(spec.rule, visit)
            body = forms.read(spec.form, visit.form.texts, spec.readers)
            outcome, frame = self._done(spec, view, replace(visit, body=body))
            if isinstance(outcome, Refused):
                raise outcome.error
        except DomainError as error:
            if spec.again is None or self.elsewhere(error, visit.path) is not None:
                raise
            PROBLEMS.labels(error.code).inc()
            flawed = replace(visit, form=replace(visit.form, error=error))
            outcome, frame = self._done(PageSpec("GET", spec.rule), spec.again, flawed)
            if isinstance(outcome, WebPage):
                outcome = replace(outcome, status=error.status)
        return self._respond(outcome, frame)

    def _done(self, spec: PageSpec, view: View, visit: Visit) -> tuple[Handed, Mapping[str, Any]]:
        """What a view gives, and what stands around it."""
        if spec.own_transaction:
            return view(visit, **visit.path), {}

        def work(uow: UnitOfWork) -> tuple[Handed, Mapping[str, Any]]:
            outcome = view(uow, visit, **visit.path)
            if spec.audit is not None and outcome.audited is not None and not isinstance(outcome, Refused):
                auditing.keep_entry(uow, spec.audit, spec.form, visit.body, visit.path, None, outcome.audited)
            frame = {**self.frame(uow, visit), "form": visit.form} if isinstance(outcome, WebPage) else {}
            return outcome, frame

        return do_once(visit.principal, work, _once(spec, visit), origin=auditing.origin_of_request())

    def _respond(self, outcome: Handed, frame: Mapping[str, Any]) -> Response:
        if outcome.jobs:
            queue.put_jobs(outcome.jobs)
        response = outcome.respond({"door": self.name, **frame})
        response.headers.update(outcome.headers)
        add_cookies(response, outcome.cookies)
        return response

    def _refuse(self, error: Exception) -> Response:
        """A problem as a page; as a problem to scripts."""
        problem = problem_of(error)
        spec: PageSpec | None = g.get("page_spec")
        if spec is not None and spec.is_data:
            return respond_with_problem(problem)
        PROBLEMS.labels(problem.code).inc()
        path = request.view_args or {}
        elsewhere = self.elsewhere(problem, path)
        if elsewhere is not None:
            return Go(elsewhere).respond({})
        home = _PLACE.sub(lambda place: str(path[place[1]]), self.url_prefix or "")
        values = {"problem": problem, "home": f"{home}/"}
        response = WebPage("pages/error.html", values, problem.status).respond({"door": self.name, "form": Form()})
        response.headers.update(problem.headers)
        return response

    def _finish(self, response: Response) -> Response:
        languages.remember(response)
        add_policy(response, reads_codes=self.reads_codes)
        return response


def _nothing(**_path: str) -> Response:
    raise NotFound


def new_once() -> str:
    """A fresh text by which a form that is sent twice is known again."""
    return secrets.token_urlsafe(16)


def _once(spec: PageSpec, visit: Visit) -> Once[tuple[Handed, Mapping[str, Any]]] | None:
    """The idempotency key of a form, if it has one. Only the way to another page is kept under it."""
    key = visit.form.texts.get(ONCE, "")
    if spec.method != "POST" or not 1 <= len(key) <= idempotency.MAX_KEY_LENGTH - len(ONCE):
        return None

    def to_store(done: tuple[Handed, Mapping[str, Any]]) -> ToStore | None:
        outcome = done[0]
        return (303, {"to": outcome.to}) if isinstance(outcome, Go) and not outcome.cookies else None

    def again(_uow: UnitOfWork, stored: StoredAnswer) -> tuple[Handed, Mapping[str, Any]]:
        return Go(stored.answer["to"]), {}

    sent = visit.body or visit.form.texts.to_dict(flat=False)
    return Once(ONCE + key, idempotency.fingerprint(request.method, request.path, sent), to_store, again)
