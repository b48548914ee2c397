"""The second approval of an order of copies: a seam, so that a fuller service of approvals can stand behind it.

Who asked, what it is about and what was said stand in the order; the rule itself is here and pure.
"""

from __future__ import annotations

from django.utils import timezone
from django.utils.translation import gettext as _

from sealtrace.errors import Denied
from sealtrace.policy.model import Actor

from .models import Order


def needed(level: str) -> bool:
    """Whether copies of files of this level need a second person."""
    return level == "core"


def why_not(order: Order, actor: Actor) -> str:
    """Why this person can't give the second approval; empty when they can."""
    if order.state != Order.State.ASKED:
        return _("This order does not wait for an approval.")
    if actor.operator == order.operator:
        return _("The second approval is another person’s.")
    if actor.device == order.device and actor.device != "none":
        return _("The second approval comes from another device.")
    if actor.operator in {r["operator"] for r in order.recipients}:
        return _("A recipient does not approve their own copy.")
    return ""


def decide(order: Order, actor: Actor, *, agree: bool, words: str) -> None:
    """Give or refuse the second approval.

    Raises:
        Denied: this person can't.
    """
    reason = why_not(order, actor)
    if reason:
        raise Denied(reason)
    said = {"operator": actor.operator, "device": actor.device, "ip": actor.ip, "words": words[:300],
            "at": timezone.now().isoformat()}  # fmt: skip
    state = Order.State.AGREED if agree else Order.State.DECLINED
    changed = Order.objects.filter(pk=order.pk, state=Order.State.ASKED).update(state=state, second=said)
    if not changed:
        raise Denied(_("Somebody else has decided meanwhile."))
    order.refresh_from_db()
