"""The shapes of what the API takes and answers, as the description shows them."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, Literal, Self

from ninja import Schema
from pydantic import Field, StringConstraints, model_validator

Name = Annotated[str, StringConstraints(min_length=1, max_length=200, strip_whitespace=True)]
Ref = Annotated[str, StringConstraints(min_length=1, max_length=40)]
Key = Annotated[str, StringConstraints(min_length=1, max_length=64)]
PostingKey = Annotated[str, StringConstraints(min_length=1, max_length=100)]
Kilograms = Annotated[str, StringConstraints(pattern=r"^[0-9]{1,9}(\.[0-9]{1,9})?$")]


class EntryShape(Schema):
    """An entry: its index and its leaf hash."""

    index: int
    leaf: str


class UploadShape(Schema):
    """Bytes kept for a request that names them, for a day."""

    id: str
    name: str
    sha256: str
    size_bytes: int


class JobShape(Schema):
    """Long work. `result` once done; `problem` once failed, with the code of why."""

    id: int
    kind: str
    state: Literal["waiting", "running", "done", "failed"]
    stage: str
    done: int
    total: int
    result: dict[str, Any] | None = None
    problem: dict[str, Any] | None = None


class FileShape(Schema):
    """A registered version."""

    code: str
    version: int
    title: str
    level: str
    kind: str
    sha256: str
    iscc: str
    size_bytes: int
    pages: int
    registered_at: str
    entry: int


class Files(Schema):
    """A page of files."""

    items: list[FileShape]


class RegisterOrder(Schema):
    """Files to register. A new version is one file."""

    uploads: Annotated[list[Key], Field(min_length=1, max_length=64)]
    level: Literal["general", "important", "core"] = "general"
    title: Name | None = None
    new_version_of: Ref | None = None
    uncertainty: dict[str, Any] | None = None
    opaque: bool = False


class RecipientShape(Schema):
    """Who a copy is for."""

    operator: Name
    device: Name
    ip: Annotated[str, StringConstraints(min_length=2, max_length=45)]


class IssueOrder(Schema):
    """Copies to issue, one for each recipient. Nothing is issued when one recipient can't be taken."""

    file: Ref
    recipients: Annotated[list[RecipientShape], Field(min_length=1, max_length=2000)]
    purpose: Name


class OrderOrder(IssueOrder):
    """An order of copies; `form` reading lets its people read here only. The end is a day, or days from today."""

    form: Literal["copy", "reading"] = "copy"
    until: date | None = None
    days: Annotated[int, Field(ge=1, le=3660)] | None = None


class OrderShape(Schema):
    """An order: `request` is the key of its request for a second approval, `job` its work once begun."""

    id: int
    file: str
    state: Literal["asked", "agreed", "declined", "issued"]
    form: str
    purpose: str
    until: str | None
    operator: str
    request: str | None
    job: int | None
    copies: list[str]


class Orders(Schema):
    """A page of orders."""

    items: list[OrderShape]


class PackageOrder(Schema):
    """A package for an outsider; `device` and `ip` are what it is to be opened on, where that is known."""

    file: Ref
    operator: Name
    organisation: Name
    purpose: Name
    until: date
    device: Name = "outside"
    ip: Annotated[str, StringConstraints(min_length=2, max_length=45)] = "0.0.0.0"  # noqa: S104 (a value)
    undertaking: Annotated[str, StringConstraints(max_length=4000)] = ""


class StepShape(Schema):
    """One thing that happened to a package: when, by whom, its entry."""

    at: str
    who: str
    entry: int


class ReceiptOrder(Schema):
    """A package's receipt, as the text that its page made."""

    text: Annotated[str, StringConstraints(min_length=1, max_length=4096)]


class Received(Schema):
    """A receipt that holds; `signed_at` by the recipient's clock."""

    copy_id: Annotated[str, Field(alias="copy")]
    name: str
    signed_at: str
    entry: EntryShape


class ApprovalShape(Schema):
    """A request for approval: exactly what is to be done, and the digest the approval is bound to."""

    key: str
    action: str
    subject: str
    payload: dict[str, Any]
    digest: str
    reason: str
    by: str
    seats: int
    state: str
    asked_at: str
    expires_at: str
    entry: int


class Verdict(Schema):
    """What the second person says; a refusal needs a note."""

    approve: bool
    note: Annotated[str, StringConstraints(max_length=300)] = ""


