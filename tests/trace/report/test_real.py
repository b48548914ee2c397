"""The report on what a real home writes."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from sealtrace.custody.model import Recipient
from sealtrace.custody.service import Custody
from sealtrace.trace.report import LANGUAGES, report_on

from .test_report import must_have, text_of


def test_a_traced_picture(
    custody: Custody, tmp_path: Path, people: list[Recipient], page_png: Callable[..., Path]
) -> None:
    from PIL import Image

    [file] = custody.register([page_png(2)], level="core")
    copy = custody.issue_many(str(file.code), people[:3], tmp_path / "copies")[1]
    assert copy.path is not None
    leak = tmp_path / "leak.jpg"
    Image.open(copy.path).convert("RGB").save(leak, quality=80)
    answer = custody.trace([leak])
    evidence = tmp_path / "leak.evidence"
    custody.export_evidence(answer.trace, evidence)
    [key] = custody.office.ledger.keys().verifier_keys
    for language in LANGUAGES:
        done = report_on(evidence, language, expected_key=key)
        (tmp_path / f"{language}.pdf").write_bytes(done.pdf)
        assert (done.facts.holds, done.facts.result) == (True, "strong")
        who = people[1]
        must_have(text_of(done.pdf), who.operator, who.device, who.ip, str(file.code), key, answer.trace)
        other = text_of(done.pdf)
        assert people[0].operator not in other
        assert people[2].operator not in other
