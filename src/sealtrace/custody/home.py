"""The home: one folder with everything an office holds. Who may write to it, and how it opens.

home.json      name of the organisation, format number      keys/      the wrapped root secret
register.db    the ledger and the register, one database    vault/     encrypted originals
index/         page and text indexes, derived data          staging/   unfinished copies, never kept
"""

from __future__ import annotations

import errno
import fcntl
import json
import os
import shutil
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from sealtrace.errors import HomeExists, HomeLocked, NoHome, StorageFailed, UsageProblem
from sealtrace.ledger.model import LedgerKeys, Profile
from sealtrace.ledger.tiles import synchronise, write_whole
from sealtrace.vault.keyring import Keyring, ShareOrder
from sealtrace.vault.places import Places
from sealtrace.vault.store import Vault

FORMAT = 1
LOCK_WAIT_S = 5.0


@dataclass(frozen=True, slots=True)
class HomeConfig:
    """What a home says of itself in the open. No secrets, no personal data."""

    org: str
    org_code: str
    format: int = FORMAT
    profile: str = "default"
    vault_url: str = ""
    """Where originals lie when not in the home: s3://BUCKET/PREFIX."""
    notary_url: str = ""
    """Where the notary of a home with two keys serves: https://HOST."""

    @property
    def origin(self) -> str:
        """The log's origin line: unique per organisation, never changed. Source: C2SP tlog-checkpoint."""
        return f"sealtrace/{self.org_code.lower()}/log"

    @property
    def issuer(self) -> str:
        """The CWT issuer of this organisation's statements. Source: RFC 9943, 5.1."""
        return f"urn:sealtrace:org:{self.org_code.lower()}"


@dataclass(frozen=True, slots=True)
class Home:
    """The paths of one home, its configuration and its secrets."""

    folder: Path
    config: HomeConfig
    keyring: Keyring

    @property
    def database(self) -> Path:
        """The ledger's and the register's database."""
        return self.folder / "register.db"

    @property
    def vault(self) -> Path:
        """The folder of encrypted originals."""
        return self.folder / "vault"

    def originals(self) -> Vault:
        """The vault, wherever it lies."""
        places: Path | Places = self.vault
        if self.config.vault_url:
            from sealtrace.vault.s3 import S3Places

            places = S3Places(self.config.vault_url)
        return Vault(places, self.keyring.secret("vault/kek"), sm=self.config.profile == Profile.SM)

    @property
    def staging(self) -> Path:
        """Where copies are made before their entry is durable. Emptied at each opening for writing."""
        return self.folder / "staging"

    @property
    def outgoing(self) -> Path:
        """Where sealed packages wait until they are handed over."""
        return self.folder / "outgoing"

    @property
    def page_index(self) -> Path:
        """The page-picture index: derived data, rebuilt from the vault when lost."""
        return self.folder / "index" / "pages"

    @property
    def text_index(self) -> Path:
        """The text index: derived data, rebuilt from the vault when lost."""
        return self.folder / "index" / "text"

    @property
    def table_index(self) -> Path:
        """The index of tables: derived data, rebuilt from the vault when lost."""
        return self.folder / "index" / "tables"

    def ledger_keys(self) -> LedgerKeys:
        """Give the names the ledger signs for and the source of its keys."""
        return LedgerKeys(
            origin=self.config.origin,
            issuer=self.config.issuer,
            secret=self.keyring.secret,
            profile=Profile(self.config.profile),
        )


def org_code_of(org: str, given: str | None) -> str:
    """Check a given organisation code, or make one from the name's initials.

    Raises:
        UsageProblem: the code is not 1 to 12 ASCII letters and digits.
    """
    if given is None:
        initials = "".join(word[0] for word in org.split() if word[0].isascii() and word[0].isalnum())
        return initials.upper()[:12] or "ORG"
    if not (1 <= len(given) <= 12 and given.isascii() and given.isalnum()):
        raise UsageProblem(f"organisation code {given!r} is not 1 to 12 letters and digits")
    return given.upper()


@contextmanager
def create_home(
    folder: Path,
    config: HomeConfig,
    passphrase: str | None,
    key_file: Path | None = None,
    shares: ShareOrder | None = None,
) -> Iterator[Home]:
    """Make a home beside its final place and move it there whole when the caller is done filling it.

    Yields the unfinished home; an exception leaves nothing.

    Raises:
        HomeExists: a home, or a folder with other things in it, stands there.
        StorageFailed: the place can't be written.
    """
    folder = folder.absolute()
    if (folder / "home.json").exists():
        raise HomeExists(f"{folder} already holds a Sealtrace home")
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise HomeExists(f"{folder} exists and is not an empty folder")
    with storage_guard(f"creating the home {folder}"):
        folder.parent.mkdir(parents=True, exist_ok=True)
        building = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
    try:
        with storage_guard(f"creating the home {folder}"):
            for name in ("keys", "vault", "staging", "index"):
                (building / name).mkdir()
            keyring = Keyring.create(
                building / "keys", passphrase=passphrase, key_file=key_file, shares=shares
            )
            yield Home(building, config, keyring)
            described = json.dumps(asdict(config), ensure_ascii=False) + "\n"
            write_whole(building / "home.json", described.encode())
            synchronise(building / "keys")
            building.rename(folder)
            synchronise(folder.parent)
    finally:
        shutil.rmtree(building, ignore_errors=True)


def open_home(
    folder: Path, passphrase: str | None, key_file: Path | None = None, shares: Sequence[Path] = ()
) -> Home:
    """Open an existing home.

    Raises:
        NoHome: nothing there, or made by a newer program.
        WrongKey: passphrase, key file or key shares do not fit.
    """
    folder = folder.absolute()
    try:
        config = HomeConfig(**json.loads((folder / "home.json").read_text("utf-8")))
    except FileNotFoundError:
        raise NoHome(f"there is no Sealtrace home at {folder}") from None
    except (OSError, ValueError, TypeError) as e:
        raise NoHome(f"{folder / 'home.json'} can't be read as a home's description: {e}") from e
    if config.format > FORMAT:
        raise NoHome(
            f"{folder} has format {config.format}; this program knows formats up to {FORMAT}",
            advice="Use the newer Sealtrace that made it.",
        )
    keyring = Keyring.open(folder / "keys", passphrase=passphrase, key_file=key_file, shares=shares)
    return Home(folder, config, keyring)


@contextmanager
def writing(home: Home, wait_s: float = LOCK_WAIT_S) -> Iterator[None]:
    """Hold the home for writing: one process at a time, others wait `wait_s` seconds.

    Raises:
        HomeLocked: another process kept it longer than that.
        StorageFailed: the lock file can't be opened for writing.
    """
    with storage_guard(f"opening {home.folder} for writing"):
        lock = os.open(home.folder / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        give_up = time.monotonic() + wait_s
        while True:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if time.monotonic() >= give_up:
                    raise HomeLocked(f"another process is writing to {home.folder}") from None
                time.sleep(0.02)
        yield
    finally:
        os.close(lock)


@contextmanager
def storage_guard(doing: str) -> Iterator[None]:
    """Turn the disk's refusals into StorageFailed, saying what was being done."""
    try:
        yield
    except OSError as e:
        if e.errno in (
            errno.ENOSPC,
            errno.EDQUOT,
            errno.EROFS,
            errno.EACCES,
            errno.EPERM,
            errno.EIO,
            errno.EFBIG,
        ):
            raise StorageFailed(f"{doing}: {e.strerror}") from e
        raise
