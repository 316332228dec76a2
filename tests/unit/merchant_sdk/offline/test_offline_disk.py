"""Files that can't be used: full, read-only, damaged, another's, gone."""

from __future__ import annotations

import errno
import os
import resource
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from merchant_sdk import OfflineQueue, SpoolDamaged, SpoolError, SpoolFull
from merchant_sdk._offline import spool
from merchant_sdk._offline.spool import MIGRATIONS, SpoolFile

LIMIT_BYTES = 300_000
NOTE = {"note": "x" * 400}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "queue.db"


def fill_up(queue: OfflineQueue, name: str = "A") -> int:
    """Keeps sales until there is no room; gives how many were kept."""
    for number in range(3000):
        try:
            queue.report(reference=f"{name}-{number:05d}", amount=1, metadata=NOTE)
        except SpoolFull as error:
            assert "no room" in str(error)
            return number
    raise AssertionError("it never was full")


def references(path: Path) -> list[str]:
    with closing(sqlite3.connect(path)) as db:
        assert db.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        return [reference for (reference,) in db.execute("SELECT reference FROM items ORDER BY id")]


def in_a_child(work: Callable[[], None]) -> None:
    """Does something that would harm this process, in a fork of it."""
    child = os.fork()
    if child == 0:
        try:
            work()
            os._exit(0)
        except BaseException as error:
            sys.stderr.write(f"{type(error).__name__}: {error}\n")
            os._exit(1)
    assert os.waitpid(child, 0)[1] == 0


def test_a_file_that_may_not_grow_keeps_what_it_said_it_kept(path: Path) -> None:
    with OfflineQueue(path) as queue:
        queue.report(reference="early", amount=1)

    def work() -> None:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (LIMIT_BYTES, LIMIT_BYTES))
        with OfflineQueue(path) as queue:
            count = fill_up(queue)
            assert count > 10
            assert queue.counts().waiting == count + 1
            count += fill_up(queue, "B")  # again, and still nothing half done
            assert queue.counts().waiting == count + 1
            Path(f"{path}.count").write_text(str(count))

    in_a_child(work)
    count = int(Path(f"{path}.count").read_text())
    assert len(references(path)) == count + 1
    with OfflineQueue(path) as queue:  # with room again it goes on
        queue.report(reference="late", amount=1)
        assert queue.counts().waiting == count + 2


@pytest.fixture
def small_disk() -> Iterator[Path]:
    """A disk of 512 KiB, mounted; without the right to mount, a folder and no disk."""
    folder = Path(tempfile.mkdtemp(prefix="quantong-disk-"))
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=512k", "tmpfs", folder], capture_output=True)
    try:
        yield folder / ("queue.db" if mounted.returncode == 0 else "no-disk")
    finally:
        if mounted.returncode == 0:
            subprocess.run(["umount", "-l", folder], check=True)
        shutil.rmtree(folder, ignore_errors=True)


def test_a_full_disk_keeps_what_it_said_it_kept(small_disk: Path) -> None:
    if small_disk.name == "no-disk":
        return  # the limit of the test above shows the same to who may not mount
    ballast = small_disk.with_name("ballast")
    with OfflineQueue(small_disk) as queue:
        ballast.write_bytes(b"x" * 100_000)
        count = fill_up(queue)
        assert count > 10
        assert queue.counts().waiting == count
    assert references(small_disk) == [f"A-{number:05d}" for number in range(count)]
    ballast.unlink()
    with OfflineQueue(small_disk) as queue:
        queue.report(reference="late", amount=1)
        assert queue.counts().waiting == count + 1


def test_a_disk_too_full_to_begin(small_disk: Path) -> None:
    if small_disk.name == "no-disk":
        return
    ballast = small_disk.with_name("ballast").open("wb", buffering=0)
    with ballast, pytest.raises(OSError, match="No space left"):
        while True:
            ballast.write(b"x" * 1024)
    with pytest.raises(SpoolFull, match="no room"):
        OfflineQueue(small_disk)


def test_a_disk_that_may_not_be_written(small_disk: Path) -> None:
    if small_disk.name == "no-disk":
        return
    with OfflineQueue(small_disk) as queue:
        queue.report(reference="early", amount=1)
    subprocess.run(["mount", "-o", "remount,ro", small_disk.parent], check=True)
    with pytest.raises(SpoolError, match=r"can't be used"), OfflineQueue(small_disk) as queue:
        queue.report(reference="late", amount=1)
    subprocess.run(["mount", "-o", "remount,rw", small_disk.parent], check=True)
    assert references(small_disk) == ["early"]


