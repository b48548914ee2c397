"""Webhooks: an address is told of events by following the ledger, so that no event is missed, whoever caused it.

A message names the event, its entry and what it is about, and holds nothing personal; the receiver asks the API for
more. It is signed, sent again with growing pauses until the receiver takes it, and every try is kept.
"""

from __future__ import annotations

import json
import logging
import secrets
import threading
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from ipaddress import ip_network
from typing import Any

from django.db import close_old_connections, transaction
from django.utils import timezone

from sealtrace.errors import NotRegistered, TargetRefused, UsageProblem
from sealtrace.hooks import signing, targets
from sealtrace.policy.model import Actor

from .. import deeds, site
from ..accounts.models import Operator
from ..jobs import service as jobs
from ..jobs.models import Job
from ..jobs.service import Tell, work
from .ledger import event_of
from .models import Delivery, Webhook

KIND = "webhook-deliver"
PAUSES_S = (5, 30, 120, 600, 3600, 6 * 3600, 24 * 3600)  # after each failed try; then it is given up
AT_ONCE, MOST_HOOKS = 500, 20
POLL_S = 1.0
log = logging.getLogger(__name__)
Send = Callable[[targets.Target, bytes, Mapping[str, str]], int]


def networks() -> list[targets.Network]:
    """The networks of the house that this site lets webhooks go to: its setting `webhook_networks`."""
    return [ip_network(text) for text in site.current().extra.get("webhook_networks", "").split()]


def _bound(key: str) -> bytes:
    return f"webhook {key}".encode()


def make(operator: Operator, url: str, events: Sequence[str], *, now: datetime) -> tuple[Webhook, str]:
    """Make a webhook that is told of what happens from now on; gives its secret too, shown once.

    Raises:
        TargetRefused: it would go inside the house.
        UsageProblem: an event has no name's form, or the operator has too many webhooks.
    """
    targets.check(url, networks())
    for event in events:
        if event != "*" and not event.replace("-", "").replace(":", "").isalnum():
            raise UsageProblem(f"{event!r} is no event", advice="Give names such as leak:traced, or *.")
    if operator.webhooks.filter(ended_at=None).count() >= MOST_HOOKS:
        raise UsageProblem(f"an operator has at most {MOST_HOOKS} webhooks")
    office, key, secret = site.custody().office, secrets.token_hex(6), signing.new_secret()
    with deeds.together() as enter:
        entry = enter(
            "webhook:set", key, {"webhook": key, "url": url, "events": " ".join(events), "by": operator.code}
        )
        sealed = office.subjects.seal_office({"secret": secret}, _bound(key))
        made = Webhook.objects.create(
            key=key,
            operator=operator,
            url=url,
            events=list(events),
            secret=sealed,
            cursor=entry + 1,
            made_at=now,
        )
    return made, secret


def find(operator: Operator, key: str) -> Webhook:
    """One of an operator's own webhooks in use. Raises NotRegistered."""
    found = operator.webhooks.filter(key=key, ended_at=None).first()
    if found is None:
        raise NotRegistered(f"you have no webhook {key[:20]}", advice="Look at the list of webhooks.")
    return found


def end(operator: Operator, key: str, *, now: datetime) -> None:
    """Tell a webhook nothing more. Raises NotRegistered."""
    found = find(operator, key)
    with deeds.together() as enter:
        enter("webhook:ended", key, {"webhook": key, "by": operator.code})
        Webhook.objects.filter(pk=found.pk).update(ended_at=now)


def collect(now: datetime) -> int:
    """Read the ledger on from each webhook's cursor and note what it is to be told; returns how many messages.

    Cursor and messages move in one transaction: nothing is told twice, nothing left out.
    """
    size, made = site.custody().office.ledger.size(), 0
    for hook in Webhook.objects.filter(ended_at=None, cursor__lt=size):
        until = min(size, hook.cursor + AT_ONCE)
        events = [event_of(index) for index in range(hook.cursor, until)]
        wanted = [e for e in events if "*" in hook.events or e["event"] in hook.events]
        with transaction.atomic():
            if not Webhook.objects.filter(pk=hook.pk, cursor=hook.cursor).update(cursor=until):
                continue  # another process is at it
            Delivery.objects.bulk_create(
                Delivery(webhook=hook, event=e["event"], entry=e["index"], next_at=now, at=now)
                for e in wanted
            )
            made += len(wanted)
    return made


