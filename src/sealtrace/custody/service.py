"""The register's services: one function per thing a person does. Screens, API and command line call only this."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING

import apsw

from sealtrace.clock import Clock, SystemClock
from sealtrace.errors import Corrupted, HomeLocked, NotRegistered
from sealtrace.ids import CopyId, FileCode, VersionRef
from sealtrace.ledger import issuers, selftest
from sealtrace.ledger.commitment import Commitment
from sealtrace.ledger.log import Ledger
from sealtrace.ledger.model import Entry
from sealtrace.vault.keyring import ShareOrder
from sealtrace.vault.sealing import TracingKey

from . import (
    audit,
    checked,
    devices,
    disclosure,
    finding,
    issue,
    package,
    proof_store,
    prove,
    publication,
    register,
    store,
    subjects,
)
from . import release as releasing
from .home import Home, HomeConfig, create_home, open_home, org_code_of, storage_guard
from .issue import Progress
from .model import IssuedCopy, Level, Recipient, RegisteredFile, Version, written
from .office import Office
from .orders import Terms
from .twokey import TWO_KEYS
from .uncertainty import declare

if TYPE_CHECKING:
    from sealtrace.ledger.check import Part
    from sealtrace.ledger.quorum import Post
    from sealtrace.marks.report import MarkReport
    from sealtrace.trace.notary import Card

    from .recall import KeptTrace
    from .standing import Standing
    from .standings import Choice, KeptStanding
    from .tracing.answer import TraceAnswer


class Custody:
    """An open home and everything that can be done with it. A context manager."""

    def __init__(self, office: Office) -> None:
        self.office = office

    @classmethod
    def create(
        cls,
        home: Path,
        *,
        org: str,
        org_code: str | None = None,
        passphrase: str | None = None,
        key_file: Path | None = None,
        shares: ShareOrder | None = None,
        trace_shares: ShareOrder | None = None,
        signed: bool = False,
        notary: Card | None = None,
        notary_url: str = "",
        profile: str = "default",
        vault_url: str = "",
        clock: Clock | None = None,
    ) -> Custody:
        """Make a home and open it. Its first entry names its keys and says what it promises.

        `vault_url` keeps originals outside the home, in s3://BUCKET/PREFIX.
        Its root secret is kept in key shares, under the passphrase, or else in a key file. With
        `trace_shares` what tells copies apart is sealed to a tracing key that is kept in these shares only;
        `signed` homes issue copies on requests signed by enrolled devices. With a `notary`, who serves at
        `notary_url`, the home has two keys: half of every codeword is the notary's, and both halves must name.

        Raises:
            HomeExists, StorageFailed, UsageProblem; CryptographyUnavailable for the SM profile.
        """
        clock = clock or SystemClock()
        config = HomeConfig(
            org, org_code_of(org, org_code), profile=profile, vault_url=vault_url, notary_url=notary_url
        )
        with create_home(home, config, passphrase, key_file, shares) as made:
            if trace_shares is not None:
                TracingKey.create(made.folder / "keys", trace_shares)
            ledger = Ledger.create(made.database, made.ledger_keys(), clock)
            try:
                _found(Office(made, ledger, clock), signed=signed, notary=notary)
            finally:
                ledger.close()
        return cls.open(
            home,
            passphrase=passphrase,
            key_file=key_file,
            shares=shares.paths[: shares.needed] if shares else (),
            clock=clock,
        )

    @classmethod
    def open(
        cls,
        home: Path,
        *,
        passphrase: str | None = None,
        key_file: Path | None = None,
        shares: Sequence[Path] = (),
        clock: Clock | None = None,
        self_test: bool = True,
    ) -> Custody:
        """Open a home, after a self-test of a fixed number of steps.

        Without the self-test a damaged home opens as long as its head holds, so that a check can name
        what is wrong.

        Raises:
            NoHome, WrongKey, HistoryForked, Corrupted.
        """
        clock = clock or SystemClock()
        opened = open_home(home, passphrase, key_file, shares)
        with storage_guard(f"opening {home}"):
            ledger = Ledger.open(opened.database, opened.ledger_keys(), clock)
        failed = selftest.run(ledger) if self_test else []
        if failed:
            ledger.close()
            raise Corrupted(f"the start-up self-test failed: {failed[0].place}: {failed[0].problem}")
        office = Office(opened, ledger, clock)
        if not store.searches_current(office.db):
            with (
                suppress(HomeLocked),
                office.writing(),
            ):  # another process has it: the next opening sees to it
                ledger.append([], lambda db, _: store.make_searches(db))
        return cls(office)

    def __enter__(self) -> Custody:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the home."""
        self.office.close()

    # -- files -----------------------------------------------------------------------------------

    def register_each(
        self,
        paths: Sequence[Path],
        *,
        level: str = "general",
        title: str | None = None,
        new_version_of: str | FileCode | None = None,
        uncertainty: Mapping[str, object] | None = None,
        opaque: bool = False,
        order_free: bool = False,
        decoys_safe: bool = False,
        notice: str | None = None,
    ) -> Iterator[RegisteredFile | register.Refused]:
        """Register files one by one; a bad one is yielded as Refused and does not stop the rest.

        `order_free`: the order of a table's rows says nothing, so each copy may have its own. `decoys_safe`: rows
        that were never measured may stand in copies. `notice`: where that of a marked copy goes. All three add to
        what `uncertainty` declares.

        Raises:
            UsageProblem: they are asked for without an uncertainty, or against a counter.
        """
        code = FileCode.parse(new_version_of) if isinstance(new_version_of, str) else new_version_of
        declared = declare(uncertainty, order_free=order_free, decoys_safe=decoys_safe, notice=notice)
        options = register.Options(Level(level), title, code, declared, opaque)
        return register.register(self.office, paths, options)

    def register(
        self,
        paths: Sequence[Path],
        *,
        level: str = "general",
        title: str | None = None,
        new_version_of: str | FileCode | None = None,
        uncertainty: Mapping[str, object] | None = None,
        opaque: bool = False,
        order_free: bool = False,
        decoys_safe: bool = False,
        notice: str | None = None,
    ) -> list[RegisteredFile]:
        """Register files; the first bad one raises, what came before it stays registered."""
        done = []
        for result in self.register_each(
            paths,
            level=level,
            title=title,
            new_version_of=new_version_of,
            uncertainty=uncertainty,
            opaque=opaque,
            order_free=order_free,
            decoys_safe=decoys_safe,
            notice=notice,
        ):
            if isinstance(result, register.Refused):
                raise result.error
            done.append(result)
        return done

    def versions(self) -> Iterator[Version]:
        """Every registered version, oldest first."""
        return store.versions(self.office.db)

    def newest(self, *, before: int | None = None, limit: int = 50) -> list[Version]:
        """The newest version of each file, latest first; `before` is the row to go on below."""
        return store.newest_versions(self.office.db, before, limit)

    def version(self, ref: str | VersionRef) -> Version:
        """Find CODE or CODE@VERSION."""
        return self.office.version(VersionRef.parse(ref) if isinstance(ref, str) else ref)

    def version_of_bytes(self, sha256: bytes) -> Version | None:
        """The version with exactly these bytes, if they are registered."""
        return store.version_by_digest(self.office.db, sha256)

    def chain(self, code: str) -> list[tuple[Version, int]]:
        """All versions of a file, oldest first, each with its number of copies."""
        newest = self.version(VersionRef(FileCode.parse(code.partition("@")[0])))
        versions = [self.version(VersionRef(newest.code, n)) for n in range(1, newest.version + 1)]
        return [(v, self.office.tally.of(self.office.db, v.row)) for v in versions]

    def mark_report(self, ref: str | VersionRef) -> MarkReport:
        """What each page or table of a version can carry."""
        from sealtrace.marks.report import report

        version = self.version(ref)
        with self.office.staging(f"report-{version.row}") as folder:
            original = folder / f"original{Path(version.name).suffix}"
            self.office.vault.export(version.sha256, original)
            return report(original, version.kind, version.plan)

    # -- copies ----------------------------------------------------------------------------------

    def issue(
        self, ref: str | VersionRef, recipient: Recipient, out: Path, *, wrapped: bool = False
    ) -> IssuedCopy:
        """Issue one marked copy; its entry is durable before its first byte is at `out`."""
        return issue.issue(self.office, self.version(ref).ref, recipient, out, wrapped=wrapped)

    def issue_asked(self, request: bytes, ip: str, out: Path, *, wrapped: bool = False) -> IssuedCopy:
        """Issue the copy that an enrolled device has asked for with its signature.

        Raises:
            RequestRefused: the request is no such request, or it gave a copy before.
        """
        with self.office.writing():
            said, asked = devices.asked(self.office, request, self.office.clock.now())
            recipient = Recipient(said.operator, said.device, ip)
            ref = devices.wanted(self.office, said)
            return issue.issue(self.office, ref, recipient, out, wrapped=wrapped, request=asked)

    def check_request(self, request: bytes) -> tuple[VersionRef, str, str]:
        """The version, operator and device of a request that would be taken now. Raises RequestRefused."""
        said, _ = devices.asked(self.office, request, self.office.clock.now())
        return devices.wanted(self.office, said), said.operator, said.device

    def received(self, receipt: bytes) -> tuple[CopyId, Entry]:
        """Enter the receipt that a recipient's device has signed for a copy's bytes. Raises RequestRefused."""
        return devices.received(self.office, receipt)

    # -- devices ---------------------------------------------------------------------------------

    def enrol_device(self, operator: str, device: str, public_key: bytes) -> devices.Device:
        """Enter a device's public key."""
        return devices.enrol(self.office, operator, device, public_key)

    def revoke_device(self, operator: str, device: str, *, reason: str) -> tuple[devices.Device, Entry]:
        """End a device's enrolment."""
        return devices.revoke(self.office, operator, device, reason=reason)

    def devices(self, *, operator: str | None = None) -> list[devices.Device]:
        """Enrolled devices, oldest first; revoked ones too."""
        return devices.listed(self.office, operator=operator)

    # -- copies ----------------------------------------------------------------------------------

    def issue_many(
        self,
        ref: str | VersionRef,
        recipients: Sequence[Recipient],
        out: Path | None,
        *,
        wrapped: bool = False,
        progress: Progress | None = None,
        terms: Terms | None = None,
    ) -> list[IssuedCopy]:
        """Issue one marked copy to each; with out=None, enter them now and make bytes on `fetch`.

        With a key in `terms`, the same order again gives the copies it gave before.
        """
        return issue.issue_many(
            self.office, self.version(ref).ref, recipients, out, wrapped=wrapped, progress=progress,
            terms=terms or Terms(),
        )  # fmt: skip

    def fetch(self, copy: str | CopyId, out: Path, *, wrapped: bool = False) -> IssuedCopy:
        """Write an issued copy's bytes, again or for the first time."""
        return issue.fetch(self.office, _copy_id(copy), out, wrapped=wrapped)

    def view(self, ref: str | VersionRef, page: int, recipient: Recipient, out: Path) -> IssuedCopy:
        """Write one page as an individually marked picture."""
        from .view import view

        return view(self.office, self.version(ref).ref, page, recipient, out)

    def copy(self, copy: str | CopyId) -> IssuedCopy:
        """Show one copy."""
        return issue.on_record(self.office, self.office.copy(_copy_id(copy)))

    def copies(
        self, *, code: str | None = None, operator: str | None = None, device: str | None = None
    ) -> list[IssuedCopy]:
        """Copies of a file or version, of an operator, on a device; oldest first."""
        tokens = self.office.subjects
        rows = store.copies(
            self.office.db,
            subject=tokens.token("operator", operator) if operator else None,
            device=tokens.token("device", device) if device else None,
        )
        if code is None:
            return self.shown(rows)
        wanted = {self.version(code).row} if "@" in code else {v.row for v, _ in self.chain(code)}
        return self.shown([row for row in rows if row.version in wanted])

    def shown(self, rows: Iterable[store.CopyRow]) -> list[IssuedCopy]:
        """Show the copies of some rows, such as a page of a list; each version of them is read once."""
        versions: dict[int, Version] = {}
        return [issue.on_record(self.office, row, versions) for row in rows]

    # -- leaks and proof -------------------------------------------------------------------------

    def trace(
        self,
        paths: Sequence[Path],
        *,
        chance: float = 1e-9,
        by: Recipient | None = None,
        tell: Callable[[str], None] | None = None,
    ) -> TraceAnswer:
        """Trace one leak, given as one or several pieces, for `by`; `tell` hears of each stage."""
        from .tracing.trace import trace

        return trace(self.office, paths, chance=chance, by=by, tell=tell)

    def together(
        self, traces: Sequence[str], *, chance: float = 1e-9, by: Recipient | None = None,
        tell: Callable[[str], None] = lambda _stage: None,
    ) -> Standing:  # fmt: skip
        """Weigh the leaks of several traces together, for `by`: whose copies do they all point to?"""
        from .standing import together

        return together(self.office, traces, chance=chance, by=by, tell=tell)

    def choose(self, traces: Sequence[str], chances: Sequence[float]) -> Choice:
        """Which of these traces can be weighed together, and what that costs; nothing is weighed or entered."""
        from .standings import choose

        return choose(self.office, traces, chances)

    def recall_standing(self, entry: int) -> KeptStanding:
        """Read the answer of leaks weighed together again, by its entry."""
        from .standings import recall

        return recall(self.office, entry)

    def release(
        self, shares: Sequence[Path], *, holders: Sequence[str], purpose: str, minutes: int = 60
    ) -> releasing.Release:
        """Put the tracing key together from its holders' shares; in force for this process until its time.

        Raises:
            WrongKey, UsageProblem: the shares do not open it, or it is not said who gave them and what for.
        """
        return releasing.release(self.office, shares, holders=holders, purpose=purpose, minutes=minutes)

    def traces(self) -> list[tuple[str, str, int]]:
        """Id, time and entry of each trace, newest first."""
        return store.traces(self.office.db)

    def recall(self, trace_id: str) -> KeptTrace:
        """Read a kept trace: its answer, the recipients of record, and who asked."""
        from .recall import recall

        return recall(self.office, trace_id)

    def export_evidence(self, trace_id: str, out: Path, *, defence: str | CopyId | None = None) -> int:
        """Write a trace's evidence file; returns its size in bytes. With `defence`: for that copy's recipient."""
        return prove.export(self.office, trace_id, out, defence=_copy_id(defence) if defence else None)

    def export_package(
        self,
        trace_id: str,
        out: Path,
        *,
        appeal: str | None = None,
        leak: Sequence[Path] = (),
        acquisition: Path | None = None,
        keys: Path | None = None,
        notary_keys: Path | None = None,
    ) -> int:
        """Write a trace's evidence package, one archive for a court; returns its size in bytes."""
        extras = package.Extras(appeal, tuple(leak), acquisition, keys, notary_keys)
        return package.export(self.office, trace_id, out, extras)

    def disclose(self, trace_id: str, out: Path, *, to: str, purpose: str) -> tuple[int, Entry]:
        """Write the document keys of a trace's documents for an expert; returns the size and the entry."""
        return disclosure.disclose(self.office, trace_id, out, to=to, purpose=purpose)

    def check(self, part: Part | None = None) -> list[audit.Problem]:
        """Check log, register and vault against each other; `part` of the stored data is read too."""
        size, found = self.office.ledger.size(), audit.check(self.office, part)
        at = written(self.office.clock.now())
        checked.keep(self.office.home.folder, checked.Checked(at, size, len(found), part is not None))
        return found

    def find(
        self,
        *,
        sha256: bytes | None = None,
        operator: str | None = None,
        device: str | None = None,
        newest: int | None = None,
    ) -> list[tuple[int, str]]:
        """Entries about exact bytes, a person or a device: index and what it is about, oldest first.

        With `newest`, of a person and of a device no more than so many, the last ones.
        """
        return finding.find(self.office, sha256=sha256, operator=operator, device=device, newest=newest)

    # -- the log before the world ----------------------------------------------------------------

    def seal_head(self, post: Post | None = None) -> str:
        """Complete the newest checkpoint: the log's own lines and its witnesses' cosignatures.

        Raises:
            QuorumMissing: too few witnesses cosigned.
        """
        return publication.seal(self.office, post)

    def export_log(self, folder: Path, *, lock: Path | None = None, post: Post | None = None) -> str:
        """Publish the log as C2SP tlog-tiles into a folder; returns the checkpoint.

        Raises:
            QuorumMissing: too few witnesses cosigned; nothing was published.
            HistoryForked: this log does not extend what stands there; nothing was published.
        """
        return publication.publish_log(self.office, folder, lock=lock, post=post)

    def may_export(self, folder: Path, *, lock: Path | None = None) -> int:
        """Tell whether the log extends what stands published; returns its size. Nothing is asked or written.

        Raises:
            HistoryForked: it does not.
        """
        return publication.may_publish(self.office, folder, lock=lock)

    def register_statements(self, statements: Sequence[bytes]) -> list[Entry]:
        """Enter statements that trusted issuers signed elsewhere.

        Raises:
            ProofInvalid, Denied: one of them can't be entered; none was.
        """
        with self.office.writing():
            return issuers.register(self.office.ledger, statements)

    def write_receipt(self, entry: Entry, folder: Path) -> Path:
        """Write an entry's receipt into a folder, named by its leaf hash; returns its place."""
        with storage_guard(f"making the folder {folder}"):
            folder.mkdir(parents=True, exist_ok=True)
        place = folder / f"{entry.leaf.hex()}.receipt"
        self.write_proof(entry.index, place, "receipt")
        return place

    def write_proof(self, index: int, out: Path, what: str) -> None:
        """Write the statement or the receipt of an entry.

        Raises:
            NotRegistered: the log has no such entry.
        """
        size = self.office.ledger.size()
        if not 0 <= index < size:
            raise NotRegistered(f"the log has {size} entries; there is no entry {index}")
        ledger, target = self.office.ledger, issue.checked_target(out)
        data = ledger.entry(index).statement if what == "statement" else ledger.receipt(index)
        with self.office.staging(f"proof-{index}-{what}") as folder:
            (folder / "proof").write_bytes(data)
            issue.deliver(folder / "proof", target)


