"""Let an order be one of a package for an outsider."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("custody_screens", "0003_orders_that_end_soon"),
    ]

    operations = [
        migrations.AlterField(
            model_name="order",
            name="form",
            field=models.CharField(
                choices=[
                    ("copy", "Copy"),
                    ("print", "Print"),
                    ("reading", "Reading"),
                    ("package", "Package"),
                ],
                default="copy",
                max_length=10,
            ),
        ),
    ]