def message(delivery: Delivery) -> bytes:
    """The body of a message: the same bytes for every try."""
    about = event_of(delivery.entry)
    body = {
        "type": delivery.event, "timestamp": delivery.at.isoformat(),
        "data": {"entry": delivery.entry, "leaf": about["leaf"], "subject": about["subject"]},
    }  # fmt: skip
    return json.dumps(body, ensure_ascii=False, sort_keys=True).encode()


def deliver(delivery: Delivery, now: datetime, send: Send = targets.send) -> None:
    """Try one message once and keep how it went."""
    hook = delivery.webhook
    secret = site.custody().office.subjects.unseal_office(bytes(hook.secret), _bound(hook.key))["secret"]
    body, status, problem = message(delivery), 0, ""
    try:
        target = targets.check(hook.url, networks())
        status = send(target, body, signing.headers(secret, f"msg_{hook.key}_{delivery.entry}", now, body))
    except TargetRefused as e:
        problem = e.message
    except OSError as e:
        problem = f"{type(e).__name__}: {e.strerror or e}"
    tries = delivery.tries + 1
    taken = 200 <= status < 300
    over = tries > len(PAUSES_S) or status == 410
    state = Delivery.State.DONE if taken else Delivery.State.GIVEN_UP if over else Delivery.State.WAITING
    pause = PAUSES_S[min(delivery.tries, len(PAUSES_S) - 1)]
    Delivery.objects.filter(pk=delivery.pk).update(
        state=state, tries=tries, status=status, problem=problem[:200], next_at=now + timedelta(seconds=pause)
    )


def due(now: datetime) -> list[Delivery]:
    """Messages whose time has come."""
    rows = Delivery.objects.filter(state=Delivery.State.WAITING, next_at__lte=now, webhook__ended_at=None)
    return list(rows.select_related("webhook").order_by("next_at")[:100])


def take(delivery: Delivery, now: datetime) -> bool:
    """Take a message for this worker, so that no other sends it meanwhile; a killed worker's comes up again."""
    rows = Delivery.objects.filter(pk=delivery.pk, state=Delivery.State.WAITING, next_at=delivery.next_at)
    return bool(rows.update(next_at=now + timedelta(seconds=60)))


@work(KIND)
def deliver_due(actor: Actor, arguments: Mapping[str, Any], tell: Tell) -> dict[str, Any]:  # noqa: ARG001
    """Send every message whose time has come."""
    sent = 0
    for delivery in due(timezone.now()):
        if take(delivery, timezone.now()):
            deliver(delivery, timezone.now())
            sent += 1
    return {"sent": sent}


def step(now: datetime) -> None:
    """Look at the ledger once, and have what is due sent unless that is under way."""
    collect(now)
    under_way = Job.objects.filter(kind=KIND, ended_at=None, created_at__gt=now - timedelta(minutes=10))
    if due(now) and not under_way.exists():
        jobs.start(KIND, Actor("sealtrace", "none", "127.0.0.1"), {})


_following: threading.Thread | None = None


def follow() -> None:
    """Follow the ledger in a thread of this process from now on; calling it again changes nothing."""
    global _following  # noqa: PLW0603 (one follower a process)
    if _following is None:
        _following = threading.Thread(target=_follow, name="webhooks", daemon=True)
        _following.start()


def _follow() -> None:
    pause = threading.Event()
    while not pause.wait(POLL_S):
        try:
            step(timezone.now())
        except Exception:  # it must outlive a full disk; what was missed is read next time
            log.exception("following the ledger failed")
        finally:
            close_old_connections()
