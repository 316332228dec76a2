"""`/v1/figures`."""

from __future__ import annotations

from app.foundation.database.unit_of_work import UnitOfWork
from app.foundation.http.answers import Answer
from app.foundation.http.routing import Call, Routes
from app.insights import answers, schemas
from app.insights.present import show_figures, show_now, show_silent

figures = Routes("figures", __name__, url_prefix="/v1/figures")
ROOMS = (figures,)


@figures.serve("GET", "", scope="figures:read", query=schemas.FiguresQuery(), answers={200: answers.FIGURES_ANSWER})
def read_figures(uow: UnitOfWork, call: Call) -> Answer:
    """Read a figure by period, shop or kind, of the stores that the key acts for.

    What is the alliance's alone (members, points that members hold, end or carry from shop to shop) is refused to merchants.
    Some seconds behind what happens. `mark`: `ok`; `open` while the period runs; `provisional` while sales may still come late;
    `too-few` where a merchant would learn of fewer than ten of members' sales; `no-source` where there is nothing to divide by.
    """
    query = call.query
    return Answer(show_figures(uow, query["code"], query["from"], query["to"], query["by"]))


@figures.serve("GET", "/now", scope="figures:read", query=schemas.NowQuery(), answers={200: answers.NOW_ANSWER})
def read_figures_now(uow: UnitOfWork, call: Call) -> Answer:
    """Compare today with the same weekday of last week until the same minute, of the stores that the key acts for.

    More `days`, up to now, are compared with as many before. `members.enrolled`: with a merchant's key those whom it enrolled.
    """
    return Answer(show_now(uow, int(call.query["days"])))


@figures.serve(
    "GET", "/silent-shops", scope="figures:read", query=schemas.SilentQuery(), answers={200: answers.SILENT_SHOPS}
)
def list_silent_shops(uow: UnitOfWork, call: Call) -> Answer:
    """List shops gone silent: those that have sold before, but not for some hours; of the stores that the key acts for."""
    return Answer(show_silent(uow, call.query["hours"]))