@pytest.mark.parametrize(
    ("number", "kind"), [(errno.ENOSPC, SpoolFull), (errno.EDQUOT, SpoolFull), (errno.EACCES, SpoolError)]
)
def test_a_folder_that_refuses(path: Path, monkeypatch: pytest.MonkeyPatch, number: int, kind: type[Exception]) -> None:
    def refuse(*_: object) -> int:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(spool.os, "open", refuse)
    with pytest.raises(SpoolError) as raised:
        OfflineQueue(path)
    assert type(raised.value) is kind
    assert str(path) in str(raised.value)


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(SpoolError, match="No such file or directory"):
        OfflineQueue(tmp_path / "no" / "queue.db")
    assert not (tmp_path / "no").exists()


def test_a_folder_in_its_place(tmp_path: Path) -> None:
    with pytest.raises(SpoolError, match="can't be used"):
        OfflineQueue(tmp_path)


def test_a_failed_write_is_undone(path: Path) -> None:
    with OfflineQueue(path) as queue:
        with pytest.raises(SpoolError), queue._spool.writing() as db:
            db.execute("DELETE FROM lease")
            db.execute("INSERT INTO nothing VALUES (1)")
        with pytest.raises(KeyboardInterrupt), queue._spool.writing() as db:
            db.execute("DELETE FROM lease")
            raise KeyboardInterrupt
        with queue._spool.reading() as db:
            assert db.execute("SELECT count(*) FROM lease").fetchone() == (1,)


def test_text_in_its_place_is_refused_and_left_alone(path: Path) -> None:
    text = b"What is this?\n" * 100
    path.write_bytes(text)
    with pytest.raises(SpoolDamaged, match="damaged"):
        OfflineQueue(path)
    assert path.read_bytes() == text


def test_an_empty_file_is_a_queue_that_was_just_begun(path: Path) -> None:
    path.touch()
    with OfflineQueue(path) as queue:
        assert queue.counts().waiting == 0


@pytest.mark.parametrize("page", [2, 3, 4])
def test_a_damaged_page_is_noticed(path: Path, page: int) -> None:
    with OfflineQueue(path) as queue:
        for number in range(50):
            queue.report(reference=f"A-{number}", amount=1, metadata=NOTE)
    damaged = bytearray(path.read_bytes())
    damaged[(page - 1) * 4096 : page * 4096] = b"\xff" * 4096
    path.write_bytes(damaged)
    with pytest.raises(SpoolDamaged, match="damaged"):
        OfflineQueue(path)
    assert path.read_bytes() == bytes(damaged)


def test_another_program_s_database_is_left_alone(path: Path) -> None:
    with closing(sqlite3.connect(path)) as db:
        db.execute("CREATE TABLE receipts (id)")
    before = path.read_bytes()
    with pytest.raises(SpoolError, match="another program"):
        OfflineQueue(path)
    assert path.read_bytes() == before


def test_a_newer_version_s_file_is_left_alone(path: Path) -> None:
    with OfflineQueue(path) as queue:
        queue.report(amount=1)
    with closing(sqlite3.connect(path)) as db:
        db.execute(f"PRAGMA user_version = {len(MIGRATIONS) + 1}")
    with pytest.raises(SpoolError, match="newer version"):
        OfflineQueue(path)


def test_an_older_version_s_file_is_brought_up_to_date(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with OfflineQueue(path) as queue:
        queue.report(amount=1)
    monkeypatch.setattr(spool, "MIGRATIONS", (*MIGRATIONS, "ALTER TABLE items ADD COLUMN colour TEXT; "))
    with OfflineQueue(path) as queue:
        assert queue.counts().waiting == 1
    with closing(sqlite3.connect(path)) as db:
        assert db.execute("PRAGMA user_version").fetchone() == (len(MIGRATIONS) + 1,)
        db.execute("SELECT colour FROM items")


def test_a_file_that_is_removed_or_replaced_is_noticed(path: Path, caplog: pytest.LogCaptureFixture) -> None:
    with OfflineQueue(path) as queue:
        queue.report(reference="lost", amount=1)
        for name in list(path.parent.iterdir()):
            name.unlink()
        queue.report(reference="kept", amount=1)
        assert references(path) == ["kept"]
    assert "removed or replaced" in caplog.text


def test_who_holds_the_file_for_too_long(path: Path) -> None:
    OfflineQueue(path).close()
    waiting = SpoolFile(path, patience_seconds=0.05)
    with closing(sqlite3.connect(path, isolation_level=None)) as db:
        db.execute("BEGIN IMMEDIATE")
        with pytest.raises(SpoolError, match="held by another program"), waiting.writing():
            pass
    with waiting.writing():
        pass
    waiting.close()
