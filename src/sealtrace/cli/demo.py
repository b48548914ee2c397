"""`sealtrace demo`, `sealtrace demo licences|people|trade`: stories told from one command."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

LANGUAGE = click.Choice(["zh", "en"])
FOLDER = click.Path(path_type=Path)


def story_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """Add --out and --lang to a story; left out, they are those given before its name."""
    lang = click.option("--lang", type=LANGUAGE, help="Language; by default the user's.")
    return click.option("--out", type=FOLDER, help="Folder for what is made.")(lang(function))


@click.group(invoke_without_command=True)
@click.option("--out", type=FOLDER, help="Folder for documents and pictures; by default demo-output.")
@click.option("--lang", type=LANGUAGE, help="Language of the table; by default the user's.")
@click.pass_context
def demo(ctx: click.Context, out: Path | None, lang: str | None) -> int | None:
    """Run the main job on real documents: register, issue 200 copies, leak, trace, prove.

    Works in a home of its own under the output folder. Exit code 1 when any answer is wrong.
    """
    from .words import language

    ctx.obj = out, lang or language()
    if ctx.invoked_subcommand is not None:
        return None
    from sealtrace.demo.show import run

    return run(out or Path("demo-output"), lang=lang or language())


@demo.command()
@story_options
@click.pass_obj
def licences(before: tuple[Path | None, str], out: Path | None, lang: str | None) -> int:
    """Play the licence desk: seven elements, end users granted and refused, an amendment, a revocation, an end.

    Works in a home of its own under the output folder. Exit code 1 when anything is not as expected.
    """
    from sealtrace.demo.licences import run

    folder = out or before[0] or Path("demo-output")
    folder.mkdir(parents=True, exist_ok=True)
    return run(folder, lang or before[1], click.echo)


@demo.command()
@story_options
@click.pass_obj
def trade(before: tuple[Path | None, str], out: Path | None, lang: str | None) -> int:
    """Run a campaign of trade supervision: forty cases at six ports, one worked by four departments.

    Neodymium powder declared as ceramic raw material goes by way of a third country; told from the first alert to the
    outcome. Works in a home of its own under the output folder. Exit code 1 when anything does not hold.
    """
    from sealtrace.demo.trade.show import run

    return run(out or before[0] or Path("demo-trade"), lang=lang or before[1])


@demo.command()
@story_options
@click.pass_obj
def people(before: tuple[Path | None, str], out: Path | None, lang: str | None) -> int:
    """Tell of a director who leaves: a name like his stands on a foreign plant's list three weeks later.

    The right man, a namesake, and a man whose restriction had lapsed. Works in a home of its own under the output
    folder. Exit code 1 when any answer is wrong.
    """
    from sealtrace.demo import people as story

    return story.run(out or before[0] or Path("demo-output-people"), lang=lang or before[1])
