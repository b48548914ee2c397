"""`sealtrace evidence`: export, verify, report. Verifying and reporting need no home and no network."""

from __future__ import annotations

from pathlib import Path

import click

from . import words
from .main import Settings
from .opening import custody_of
from .show import Output, json_option, table


@click.group()
def evidence() -> None:
    """Evidence files: write one for a trace; check one anywhere, without a home or without Sealtrace."""


@evidence.command()
@click.argument("trace_id")
@click.option("--out", required=True, type=click.Path(path_type=Path), help="File to write.")
@click.option(
    "--for", "defence", metavar="COPY", help="For that copy's recipient: other people's data withheld."
)
@json_option
@click.pass_obj
def export(settings: Settings, trace_id: str, out: Path, defence: str | None, output: Output) -> None:
    """Write the evidence of a trace (its id, or the index of its entry) as one file."""
    with custody_of(settings) as custody:
        size = custody.export_evidence(trace_id, out, defence=defence)
    output.answer(
        {"ok": True, "trace": trace_id, "path": str(out), "size_bytes": size}, f"{out}  ({size:,} B)"
    )


@evidence.command()
@click.option("--out", required=True, type=click.Path(path_type=Path), help="Folder to write into.")
@json_option
def verifier(out: Path, output: Output) -> None:
    """Write the two verifiers that need no Sealtrace, to hand over with an evidence file.

    sealtrace_verify.html opens in any browser and asks nothing of the network; sealtrace_verify.py runs
    under Python with the packages cryptography and cbor2.
    """
    from sealtrace.verifier import write

    names = write(out)
    paths = [str(out / name) for name in names]
    output.answer({"ok": True, "paths": paths}, "\n".join(paths))


@evidence.command()
@click.argument("path", type=click.Path(path_type=Path))
@click.option(
    "--key", help="The log's verifier key as its operator publishes it; without it the file's own is shown."
)
@click.option(
    "--cosigner", "cosigners", multiple=True, metavar="VKEY",
    help="A verifier key that must have signed the checkpoint too: a witness' or the log's ML-DSA-44 one.",
)  # fmt: skip
@json_option
def verify(path: Path, key: str | None, cosigners: tuple[str, ...], output: Output) -> int:
    """Check an evidence file or package: what holds, what does not. Exit code 20 when anything does not."""
    from sealtrace.trace.verify import verify as check

    report = check(path, expected_key=key, cosigners=cosigners)

    def text() -> str:
        shown = {True: "yes", False: "no", None: "not checked here"}
        rows = [(words.say(shown[c.holds]), c.claim, c.detail) for c in report.claims]
        verdict = words.say("evidence holds" if report.holds else "evidence does not hold")
        return f"{verdict}\n\n{table([words.say('holds'), '', ''], rows)}\n\n{report.statement(words.language())}"

    output.answer(report.as_dict(), text)
    return 0 if report.holds else 20


@evidence.command("report")
@click.argument("path", type=click.Path(path_type=Path))
@click.option("--out", required=True, type=click.Path(path_type=Path), help="PDF to write.")
@click.option(
    "--lang", "language", type=click.Choice(["zh", "en"]), help="The report's language; else the terminal's."
)
@click.option(
    "--key",
    help="The log's verifier key as its operator publishes it; without it the report asks to compare.",
)
@click.option(
    "--cosigner", "cosigners", multiple=True, metavar="VKEY",
    help="A verifier key that must have signed the checkpoint too: a witness' or the log's ML-DSA-44 one.",
)  # fmt: skip
@click.option(
    "--circumstances", "beside", metavar="ANSWER.json", type=click.Path(path_type=Path),
    help="The trace's answer as `leak trace --json` gave it: its circumstances come last, as no part of the proof.",
)  # fmt: skip
@json_option
def report_on_paper(
    path: Path, out: Path, language: str | None, key: str | None, cosigners: tuple[str, ...], beside: Path | None,
    output: Output,
) -> int:  # fmt: skip
    """Verify an evidence file and write the report on it for a court, as PDF.

    A file that does not hold gets a report too: it says so first and names nobody. Exit code 20 then.
    """
    from sealtrace.custody.issue import checked_target
    from sealtrace.errors import ProofInvalid, UsageProblem
    from sealtrace.trace.report import Language, report_on

    checked_target(out)
    if out.exists() and path.exists() and out.samefile(path):
        raise UsageProblem("the report would replace the evidence", advice="Give another name with --out.")
    chosen: Language = "zh" if (language or words.language()) == "zh" else "en"
    trace, rows = _circumstances(beside) if beside else ("", [])
    written = report_on(path, chosen, expected_key=key, cosigners=cosigners, circumstances=rows)
    if beside and trace != written.facts.trace:
        raise UsageProblem(f"{beside.name} is the answer of trace {trace}, not of {written.facts.trace}")
    _put(written.pdf, out)
    shown = {"path": str(out), "language": chosen, "size_bytes": len(written.pdf)}
    if written.report is None:
        refused = ProofInvalid(f"{path.name} is not an evidence file, or it was altered; the report says so")
        output.answer(refused.as_dict() | shown, f"{words.say('evidence does not hold')}\n{out}")
        return refused.exit_code
    holds = written.facts.holds
    verdict = words.say("evidence holds" if holds else "evidence does not hold")
    answer = written.report.as_dict() | {"ok": holds} | ({} if holds else {"copies": []}) | shown
    output.answer(answer, f"{verdict}\n{out}")
    return 0 if holds else 20


def _circumstances(path: Path) -> tuple[str, list[dict[str, object]]]:
    """A trace's id and its circumstances, from its answer. Raises InputMissing, UsageProblem."""
    import json

    from sealtrace.errors import InputMissing, UsageProblem

    try:
        answer = json.loads(path.read_bytes())
        return str(answer["trace"]), list(answer["circumstances"]["items"])
    except OSError as e:
        raise InputMissing(f"{path} can't be read: {e.strerror}") from e
    except (ValueError, KeyError, TypeError) as e:
        raise UsageProblem(
            f"{path.name} is no answer of a trace", advice="Give what `sealtrace leak trace --json` printed."
        ) from e


def _put(data: bytes, out: Path) -> None:
    """Write a file whole or not at all."""
    from tempfile import TemporaryDirectory

    from sealtrace.custody.home import storage_guard
    from sealtrace.custody.issue import deliver

    with storage_guard(f"writing {out}"), TemporaryDirectory() as folder:
        made = Path(folder) / "report.pdf"
        made.write_bytes(data)
        deliver(made, out)


from . import evidence_more as _more  # noqa: E402, F401 (its commands hang on the group above)
