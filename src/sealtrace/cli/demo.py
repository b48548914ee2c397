"""`sealtrace demo`."""

from __future__ import annotations

from pathlib import Path

import click


@click.command()
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    default=Path("demo-output"),
    show_default=True,
    help="Folder for documents and pictures.",
)
@click.option("--lang", type=click.Choice(["zh", "en"]), help="Language of the table; by default the user's.")
def demo(out: Path, lang: str | None) -> int:
    """Run the main job on real documents: register, issue 200 copies, leak, trace, prove.

    Works in a home of its own under the output folder. Exit code 1 when any answer is wrong.
    """
    from sealtrace.demo.show import run

    from .words import language

    return run(out, lang=lang or language())
