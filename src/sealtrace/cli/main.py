"""The command `sealtrace [--home DIR] NOUN VERB`: lazy nouns, one JSON object or plain text, stable exit codes."""

from __future__ import annotations

import importlib
import os
import sys
from pathlib import Path
from typing import Any

import click

from sealtrace import __version__
from sealtrace.errors import SealtraceError, UsageProblem

from .show import Output

NOUNS = {
    "init": ("sealtrace.cli.home", "init"),
    "file": ("sealtrace.cli.file", "file"),
    "copy": ("sealtrace.cli.copy", "copy"),
    "device": ("sealtrace.cli.device", "device"),
    "leak": ("sealtrace.cli.leak", "leak"),
    "evidence": ("sealtrace.cli.evidence", "evidence"),
    "ledger": ("sealtrace.cli.ledger", "ledger"),
    "subject": ("sealtrace.cli.subject", "subject"),
    "licence": ("sealtrace.cli.licence", "licence"),
    "backup": ("sealtrace.cli.backup", "backup"),
    "notary": ("sealtrace.cli.notary", "notary"),
    "witness": ("sealtrace.cli.witness", "witness"),
    "monitor": ("sealtrace.cli.monitor", "monitor"),
    "person": ("sealtrace.cli.person", "person"),
    "post": ("sealtrace.cli.post", "post"),
    "travel": ("sealtrace.cli.travel", "travel"),
    "watch": ("sealtrace.cli.watch", "watch"),
    "trade": ("sealtrace.cli.trade", "trade"),
    "case": ("sealtrace.cli.case", "case"),
    "ingest": ("sealtrace.cli.ingest", "ingest"),
    "web": ("sealtrace.cli.web", "web"),
    "migrate": ("sealtrace.cli.migrate", "migrate"),
    "token": ("sealtrace.cli.token", "token"),
    "agent": ("sealtrace.cli.agent", "agent"),
    "intake": ("sealtrace.cli.intake", "intake"),
    "demo": ("sealtrace.cli.demo", "demo"),
}
INTERRUPTED = 130


class LazyNouns(click.Group):
    """Loads a noun's module when it is called, so that each command starts with what it needs only."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 (click's signature)
        """Name the nouns in the order of the work."""
        return list(NOUNS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        """Load one noun."""
        if cmd_name not in NOUNS:
            return None
        module, name = NOUNS[cmd_name]
        command: click.Command = getattr(importlib.import_module(module), name)
        return command


@click.group(
    cls=LazyNouns, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100}
)
@click.option(
    "--home",
    type=click.Path(path_type=Path),
    envvar="SEALTRACE_HOME",
    help="The folder that holds the register, the vault and the ledger. [env: SEALTRACE_HOME; default: ~/.sealtrace]",
)
@click.option(
    "--passphrase-file",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="Read the home's passphrase from this file (or set SEALTRACE_PASSPHRASE).",
)
@click.option(
    "--share",
    "shares",
    multiple=True,
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="A key share's file, for a home that opens with k of n shares; repeat (or set SEALTRACE_SHARES).",
)
@click.version_option(__version__, prog_name="sealtrace")
@click.pass_context
def sealtrace(
    ctx: click.Context, home: Path | None, passphrase_file: Path | None, shares: tuple[Path, ...]
) -> None:
    """Custody, tracing and proof for controlled technical files.

    Register a file, issue individually marked copies, trace a leak to the copy it came from, and prove
    it to anyone. 登记、发放带标记的副本、溯源泄露、出具任何人都能验证的证据。
    """
    ctx.obj = Settings(home or Path.home() / ".sealtrace", passphrase_file, shares)


class Settings:
    """What the words before the noun said."""

    def __init__(self, home: Path, passphrase_file: Path | None, shares: tuple[Path, ...] = ()) -> None:
        self.home, self.passphrase_file, self._shares = home, passphrase_file, shares

    def shares(self) -> list[Path]:
        """The key-share files given, or those SEALTRACE_SHARES names, divided like PATH."""
        named = os.environ.get("SEALTRACE_SHARES") or ""
        return list(self._shares) or [Path(name) for name in named.split(os.pathsep) if name]

    def passphrase(self) -> str | None:
        """The passphrase from the file or the environment, without its line end.

        Raises:
            UsageProblem: the file can't be read as UTF-8.
        """
        if self.passphrase_file is None:
            return os.environ.get("SEALTRACE_PASSPHRASE") or None
        try:
            return self.passphrase_file.read_text("utf-8").rstrip("\r\n")
        except (OSError, UnicodeDecodeError) as e:
            raise UsageProblem(f"the passphrase file can't be read: {e}") from e


def main(argv: list[str] | None = None) -> None:
    """Run one command and leave with its exit code; every failure is one clear message or object."""
    words = sys.argv[1:] if argv is None else argv
    output = Output(as_json="--json" in words)
    try:
        code: Any = sealtrace.main(args=words, prog_name="sealtrace", standalone_mode=False)
    except click.exceptions.Exit as e:
        sys.exit(e.exit_code)
    except click.UsageError as e:
        e.show()
        sys.exit(2)
    except click.ClickException as e:
        e.show()
        sys.exit(e.exit_code)
    except (click.Abort, KeyboardInterrupt):
        click.echo("interrupted; what was acknowledged is kept", err=True)
        sys.exit(INTERRUPTED)
    except SealtraceError as e:
        output.failure(e)
        sys.exit(e.exit_code)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(INTERRUPTED)
    sys.exit(code if isinstance(code, int) else 0)


if __name__ == "__main__":
    main()
