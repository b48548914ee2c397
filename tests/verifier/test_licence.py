"""The licence page's modules agree with the Python verifier, on licences, status lists, and what was tampered with."""

from __future__ import annotations

import base64
import hashlib
import json
import random
import re
import shutil
import subprocess
import zlib
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives import serialization

from sealtrace.errors import ProofInvalid
from sealtrace.ledger.keys import p256_from_seed
from sealtrace.licences import credential, issuing, status, token
from sealtrace.licences.status import StatusList
from sealtrace.verifier import bundle
from tests.licences.test_token import LICENCE

KEY = p256_from_seed(bytes(32), "licence")
PEM = (
    KEY.public_key()
    .public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    .decode()
)
AT = datetime(2026, 6, 1, tzinfo=UTC)
TEXT = token.to_text(LICENCE, KEY)
DAY = date(2026, 6, 1)
HTML = bundle.LICENCE_PAGE.read_text("utf-8")
RUN = """
import { readFileSync } from "node:fs";
import { checkLicence, checkStatus, verdict } from "./licence.js";
import { browser } from "./signatures.js";
import { inflate } from "./inflate.js";
import { hex } from "./bytes.js";
const given = JSON.parse(readFileSync(0, "utf-8")), out = [];
if (given.own) browser.subtle = null;
const bytes = (text) => new Uint8Array(Buffer.from(text, "base64"));
for (const one of given.cases) {
  try {
    if (one.deflated) { out.push(hex(inflate(bytes(one.deflated), 100000))); continue; }
    const licence = await checkLicence(one.text, [given.pem]);
    const listed = one.status ? await checkStatus(bytes(one.status), [given.pem]) : null;
    out.push({ ...verdict(licence, one.day, listed, one.now ?? 0), licence });
  } catch (error) { out.push(null); }
}
process.stdout.write(JSON.stringify(out));
"""


