"""Staff is written to: invitations and codes by e-mail, and at once where others have changed an account."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import psycopg
import pytest
from flask import Flask

from app.config import Settings
from app.factory import create_app
from app.signin.tasks import send_waiting_codes
from app.sms.inbox import Inbox
from app.staff.people import founding
from app.staff.tasks import send_waiting_letters
from tests.factories.api import Api
from tests.factories.districts import District, new_district, new_phone
from tests.factories.mail import MailServer, mail_server
from tests.factories.problems import check_problem
from tests.factories.sandboxes import new_sandbox
from tests.factories.shoppers import code_of
from tests.factories.staff import accept, hire, invite, new_email, secret_of, with_phone


@pytest.fixture(scope="module")
def mail() -> Iterator[MailServer]:
    with mail_server() as server:
        yield server


@pytest.fixture(scope="module")
def mailing(settings: Settings, app: Flask, mail: MailServer) -> Flask:
    """The product where e-mail leaves."""
    by_smtp = {"mail_sender": "smtp", "smtp_host": "127.0.0.1", "smtp_port": mail.port, "smtp_security": "none"}
    return create_app(replace(settings, mail_from="Quantong <q@example.com>", **by_smtp))  # type: ignore[arg-type]


@pytest.fixture
def here(mailing: Flask, settings: Settings) -> Iterator[District]:
    """A live district of it."""
    with mailing.app_context():
        yield new_district(Api.inside(mailing, settings.operator_key))


def test_an_invitation_goes_to_its_address_once(here: District, mail: MailServer) -> None:
    login = new_email()
    invitation = invite(here, "alliance_viewer", login=login).ok(201)
    assert invitation["sent_by"] == "email"
    send_waiting_letters()
    send_waiting_letters()
    [text] = mail.to(login)
    assert text.count(invitation["url"]) == 2, "in each language"
    name = here.api.get("/v1/districts", here.api.operator_key).ok(200)["data"][0]["name"]
    assert name in text
    accept(here.api, invitation["url"]).ok(201)


def test_where_no_e_mail_leaves_the_inviter_is_told(district: District, context: None, mail: MailServer) -> None:
    login = new_email()
    assert invite(district, "alliance_viewer", login=login).ok(201)["sent_by"] is None
    send_waiting_letters()
    assert mail.to(login) == []


def test_a_link_to_a_phone_is_handed_over(here: District) -> None:
    assert invite(here, "alliance_viewer", login=new_phone()).ok(201)["sent_by"] is None


def test_nothing_of_a_sandbox_leaves(here: District, mail: MailServer) -> None:
    sandbox, login = new_sandbox(here.api), new_email()
    assert invite(sandbox, "alliance_admin", login=login).ok(201)["sent_by"] is None
    admin, person = hire(sandbox), hire(sandbox)
    admin.call("POST", f"/v1/staff/{person.account_id}/second-factor/reset").ok(200)
    send_waiting_letters()
    assert mail.to(login) == mail.to(person.login) == []


def test_a_code_by_e_mail_signs_in_and_sets_a_password(here: District, mail: MailServer) -> None:
    person = hire(here, "alliance_viewer", strong=False)
    challenge = here.api.post("/v1/staff/codes", {"login": person.login}, None).ok(202)["challenge"]
    send_waiting_codes()
    assert code_of(challenge) in mail.to(person.login)[-1]
    body = {"challenge": challenge, "code": code_of(challenge)}
    opened = here.api.post("/v1/staff/sessions/by-code", body, None).ok(201)
    assert (opened["account_id"], opened["district_id"]) == (person.account_id, here.id)
    challenge = here.api.post("/v1/staff/codes", {"login": person.login}, None).ok(202)["challenge"]
    body = {"challenge": challenge, "code": code_of(challenge), "password": "another horse entirely"}
    here.api.post("/v1/staff/password-resets", body, None).ok(200)
    person.password = body["password"]
    person.sign_in().ok(201)


def test_without_e_mail_codes_go_to_phones(district: District, context: None) -> None:
    refused = district.api.post("/v1/staff/codes", {"login": new_email()}, None)
    assert check_problem(refused, 422).pointers == {"/login"}


def test_whose_second_factor_was_reset_hears_of_it_at_once(
    here: District, mail: MailServer, settings: Settings
) -> None:
    admin, by_mail, by_phone = hire(here), hire(here), with_phone(here)
    for person in (by_mail, by_phone):
        admin.call("POST", f"/v1/staff/{person.account_id}/second-factor/reset").ok(200)
    send_waiting_letters()
    [text] = [one for one in mail.to(by_mail.login) if "second factor" in one]
    assert "administrator" in text
    [told] = Inbox(settings.sms_inbox_file).newest(by_phone.login)
    assert told["code"] is None
    path = f"/v1/audit-entries?action=staff.second_factor_reset&subject_id={by_mail.account_id}"
    [entry] = here.api.get(path, here.key).ok(200)["data"]
    assert entry["actor"]["id"] == admin.account_id


def test_whom_the_operator_has_let_in_again_hears_of_it(here: District, mail: MailServer) -> None:
    person = hire(here)
    founding.recover(person.login)
    send_waiting_letters()
    assert "operator of the installation" in mail.to(person.login)[-1]


def test_what_a_server_can_t_take_now_comes_later_and_what_it_refuses_never(
    here: District, mail: MailServer, superuser: psycopg.Connection
) -> None:
    def come_again() -> None:
        superuser.execute("UPDATE staff_letters SET send_at = now() WHERE district_id = %s", (here.id[-32:],))
        send_waiting_letters()

    later, never = new_email(), new_email()
    mail.refuses = "451 later"
    url = invite(here, "alliance_viewer", login=later).ok(201)["url"]
    send_waiting_letters()
    mail.refuses = "550 nobody here"
    invite(here, "alliance_viewer", login=never).ok(201)
    kept = superuser.execute("SELECT sealed FROM staff_letters WHERE district_id = %s", (here.id[-32:],)).fetchall()
    assert len(kept) == 2
    assert all(secret_of(url).encode() not in row[0] for row in kept), "a link is kept sealed"
    superuser.execute(
        "UPDATE staff_letters SET send_at = 'infinity' WHERE district_id = %s AND sends > 0", (here.id[-32:],)
    )
    send_waiting_letters()
    mail.refuses = ""
    come_again()
    come_again()
    assert (len(mail.to(later)), len(mail.to(never))) == (1, 0)