class StandingShape(Schema):
    """Whether a copy is in force."""

    in_force: bool
    revoked: bool
    expires_at: str | None


class CopyDecision(Schema):
    """A decision about a copy: a revocation and its end need a reason, an end needs its last day."""

    act: Literal["revoke", "reinstate", "expire"]
    reason: Annotated[str, StringConstraints(max_length=500)] = ""
    until: date | None = None

    @model_validator(mode="after")
    def complete(self) -> Self:
        """Refuse a decision without what it needs."""
        if self.act == "expire" and self.until is None:
            raise ValueError("give `until`, the last day")
        return self


class RestrictOrder(Schema):
    """A decision about a file: for reading here only, that lifted, or an undertaking asked of its readers."""

    act: Literal["only", "lift", "undertaking"]
    operator: Name | None = None
    words: Annotated[str, StringConstraints(max_length=4000)] = ""


class NeedOrder(Schema):
    """A decision about a file's list of those who need to know; `until` is the last day."""

    act: Literal["limit", "open", "give", "end"]
    operator: Name | None = None
    why: Annotated[str, StringConstraints(max_length=200)] = ""
    until: date | None = None

    @model_validator(mode="after")
    def complete(self) -> Self:
        """Refuse a decision without what it needs."""
        if self.act in ("give", "end") and not self.operator:
            raise ValueError("give the `operator`")
        return self


class MarkShape(Schema):
    """A mark that a copy carries."""

    channel: str
    capacity: float


class CopyShape(Schema):
    """An issued copy and its recipient of record."""

    id: str
    code: str
    version: int
    operator: str
    device: str
    ip: str
    issued_at: str
    purpose: str
    sha256: str | None
    marks: list[MarkShape]
    entry: EntryShape


class PackageMade(Schema):
    """A package that was made, and the code that opens it: shown this once."""

    issued: Annotated[CopyShape, Field(alias="copy")]
    code: str


class PackageShape(Schema):
    """A package: whom it is for and under what, how far it has come, whether it is in force, whether it waits here."""

    issued: Annotated[CopyShape, Field(alias="copy")]
    title: str
    state: Literal["made", "handed-over", "received"]
    by: str
    organisation: str
    purpose: str
    undertaking: str
    standing: StandingShape
    waits: bool
    handed_over: StepShape | None
    received: StepShape | None
    signed_at: str


class Packages(Schema):
    """A page of packages."""

    items: list[PackageShape]


class DeviceShape(Schema):
    """An enrolled device; `number` is its place in lists."""

    number: int
    code: str
    operator: str
    kind: str
    enrolled_at: str
    last_seen_at: str | None
    revoked_at: str | None
    entry: int | None


class Devices(Schema):
    """A page of devices."""

    items: list[DeviceShape]


class RevokeOrder(Schema):
    """Why a device is revoked."""

    reason: Annotated[str, StringConstraints(min_length=1, max_length=500, strip_whitespace=True)]


class CheckOrder(Schema):
    """How much a check of the ledger reads: its structure; everything; or the N-th of M parts, as N/M."""

    read_data: bool = False
    subset: Annotated[str, StringConstraints(pattern=r"^[0-9]{1,4}/[0-9]{1,4}$")] | None = None


class Copies(Schema):
    """A page of copies."""

    items: list[CopyShape]


class TraceOrder(Schema):
    """A leak: its pieces belong together. `source` says where it was found."""

    uploads: Annotated[list[Key], Field(min_length=1, max_length=64)]
    text: Annotated[str, StringConstraints(max_length=200_000)] = ""
    chance: Annotated[float, Field(gt=0, le=0.01)] = 1e-9
    source: Annotated[str, StringConstraints(max_length=200)] = "api"


class StandingOrder(Schema):
    """Traces whose leaks are weighed together."""

    traces: Annotated[
        list[Annotated[str, StringConstraints(max_length=64)]], Field(min_length=2, max_length=64)
    ]
    chance: Annotated[float, Field(gt=0, le=0.01)] = 1e-9


class TraceRow(Schema):
    """A trace made before."""

    trace: str
    at: str
    entry: int


class Traces(Schema):
    """A page of traces."""

    items: list[TraceRow]


