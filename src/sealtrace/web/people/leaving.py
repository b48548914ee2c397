"""Leaving a sensitive post: begun, ticked off with documents, carriers taken back against a receipt."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from sealtrace.posts import checklist
from sealtrace.posts.checklist import Item

from ..accounts.may import may
from . import desk, file, forms


@may("leaving:act")
@require_POST
def begin(request: HttpRequest, person: str, name: str) -> HttpResponse:
    """Begin a leaving of a designation."""
    return desk.act(
        request, _("The leaving is opened."),
        lambda: checklist.open_leaving(
            desk.office(), desk.me(request), name, forms.begins(request.POST, "leaves", _("Leaves on")),
            desk.now(),
        ),
        lambda e: file.page(request, person, e, f"leave-{name}"), "people-file", person, place="leaving",
    )  # fmt: skip


@may("leaving:act")
@require_POST
def do(request: HttpRequest, person: str, name: str) -> HttpResponse:
    """Tick one item off, with its document."""
    said = request.POST
    item = said.get("item", "")

    def done() -> None:
        if item not in set(Item):
            raise forms.wrong_field("item", _("There is no such item on the list."))
        checklist.do_item(
            desk.office(), desk.me(request), name, Item(item), forms.text(said, "document", _("Document")),
            desk.now(),
        )  # fmt: skip

    return desk.act(
        request, _("Done, with its document."), done, lambda e: file.page(request, person, e, f"do-{name}-{item}"),
        "people-file", person, place="leaving",
    )  # fmt: skip


@may("leaving:act")
@require_POST
def take_back(request: HttpRequest, person: str) -> HttpResponse:
    """Take copies and devices back against a receipt."""
    said = request.POST
    return desk.act(
        request, _("Taken back; the receipt is on record."),
        lambda: checklist.take_back(
            desk.office(), desk.me(request), person, copies=said.getlist("copy"), devices=said.getlist("device"),
            receipt=forms.text(said, "receipt", _("Number of the receipt")), now=desk.now(),
        ),
        lambda e: file.page(request, person, e, "take-back"), "people-file", person, place="holding",
    )  # fmt: skip
