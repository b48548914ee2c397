"""`sealtrace demo`."""

from __future__ import annotations

from pathlib import Path

import click


@click.command()
@click.argument("story", type=click.Choice(["leaks", "people"]), default="leaks")
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    help="Folder for what is made; by default demo-output, demo-output-people.",
)
@click.option("--lang", type=click.Choice(["zh", "en"]), help="Language of the table; by default the user's.")
def demo(story: str, out: Path | None, lang: str | None) -> int:
    """Run the main job on real documents: register, issue 200 copies, leak, trace, prove.

    `people` runs another story: a director leaves, and a name like his stands on a foreign plant's list. Both work
    in a home of their own under the output folder. Exit code 1 when any answer is wrong.
    """
    from .words import language

    if story == "people":
        from sealtrace.demo import people

        return people.run(out or Path("demo-output-people"), lang=lang or language())
    from sealtrace.demo.show import run

    return run(out or Path("demo-output"), lang=lang or language())
