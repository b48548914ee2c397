"""`sealtrace demo`, and `sealtrace demo licences`."""

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
def demo(ctx: click.Context, out: Path, lang: str | None) -> int:
    """Run the main job on real documents: register, issue 200 copies, leak, trace, prove.

    Works in a home of its own under the output folder. Exit code 1 when any answer is wrong.
    """
    from .words import language

    ctx.obj = out, lang or language()
    if ctx.invoked_subcommand is not None:
        return 0
    from sealtrace.demo.show import run

    return run(out, lang=lang or language())


@demo.command("licences")
@click.pass_obj
def licences(where: tuple[Path, str]) -> int:
    """Play the licence desk: seven elements, end users granted and refused, an amendment, a revocation, an end.

    Works in a home of its own under the output folder. Exit code 1 when anything is not as expected.
    """
    from sealtrace.demo.licences import run

    out, lang = where
    out.mkdir(parents=True, exist_ok=True)
    return run(out, lang, click.echo)
