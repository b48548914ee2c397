"""The ledger explorer: entries, one entry with its proof, the checkpoint with its witnesses, checking a file."""

from __future__ import annotations

import base64
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from sealtrace.custody import publication
from sealtrace.errors import StorageFailed, UsageProblem
from sealtrace.policy import engine

from .. import site
from ..accounts.may import acting, may
from . import entries, reading

PAGE_SIZE = 50


@may("ledger:see")
@require_GET
def ledger(request: HttpRequest) -> HttpResponse:
    """Entries, newest first; a search, or a jump to an index."""
    size = site.custody().office.ledger.size()
    wanted = request.GET.get("q", "").strip()[:200]
    bare = wanted.replace(",", "")
    if bare.isdecimal() and len(bare) < 16 and int(bare) < size:
        return redirect("ledger-entry", index=int(bare))
    context: dict[str, Any] = {"size": size, "wanted": wanted, "tab": "entries"}
    if wanted:
        found = entries.search(acting(request), wanted)
        return render(request, "custody/ledger.html", context | {"rows": found.entries, "found": found})
    before = reading.whole_number(request.GET.get("before"))
    rows = entries.latest(PAGE_SIZE, before)
    oldest = rows[-1].index if rows else 0
    newer = before + PAGE_SIZE if before is not None and before < size else None
    context |= {"rows": rows, "older": oldest or None, "newer": newer, "before": before}
    return render(request, "custody/ledger.html", context)


@may("ledger:see")
@require_GET
def entry(request: HttpRequest, index: int) -> HttpResponse:
    """One entry, proven in the reader's browser."""
    size = site.custody().office.ledger.size()
    if index >= size:
        raise Http404
    around = entries.latest(9, min(size, index + 5))
    context = {
        "entry": entries.shown(index), "rows": around, "size": size, "tab": "entries",
        "next": index + 1 if index + 1 < size else None, "previous": index - 1 if index else None,
    }  # fmt: skip
    return render(request, "custody/ledger_entry.html", context)


@may("ledger:see")
@require_GET
def checkpoint(request: HttpRequest) -> HttpResponse:
    """The newest checkpoint, who signed it, and the witnesses asked."""
    head = head_facts()
    may_seal = engine.decide(acting(request), "ledger:seal").allowed
    context = {"head": head, "tab": "checkpoint", "may_seal": may_seal}
    return render(request, "custody/ledger_checkpoint.html", context)


@may("ledger:seal")
@require_POST
def seal(request: HttpRequest) -> HttpResponse:
    """Ask the witnesses to cosign the newest checkpoint.

    Raises:
        QuorumMissing: too few did; nothing was published.
    """
    site.custody().seal_head()
    messages.success(request, _("The checkpoint is complete."))
    return redirect("ledger-checkpoint")


@may("ledger:see")
@require_GET
def check(request: HttpRequest) -> HttpResponse:
    """Check an evidence file in this browser; nothing is sent."""
    return render(request, "custody/ledger_check.html", {"tab": "check"})


# -- what the browser checks ---------------------------------------------------------------------


def head_facts() -> dict[str, Any]:
    """The checkpoint with the keys of those who sign it."""
    office = site.custody().office
    keys, asked = office.ledger.keys(), publication.policy(office)
    note = office.ledger.checkpoint()
    return {
        "checkpoint": note,
        "origin": note.split("\n", 1)[0],
        "size": int(note.split("\n")[1]),
        "verifier_keys": list(keys.verifier_keys),
        "statement_keys": list(keys.statement_keys),
        "receipt_keys": list(keys.receipt_keys),
        "witnesses": [vkey for vkey, _url in asked.witnesses],
        "needed": asked.needed,
    }


@may("ledger:see")
@require_GET
def head_json(request: HttpRequest) -> JsonResponse:  # noqa: ARG001
    """The checkpoint and the keys."""
    return JsonResponse(head_facts())


@may("ledger:see")
@require_GET
def consistency_json(request: HttpRequest) -> JsonResponse:
    """The proof that the tree of `new` entries extends that of `old`."""
    old, new = (reading.whole_number(request.GET.get(name)) for name in ("old", "new"))
    office = site.custody().office
    if old is None or new is None or not 0 < old <= new <= office.ledger.size():
        raise UsageProblem(_("There are no trees of these sizes."))
    path = office.ledger.consistency(old, new)
    return JsonResponse({"old": old, "new": new, "path": [_text(node) for node in path]})


@may("ledger:see")
@require_GET
def proof_json(request: HttpRequest, index: int) -> JsonResponse:  # noqa: ARG001
    """Everything that proves an entry: statement, receipt, checkpoint, keys."""
    return JsonResponse(_proof(index))


@may("ledger:see")
@require_GET
def proof_file(request: HttpRequest, index: int, what: str) -> HttpResponse:  # noqa: ARG001
    """The statement, the receipt, or everything that proves an entry, to keep."""
    proof = _proof(index)
    if what not in ("bundle", "statement", "receipt"):
        raise Http404
    if what == "bundle":
        response: HttpResponse = JsonResponse(proof, json_dumps_params={"indent": 1})
        name = f"entry-{index}.proof.json"
    else:
        data = base64.b64decode(proof[what])
        response = HttpResponse(data, content_type="application/cose")
        name = f"entry-{index}.{what}"
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


@may("ledger:see")
@require_GET
def checkpoint_file(request: HttpRequest) -> HttpResponse:  # noqa: ARG001
    """The checkpoint, as C2SP writes it."""
    response = HttpResponse(
        site.custody().office.ledger.checkpoint(), content_type="text/plain; charset=utf-8"
    )
    response.headers["Content-Disposition"] = 'attachment; filename="checkpoint"'
    return response


def _text(data: bytes) -> str:
    return base64.b64encode(data).decode()


def _proof(index: int) -> dict[str, Any]:
    """Read receipt and checkpoint of one tree; entries that come between are waited out."""
    office = site.custody().office
    if index >= office.ledger.size():
        raise Http404
    for _try in range(20):
        head = head_facts()
        receipt = office.ledger.receipt(index)
        if office.ledger.checkpoint() == head["checkpoint"]:
            statement = office.entry(index).statement
            return {
                "index": index, "leaf": office.ledger.leaf(index).hex(), "statement": _text(statement),
                "receipt": _text(receipt), **head,
            }  # fmt: skip
    raise StorageFailed(_("The log grows too quickly to prove an entry just now."))
