"""Run the demonstration: write, register, issue, leak, trace, prove, show."""

from __future__ import annotations

import math
import shutil
import sys
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from sealtrace.custody.model import RegisteredFile
from sealtrace.custody.service import Custody
from sealtrace.custody.tracing.answer import TraceAnswer
from sealtrace.custody.uncertainty import read_uncertainty
from sealtrace.errors import UsageProblem
from sealtrace.trace.verify import verify

from . import library, table
from .library import HOLDINGS, Held
from .pictures import Studio
from .progress import bar
from .recipients import recipients
from .sheets import Verdict
from .story import Case, Issued, Story, is_right
from .table import Row
from .words import LANGUAGES, Language, say

MARKER = ".sealtrace-demo"
ANSWERS = "answers.txt"  # what was printed at the end, beside the pictures
FOLDERS = ("documents", "home", "copies", "leaks", "evidence", "pictures")
ORGANISATION, ORGANISATION_CODE = "云岭分离厂（虚构） Yunling Separation Works", "YL"
SHORT_NAME = {held.name: held for held in HOLDINGS}


def run(out: Path, *, lang: str = "en") -> int:
    """Run the whole demonstration into folder `out`, in a home of its own there; returns the exit code.

    0: every answer is right and every evidence file holds; 1: some are not. What an earlier run left in
    `out` is replaced; a folder that holds anything else is refused.

    Raises:
        UsageProblem: `out` holds other things than a demonstration, or the language is unknown.
    """
    language = _language(lang)
    _prepare(out)
    documents = out / "documents"
    _write(documents, language)
    with Custody.create(out / "home", org=ORGANISATION, org_code=ORGANISATION_CODE) as custody:
        registered = _register(custody, documents, language)
        issued = _issue(custody, registered, out / "copies", language)
        rows = _trace(custody, documents, issued, out, language)
    wrong, said = _concluded(rows, out, language)
    (out / ANSWERS).write_text(f"{table.plain(rows, language)}\n\n{said}\n", "utf-8")
    table.show(rows, language)
    print(f"\n{said}")
    return 1 if wrong else 0


def _language(lang: str) -> Language:
    for language in LANGUAGES:
        if lang == language:
            return language  # type: ignore[no-any-return]  # a member of the literal type
    raise UsageProblem(f"the demo does not speak {lang!r}", advice=f"Give one of {', '.join(LANGUAGES)}.")


def _prepare(out: Path) -> None:
    """Make the folder empty, but only when everything in it is a demonstration's."""
    if out.exists() and not (out / MARKER).is_file() and (not out.is_dir() or any(out.iterdir())):
        raise UsageProblem(
            f"{out} is not empty and holds no demonstration", advice="Give --out a new or an empty folder."
        )
    out.mkdir(parents=True, exist_ok=True)
    (out / MARKER).touch()
    (out / ANSWERS).unlink(missing_ok=True)
    for name in FOLDERS:
        shutil.rmtree(out / name, ignore_errors=True)
        if name != "home":
            (out / name).mkdir()


def _write(documents: Path, language: Language) -> None:
    total = len(HOLDINGS) + 3  # the simulation, the uncertainties and the page that is not registered
    with bar(say("write", language)) as advance:
        plant = library.run_plant()
        for done, _ in enumerate(library.write_library(documents, plant), 2):
            advance(done, total)
    _note("written", language, n=len(HOLDINGS))


def _register(custody: Custody, documents: Path, language: Language) -> dict[str, RegisteredFile]:
    registered: dict[str, RegisteredFile] = {}
    with bar(say("register", language)) as advance:
        for done, held in enumerate(HOLDINGS, 1):
            before = registered[held.new_version_of].code if held.new_version_of else None
            declared = (
                read_uncertainty(documents / library.UNCERTAINTIES) if held.name == library.DATA_CSV else None
            )
            [registered[held.name]] = custody.register(
                [documents / held.name],
                level=held.level,
                title=f"{held.zh} {held.en}",
                new_version_of=before,
                uncertainty=declared,
            )
            advance(done, len(HOLDINGS))
    _note("registered", language, n=len(registered))
    return registered


