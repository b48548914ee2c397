"""What leaves a case: valid in the published forms, scoped to the reader, in the disclosure log, provable offline."""

from __future__ import annotations

import hashlib
import json
import re
from typing import Any

import pypdfium2
import pytest
import stix2

from sealtrace.cases import chain, disclosure, exports, files, service, words
from sealtrace.cases.exports import Form
from sealtrace.cases.model import CaseKind, Department, ItemKind, Result, SubjectKind, What
from sealtrace.cases.rules import STEPS
from sealtrace.custody.office import Office
from sealtrace.errors import InputDamaged, NotRegistered, UsageProblem
from sealtrace.trace.report.words import LANGUAGES
from tests.cases.conftest import AT, CHEN, LI, MEI, WANG, collect, later, opened, referred
from tests.cases.test_life import outcome

CASE_TERMS = {
    "case-investigation:Investigation",
    "case-investigation:InvestigativeAction",
    "case-investigation:ProvenanceRecord",
    "case-investigation:exhibitNumber",
    "case-investigation:focus",
    "uco-action:endTime",
    "uco-action:object",
    "uco-action:performer",
    "uco-action:result",
    "uco-action:startTime",
    "uco-core:UcoObject",
    "uco-core:description",
    "uco-core:hasFacet",
    "uco-core:name",
    "uco-core:object",
    "uco-identity:Organization",
    "uco-identity:Person",
    "uco-observable:ContentDataFacet",
    "uco-observable:File",
    "uco-observable:hash",
    "uco-observable:sizeInBytes",
    "uco-types:Hash",
    "uco-types:hashMethod",
    "uco-types:hashValue",
    "xsd:dateTime",
    "xsd:hexBinary",
    "xsd:integer",
}
"""Of the CASE 1.5 ontology. Its own validator (case-utils 0.18, `case_validate`) says `Conforms: True` of this graph;
it takes 4 s and brings pandas and a SHACL engine, so that it is run by hand when this module changes."""


@pytest.fixture(scope="module")
def full(office: Office) -> tuple[str, str, str]:
    """A case with a file, a sample handed over and divided, and a signed outcome."""
    number = opened(office, "Exported")
    service.name_subject(
        office, LI, number, SubjectKind.DECLARATION, "D-1", text="kaolin 600 kg", arm="random"
    )
    service.allege(
        office, LI, number, typology="misdescription", text="neodymium as kaolin", statute="art. 82"
    )
    reading = collect(office, number, original=b"spectrum")
    sample = collect(office, number, title="Drum 4", seal_no="S-1")
    referred(office, number, Department.INDUSTRY, sample)
    later(office, minutes=3)
    service.offer_evidence(office, LI, number, sample, to=CHEN, purpose="assay")
    service.answer_offer(office, CHEN, number, sample, accept=True, condition="seal S-1 intact")
    service.split_sample(office, CHEN, number, sample, title="hidden aliquot", purpose="assay")
    service.report_event(
        office, LI, number, happened_at=AT, text="drums reach the port", source="the terminal"
    )
    service.sign_outcome(office, WANG, number, outcome(office, number))
    return number, reading, sample


def write(office: Office, number: str, form: Form, who: Any = LI, **more: Any) -> bytes:
    return exports.export(office, who, number, form, to="the court", purpose="hearing", **more)[0]


def test_stix_is_valid_without_custom_content(office: Office, full: tuple[str, str, str]) -> None:
    number, _, _ = full
    data = write(office, number, Form.STIX)
    parsed = stix2.parse(data.decode(), allow_custom=False)
    kinds = [o.type for o in parsed.objects]
    assert {"grouping", "observed-data", "file", "note", "identity", "extension-definition"} <= set(kinds)
    [file] = [o for o in parsed.objects if o.type == "file"]
    assert file.hashes["SHA-256"] == hashlib.sha256(b"spectrum").hexdigest()
    refs = {o.id for o in parsed.objects}
    [grouping] = [o for o in parsed.objects if o.type == "grouping"]
    assert set(grouping.object_refs) <= refs


def test_case_speaks_the_ontology_s_words_only(office: Office, full: tuple[str, str, str]) -> None:
    number, reading, sample = full
    graph = json.loads(write(office, number, Form.CASE))["@graph"]
    used: set[str] = set()

    def walk(node: Any) -> None:
        if isinstance(node, dict):
            used.update(k for k in node if not k.startswith("@"))
            if "@type" in node:
                used.add(node["@type"])
            for value in node.values():
                walk(value)
        elif isinstance(node, list):
            for value in node:
                walk(value)

    walk(graph)
    assert used <= CASE_TERMS
    nodes = {n["@id"] for n in graph}
    [whole] = [n for n in graph if n["@type"].endswith(":Investigation")]
    assert {r["@id"] for r in whole["uco-core:object"]} <= nodes
    exhibits = {
        n["case-investigation:exhibitNumber"] for n in graph if n["@type"].endswith("ProvenanceRecord")
    }
    assert exhibits == {reading, sample}


