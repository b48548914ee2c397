"""Issuing licences here: sign, open the account, write the page; the status list; verifying at a post.

Order of writes: the licence's row with its signed text stands in the ledger's transaction, then the quantities
are granted, then the page is written. A run that stops in between is finished by running it again.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from sealtrace.catalogue.lists import ControlList, shipped
from sealtrace.custody.office import Office
from sealtrace.errors import InputMissing, KeyReused, ProofInvalid, UsageProblem
from sealtrace.ledger.keys import p256_from_seed

from . import desk, status, store, token
from .account import Kind, Request, Want
from .accounts import WAIT_S, post
from .desk import STEP_EVENTS, Terms
from .document import write_pdf
from .states import LicenceState, Step, after, day_of, state_on
from .status import StatusList
from .token import GoodsLine, Licence
from .turn import Receipt

GRANT_KEY = "issue"
STATUS_DAYS = 7
MAX_NAME = 120


@dataclass(frozen=True, slots=True)
class Particulars:
    """What an office decides when it issues: who, to whom, where to, what for, and how much of what."""

    terms: Terms
    holder: str
    end_user: str
    destination: str
    end_use: str
    lines: tuple[GoodsLine, ...]

    def __post_init__(self) -> None:
        for value, what in ((self.holder, "holder"), (self.end_user, "end user"), (self.end_use, "end use")):
            if not 0 < len(value.strip()) <= MAX_NAME or not value.isprintable():
                raise UsageProblem(f"the {what} has 1 to {MAX_NAME} printable characters")
        if not (len(self.destination) == 2 and self.destination.isascii() and self.destination.isupper()):
            raise UsageProblem(
                f"the destination {self.destination!r} is no country code of two capitals, such as DE"
            )
        keys = [line.key for line in self.lines]
        if not keys or len(set(keys)) != len(keys):
            raise UsageProblem("a licence names each entry and element once, and at least one")
        if any(line.amount.element_mg <= 0 or not line.amount.not_negative for line in self.lines):
            raise UsageProblem("each line of a licence states a quantity of its element")


@dataclass(frozen=True, slots=True)
class Issued:
    """A licence that was issued: its content, its signed text, and the receipt of its quantities."""

    licence: Licence
    text: str
    receipt: Receipt


def signing_key(office: Office) -> ec.EllipticCurvePrivateKey:
    """The key this office signs licences and status lists with."""
    return p256_from_seed(office.home.keyring.secret("licences/sign"), "licence")


def public_key(office: Office) -> str:
    """Its public half as PEM, for every post that verifies."""
    key = signing_key(office).public_key()
    return key.public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    ).decode()


def check_page(what: Particulars, issuer_name: str) -> None:
    """Lay the page out once before anything is issued, so that a name the typeface lacks is noticed in time.

    Raises:
        UsageProblem: it can't be set.
    """
    now = datetime.fromtimestamp(0, UTC)
    draft = Licence(
        "urn", what.terms.number, what.terms.kind, what.holder, what.end_user, what.destination, what.end_use,
        what.terms.valid_from, what.terms.valid_to, now, what.lines, 0, bytes(8),
    )  # fmt: skip
    write_pdf(draft, token.PREFIX, issuer_name)


def issue(office: Office, what: Particulars, controls: ControlList | None = None) -> Issued:
    """Issue a licence: signed, on the ledger, its quantities granted. The same particulars again change nothing.

    `controls` is the list it was decided under; the shipped one when none is given.

    Raises:
        UsageProblem: a line's entry does not list its element.
        KeyReused: the number stands for another licence.
    """
    under = controls or shipped()
    for line in what.lines:
        desk.must_be_listed(line.key.entry, line.key.element, under)
    number = what.terms.number
    with office.writing(WAIT_S):
        known = store.licence(office.db, number)
        if known is None:
            licence, text = _sign_new(office, what, under)
        else:
            licence, text = _as_before(office, known, what)
        wants = tuple(Want(n.key.element, n.amount, n.key.entry) for n in what.lines)
        return Issued(licence, text, post(office, Request(number, Kind.GRANT, GRANT_KEY, wants)))


def _sign_new(office: Office, what: Particulars, under: ControlList) -> tuple[Licence, str]:
    index = store.next_status_index(office.db) if store.prepared(office.db) else 0
    licence = _licence(office, what, office.clock.now().replace(microsecond=0), index, under)
    text = token.to_text(licence, signing_key(office))
    terms, state = what.terms, after(LicenceState.DRAFT, Step.ISSUE)
    row = store.LicenceRow(
        terms.number,
        terms.kind,
        "here",
        state,
        terms.valid_from,
        terms.valid_to,
        index,
        text.encode("ascii"),
        False,
    )
    fields: Mapping[str, str | int | bytes | None] = {
        "licence": terms.number, "kind": terms.kind, "from": terms.valid_from.isoformat(),
        "to": terms.valid_to.isoformat(), "holder": what.holder, "end_user": what.end_user,
        "destination": what.destination, "end_use": what.end_use, "text": text, "list": under.digest,
    }  # fmt: skip
    desk.record(
        office,
        STEP_EVENTS[Step.ISSUE],
        terms.number,
        "issue",
        state,
        fields,
        lambda db: store.insert_licence(db, row),
    )
    return licence, text


def _licence(office: Office, what: Particulars, at: datetime, index: int, under: ControlList) -> Licence:
    return Licence(
        office.home.config.issuer, what.terms.number, what.terms.kind, what.holder, what.end_user, what.destination,
        what.end_use, what.terms.valid_from, what.terms.valid_to, at, what.lines, index, under.digest[:8],
    )  # fmt: skip


def _as_before(office: Office, known: store.LicenceRow, what: Particulars) -> tuple[Licence, str]:
    if known.token is None:
        raise KeyReused(f"{known.number} is the number of a licence that was granted elsewhere")
    text = known.token.decode("ascii")
    held = token.verify(text, [signing_key(office).public_key()])
    again = _licence(office, what, held.issued_at, held.status_index, shipped())
    if (again.holder, again.lines, again.end_user, again.destination, again.end_use, again.valid_to, again.kind) != (
        held.holder, held.lines, held.end_user, held.destination, held.end_use, held.valid_to, held.kind,
    ):  # fmt: skip
        raise KeyReused(
            f"{known.number} was issued before with other particulars", advice="Give another number."
        )
    return held, text


def status_list(office: Office, days: int = STATUS_DAYS) -> tuple[StatusList, bytes]:
    """Make and sign the status list of today."""
    now = office.clock.now().replace(microsecond=0)
    today = day_of(now)
    placed = [row for row in store.licences(office.db) if row.status_index is not None]
    exceptions = {
        row.status_index: code for row in placed
        if row.status_index is not None and (code := status.code_of(state_on(row.state, row.valid_to, today)))
    }  # fmt: skip
    count = 1 + max((row.status_index or 0 for row in placed), default=-1)
    made = StatusList(office.home.config.issuer, now, now + timedelta(days=days), count, exceptions)
    return made, status.sign(made, signing_key(office))


def signed_text(office: Office, number: str) -> str:
    """Give the signed text of a licence that was issued here. Raises NotOnLicence, UsageProblem."""
    row = desk.licence(office, number)
    if row.token is None:
        raise UsageProblem(f"{number} was granted elsewhere: its text is not kept here")
    return row.token.decode("ascii")


def page(office: Office, number: str) -> bytes:
    """Give the page of a licence that was issued here, as PDF. Raises NotOnLicence, UsageProblem."""
    text = signed_text(office, number)
    licence = token.verify(text, [signing_key(office).public_key()])
    return write_pdf(licence, text, office.home.config.org)


def credential(office: Office, number: str) -> tuple[dict[str, Any], str]:
    """Give a licence that was issued here as a Verifiable Credential, and the same secured as a JWT."""
    from . import credential as credentials

    text, key = signed_text(office, number), signing_key(office)
    made = credentials.view(token.verify(text, [key.public_key()]), text)
    return made, credentials.to_jwt(made, key)


# -- at a post ------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a post learns of a licence without a network: its content, and whether it may be used on a day."""

    licence: Licence
    state: str  # in_force, not_begun, expired, suspended, revoked, ended
    status_at: datetime | None  # time of the status list, None when there was none
    status_stale: bool

    @property
    def usable(self) -> bool:
        """Whether it is in force by all that was looked at."""
        return self.state == "in_force" and not self.status_stale