def asked(cases: list[dict[str, Any]], *, own: bool = False) -> list[Any]:
    program = shutil.which("node")
    if program is None:
        pytest.skip("there is no node on PATH; ./run test installs it")
    said = json.dumps({"pem": PEM, "cases": cases, "own": own})
    done = subprocess.run(
        [program, "--input-type=module", "-e", RUN], cwd=bundle.HERE / "js", input=said, capture_output=True, text=True,
        check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    found: list[Any] = json.loads(done.stdout)
    return found


def status_of(exceptions: dict[int, int], count: int = 104_300, issuer: str = LICENCE.issuer) -> str:
    made = StatusList(issuer, AT, datetime(2026, 6, 8, tzinfo=UTC), count, exceptions)
    return base64.b64encode(status.sign(made, KEY)).decode()


@pytest.mark.parametrize("own", [False, True], ids=["WebCrypto", "own arithmetic"])
def test_it_reads_what_python_wrote(own: bool) -> None:
    [found] = asked([{"text": TEXT, "day": DAY.isoformat()}], own=own)
    said = found["licence"]
    assert (found["state"], found["usable"]) == ("in_force", True)
    assert (said["number"], said["holder"], said["from"], said["to"], said["listDigest"]) == (
        LICENCE.number, LICENCE.holder, LICENCE.valid_from.isoformat(), LICENCE.valid_to.isoformat(),
        LICENCE.list_digest.hex(),
    )  # fmt: skip
    assert [(n["entry"], n["element"], n["elementMg"], n["grossMg"], n["value"]) for n in said["lines"]] == [
        (n.key.entry, n.key.element, *n.amount.parts) for n in LICENCE.lines
    ]


def test_days_and_states_are_pythons() -> None:
    place = LICENCE.status_index
    rnd = random.Random(4)
    others = {i: rnd.randint(1, 3) for i in rnd.sample(range(100_000), 900) if i != place}
    lists = [None, status_of(others)] + [status_of(others | {place: code}) for code in (1, 2, 3)]
    days = [LICENCE.valid_from.replace(year=2025), DAY, date(2030, 1, 1)]
    cases, wanted = [], []
    for listed in lists:
        for day in days:
            cases.append({"text": TEXT, "day": day.isoformat(), "status": listed})
            held = status.verify(base64.b64decode(listed), [KEY.public_key()]) if listed else None
            wanted.append(issuing.verify(TEXT, [KEY.public_key()], day, held).state)
    assert [f["state"] for f in asked(cases)] == wanted
    late = {"text": TEXT, "day": DAY.isoformat(), "status": status_of({}), "now": AT.timestamp() + 8 * 86400}
    [stale] = asked([late])
    assert (stale["stale"], stale["usable"]) == (True, False)


def test_whatever_python_refuses_is_refused() -> None:
    rnd = random.Random(9)
    texts = [
        TEXT[:-1],
        TEXT + "0",
        TEXT.lower(),
        "",
        "STL1:",
        "STL1:" + "0" * 5000,
        token.to_text(LICENCE, p256_from_seed(b"x" * 32, "o")),
    ]
    for _ in range(60):
        at = rnd.randrange(5, len(TEXT))
        texts.append(TEXT[:at] + rnd.choice("0123456789ABCXYZ $%*+-./:") + TEXT[at + 1 :])
    signed = bytearray(token.unpack(TEXT))
    for _ in range(60):
        at = rnd.randrange(len(signed))
        signed[at] ^= 1 << rnd.randrange(8)
        texts.append(token.pack(bytes(signed)))
        signed = bytearray(token.unpack(TEXT))
    found = asked([{"text": t, "day": DAY.isoformat()} for t in texts])
    for text, one in zip(texts, found, strict=True):
        try:
            token.verify(text, [KEY.public_key()])
            held = True
        except ProofInvalid:
            held = False
        assert (one is not None) == held, text[:40]
    early = [status_of({}, count=1), status_of({}, issuer="urn:other"), base64.b64encode(b"no list").decode()]
    assert asked([{"text": TEXT, "day": DAY.isoformat(), "status": s} for s in early]) == [None] * 3


def test_inflating_is_zlibs() -> None:
    rnd = random.Random(2)
    plain = [
        b"",
        b"a",
        b"abc" * 900,
        rnd.randbytes(3000),
        bytes(rnd.choices(b"ab ", weights=[9, 2, 1], k=20_000)),
    ]
    packed = [zlib.compress(data, level) for data in plain for level in (0, 1, 9)]
    broken = (
        [p[:-1] for p in packed] + [p[:-1] + bytes([p[-1] ^ 1]) for p in packed] + [p + b"\0" for p in packed]
    )
    found = asked([{"deflated": base64.b64encode(p).decode()} for p in packed + broken])
    assert found == [data.hex() for data in plain for _ in range(3)] + [None] * len(broken)


# -- the page -------------------------------------------------------------------------------------


def test_the_page_is_what_its_sources_give() -> None:
    """`python -m sealtrace.verifier.bundle` writes it again."""
    assert bundle.LICENCE_PAGE.read_bytes() == bundle.licence_page()


def test_the_page_runs_its_own_script_only_and_names_nothing_outside() -> None:
    [policy] = re.findall(r'http-equiv="Content-Security-Policy" content="([^"]+)"', HTML)
    assert policy.startswith("default-src 'none'; ")
    for tag, directive in (('<script type="module">', "script-src"), ("<style>", "style-src")):
        assert HTML.count(tag) == 1
        inside = HTML.partition(tag)[2].partition("</")[0]
        assert (
            f"{directive} 'sha256-{base64.b64encode(hashlib.sha256(inside.encode()).digest()).decode()}'"
            in policy
        )
    assert not re.findall(r"https?://(?!www\.w3\.org/2000/svg)", HTML)
    assert "import " not in HTML.partition('<script type="module">')[2]


def test_every_word_of_the_page_has_its_chinese() -> None:
    words = (bundle.HERE / "js" / "licence_words.js").read_text("utf-8")
    known = set(re.findall(r'"([^"]+)": "', words)) | set(re.findall(r"\b(\w+): \"", words))
    page = (bundle.HERE / "js" / "licence_page.js").read_text("utf-8")
    used = set(re.findall(r'data-t="([^"]+)"', HTML.partition("<script")[0])) | set(
        re.findall(r'\bt\("([^"]+)"\)', page)
    )
    assert used <= known


def test_everything_a_check_says_has_its_chinese() -> None:
    code = "".join((bundle.HERE / "js" / f"{name}.js").read_text("utf-8") for name in ("licence", "cose"))
    code = code.partition("function readable")[0] + "\n"  # of cose.js, what reads a Sign1 and a key
    said = set(re.findall(r'\bmust\(.*?, ["`]([^"`]+)["`]\);', code)) | set(
        re.findall(r'new Broken\(["`]([^"`]+)["`]\)', code)
    )
    filled = {text.replace("${what}", what) for text in said for what in ("licence", "status list")}
    words = (bundle.HERE / "js" / "licence_words.js").read_text("utf-8")
    known = set(re.findall(r'"([^"]+)": "[^"]*[\u4e00-\u9fff]', words))
    assert len(filled) > 15
    assert filled - {"no COSE_Sign1"} <= known


def test_the_page_in_a_browser_from_disk(tmp_path: Path) -> None:
    """The script runs under its own policy, and says what the modules found."""
    browser = next((found for name in ("chromium", "google-chrome") if (found := shutil.which(name))), None)
    if browser is None:
        pytest.skip("there is no Chromium on PATH")
    filled = HTML.replace('placeholder="STL1:…"></textarea>', f">{TEXT}</textarea>")
    filled = filled.replace(
        'aria-describedby="key-hint"></textarea>', f'aria-describedby="key-hint">{PEM}</textarea>'
    )
    filled = filled.replace('id="day" type="date"', 'id="day" type="date" value="2026-06-01"')
    page = tmp_path / "page.html"
    page.write_text(filled, "utf-8")
    done = subprocess.run(
        [browser, "--headless", "--no-sandbox", "--disable-gpu", "--lang=en", f"--user-data-dir={tmp_path / 'b'}",
         "--virtual-time-budget=8000", "--dump-dom", page.as_uri()],
        capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    shown = done.stdout.partition("<script")[0]
    assert "<h2>Genuine, and in force on this day</h2>" in shown
    assert LICENCE.number in shown


# -- the credential -------------------------------------------------------------------------------


def test_a_credential_says_what_the_licence_says() -> None:
    made = credential.view(LICENCE, TEXT)
    jwt = credential.to_jwt(made, KEY)
    assert credential.read_jwt(jwt, [KEY.public_key()]) == made
    assert made["@context"][0] == "https://www.w3.org/ns/credentials/v2"
    assert made["type"] == ["VerifiableCredential", "DualUseExportLicence"]
    assert made["validFrom"] == "2026-02-28T16:00:00.000000Z", "a day begins in China"
    head = json.loads(base64.urlsafe_b64decode(jwt.split(".")[0] + "=="))
    assert (head["alg"], head["typ"]) == ("ES256", "vc+jwt")
    other = made | {"credentialSubject": made["credentialSubject"] | {"holder": "Somebody"}}
    for bad in (credential.to_jwt(other, KEY), jwt[:-4] + "AAAA", jwt.replace(".", "", 1), "a.b.c", ""):
        with pytest.raises(ProofInvalid):
            credential.read_jwt(bad, [KEY.public_key()])
    with pytest.raises(ProofInvalid):
        credential.read_jwt(jwt, [p256_from_seed(b"x" * 32, "o").public_key()])
