"""Where the embedded servers find their binaries and keep their data, also as root, whom PostgreSQL refuses."""

from __future__ import annotations

import hashlib
import importlib.util
import os
import pwd
import shutil
import stat
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

SERVANT = "nobody"
"""Who runs the servers when we are root."""


@dataclass(frozen=True, slots=True)
class Place:
    """`data` exists, is empty or ours, and belongs to `user` (None: whoever we are), who can execute `binaries`."""

    data: Path
    binaries: Path
    user: str | None


def package_folder(name: str) -> Path:
    """The folder of an installed package. Raises RuntimeError if it isn't installed."""
    spec = importlib.util.find_spec(name)
    if spec is None or spec.origin is None:
        raise RuntimeError(f"the package {name} is not installed; `make setup` installs it")
    return Path(spec.origin).parent


def place_for(data: Path, binaries: Path, libraries: Path | None = None) -> Place:
    """Prepares a data folder, and binaries (a folder, with a folder of libraries beside it) for who will run them.

    As root the servant may not reach a folder of ours: then the data is kept under /var/tmp, the wanted folder is a
    link to it, and the binaries are copied beside it.
    """
    data.parent.mkdir(parents=True, exist_ok=True)
    if os.geteuid() != 0:
        data.mkdir(mode=0o700, exist_ok=True)
        return Place(data.resolve(), binaries, None)
    if not data.is_symlink() and not _is_open_to_all(data.parent.resolve()):
        elsewhere = Path(tempfile.mkdtemp(prefix="quantong-", dir=_open_folder()))
        data.symlink_to(elsewhere)
    real = data.resolve()
    real.mkdir(mode=0o700, exist_ok=True)
    _give_to_servant(real)
    return Place(real, binaries if _is_open_to_all(binaries) else _copied(binaries, libraries), SERVANT)


def _open_folder() -> Path:
    return Path("/var/tmp")  # noqa: S108 - kept over restarts, open to all, and we make 0700 folders in it


def _is_open_to_all(folder: Path) -> bool:
    return all(path.stat().st_mode & stat.S_IXOTH for path in (folder, *folder.parents))


def _give_to_servant(folder: Path) -> None:
    account = pwd.getpwnam(SERVANT)
    if folder.stat().st_uid != account.pw_uid:
        os.chown(folder, account.pw_uid, account.pw_gid)


def _copied(binaries: Path, libraries: Path | None) -> Path:
    """A copy where all can execute it; made once for each version, whole or not at all."""
    version = hashlib.sha256(f"{binaries}{binaries.stat().st_mtime_ns}".encode()).hexdigest()[:16]
    home = _open_folder() / f"quantong-binaries-{version}"
    if not (home.is_dir() and home.stat().st_uid == 0):
        draft = Path(tempfile.mkdtemp(prefix="quantong-binaries-", dir=_open_folder()))
        draft.chmod(0o755)
        for folder in filter(None, (binaries, libraries)):
            shutil.copytree(folder, draft / folder.name, symlinks=True)
        try:
            draft.rename(home)
        except OSError:  # a neighbour was quicker
            shutil.rmtree(draft)
    return home / binaries.name


def socket_folder(user: str | None) -> Path:
    """A short new folder (0700) for a unix socket, whose path may have some 100 characters only."""
    folder = Path(tempfile.mkdtemp(prefix="qt-", dir="/tmp" if sys.platform != "win32" else None))  # noqa: S108
    if user:
        _give_to_servant(folder)
    return folder