def _issue(
    custody: Custody, registered: Mapping[str, RegisteredFile], folder: Path, language: Language
) -> dict[str, Issued]:
    people, issued, done = recipients(), {}, 0
    total = sum(held.copies for held in HOLDINGS)
    with bar(say("issue", language)) as advance:
        for held in HOLDINGS:
            file, takers = registered[held.name], people[done : done + held.copies]
            ref, target = str(Issued(file, ()).ref), folder / Path(held.name).stem

            def passed(copies: int, _of: int, before: int = done) -> None:
                advance(before + copies, total)

            copies = custody.issue_many(ref, takers, target, progress=passed)
            issued[held.name] = Issued(file, copies)
            done += held.copies
    _note("issued", language, n=total, people=len({person.operator for person in people[:total]}))
    return issued


def _trace(
    custody: Custody, documents: Path, issued: Mapping[str, Issued], out: Path, language: Language
) -> list[Row]:
    studio = Studio(custody, documents, language)
    [key, *_] = custody.office.ledger.keys().verifier_keys
    rows, scenes = [], Story(issued, documents, out / "leaks").scenes()
    with bar(say("trace", language)) as advance:
        for number, scene in enumerate(scenes, 1):
            case = scene()
            answer = custody.trace([case.leaked])
            name = f"{number}-{case.key}"
            evidence = out / "evidence" / f"{name}.sealtrace"
            custody.export_evidence(answer.trace, evidence)
            row = _row(case, answer, issued, verify(evidence, expected_key=key).holds, language)
            rows.append(row)
            studio.save(case, answer, _verdict(row, number, language), out / "pictures" / name)
            advance(number, len(scenes))
    return rows


def _row(
    case: Case, answer: TraceAnswer, issued: Mapping[str, Issued], verified: bool, language: Language
) -> Row:
    found = answer.answer.identified
    names = {one.ref: SHORT_NAME[name] for name, one in issued.items()}
    row = Row(
        leak=say(case.key, language),
        result=str(answer.answer.result),
        document=_name(names[found.ref], language) if found else "–",
        version=_version(answer),
        operator="–",
        device="–",
        ip="–",
        chance="–",
        seconds=f"{answer.seconds:.2f}",
        verified=verified,
        right=is_right(case, answer),
    )
    if not answer.copies:
        return row
    named = answer.copies
    return replace(
        row,
        operator=", ".join(one.operator for one in named),
        device=", ".join(one.device for one in named),
        ip=", ".join(one.ip for one in named),
        chance=f"≤ {at_most(max(one.accused.chance_of_error for one in named))}",
    )


def _version(answer: TraceAnswer) -> str:
    """The version of the copy that is named; without one, every version that fits equally well."""
    found = answer.answer.identified
    if found is None:
        return "–"
    return str(found.ref.version) if answer.copies else ", ".join(map(str, found.versions))


def at_most(chance: float) -> str:
    """Write a bound with one digit, rounded up, never below what it states."""
    digit, exponent = f"{chance:.12e}".split("e")
    up = math.ceil(float(digit) - 1e-9)
    return f"{1 if up == 10 else up}e{int(exponent) + (up == 10)}"


def _name(held: Held, language: Language) -> str:
    return held.zh if language == "zh" else held.en


def _verdict(row: Row, number: int, language: Language) -> Verdict:
    shown = ("document", "version", "operator", "device", "ip", "chance", "seconds")
    facts = [(say(f"head.{name}", language), str(getattr(row, name))) for name in shown]
    facts.append((say("head.verified", language), say("yes" if row.verified else "no", language)))
    if row.operator == "–":
        facts = [fact for fact in facts if fact[1] != "–"]
        facts.append(("", say("no accusation", language)))
    return Verdict(f"{number}  {row.leak}", say(row.result, language), row.result, facts)


def _concluded(rows: Sequence[Row], out: Path, language: Language) -> tuple[list[str], str]:
    """The leaks answered wrongly, and the closing words."""
    wrong = [row.leak for row in rows if not (row.right and row.verified)]
    if wrong:
        first = say("some wrong", language, n=len(wrong), names=", ".join(wrong))
    else:
        first = say("all right", language, n=len(rows))
    return wrong, "\n".join((first, say("culprit", language), say("where", language, path=out)))


def _note(word: str, language: Language, **values: object) -> None:
    """Say how far we are, beside the answer."""
    print(say(word, language, **values), file=sys.stderr)
