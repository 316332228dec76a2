from __future__ import annotations

import json
from datetime import date

import httpx
import pytest

from merchant_sdk import Client, Conflict


def client(handle: httpx.MockTransport) -> Client:
    return Client("k", "http://quantong.test", transport=handle)


def test_people_go_in_batches_and_come_back_in_their_places() -> None:
    sent = []

    def answer(request: httpx.Request) -> httpx.Response:
        assert request.url.path == "/v1/members/batch"
        people = json.loads(request.content)["members"]
        sent.append(people)
        results = [
            {"index": index, "status": 201, "member": {"object": "member", "id": f"mem_{person['phone']}"}}
            if person["phone"] != "3"
            else {"index": index, "status": 409, "problem": {"code": "identity-taken", "status": 409}}
            for index, person in enumerate(people)
        ]
        return httpx.Response(200, json={"object": "batch", "results": results})

    people = [{"phone": str(number), "birthday": date(1990, 5, 1), "name": None} for number in range(5)]
    told: list[int] = []
    results = list(
        client(httpx.MockTransport(answer)).members.enrol_batch(
            people, batch_size=2, workers=1, on_progress=told.append
        )
    )
    assert [len(batch) for batch in sent] == [2, 2, 1]
    assert sent[0][0] == {"phone": "0", "birthday": "1990-05-01"}
    assert [(one.index, one.phone, one.status) for one in results][3] == (3, "3", 409)
    assert results[4].member is not None and results[4].member.id == "mem_4"
    assert isinstance(results[3].error, Conflict) and results[4].error is None
    assert told == [2, 4, 5]
    assert "'4'" not in repr(results[4])


def test_a_misspelt_field_is_refused_before_anything_is_sent() -> None:
    nobody = httpx.MockTransport(lambda request: httpx.Response(500))
    with pytest.raises(TypeError, match="fone"):
        list(client(nobody).members.enrol_batch([{"fone": "1"}]))
