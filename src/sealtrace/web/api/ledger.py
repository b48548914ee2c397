"""The ledger over the API: checkpoint, entries, proofs, statements, receipts. Public facts, nothing personal."""

from __future__ import annotations

from typing import Annotated, Any

from django.http import HttpRequest, HttpResponse
from ninja import Router
from pydantic import Field

from sealtrace.custody import publication
from sealtrace.errors import NotRegistered, UsageProblem
from sealtrace.ledger import cose, timestamps
from sealtrace.ledger.check import Part
from sealtrace.ledger.issuers import known
from sealtrace.ledger.statement import CWT_CLAIMS, SUB

from .. import site
from ..jobs import service as jobs
from . import paging, works
from .access import may
from .problems import REFUSALS, Problem
from .repeating import once
from .shapes import CheckOrder, ConsistencyShape, InclusionShape, JobShape, Row, Rows

router = Router(tags=["ledger"])
PREFIX, SUFFIX, CONTENT_TYPE = "application/vnd.sealtrace.", "+cbor", 259
STATEMENT, RECEIPT = "application/cose", "application/scitt-receipt+cose"
Size = Annotated[int, Field(ge=1, le=1 << 62)]
BYTES = {"schema": {"type": "string", "format": "binary"}}


def event_of(index: int) -> dict[str, Any]:
    """What happened about what, from an entry's protected header; what was purged says so."""
    entry = site.custody().office.entry(index)
    if not entry.statement:
        return {"index": index, "event": "purged", "subject": "", "leaf": entry.leaf.hex()}
    _, protected, _, _, _ = cose.parse(entry.statement)
    kind = str(protected.get(CONTENT_TYPE, "")).removeprefix(PREFIX).removesuffix(SUFFIX)
    about = str(protected.get(CWT_CLAIMS, {}).get(SUB, ""))
    return {"index": index, "event": kind.replace("-", ":", 1), "subject": about, "leaf": entry.leaf.hex()}


def _in_log(index: int) -> int:
    size = site.custody().office.ledger.size()
    if not 0 <= index < size:
        raise NotRegistered(f"the log has {size} entries; there is no entry {index}")
    return size


@router.get("/ledger/checkpoint", response={REFUSALS: Problem}, operation_id="checkpoint",
            openapi_extra={"responses": {200: {"description": "The signed note.", "content": {
                "text/plain": {"schema": {"type": "string"}}}}}})  # fmt: skip
def checkpoint(request: HttpRequest) -> Any:
    """The signed checkpoint of the current tree, as a C2SP signed note."""
    may(request, "ledger:see")
    return HttpResponse(site.custody().office.ledger.checkpoint(), content_type="text/plain; charset=utf-8")


@router.get("/ledger/key", response={200: dict[str, list[str]], REFUSALS: Problem}, operation_id="ledgerKeys")
def keys(request: HttpRequest) -> Any:
    """The keys that speak for this ledger."""
    may(request, "ledger:see")
    found = site.custody().office.ledger.keys()
    return {
        "verifier_keys": list(found.verifier_keys), "statement_keys": list(found.statement_keys),
        "receipt_keys": list(found.receipt_keys),
    }  # fmt: skip


@router.post("/ledger/seal", response={200: dict[str, str], REFUSALS: Problem}, operation_id="sealCheckpoint")
def seal(request: HttpRequest) -> Any:
    """Ask the witnesses to cosign the newest checkpoint, and give it; refused when too few did."""
    may(request, "ledger:seal")
    return {"checkpoint": site.custody().seal_head()}


@router.post("/ledger/check", response={202: JobShape, REFUSALS: Problem}, operation_id="checkLedger")
def check(request: HttpRequest, order: CheckOrder) -> Any:
    """Check the log, the register and the vault against each other; the job's result says what does not fit."""
    found = may(request, "audit:see")
    if order.subset:
        Part.parse(order.subset)
    arguments = {"read_data": order.read_data, "subset": order.subset}
    return once(request, lambda: (202, works.job_dict(jobs.start(works.CHECK, found.actor, arguments))))


@router.get("/ledger/find", response={200: dict[str, Any], REFUSALS: Problem}, operation_id="findEntries")
def find(
    request: HttpRequest,
    sha256: Annotated[str | None, Field(pattern=r"^[0-9a-fA-F]{64}$")] = None,
    operator: Annotated[str | None, Field(max_length=200)] = None,
    device: Annotated[str | None, Field(max_length=200)] = None,
) -> Any:
    """Entries about exact bytes, an operator or a device; of a person or device the newest two hundred."""
    may(request, "copy:list")
    if not (sha256 or operator or device):
        raise UsageProblem("there is nothing to look for", advice="Give sha256, operator or device.")
    found = site.custody().find(
        sha256=bytes.fromhex(sha256) if sha256 else None, operator=operator, device=device, newest=200
    )
    return {"items": [{"index": index, "about": about} for index, about in found]}


