"""Orders have a key, a form, an undertaking, and their second approval where all approvals are."""

from __future__ import annotations

from typing import Any

from django.db import migrations, models

import sealtrace.web.custody.models


def name_orders(apps: Any, _schema: Any) -> None:
    """Give each order a key of its own; one that waited under the old rule is asked for anew."""
    orders = apps.get_model("custody_screens", "Order").objects
    for pk in list(orders.values_list("pk", flat=True)):
        orders.filter(pk=pk).update(key=sealtrace.web.custody.models.fresh_key())
    orders.filter(state="asked").update(state="declined")


class Migration(migrations.Migration):
    """Add the fields, fill the keys, then hold them unique."""

    dependencies = [("custody_screens", "0001_initial")]
    operations = [
        migrations.AddField("order", "key", models.CharField(default="", max_length=80)),
        migrations.AddField(
            "order",
            "form",
            models.CharField(
                choices=[("copy", "Copy"), ("print", "Print"), ("reading", "Reading")],
                default="copy",
                max_length=10,
            ),
        ),
        migrations.AddField("order", "undertaking", models.TextField(blank=True, default="")),
        migrations.AddField("order", "request", models.CharField(blank=True, default="", max_length=22)),
        migrations.RunPython(name_orders, migrations.RunPython.noop),
        migrations.AlterField(
            "order",
            "key",
            models.CharField(default=sealtrace.web.custody.models.fresh_key, max_length=80, unique=True),
        ),
        migrations.RemoveField("order", "second"),
    ]
