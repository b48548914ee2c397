"""Packages for outsiders: ordered as copies are, made and handed over once by who ordered them."""

from __future__ import annotations

from datetime import date, datetime
from typing import BinaryIO

from sealtrace.custody.model import Recipient
from sealtrace.custody.outgoing import handing
from sealtrace.custody.outgoing.package import Conditions, Packaged, made_before, package
from sealtrace.errors import Denied, NotRegistered, SecondPersonNeeded, UsageProblem
from sealtrace.ids import CopyId, VersionRef
from sealtrace.policy.model import Actor

from .. import site
from . import ordering
from .models import Order, OrderedCopy


def place(
    actor: Actor, ref: str, outsider: Recipient, *, organisation: str, purpose: str, until: date | None,
    undertaking: str, now: datetime, key: str = "",
) -> Order:  # fmt: skip
    """Order a package; of an important or core file it waits for a second person. Raises as `ordering.place`."""
    if not purpose.strip():
        raise UsageProblem("a package has a purpose", advice="Say what the outsider needs it for.")
    wanted = ordering.Wanted(
        ref, (outsider,), purpose.strip(), until, Order.Form.PACKAGE, undertaking.strip(), key, organisation.strip()
    )  # fmt: skip
    return ordering.place(actor, wanted, now=now)


def _terms(order: Order) -> tuple[VersionRef, Recipient, Conditions]:
    [said] = order.recipients
    outsider = Recipient(said["operator"], said["device"], said["ip"])
    return VersionRef.parse(order.ref), outsider, Conditions(
        order.operator, ordering.end_of(order.until), said["organisation"], order.purpose, order.undertaking,
        order.key,
    )  # fmt: skip


def settle(order: Order) -> None:
    """Let an order follow its approval, and the package that a process made before it died."""
    ordering.settle(order)
    if order.form == Order.Form.PACKAGE and order.state == Order.State.AGREED:
        ref, outsider, conditions = _terms(order)
        office = site.custody().office
        made = made_before(office, office.version(ref), outsider, conditions)
        if made is not None:
            _keep(order, made)


def _keep(order: Order, copy: CopyId) -> None:
    OrderedCopy.objects.get_or_create(copy=str(copy), defaults={"order": order})
    order.state = Order.State.ISSUED
    order.save(update_fields=["state"])


def make(actor: Actor, order: Order) -> Packaged:
    """Make the package of an order. Its bytes wait here; its code is in what this gives, and nowhere else.

    Raises:
        Denied: it is another's order, no package, declined, or its package was made before.
        SecondPersonNeeded: the order is not approved.
        UsageProblem: its last day is past.
        And as `package.require`.
    """
    if order.form != Order.Form.PACKAGE or order.operator != actor.operator:
        raise Denied("a package is made by who ordered it")
    settle(order)
    if order.state == Order.State.ASKED:
        raise SecondPersonNeeded("the order still waits for a second person")
    if order.state == Order.State.DECLINED:
        raise Denied("this order was declined")
    office = site.custody().office
    ref, outsider, conditions = _terms(order)
    if conditions.until is not None and conditions.until <= office.clock.now():
        raise UsageProblem(
            "the last day of this order is past; no package was made", advice="Order another one."
        )
    handing.sweep(office)
    made = package(office, ref, outsider, None, conditions)
    _keep(order, made.copy.id)
    return made


def order_of(copy: CopyId) -> Order | None:
    """The order that a package came of; None for one made on the command line."""
    return Order.objects.filter(form=Order.Form.PACKAGE, issued__copy=str(copy)).first()


def hand_over(actor: Actor, copy: CopyId) -> BinaryIO:
    """Give a package's bytes to who ordered it, once; the entry is durable before the first byte goes.

    Raises:
        Denied: somebody else ordered it, or its bytes are not here any more.
        And as `handing.hand_over`.
    """
    order = order_of(copy)
    if order is None or order.operator != actor.operator:
        raise Denied("a package is handed over by who ordered it")
    return handing.hand_over(site.custody().office, copy, by=actor.operator, device=actor.device)


def open_orders(limit: int) -> list[Order]:
    """Orders of packages that were not made yet, newest first."""
    states = [Order.State.ASKED, Order.State.AGREED]
    return list(Order.objects.filter(form=Order.Form.PACKAGE, state__in=states).order_by("-id")[:limit])


def find(number: int) -> Order:
    """An order of a package. Raises NotRegistered."""
    found = Order.objects.filter(pk=number, form=Order.Form.PACKAGE).first()
    if found is None:
        raise NotRegistered(f"there is no order {number} of a package")
    settle(found)
    return found