@pytest.mark.parametrize("form", [Form.STIX, Form.CASE])
def test_an_export_holds_what_its_reader_may_see(
    office: Office, full: tuple[str, str, str], form: Form
) -> None:
    number, _, _ = full
    ours, theirs = write(office, number, form).decode(), write(office, number, form, CHEN).decode()
    assert "hidden aliquot" not in ours
    assert "hidden aliquot" in theirs
    assert "Spectrum" in ours
    assert "Spectrum" not in theirs
    assert "Exported" not in theirs
    with pytest.raises(NotRegistered):
        write(office, number, form, MEI)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_report_says_finding_custody_and_limits(
    office: Office, full: tuple[str, str, str], language: words.Language
) -> None:
    number, _, _ = full
    data = write(office, number, Form.REPORT, language=language)
    with pypdfium2.PdfDocument(data) as pdf:
        text = "".join(page.get_textpage().get_text_range() for page in pdf)
    flat = re.sub(r"\s", "", text)
    for said in (
        "Nd2O397%",
        "amix-upatloading",
        hashlib.sha256(b"spectrum").hexdigest(),
        "sealS-1intact",
        "CNY50,000.00",
    ):
        assert said in flat
    assert re.sub(r"\s", "", words.say("rights", language))[:20] in flat
    assert "U+" not in flat


def test_without_a_signed_outcome_the_report_holds_nobody_at_fault(office: Office, number: str) -> None:
    data = write(office, number, Form.REPORT)
    with pypdfium2.PdfDocument(data) as pdf:
        text = " ".join("".join(page.get_textpage().get_text_range() for page in pdf).split())
    assert "nobody is held to be at fault" in text


def test_every_disclosure_is_logged_with_its_digest(office: Office, number: str) -> None:
    item = collect(office, number)
    data, done = exports.export(office, LI, number, Form.CHAIN, to="defence counsel", purpose="p", item=item)
    assert done.act.what is What.DISCLOSED
    assert done.act.fields["file_sha256"] == hashlib.sha256(data).digest()
    assert done.act.fields["scope"] == item
    assert done.act.item in disclosure.view(files.load(office, number), LI).items
    with pytest.raises(UsageProblem):
        exports.export(office, LI, number, Form.CHAIN, to="x", purpose="p")


def test_a_chain_is_proven_offline_and_hides_what_its_reader_may_not_see(
    office: Office, full: tuple[str, str, str]
) -> None:
    number, _, sample = full
    data = write(office, number, Form.CHAIN, item=sample)
    assert b"hidden aliquot" not in data
    found = chain.verify(data, [*office.ledger.trusted_statement_keys(), *office.ledger.keys().receipt_keys])
    assert found.problems == ()
    assert [a.what.value.removeprefix("evidence-") for a in found.acts] == [
        "collected",
        "offered",
        "accepted",
        "split",
    ]
    part = write(office, number, Form.CHAIN, CHEN, item=f"{sample}.1")
    assert chain.verify(part).problems == ()


def test_any_altered_character_of_a_chain_is_found(office: Office, full: tuple[str, str, str]) -> None:
    number, _, sample = full
    data = write(office, number, Form.CHAIN, item=sample).decode()
    whole = chain.verify(data.encode())
    body = json.loads(data)
    for name in ("statement", "receipt"):
        for act in range(len(body["acts"])):
            for place in (10, len(body["acts"][act][name]) // 2, len(body["acts"][act][name]) - 2):
                altered = json.loads(data)
                text = altered["acts"][act][name]
                altered["acts"][act][name] = (
                    text[:place] + ("0" if text[place] != "0" else "1") + text[place + 1 :]
                )
                assert chain.verify(json.dumps(altered).encode()).problems
    for act, proven in enumerate(body["acts"]):
        for field in proven["opening"]:
            altered = json.loads(data)
            altered["acts"][act]["opening"][field][1] = "other"
            assert chain.verify(json.dumps(altered).encode()).problems, field
    swapped, cut, doubled = json.loads(data), json.loads(data), json.loads(data)
    swapped["acts"][1:3] = swapped["acts"][2:0:-1]
    del cut["acts"][1]
    doubled["acts"].append(doubled["acts"][-1])
    renamed = body | {"item": "e-9"}
    other = body | {"case": "k-2026-00999"}
    for wrong in (swapped, cut, doubled, renamed, other):
        assert chain.verify(json.dumps(wrong).encode()).problems
    assert whole.problems == ()
    for bad in (b"", b"{}", b"[1]", data[:-20].encode(), b"\xff"):
        with pytest.raises(InputDamaged):
            chain.verify(bad)


def test_every_kind_state_and_step_has_its_words() -> None:
    needed = (
        {f"kind.{k}" for k in CaseKind} | {d.value for d in Department} | {k.name.lower() for k in ItemKind}
    )
    needed |= {f"state.{s.after}" for s in STEPS.values()} | {"state.open", "state.closed", "state.annulled"}
    needed |= {w.value for w in What} | {f"result.{r}" for r in Result} | {s.value for s in SubjectKind}
    assert needed <= set(words.TEXT)
    for zh, en in words.TEXT.values():
        assert zh.strip()
        assert en.strip()
