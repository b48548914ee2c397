"""Move the accounts, devices, approvals and jobs of a home's own database to PostgreSQL, row by row as they are."""

from __future__ import annotations

import io
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from functools import partial
from multiprocessing import get_context

from sealtrace.errors import UsageProblem

from .plan import Plan

LEFT_BEHIND = ["sessions", "contenttypes", "auth.permission"]  # made anew by signing in and by Django


def move_accounts(plan: Plan, database: str) -> int:
    """Copy every row from the home's database into an empty PostgreSQL; returns how many.

    All or none; the home's own database is left as it is. Each side runs in a process of its own, since Django
    reads its settings once.

    Raises:
        UsageProblem: people are in the target already.
    """
    target = replace(plan, database=database)
    apart = partial(ProcessPoolExecutor, 1, mp_context=get_context("spawn"))
    with apart() as process:
        process.submit(_prepare, target).result()  # refused before the home's rows are read
    with apart() as process:
        rows = process.submit(_take, replace(plan, database=None)).result()
    with apart() as process:
        return process.submit(_give, target, rows).result()


def _prepare(plan: Plan) -> None:
    from . import boot

    with plan.open() as custody:
        boot.start(plan.site(custody))
        _refuse_if_used()


def _refuse_if_used() -> None:
    from .accounts.models import Operator

    if Operator.objects.exists():
        raise UsageProblem("the target holds accounts already", advice="Give an empty database.")


def _take(plan: Plan) -> str:
    from django.core.management import call_command

    from . import boot

    with plan.open() as custody:
        boot.start(plan.site(custody))
        out = io.StringIO()
        call_command("dumpdata", exclude=LEFT_BEHIND, stdout=out)
    return out.getvalue()


def _give(plan: Plan, rows: str) -> int:
    from django.core import serializers
    from django.core.management import color
    from django.db import connection, transaction

    from . import boot

    with plan.open() as custody:
        boot.start(plan.site(custody))
        _refuse_if_used()
        count, models = 0, set()
        with transaction.atomic(), connection.constraint_checks_disabled():
            for item in serializers.deserialize("json", rows):
                item.save()
                models.add(type(item.object))
                count += 1
            connection.check_constraints()
            statements = connection.ops.sequence_reset_sql(color.no_style(), list(models))
            with connection.cursor() as cursor:
                for statement in statements:
                    cursor.execute(statement)
    return count
