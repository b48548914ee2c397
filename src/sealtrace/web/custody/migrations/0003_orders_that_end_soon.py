"""Find the orders that end soon by an index."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("custody_screens", "0002_orders"),
    ]

    operations = [
        migrations.AddIndex(
            model_name="order",
            index=models.Index(fields=["state", "until"], name="orders_that_end_soon"),
        ),
    ]
