"""`/sms-inbox`: the messages of the inbox, where the settings have one; elsewhere there is no such address."""

from __future__ import annotations

import orjson
from flask import Blueprint, Flask, Response, request

from app.config import Settings
from app.sms.inbox import Inbox
from app.sms.sender import mail_of, sender_of

PATH = "/sms-inbox"


def open_inbox(app: Flask, settings: Settings) -> None:
    """Adds the page if messages go to the inbox. Raises SettingMissing where a way to send lacks a setting."""
    ways = (sender_of(settings), mail_of(settings))
    inbox = next((way for way in ways if isinstance(way, Inbox)), None)
    if inbox is not None:
        app.register_blueprint(_pages(inbox))


def _pages(inbox: Inbox) -> Blueprint:
    pages = Blueprint("sms_inbox", __name__)

    @pages.get(PATH)
    def show() -> Response:
        """The newest messages; with `phone` those to one phone, with or without its country code, with `email` to one address."""
        wanted = request.args.get("phone", "").strip(" +") or request.args.get("email", "")
        messages = inbox.newest(wanted)
        body = orjson.dumps({"object": "list", "data": messages, "has_more": False}, option=orjson.OPT_INDENT_2)
        return Response(body, content_type="application/json", headers={"Cache-Control": "no-store"})

    return pages