def read_text(source: str) -> str:
    """Give the licence's text from a text, a file that holds it, or a licence's PDF.

    Raises:
        InputMissing: neither a licence's text nor a file.
        ProofInvalid: the PDF holds none.
    """
    if source.startswith(token.PREFIX):
        return source
    path = Path(source)
    try:
        data = path.read_bytes()
    except (OSError, ValueError):
        raise InputMissing(f"{source[:80]!r} is neither a licence's text nor a file") from None
    if not data.startswith(b"%PDF-"):
        return data[: token.MAX_TEXT + 64].decode("ascii", "replace").strip()
    import pikepdf

    try:
        with pikepdf.open(path) as opened:
            return str(opened.docinfo.get("/Keywords", "")).strip()
    except pikepdf.PdfError as e:
        raise ProofInvalid("the PDF is damaged") from e


def verify(
    text: str,
    keys: Sequence[ec.EllipticCurvePublicKey],
    on: date,
    statuses: StatusList | None = None,
    now: datetime | None = None,
) -> Verdict:
    """Verify a licence's text offline. Raises ProofInvalid when it is no licence of a trusted issuer."""
    licence = token.verify(text, keys)
    state, stale = "in_force", False
    if statuses is not None:
        if statuses.issuer != licence.issuer:
            raise ProofInvalid(
                f"the status list is that of {statuses.issuer}, the licence that of {licence.issuer}"
            )
        state = statuses.state(licence.status_index)
        stale = now is not None and now > statuses.until
    if state == "in_force":
        state = "not_begun" if on < licence.valid_from else "expired" if on > licence.valid_to else state
    return Verdict(licence, state, statuses.at if statuses else None, stale)


def read_key(pem: bytes) -> ec.EllipticCurvePublicKey:
    """Read an issuer's public key. Raises UsageProblem."""
    try:
        key = serialization.load_pem_public_key(pem)
    except ValueError as e:
        raise UsageProblem(f"this is not a PEM public key: {e}") from e
    if not isinstance(key, ec.EllipticCurvePublicKey) or key.curve.name != "secp256r1":
        raise UsageProblem("licences are signed with ES256: the key must be a P-256 key")
    return key