@router.get("/ledger/policy", response={200: dict[str, Any], REFUSALS: Problem}, operation_id="ledgerPolicy")
def policy(request: HttpRequest) -> Any:
    """The witnesses that the log asks, and how many of them it needs."""
    may(request, "ledger:see")
    made = publication.policy(site.custody().office)
    return {"needed": made.needed, "witnesses": [{"url": url, "key": vkey} for vkey, url in made.witnesses]}


@router.get("/ledger/issuers", response={200: dict[str, Any], REFUSALS: Problem}, operation_id="listIssuers")
def issuers(request: HttpRequest) -> Any:
    """The organisations whose signed statements the log takes in."""
    may(request, "ledger:see")
    return {"items": [{"name": name, "key": pem} for name, pem in known(site.custody().office.db)]}


@router.get(
    "/ledger/timestamps", response={200: dict[str, Any], REFUSALS: Problem}, operation_id="listTimestamps"
)
def stamped(request: HttpRequest) -> Any:
    """Checkpoints that a time-stamping authority stamped (RFC 3161), each with its token in hex."""
    may(request, "ledger:see")
    return {
        "items": [
            {"size": size, "at": at, "checkpoint": note, "token": token.hex()}
            for size, at, note, token in timestamps.kept(site.custody().office.db)
        ]
    }


@router.get("/ledger/entries", response={200: Rows, REFUSALS: Problem}, operation_id="listEntries")
def entries(
    request: HttpRequest, response: HttpResponse, limit: paging.Limit = 50, before: paging.Before = None
) -> Any:
    """Entries, newest first."""
    may(request, "ledger:see")
    top = min(site.custody().office.ledger.size(), before if before is not None else 1 << 62)
    rows = list(range(top - 1, max(-1, top - 2 - limit), -1))
    return {"items": [event_of(index) for index in paging.page(request, response, rows, limit, lambda i: i)]}


@router.get("/ledger/entries/{index}", response={200: Row, REFUSALS: Problem}, operation_id="showEntry")
def entry(request: HttpRequest, index: int) -> Any:
    """One entry."""
    may(request, "ledger:see")
    _in_log(index)
    return event_of(index)


@router.get(
    "/ledger/entries/{index}/proof",
    response={200: InclusionShape, REFUSALS: Problem},
    operation_id="inclusionProof",
)
def proof(
    request: HttpRequest, index: int, size: Annotated[int | None, Field(ge=1, le=1 << 62)] = None
) -> Any:
    """That an entry is in the tree of `size` leaves; the current one when left out."""
    may(request, "ledger:see")
    ledger, now = site.custody().office.ledger, _in_log(index)
    tree = min(size, now) if size is not None else now
    if index >= tree:
        raise NotRegistered(f"a tree of {tree} leaves has no entry {index}")
    return {
        "index": index, "size": tree, "leaf": ledger.leaf(index).hex(), "root": ledger.root(tree).hex(),
        "path": [node.hex() for node in ledger.inclusion(index, tree)],
    }  # fmt: skip


@router.get(
    "/ledger/consistency",
    response={200: ConsistencyShape, REFUSALS: Problem},
    operation_id="consistencyProof",
)
def consistency(
    request: HttpRequest,
    first: Size,
    second: Size,
) -> Any:
    """That the tree of `second` leaves extends that of `first`."""
    may(request, "ledger:see")
    ledger = site.custody().office.ledger
    if not first <= second <= ledger.size():
        raise NotRegistered(
            f"there are no trees {first} and {second} in this order; the log has {ledger.size()}"
        )
    return {
        "first": first, "second": second, "first_root": ledger.root(first).hex(),
        "second_root": ledger.root(second).hex(), "path": [n.hex() for n in ledger.consistency(first, second)],
    }  # fmt: skip


def _cose(kind: str, what: str) -> dict[str, Any]:
    return {"responses": {200: {"description": f"The {what}, COSE_Sign1.", "content": {kind: BYTES}}}}


@router.get("/ledger/entries/{index}/statement", response={REFUSALS: Problem}, operation_id="statement",
            openapi_extra=_cose(STATEMENT, "signed statement"))  # fmt: skip
def statement(request: HttpRequest, index: int) -> Any:
    """The bytes of an entry: its signed statement (RFC 9943). What was purged is not found."""
    may(request, "ledger:see")
    _in_log(index)
    found = site.custody().office.entry(index).statement
    if not found:
        raise NotRegistered(f"the statement of entry {index} was purged; its hash and proofs stay")
    return HttpResponse(found, content_type=STATEMENT)


@router.get("/ledger/entries/{index}/receipt", response={REFUSALS: Problem}, operation_id="receipt",
            openapi_extra=_cose(RECEIPT, "receipt"))  # fmt: skip
def receipt(request: HttpRequest, index: int) -> Any:
    """The receipt of an entry (RFC 9942): its inclusion, signed."""
    may(request, "ledger:see")
    _in_log(index)
    return HttpResponse(site.custody().office.ledger.receipt(index), content_type=RECEIPT)