def _copy_id(copy: str | CopyId) -> CopyId:
    return CopyId.parse(copy) if isinstance(copy, str) else copy


def _found(office: Office, *, signed: bool, notary: Card | None) -> None:
    """Lay the tables and enter the home's first entry: who it is and which keys speak for it."""
    home: Home = office.home
    keys, tracing = office.ledger.keys(), TracingKey.read(home.folder / "keys")
    promises = ["opened", *(["sealed"] if tracing else []), *(["signed"] if signed else [])]
    promises += [TWO_KEYS] if notary else []

    def rows(db: apsw.Connection, entry: Entry, sealed: Commitment) -> None:
        db.execute("CREATE TABLE IF NOT EXISTS home(entry INTEGER NOT NULL, opening BLOB NOT NULL)")
        db.execute(store.SCHEMA)
        db.execute(subjects.SCHEMA)
        proof_store.lay(db)
        db.execute(
            "INSERT INTO home VALUES (?, ?)",
            (entry.index, office.subjects.seal_office(sealed.opening, b"home")),
        )

    office.record(
        "home:created",
        home.keyring.secret("home/id")[:16].hex(),
        {
            "org": home.config.org,
            "org_code": home.config.org_code,
            "verifier_keys": "\n".join(keys.verifier_keys),
            "statement_keys": "\n".join(keys.statement_keys),
            "evidence_key": prove.public_key(home),
            "promises": ",".join(promises),
            "tracing_key": bytes.fromhex(tracing.public) if tracing else None,
            "tracing_needed": tracing.needed if tracing else None,
            "created_at": written(office.clock.now()),
            **({"notary": notary.name, "notary_key": notary.key} if notary else {}),
        },
        rows,
    )
