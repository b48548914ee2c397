"""Two keys from the command line, office and notary apart: over HTTP, each with a folder of its own."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from PIL import Image

from sealtrace.api.notary import notary_app
from sealtrace.api.wire import serve
from sealtrace.notary.service import Notary

from ..conftest import page_image
from .conftest import Run


@contextmanager
def serving(folder: Path) -> Iterator[str]:
    """A notary that listens on a free port of this machine; the thread ends with the tests' process."""
    there, ready = list[str](), threading.Event()

    def told(host: str, port: int) -> None:
        there.append(f"http://{host}:{port}")
        ready.set()

    with Notary.open(folder) as opened:
        app = notary_app(opened)
        threading.Thread(target=serve, args=(app, "127.0.0.1", 0, told), daemon=True).start()
        assert ready.wait(20)
        yield there[0]


def test_office_and_notary_issue_trace_and_prove_together(run: Run, tmp_path: Path) -> None:
    place, card = tmp_path / "notary", tmp_path / "card.json"
    made = run("notary", "init", "City Notary", at=place)
    run("notary", "init", "again", at=place, code=14)
    run("notary", "card", "--out", card, at=place)
    assert json.loads(card.read_text("utf-8"))["key"] == made["key"]
    run("init", "--notary", card, code=2)
    with serving(place) as url:
        home = run("init", "--org", "Test Works", "--org-code", "TW", "--notary", card, "--notary-url", url)
        assert home["promises"] == ["opened", "two-keys"]
        page_image(2, (496, 702)).save(tmp_path / "page.png")
        [file] = run("file", "register", tmp_path / "page.png")["files"]
        report = run("file", "report", file["code"])
        [page] = [c for c in report["channels"] if c["channel"] == "page"]
        assert page["halves"] == [page["capacity"] // 2] * 2
        to = ("--to", "op-1", "--device", "d", "--ip", "10.0.0.1", "--out")
        run("copy", "issue", file["code"], *to, tmp_path / "early.png", code=27)  # not admitted yet
        run("notary", "admit", home["origin"], "zz", at=place, code=2)
        run("notary", "admit", home["origin"], home["evidence_key"], at=place)
        copy = run("copy", "issue", file["code"], *to, tmp_path / "copy.png")["copy"]
        Image.open(tmp_path / "copy.png").convert("RGB").save(tmp_path / "leak.jpg", quality=88)
        found = run("leak", "trace", tmp_path / "leak.jpg")
        assert found["result"] == "strong"
        assert set(found["copies"][0]["halves"]) == {"office", "notary"}
        run("copy", "fetch", copy["id"], "--out", tmp_path / "again.png", code=27)
        run("notary", "allow", home["origin"], copy["id"], "--for", "a lost phone", at=place)
        run("copy", "fetch", copy["id"], "--out", tmp_path / "again.png")
    trace, proof = found["trace"], tmp_path / "it.evidence"
    run("evidence", "export", trace, "--out", proof)
    run("evidence", "verify", proof)
    mine, theirs = tmp_path / "mine", tmp_path / "theirs"
    run("evidence", "disclose", trace, "--out", mine, "--to", "an expert", "--for", "case 7")
    run("notary", "disclose", trace, "--out", theirs, "--to", "an expert", "--for", "case 7", at=place)
    again = run("evidence", "recompute", proof, "--keys", mine, "--notary-keys", theirs)
    assert all(claim["holds"] for claim in again["claims"])
    journal = run("notary", "journal", at=place)
    assert journal["logs"][0]["given_again"] == 1
    assert [act["act"] for act in journal["acts"]] == ["admitted", "allowed", "disclosed"]
    first = journal["weighings"][0]
    assert (first["round"], first["found"]) == (1, 1)


def test_a_notary_that_is_away_stops_issuing(run: Run, tmp_path: Path) -> None:
    place, card = tmp_path / "notary", tmp_path / "card.json"
    run("notary", "init", "City Notary", at=place)
    run("notary", "card", "--out", card, at=place)
    run("init", "--notary", card, "--notary-url", "http://127.0.0.1:1")
    page_image(2, (400, 560)).save(tmp_path / "page.png")
    [file] = run("file", "register", tmp_path / "page.png")["files"]
    to = ("--to", "op-1", "--device", "d", "--ip", "10.0.0.1", "--out", tmp_path / "c.png")
    assert run("copy", "issue", file["code"], *to, code=28)["code"] == "notary-away"
    assert not (tmp_path / "c.png").exists()


@pytest.mark.parametrize("verb", ["card", "journal"])
def test_a_folder_without_a_notary(run: Run, tmp_path: Path, verb: str) -> None:
    more = ("--out", tmp_path / "x") if verb == "card" else ()
    run("notary", verb, *more, at=tmp_path / "none", code=13)
