"""The page: one file, put together from its sources, in two languages, asking nothing of anyone."""

from __future__ import annotations

import base64
import contextlib
import hashlib
import json
import math
import re
import shutil
import struct
import subprocess
from pathlib import Path
from urllib.parse import urlencode

import cbor2
import pytest
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from sealtrace.verifier import NAMES, bundle, write

from .golden import DATA

HTML = bundle.PAGE.read_text("utf-8")
JS = bundle.HERE / "js"
CHINESE = re.compile("[\u4e00-\u9fff]")


def node(script: str) -> str:
    """Run a module under Node, with the page's modules at ./ ."""
    program = shutil.which("node")
    if program is None:
        pytest.skip("there is no node on PATH; ./run test installs it")
    done = subprocess.run(
        [program, "--input-type=module", "-e", script], cwd=JS, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_page_is_what_its_sources_give() -> None:
    """`python -m sealtrace.verifier.bundle` writes it again."""
    assert bundle.PAGE.read_bytes() == bundle.page()


def test_the_policy_allows_this_script_and_this_style_only() -> None:
    [policy] = re.findall(r'http-equiv="Content-Security-Policy" content="([^"]+)"', HTML)
    assert policy.startswith("default-src 'none'; ")
    for tag, directive in (('<script type="module">', "script-src"), ("<style>", "style-src")):
        assert HTML.count(tag) == 1
        inside = HTML.partition(tag)[2].partition("</")[0]
        digest = base64.b64encode(hashlib.sha256(inside.encode()).digest()).decode()
        assert f"{directive} 'sha256-{digest}'" in policy
    assert "unsafe" not in policy


def test_the_page_names_nothing_outside_itself() -> None:
    addresses = set(re.findall(r"[a-z]+://[^\s\"'`)]+", HTML))
    assert addresses == {"http://www.w3.org/2000/svg"}, (
        "the name of SVG's vocabulary; nothing is fetched from it"
    )
    for word in (
        "fetch(",
        "XMLHttpRequest",
        "WebSocket",
        "eval(",
        "new Function",
        "innerHTML",
        "import(",
        " src=",
        "style=",
    ):
        assert word not in HTML, word


def test_every_word_of_the_page_has_its_chinese() -> None:
    script = 'import { WORDS } from "./words.js"; console.log(JSON.stringify(WORDS))'
    words: dict[str, str] = json.loads(node(script))
    page = (bundle.HERE / "page" / "page.html").read_text("utf-8")
    code = (JS / "page.js").read_text("utf-8")
    used = set(re.findall(r'data-t="([^"]+)"', page))
    for pattern in (
        r'\bt\("([^"]+)"\)',
        r'\brow\("([^"]+)"',
        r'\? "([^"]+)" : "[^"]+"\)',
        r'what: "([^"]+)"',
    ):
        used |= set(re.findall(pattern, code))
    for table in ("VERDICTS", "RESULTS", "CHANNELS"):
        used |= set(re.findall(r'"([^"]+)"', code.partition(f"const {table} = {{")[2].partition("};")[0]))
    assert used - set(words) - {"IP"} == set()
    assert len(used) > 40
    assert [word for word, chinese in words.items() if not CHINESE.search(chinese)] == []


def test_everything_a_check_says_has_its_chinese() -> None:
    """Each text that the modules can throw or return, with something put where the code puts a value."""
    said = set()
    for path in JS.glob("*.js"):
        if path.stem in ("page", "words") or path.stem.startswith(
            "licence"
        ):  # the licence page has its own words
            continue
        code = re.sub(r"\$\{(?!what)[^}]+\}", "7", path.read_text("utf-8")).replace("${what}", "receipt")
        code = code.replace("`7 is missing`", "`tile/7 is missing`")
        said |= set(re.findall(r'\bmust\(.*?, "([^"]+)"\);', code))
        said |= set(re.findall(r"\bmust\(.*?, `([^`]+)`\);", code))
        said |= set(re.findall(r'new (?:Broken|Unknown)\(["`]([^"`]+)["`]\)', code))
        said |= set(re.findall(r'claims\.run\(["`]([^"`]+)["`]', code))
        said |= set(re.findall(r'return ["`]([^"`]*[a-z]{3} [^"`]*)["`];', code))
    inner = {"no COSE_Sign1", "several proofs", "no proof"}  # caught where they are thrown
    filled = sorted(said - inner)
    assert len(filled) > 70
    script = """import { saying } from "./words.js";
        console.log(JSON.stringify(SAID.map((words) => saying("zh", words))))"""
    chinese = json.loads(node(script.replace("SAID", json.dumps(filled))))
    assert [words for words, other in zip(filled, chinese, strict=True) if not CHINESE.search(other)] == []


VALUES: list[object] = [
    0, 23, 24, 255, 256, 65535, 65536, 2**32 - 1, 2**32, 2**53 - 1, 2**53, 2**64 - 1,
    -1, -24, -25, -256, -(2**53), -(2**64),
    "", "a", "金稀土", "x" * 24, b"", b"x" * 300, None, True, [], [1, [2, [b"3", "4"]]],
]  # fmt: skip


def test_cbor_is_read_and_written_as_by_cbor2() -> None:
    forms = [cbor2.dumps(value, canonical=True).hex() for value in VALUES]
    script = """import { decode, encode } from "./cbor.js"; import { fromHex, hex } from "./bytes.js";
        console.log(JSON.stringify(FORMS.map((form) => hex(encode(decode(fromHex(form)))))))"""
    assert json.loads(node(script.replace("FORMS", json.dumps(forms)))) == forms


def taken(forms: list[str]) -> list[bool]:
    """Which of these the page's decoder takes."""
    script = """import { decode } from "./cbor.js"; import { fromHex } from "./bytes.js";
        const taken = (form) => { try { decode(fromHex(form)); return true; } catch { return false; } };
        console.log(JSON.stringify(FORMS.map(taken)))"""
    found: list[bool] = json.loads(node(script.replace("FORMS", json.dumps(forms))))
    return found


def test_floats_are_taken_in_their_shortest_form_only() -> None:
    """Half, single and double of the same value: what cbor2 writes again just so is taken, the rest refused."""
    values = [0.0, -0.0, 1.0, 1.5, 2**-14, 2**-24, 2**-25, 3 * 2**-24, 1e-7, 0.1, 1e300, math.inf, -math.inf]
    values += [65536.0, 2.0**-126, 2.0**-149, 2.0**127, 2**-14 + 2**-24, 2**-15 + 2**-25, 2**-15 + 2**-24]
    forms = []
    for value in values:
        for code, mark in (("e", 0xF9), ("f", 0xFA), ("d", 0xFB)):
            with contextlib.suppress(OverflowError):
                forms.append(bytes([mark]) + struct.pack(f">{code}", value))
    right = [cbor2.dumps(cbor2.loads(form), canonical=True) == form for form in forms]
    assert taken([form.hex() for form in forms]) == right
    # the largest halves, which cbor2 before version 6 writes longer than they need
    assert taken(["f97bff", "fa477fe000", "f97800", "fa47000000"]) == [True, False, True, False]


def test_other_forms_of_cbor_are_refused() -> None:
    forms = [
        "18", "1817", "190017", "1a00000017", "1b00000000ffffffff", "5f41004100ff", "9f01ff", "bf616101ff",
        "a2616201616101", "a2616101616101", "0101", "61ff", "f800", "f7", "fc", "c11a00000000ff", "ff",
        "fb7ff8000000000001", "f97e01", "a1410001",
    ]  # fmt: skip
    assert taken(["", *forms, "81" * 40 + "01"]) == [False] * (len(forms) + 2)


def test_hashes_and_keystream_give_the_published_answers() -> None:
    """`abc` as in FIPS 180-4 and GB/T 32905; longer ones, SHAKE and AES against the system's own."""
    long = bytes(range(256)) * 3
    script = """import { sha256, sha512 } from "./sha2.js"; import { sm3 } from "./sm3.js";
        import { shake, shake256 } from "./keccak.js"; import { keystream } from "./aes.js";
        import { fromHex, hex, utf8 } from "./bytes.js";
        const abc = utf8("abc"), long = fromHex("LONG"), key = fromHex("KEY");
        const found = [sha256(abc), sha512(abc), sm3(abc), sha256(long), sha512(long), sm3(long)];
        found.push(shake256(long, 300), shake(168, long)(400), keystream(key, 100));
        console.log(JSON.stringify(found.map(hex)))"""
    key = bytes(range(32))
    stream = Cipher(algorithms.AES256(key), modes.CTR(bytes(16))).encryptor().update(bytes(100))
    digests = [
        hashlib.new(name, data).hexdigest() for data in (b"abc", long) for name in ("sha256", "sha512", "sm3")
    ]
    digests += [hashlib.shake_256(long).hexdigest(300), hashlib.shake_128(long).hexdigest(400), stream.hex()]
    assert json.loads(node(script.replace("LONG", long.hex()).replace("KEY", key.hex()))) == digests
    assert digests[2] == "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0"


@pytest.mark.parametrize(
    ("name", "language", "verdict", "claim"),
    [
        (
            "table-of-two",
            "en",
            "Whole, key not compared",
            "Named by what the copies of the rounds before leave unexplained.",
        ),
        ("findings-changed", "zh", "不成立", "溯源结论与记入账本的不同"),
    ],
    ids=["holds-en", "altered-zh"],
)
def test_the_page_in_a_browser_from_disk(
    tmp_path: Path, name: str, language: str, verdict: str, claim: str
) -> None:
    """The script runs under its own policy, and says what the modules found."""
    browser = next((found for name in ("chromium", "google-chrome") if (found := shutil.which(name))), None)
    if browser is None:
        pytest.skip("there is no Chromium on PATH")
    evidence = (DATA / "evidence" / f"{name}.evidence").read_bytes()
    given = {"language": language, "name": name, "file": base64.b64encode(evidence).decode()}
    done = subprocess.run(
        [browser, "--headless", "--no-sandbox", "--disable-gpu", f"--user-data-dir={tmp_path}",
         "--virtual-time-budget=8000", "--dump-dom", f"{bundle.PAGE.as_uri()}#{urlencode(given)}"],
        capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    page = done.stdout.partition("<script")[0]
    assert f'<h2 class="word">{verdict}</h2>' in page
    assert claim in page
    assert ("op-001" in page) is (name == "table-of-two"), "names are shown only where everything holds"


def test_both_verifiers_are_written_for_handing_over(tmp_path: Path) -> None:
    assert write(tmp_path / "verifiers") == NAMES
    for name in NAMES:
        assert (tmp_path / "verifiers" / name).read_bytes() == (bundle.HERE / name).read_bytes()
