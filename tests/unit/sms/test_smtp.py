"""Letters go to a server by SMTP, encrypted; what it answers says whether to try again."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from app.config import Settings, SettingUnfit
from app.factory import create_app
from app.sms.mail import Letter, letter_with_code
from app.sms.port import NotSent
from app.sms.sender import mail_for, mail_of
from app.sms.smtp import NONE, STARTTLS, Smtp, SmtpServer
from tests.factories.certificates import self_signed
from tests.factories.clock import now
from tests.factories.mail import MailServer, mail_server

LETTER = Letter("ltr_1", "邀请 / Invitation", "您好\n\n.\nhello\n")
PLAIN = SmtpServer("127.0.0.1", 0, "圈通 <no-reply@example.com>", NONE)


def send(server: MailServer, **changes: object) -> None:
    Smtp(replace(PLAIN, port=server.port, **changes)).send_letter("w@example.com", LETTER)  # type: ignore[arg-type]


def test_a_letter_arrives_as_it_was_written() -> None:
    with mail_server() as server:
        send(server)
    [(to, letter)] = server.letters
    assert (to, letter["To"], letter["Subject"]) == ("w@example.com", "w@example.com", LETTER.subject)
    assert letter["From"] == "圈通 <no-reply@example.com>"
    assert letter["Message-ID"] == "<ltr_1@example.com>", "the same again where it is sent twice"
    assert letter["Auto-Submitted"] == "auto-generated"
    assert letter.get_content() == LETTER.text


def test_it_is_handed_in_encrypted_by_whoever_may(tmp_path: Path) -> None:
    shown, trusted = self_signed(tmp_path, "localhost")
    with mail_server(shown) as server:
        at = SmtpServer("localhost", server.port, "q@example.com", STARTTLS, "points", "secret")
        Smtp(at, clock=now, trusted=trusted).send_letter("w@example.com", LETTER)
        with pytest.raises(NotSent) as refused:
            Smtp(at).send_letter("w@example.com", LETTER)
    assert server.signed_in == ["points secret"]
    assert len(server.letters) == 1
    assert (refused.value.code, refused.value.may_pass) == ("SSLCertVerificationError", True)


def test_it_never_goes_in_the_clear_where_it_shall_not() -> None:
    with mail_server() as server, pytest.raises(NotSent) as refused:
        send(server, security=STARTTLS)
    assert not server.letters
    assert not refused.value.may_pass


@pytest.mark.parametrize(("answer", "may_pass"), [("550 nobody here", False), ("451 later", True)])
def test_what_a_server_refuses_is_tried_again_if_that_may_help(answer: str, may_pass: bool) -> None:
    with mail_server() as server:
        server.refuses = answer
        with pytest.raises(NotSent) as refused:
            send(server)
    assert (str(refused.value), refused.value.may_pass) == (f"smtp-{answer[:3]}", may_pass)
    assert not server.letters


def test_while_the_server_is_away_it_is_tried_again() -> None:
    with pytest.raises(NotSent) as refused:
        Smtp(replace(PLAIN, port=1)).send_letter("w@example.com", LETTER)
    assert refused.value.may_pass


@pytest.mark.usefixtures("context")
def test_a_letter_speaks_both_languages() -> None:
    letter = letter_with_code("chl_1", "123456")
    assert letter.text.count("123456") == 2
    assert "is your sign-in code" in letter.text
    assert any("一" <= sign <= "鿿" for sign in letter.subject)


def test_the_settings_say_how_letters_leave(settings: Settings) -> None:
    whole = replace(settings, mail_sender="smtp", smtp_host="localhost", mail_from="q@example.com")
    assert isinstance(mail_of(whole), Smtp)
    assert mail_for(whole, is_sandbox=True) is None, "those of a sandbox leave for no server"
    assert mail_for(replace(settings, mail_sender="inbox"), is_sandbox=True) is not None
    assert mail_of(settings) is None
    for lacking in ("smtp_host", "mail_from"):
        with pytest.raises(SettingUnfit, match=lacking.upper()):
            create_app(replace(whole, **{lacking: ""}))  # type: ignore[arg-type]