class Row(Schema):
    """An entry in a list: what happened about what. Nothing personal is on the log."""

    index: int
    event: str
    subject: str
    leaf: str


class Rows(Schema):
    """A page of entries."""

    items: list[Row]


class InclusionShape(Schema):
    """The audit path of an entry in the tree of `size` leaves. Source: RFC 9162, 2.1.3."""

    index: int
    size: int
    leaf: str
    root: str
    path: list[str]


class ConsistencyShape(Schema):
    """That the tree of `second` leaves extends that of `first`. Source: RFC 9162, 2.1.4."""

    first: int
    second: int
    first_root: str
    second_root: str
    path: list[str]


class Erasure(Schema):
    """Who orders an erasure, and on what it rests. dry_run only counts."""

    operator: Name
    authority: Name
    basis: Name
    dry_run: bool = False


class Cases(Schema):
    """Cases to classify, as the command line reads them."""

    cases: Annotated[list[dict[str, Any]], Field(min_length=1, max_length=500)]


class QuantityLine(Schema):
    """A quantity of an element: kilograms, and gross kilograms and value in minor units where these are limited."""

    element: Annotated[str, StringConstraints(pattern=r"^[A-Z][a-z]?$")]
    kg: Kilograms
    gross_kg: Kilograms | None = None
    value: Annotated[int, Field(ge=0, le=10**15)] = 0
    entry: Annotated[str, StringConstraints(min_length=1, max_length=40)] | None = None


class Posting(Schema):
    """Quantities to post on a licence, all lines or none; `key` is the licence's own idempotency key."""

    lines: Annotated[list[QuantityLine], Field(min_length=1, max_length=50)]
    key: PostingKey
    note: Annotated[str, StringConstraints(max_length=300)] = ""


class Draw(Posting):
    """Quantities to draw, from a reservation where one is named."""

    from_reservation: PostingKey | None = None


class Release(Posting):
    """Quantities that a reservation gives back."""

    reservation: PostingKey


class Correction(Posting):
    """Quantities by which a draw was too little, or with `back` too much."""

    draw: PostingKey
    back: bool = False


class LicenceText(Schema):
    """The signed text of a licence, as its code carries it."""

    text: Annotated[str, StringConstraints(min_length=1, max_length=20_000)]
    on: date | None = None


class NamePairs(Schema):
    """Pairs of names to compare."""

    pairs: Annotated[
        list[
            Annotated[
                list[Annotated[str, StringConstraints(max_length=200)]], Field(min_length=2, max_length=2)
            ]
        ],
        Field(min_length=1, max_length=1000),
    ]


class EnrolOrder(Schema):
    """A device's public key (SubjectPublicKeyInfo in base64), and the one-time code of its operator."""

    code: Annotated[str, StringConstraints(min_length=8, max_length=80)]
    public_key: Annotated[str, StringConstraints(min_length=16, max_length=400)]
    name: Annotated[str, StringConstraints(max_length=80)] = ""


class Enrolled(Schema):
    """The device's code, and its token: shown this once."""

    device: str
    token: str
    operator: str


class Me(Schema):
    """Who the caller is."""

    operator: str
    organisation: str
    device: str
    ip: str
    roles: list[str]
    clearance: str
    scopes: list[str]
    expires_at: str


class TokenShape(Schema):
    """A token of one's own; its secret is never shown again."""

    id: str
    name: str
    device: str
    scopes: list[str]
    made_at: str
    expires_at: str
    revoked_at: str | None


class Tokens(Schema):
    """Tokens."""

    items: list[TokenShape]


class HookOrder(Schema):
    """Where to send which events; "*" for all of them."""

    url: Annotated[str, StringConstraints(min_length=8, max_length=500)]
    events: Annotated[
        list[Annotated[str, StringConstraints(max_length=60)]], Field(min_length=1, max_length=50)
    ]


class HookShape(Schema):
    """A webhook. `secret` is shown when it is made, and never again."""

    id: str
    url: str
    events: list[str]
    made_at: str
    secret: str | None = None


class Hooks(Schema):
    """Webhooks of one's own."""

    items: list[HookShape]


class DeliveryShape(Schema):
    """One event on its way to a webhook."""

    event: str
    entry: int
    state: str
    tries: int
    status: int
    problem: str
    next_at: str


class Deliveries(Schema):
    """What was sent to a webhook, newest first."""

    items: list[DeliveryShape]
