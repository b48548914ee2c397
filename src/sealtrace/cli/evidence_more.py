"""`sealtrace evidence package | disclose | recompute | software`: for a court, its expert and the defence."""

from __future__ import annotations

from pathlib import Path

import click

from . import words
from .evidence import evidence
from .main import Settings
from .opening import custody_of
from .releasing import Shares, release_options
from .show import Output, json_option, table


@evidence.command()
@click.argument("trace_id")
@click.option("--out", required=True, type=click.Path(path_type=Path), help="Archive to write.")
@click.option("--appeal", help="Where objections go; else the office and its supervisor are named.")
@click.option(
    "--leak", multiple=True, type=click.Path(path_type=Path), help="A leaked file to put in; repeat."
)
@click.option(
    "--acquisition", type=click.Path(path_type=Path), help="Record of how the leak was acquired, to put in."
)
@click.option("--keys", type=click.Path(path_type=Path), help="Disclosed document keys to put in.")
@click.option(
    "--notary-keys",
    type=click.Path(path_type=Path),
    help="With two keys: what the notary disclosed, to put in.",
)
@json_option
@click.pass_obj
def package(
    settings: Settings, trace_id: str, out: Path, appeal: str | None, leak: tuple[Path, ...],
    acquisition: Path | None, keys: Path | None, notary_keys: Path | None, output: Output,
) -> None:  # fmt: skip
    """Write a trace's evidence package: one archive with a signed manifest, the same bytes each time.

    It holds the evidence, the report in both languages, each accused person's own copy for the defence,
    the measured error rates, the limits, the route of appeal, and both verifiers.
    """
    with custody_of(settings) as custody:
        size = custody.export_package(
            trace_id,
            out,
            appeal=appeal,
            leak=leak,
            acquisition=acquisition,
            keys=keys,
            notary_keys=notary_keys,
        )
    obj = {"ok": True, "trace": trace_id, "path": str(out), "size_bytes": size}
    output.answer(obj, f"{out}  ({size:,} B)")


@evidence.command()
@click.argument("trace_id")
@click.option("--out", required=True, type=click.Path(path_type=Path), help="File to write.")
@click.option("--to", "whom", required=True, help="To whom the keys are disclosed.")
@click.option("--for", "why", required=True, help="What for, such as the court's order.")
@release_options
@json_option
@click.pass_obj
def disclose(
    settings: Settings, trace_id: str, out: Path, whom: str, why: str, release: Shares, output: Output
) -> None:
    """Write the document keys of a trace for an expert; an entry says to whom and what for.

    Whoever has them can work out every copy's marks, and make such copies: hand them over under seal.
    """
    with custody_of(settings) as custody:
        release(custody)
        size, entry = custody.disclose(trace_id, out, to=whom, purpose=why)
    obj = {"ok": True, "trace": trace_id, "path": str(out), "size_bytes": size,
           "entry": {"index": entry.index, "leaf": entry.leaf.hex()}}  # fmt: skip
    output.answer(obj, f"{out}  ({size:,} B)  {words.say('entry')} {entry.index}")


@evidence.command()
@click.argument("path", type=click.Path(path_type=Path))
@click.option(
    "--keys", type=click.Path(path_type=Path), help="Disclosed document keys; else those in the package."
)
@click.option(
    "--notary-keys",
    type=click.Path(path_type=Path),
    help="With two keys: what the notary disclosed, `sealtrace notary disclose`.",
)
@click.option("--key", help="The log's verifier key as its operator publishes it.")
@json_option
def recompute(
    path: Path, keys: Path | None, notary_keys: Path | None, key: str | None, output: Output
) -> int:
    """Verify evidence, then derive every codeword from the disclosed key and do the weighing again.

    Checks the key against what was committed to at issue, and the scores, threshold, runner-up and bounds
    against the evidence. Needs no home. Exit code 20 when anything does not hold.
    """
    from sealtrace.errors import UsageProblem
    from sealtrace.trace import recompute as again
    from sealtrace.trace.verify import package_members, verify

    report = verify(path, expected_key=key)
    members = package_members(path) or {}
    data = again.read_file(keys) if keys else members.get("document-keys.cbor")
    if data is None:
        raise UsageProblem("no document keys are given", advice="Give them with --keys.")
    other = again.read_file(notary_keys) if notary_keys else members.get("notary-keys.cbor")
    files = [data] if other is None else [data, other]
    claims = (*report.claims, *again.recompute(report.content, report.findings, *files))
    holds = report.holds and all(c.holds is not False for c in claims)
    shown = {True: "yes", False: "no", None: "not checked here"}

    def text() -> str:
        rows = [(words.say(shown[c.holds]), c.claim, c.detail) for c in claims]
        verdict = words.say("evidence holds" if holds else "evidence does not hold")
        return f"{verdict}\n\n{table([words.say('holds'), '', ''], rows)}"

    failed = [c.claim for c in claims if c.holds is False]
    obj = {"ok": holds, "claims": [{"claim": c.claim, "holds": c.holds, "detail": c.detail} for c in claims]}
    if failed:
        obj |= {"code": "proof-invalid", "message": f"does not hold: {'; '.join(failed)}",
                "advice": "Do not rely on this file. Ask for the keys and the evidence again."}  # fmt: skip
    output.answer(obj, text)
    return 0 if holds else 20


@evidence.command()
@json_option
def software(output: Output) -> None:
    """Print the digest over this program's source, as a trace enters it before decoding."""
    from sealtrace import __version__
    from sealtrace.trace.software import digest

    found = digest().hex()
    output.answer({"ok": True, "version": __version__, "software_sha256": found}, found)
