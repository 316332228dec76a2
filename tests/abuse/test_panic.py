"""When keys are in wrong hands: one command ends them all, and shows what replaces them to nobody else."""

from __future__ import annotations

import json
import stat
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import psycopg
import pytest

from app.config import Settings
from app.districts import api_keys
from app.districts import queries as districts
from app.foundation.database.unit_of_work import unit_of_work
from app.foundation.tenancy import system_principal
from app.panic import end_everything
from tests.conftest import ROOT, environment_of
from tests.factories.checksums import checksums
from tests.factories.districts import District
from tests.factories.processes import wait_until
from tests.factories.shoppers import sign_in
from tests.factories.staffed_tills import open_till

pytestmark = pytest.mark.usefixtures("context")


def panic(settings: Settings, *words: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "app.cli", "panic", *words]
    return subprocess.run(command, env=environment_of(settings), cwd=ROOT, capture_output=True, text=True, check=False)


def is_in(district: District, secret: str) -> bool:
    return district.api.get("/v1/members?limit=1", secret).status != 401


def is_signed_in(district: District, tokens: Any) -> bool:
    return district.api.get("/v1/me", tokens["access_token"]).status != 401


def test_every_key_and_session_of_the_district_ends(
    district: District, other_district: District, settings: Settings, tmp_path: Path
) -> None:
    """Alliance, merchants and stores, old secrets in their overlap, shoppers and their code keys; nobody else's."""
    api = district.api
    rotated = api.post("/v1/api-keys", {"name": "old"}, district.key).ok(201)
    new = api.post(f"/v1/api-keys/{rotated['id']}/rotate", None, district.key).ok(200)["secret"]
    store = district.store_key(district.shop)
    secrets = [district.key, district.shop.key, store, rotated["secret"], new]
    here, elsewhere = sign_in(district), sign_in(other_district)
    api.get("/v1/me/code-key", here["access_token"]).ok(200)
    done = panic(settings, "--district", district.id, "--output", str(tmp_path / "keys"))
    assert (done.returncode, done.stdout) == (0, ""), done.stderr
    assert wait_until(lambda: not any(is_in(district, one) for one in secrets))
    assert wait_until(lambda: not is_signed_in(district, here))
    assert api.post("/v1/auth/refresh", {"refresh_token": here["refresh_token"]}, None).status == 401
    assert is_in(other_district, other_district.key)
    assert is_signed_in(other_district, elsewhere)


def test_the_way_back_is_a_new_key_of_the_alliance(
    district: District, settings: Settings, tmp_path: Path, superuser: psycopg.Connection
) -> None:
    """It stands in a new file that only its owner reads, may everything, and finds the panic in the audit log."""
    path = tmp_path / "keys"
    panic(settings, "--district", district.id, "--output", str(path))
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    [made] = json.loads(path.read_text())["keys"]
    assert (made["scopes"], made["merchant_id"]) == (["*"], None)
    [entry] = district.api.get("/v1/audit-entries?action=district.keys_ended", made["secret"]).ok(200)["data"]
    assert entry["details"] == {"keys": 3, "sessions": 0, "tills": 0, "new_keys": 1}
    remade = district.api.post("/v1/api-keys", {"name": "x", "merchant_id": district.shop.merchant_id}, made["secret"])
    assert is_in(district, remade.ok(201)["secret"])


def test_shops_get_keys_like_their_old_ones_if_that_is_wanted(
    district: District, settings: Settings, tmp_path: Path
) -> None:
    """One call makes those of merchants and stores anew, each with what it was."""
    store = district.store_key(district.other_shop, scopes=["members:read"])
    panic(settings, "--district", district.id, "--shops", "--output", str(tmp_path / "keys"))
    made = json.loads((tmp_path / "keys").read_text())["keys"]
    by_shop = {one["merchant_id"] or one["store_id"]: one for one in made}
    assert by_shop.keys() == {
        None,
        district.shop.merchant_id,
        district.other_shop.merchant_id,
        district.other_shop.store_id,
    }
    assert by_shop[district.other_shop.store_id]["scopes"] == ["members:read"]
    assert all(is_in(district, one["secret"]) for one in made)
    assert store not in str(made)


def test_secrets_go_into_no_pipe(
    district: District, settings: Settings, tmp_path: Path, superuser: psycopg.Connection
) -> None:
    """Without a terminal and without a new file nothing is shown, and nothing is done."""
    (tmp_path / "there").touch()
    before = checksums(superuser, district.id)
    for more in ((), ("--output", str(tmp_path / "there")), ("--output", str(tmp_path / "no" / "keys"))):
        done = panic(settings, "--district", district.id, *more)
        assert (done.returncode, done.stdout) == (2, "")
        assert "sk_live_" not in done.stderr
    assert checksums(superuser, district.id) == before
    assert is_in(district, district.key)


@pytest.mark.parametrize(
    ("wrong", "words"), [("dis_" + "9" * 32, "There is no such thing here"), ("hubin", "--district is an id")]
)
def test_a_district_that_is_not_there_leaves_no_file(
    settings: Settings, tmp_path: Path, wrong: str, words: str
) -> None:
    """A slip of the pen ends nobody's keys."""
    done = panic(settings, "--district", wrong, "--output", str(tmp_path / "keys"))
    assert done.returncode != 0
    assert words in done.stderr
    assert len(done.stderr.splitlines()) < 6
    assert list(tmp_path.iterdir()) == []


def test_no_key_is_made_beside_a_panic(app: Any, district: District, superuser: psycopg.Connection) -> None:
    """A key under way is waited for and ended too; none is made by a key that has just ended."""
    ended: list[int] = []

    def other() -> None:
        with app.app_context():
            ended.append(end_everything(district.id).keys)

    with unit_of_work(system_principal(district.id)) as uow:
        _, late = api_keys.create(uow, district=districts.district(uow), name="late")
        thread = threading.Thread(target=other)
        thread.start()
        query = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query LIKE '%FOR UPDATE%'"
        assert wait_until(lambda: superuser.execute(query).fetchone() != (0,))
    thread.join()
    assert ended == [4]
    assert not is_in(district, late)


def test_a_panic_revokes_tills(district: District, settings: Settings, tmp_path: Path) -> None:
    """Browsers that were tills do nothing any more."""
    till = open_till(district, district.shop.store_id)
    panic(settings, "--district", district.id, "--output", str(tmp_path / "keys"))
    assert wait_until(lambda: till.call("GET", "/v1/till").status == 401)
    assert till.call("POST", "/v1/transactions", {"reference": "P1", "amount": 100}).status == 401
