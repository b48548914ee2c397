"""`sealtrace leak`: trace, together, list."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from . import words
from .main import Settings
from .opening import custody_of
from .releasing import Shares, release_options
from .show import Output, fields, json_option, table

if TYPE_CHECKING:
    from sealtrace.custody.circumstances import Circumstance
    from sealtrace.custody.standing import Share, Standing
    from sealtrace.custody.tracing.answer import TraceAnswer


@click.group()
def leak() -> None:
    """Leaks: trace a file, picture or text to the copy it came from."""


@leak.command()
@click.argument("paths", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option(
    "--chance",
    type=float,
    default=1e-9,
    show_default=True,
    help="Largest chance, over all copies ever issued, of naming any innocent one.",
)
@release_options
@json_option
@click.pass_obj
def trace(settings: Settings, paths: tuple[Path, ...], chance: float, release: Shares, output: Output) -> int:
    """Trace a leak; several paths are pieces of one leak.

    Number of copies, chance, models and software are entered in the ledger before anything is decoded.

    Exit code 0 when a copy is named (exact or strong), 1 when the result is inconclusive or none.
    """
    with custody_of(settings) as custody:
        release(custody)
        answer = custody.trace(paths, chance=chance)
    output.answer(answer.as_dict(), lambda: _text(answer))
    return 0 if answer.copies else 1


def _text(answer: TraceAnswer) -> str:
    """One screen in the order an officer needs: result, document, copy, how sure, how found."""
    found, result = answer.answer.identified, str(answer.answer.result)
    lines = [f"{words.say(result).upper()}  {words.say(f'{result}.meaning')}", ""]
    pairs: list[tuple[str, str]] = []
    if found is not None:
        pairs += [("document", f"{found.title}"), ("code", f"{found.ref}")]
        if len(found.versions) > 1:
            pairs.append(("also fits", ", ".join(f"@{v}" for v in found.versions if v != found.ref.version)))
        if found.others:
            pairs.append(("also fits", ", ".join(map(str, found.others))))
        pairs.append(("identified by", ", ".join(found.by)))
    for copy in answer.copies:
        pairs += [
            ("copy", str(copy.accused.copy)),
            ("recipient of record", copy.operator),
            ("device", copy.device),
            ("address", copy.ip),
            ("issued", copy.issued_at),
            ("chance of error", f"≤ {copy.accused.chance_of_error:.1e}"),
        ]
        pairs += [
            (f"{score.half}'s half", f"ln E = {score.log_e:.1f}, ≤ {score.chance_of_error:.1e}")
            for score in copy.accused.halves
        ]
        if copy.accused.both_secret is not None:
            pairs.append(("both secret", f"≤ {copy.accused.both_secret:.1e}"))
    pairs.append(("considered", f"{answer.answer.considered:,}"))
    if answer.answer.runner_up_behind is not None and answer.copies:
        pairs.append(("runner-up behind", f"{answer.answer.runner_up_behind:.0f} nats"))
    pairs += [
        ("trace", answer.trace),
        ("entry", str(answer.entry.index)),
        ("seconds", f"{answer.seconds:.2f}"),
    ]
    lines.append(fields(pairs))
    if answer.answer.channels:
        rows = [
            (c.channel, f"{c.score:.1f}", f"{c.threshold:.1f}", words.say("yes" if c.found else "no"))
            for c in answer.answer.channels
        ]
        lines += ["", table([words.say(w) for w in ("channel", "score", "threshold", "found")], rows)]
    if answer.answer.one_half_alone:
        lines += ["", f"{words.say('alarm')}: {words.say('one half alone')}"]
    lines += [f"{words.say('note')}: {note}" for note in answer.answer.notes]
    if answer.copies:
        lines += ["", words.say("not a culprit")]
    return "\n".join([*lines, *_circumstances(answer.circumstances)])


def _circumstances(found: Sequence[Circumstance]) -> list[str]:
    """What is known beside the proof, under its warning; nothing where nothing is."""
    if not found:
        return []
    rows = [
        (
            words.say(f"circumstance.{one.what}"),
            "; ".join(value for name, value in one.said.items() if name != "kind"),
            words.say(f"fits.{one.fits}"),
        )
        for one in found
    ]
    return ["", words.say("circumstances"), words.say("circumstances.warning"), table(("", "", ""), rows)]


@leak.command()
@click.argument("traces", nargs=-1, required=True)
@click.option(
    "--chance",
    type=float,
    default=1e-9,
    show_default=True,
    help="Largest chance, over all recipients, of naming any innocent one.",
)
@release_options
@json_option
@click.pass_obj
def together(
    settings: Settings, traces: tuple[str, ...], chance: float, release: Shares, output: Output
) -> int:
    """Weigh the leaks of several traces together: whose copies do they all point to?

    Documents are multiplied, leaks of one document added, copies of one recipient averaged. Choosing the traces
    by their answers is paid for, and it may be asked as often as wished. Exit code 0 when somebody is named, else 1.
    """
    with custody_of(settings) as custody:
        release(custody)
        answer = custody.together(traces, chance=chance)
    output.answer(answer.as_dict(), lambda: _standing(answer))
    return 0 if answer.named else 1


def _standing(answer: Standing) -> str:
    """One screen: result, who, how sure, and what each document and trace says."""
    lines = [f"{words.say(answer.result).upper()}  {words.say(f'together.{answer.result}')}", ""]
    pairs = [("traces", str(len(answer.traces))), ("recipients considered", f"{answer.recipients:,}")]
    pairs.append(("threshold", f"{answer.threshold:.1f}"))
    if answer.best is not None:
        pairs.append(("closest", f"{answer.best:.1f}"))
    if answer.runner_up is not None:
        pairs.append(("runner-up", f"{answer.runner_up:.1f}"))
    pairs += [("standing", answer.id), ("entry", str(answer.entry.index))]
    lines.append(fields(pairs))
    for stood in answer.named:
        copies = ", ".join(map(str, stood.copies))
        named = [("recipient of record", stood.operator), ("copies", copies), ("ln E", f"{stood.log_e:.1f}")]
        lines += ["", fields([*named, ("chance of error", f"≤ {stood.chance_of_error:.1e}")])]
        lines.append(_shares(stood.shares))
    if answer.shares:
        lines += ["", words.say("the closest, whoever it is"), _shares(answer.shares)]
    if answer.named:
        lines += ["", words.say("together.not a culprit")]
    return "\n".join(lines)


def _shares(shares: Sequence[Share]) -> str:
    rows = []
    for share in shares:
        rows.append((share.ref, "", f"{share.log_e:.1f}"))
        rows += [("", trace, f"{log_e:.1f}") for trace, log_e in share.traces]
    return table([words.say("document"), words.say("trace by itself"), "ln E"], rows)


@leak.command("list")
@json_option
@click.pass_obj
def list_traces(settings: Settings, output: Output) -> None:
    """List the traces made so far, newest first."""
    with custody_of(settings) as custody:
        rows = custody.traces()
    output.answer(
        {"ok": True, "traces": [{"trace": t, "at": at, "entry": entry} for t, at, entry in rows]},
        lambda: table(
            [words.say("trace"), words.say("issued"), words.say("entry")],
            [(t, at, str(e)) for t, at, e in rows],
        ),
    )
