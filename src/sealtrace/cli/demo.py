"""`sealtrace demo`, `sealtrace demo trade`."""

from __future__ import annotations

from pathlib import Path

import click


@click.group(invoke_without_command=True)
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    default=Path("demo-output"),
    show_default=True,
    help="Folder for documents and pictures.",
)
@click.option("--lang", type=click.Choice(["zh", "en"]), help="Language of the table; by default the user's.")
@click.pass_context
def demo(ctx: click.Context, out: Path, lang: str | None) -> int | None:
    """Run the main job on real documents: register, issue 200 copies, leak, trace, prove.

    Works in a home of its own under the output folder. Exit code 1 when any answer is wrong.
    """
    if ctx.invoked_subcommand is not None:
        return None
    from sealtrace.demo.show import run

    from .words import language

    return run(out, lang=lang or language())


@demo.command()
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    default=Path("demo-trade"),
    show_default=True,
    help="Folder for the season, pictures, reports and exports.",
)
@click.option("--lang", type=click.Choice(["zh", "en"]), help="Language; by default the user's.")
def trade(out: Path, lang: str | None) -> int:
    """Run a campaign of trade supervision: forty cases at six ports, one worked by four departments.

    Neodymium powder declared as ceramic raw material goes by way of a third country; told from the first alert to the
    outcome. Works in a home of its own under the output folder. Exit code 1 when anything does not hold.
    """
    from sealtrace.demo.trade.show import run

    from .words import language

    return run(out, lang=lang or language())
