"""Checkpoints, statements with their receipts, and published logs."""

from __future__ import annotations

import base64
from collections.abc import Iterator

import cbor2

from sealtrace.ledger import cose, merkle
from sealtrace.ledger.keys import key_id
from sealtrace.ledger.notekey import COSIGN_ED25519, ED25519, NoteSigner
from sealtrace.ledger.tiles import WIDTH, tile_path

from .evidence_cases import flip
from .log import AT, ML_DSA, ML_DSA_WITNESS, SM2_SIGNER, WITNESS, Keys, Log, p256, pem, seed
from .vectors import Lines, Vector

SIGNED = "the checkpoint is signed by the log"
ALSO = "the checkpoint is signed by the log and of the receipt's tree"
STATEMENT = "the statement is signed by the issuer"
RECEIPT = "the receipt proves the statement to be in the log"
BUNDLES, TILES = "every entry is there", "every tile is the tree's"
LENIENT = ["python-cwt", "scitt-cose"]  # plain COSE: bytes after the end and other payloads are taken
ROOT, SM3_ROOT = "the entries give the signed root", "the entries give the signed SM3 root"


def cosigned(signer: NoteSigner) -> str:
    return f"{signer.name} has cosigned the checkpoint"


def small() -> Log:
    log = Log("small")
    log.begin()
    for number in range(10):
        log.enter("file:registered", {"code": f"FILE-{number}", "level": "core"})
    return log


def vectors(lines: Lines) -> Iterator[Vector]:
    """All vectors about logs."""
    yield from checkpoints(lines)
    yield from pairs()
    yield from published(lines)


def checkpoints(lines: Lines) -> Iterator[Vector]:
    log, key = small(), Keys("1").checkpoint.public.text
    plain, text = log.checkpoint(), log.text()
    alien = NoteSigner.from_seed("elsewhere.example/log", ED25519, seed("alien"))

    def note(name: str, data: str | bytes, **expected: object) -> Vector:
        raw = data.encode() if isinstance(data, str) else data
        return Vector("checkpoint", name, {f"checkpoints/{name}.txt": raw}, **{"key": key} | expected)  # type: ignore[arg-type]

    yield note("plain", plain)
    yield note("empty-log", Log("empty").checkpoint())
    yield note("foreign-lines", plain + alien.line(text) + WITNESS.line(text, AT))
    yield note("unknown-kind", plain + f"\u2014 some.example/kind {base64.b64encode(bytes(40)).decode()}\n")
    all_lines = plain + "".join(lines.line(s, text) for s in (ML_DSA, WITNESS, ML_DSA_WITNESS))
    keys = [s.public.text for s in (ML_DSA, WITNESS, ML_DSA_WITNESS)]
    yield note("cosigned", all_lines, cosigners=keys)
    yield note("rotated", _rotated().checkpoint(), key=Keys("2").checkpoint.public.text)
    yield note("old-key-of-rotated", _rotated().checkpoint())
    sm_text = log.text([f"sm3 {base64.b64encode(log.sm3_root()).decode()}"])
    sm = f"{sm_text}\n{Keys('1').checkpoint.line(sm_text)}{lines.line(SM2_SIGNER, sm_text)}"
    yield note("sm-profile", sm)
    yield note("sm-profile-sm2-checked", sm, cosigners=[SM2_SIGNER.public.text])
    changed = f"{sm_text}\n{Keys('1').checkpoint.line(sm_text)}{_flipped(lines.line(SM2_SIGNER, sm_text))}"
    yield note("sm2-line-flipped", changed, cosigners=[SM2_SIGNER.public.text], fails=[cosigned(SM2_SIGNER)])
    # broken ones
    yield note("another-key", plain, key=Keys("x").checkpoint.public.text, fails=[SIGNED])
    yield note("key-of-another-name", plain, key=alien.public.text, fails=[SIGNED])
    broken = flip(base64.b64decode(plain.rsplit(" ", 1)[1]), -1)
    line = plain.rsplit(" ", 1)[0] + " " + base64.b64encode(broken).decode() + "\n"
    yield note("signature-flipped", line, fails=[SIGNED])
    yield note("one-good-line-one-broken", plain + line.rpartition("\n\n")[2], fails=[SIGNED],
               stricter_than=["x/mod"])  # fmt: skip
    yield note("witness-line-flipped", plain + _flipped(WITNESS.line(text, AT)), cosigners=[keys[1]],
               fails=[cosigned(WITNESS)])  # fmt: skip
    yield note("ml-dsa-line-flipped", plain + _flipped(lines.line(ML_DSA, text)), cosigners=[keys[0]],
               fails=[cosigned(ML_DSA)])  # fmt: skip
    yield note("cosignature-of-another-text", plain + WITNESS.line(small_text(text), AT), cosigners=[keys[1]],
               fails=[cosigned(WITNESS)])  # fmt: skip
    yield note("cosigner-missing", plain, cosigners=[keys[1]], fails=[cosigned(WITNESS)])
    same = NoteSigner.from_seed(WITNESS.name, COSIGN_ED25519, seed("another witness"))
    yield note("witness-with-another-key", plain + same.line(text, AT), cosigners=[keys[1]],
               fails=[cosigned(WITNESS)])  # fmt: skip
    for name, changed in (
        ("another-root", text.replace(text.split("\n")[2], base64.b64encode(bytes(32)).decode())),
        ("size-changed", text.replace("\n11\n", "\n12\n")),
        ("origin-changed", text.replace("GOLD", "GILD")),
        ("extension-added", text + "more\n"),
    ):
        yield note(name, changed + "\n" + plain.rpartition("\n\n")[2], fails=[SIGNED])
    # signed, yet not in the form of a checkpoint
    root = text.split("\n")[2]
    for name, odd in (
        ("size-with-leading-zero", text.replace("\n11\n", "\n011\n")),
        ("size-negative", text.replace("\n11\n", "\n-11\n")),
        ("size-too-large", text.replace("\n11\n", "\n9223372036854775808\n")),
        ("size-in-other-digits", text.replace("\n11\n", "\n\uff11\uff11\n")),
        ("short-root", text.replace(root, base64.b64encode(bytes(31)).decode())),
        ("no-base64-root", text.replace(root, root[:-2] + "*=")),
        ("no-root", text.replace(root + "\n", "")),
    ):
        yield note(name, odd + "\n" + Keys("1").checkpoint.line(odd), fails=[SIGNED])
    yield note("no-signature", text + "\n", fails=[SIGNED])
    yield note("line-cut-off", plain[:-1], fails=[SIGNED])
    yield note("hyphen-for-dash", plain.replace("\u2014", "-"), fails=[SIGNED])
    yield note("line-without-signature", plain + "\u2014 some.example/kind AAAA\n", fails=[SIGNED])


def _rotated() -> Log:
    log = Log("rotated")
    log.begin()
    log.rotate()
    return log


def small_text(text: str) -> str:
    return text.replace("\n11\n", "\n10\n")


def _flipped(line: str) -> str:
    start, _, encoded = line.rstrip("\n").rpartition(" ")
    return f"{start} {base64.b64encode(flip(base64.b64decode(encoded), -1)).decode()}\n"


def pairs() -> Iterator[Vector]:
    log = small()
    note, keys = log.checkpoint().encode(), log.public()

    def pair(
        name: str, statement: bytes, receipt: bytes, checkpoint: bytes | None = note, **expected: object
    ) -> Vector:
        files = {f"pairs/{name}.statement": statement, f"pairs/{name}.receipt": receipt}
        if checkpoint is not None:
            files[f"pairs/{name}.checkpoint"] = checkpoint
        return Vector("pair", name, files, **{"keys": keys} | expected)  # type: ignore[arg-type]

    for index in (0, 5, 10):
        yield pair(f"entry-{index}-of-11", log.statements[index], log.receipt(index))
    yield pair("without-checkpoint", log.statements[3], log.receipt(3), None)
    one = Log("one")
    one.begin()
    yield pair("entry-0-of-1", one.statements[0], one.receipt(0), one.checkpoint().encode())
    statement, receipt = log.statements[4], log.receipt(4)
    yield pair("older-tree", statement, log.receipt(4, 7), fails=[ALSO])
    yield pair("another-statement", log.statements[5], receipt, fails=[RECEIPT, ALSO])
    yield pair("statement-flipped", flip(statement, -1), receipt, fails=[STATEMENT, RECEIPT, ALSO])
    yield pair("payload-flipped", flip(statement, -70), receipt, fails=[STATEMENT, RECEIPT, ALSO])
    yield pair("receipt-flipped", statement, flip(receipt, -1), fails=[RECEIPT, ALSO])
    yield pair("path-flipped", statement, flip(receipt, 80), fails=[RECEIPT, ALSO])
    yield pair("receipt-truncated", statement, receipt[:-1], fails=[RECEIPT, ALSO])
    yield pair("receipt-longer", statement, receipt + b"\0", fails=[RECEIPT, ALSO], stricter_than=LENIENT)
    stranger = p256("stranger")
    yield pair("receipt-by-a-stranger", statement, log.receipt(4, key=stranger), fails=[RECEIPT, ALSO])
    yield pair("issuer-not-known", statement, receipt, keys=keys | {"statement_keys": [pem(stranger)]},
               fails=[STATEMENT])  # fmt: skip
    yield pair("receipt-as-statement", receipt, receipt, fails=[STATEMENT, RECEIPT, ALSO])
    tagged = cbor2.loads(statement)
    other = log.append(
        cbor2.dumps(cbor2.CBORTag(18, [tagged.value[0], {4: b"x"}, *tagged.value[2:]]), canonical=True)
    )
    yield pair(
        "unprotected-used",
        log.statements[other],
        log.receipt(other),
        log.checkpoint().encode(),
        fails=[STATEMENT],
        stricter_than=LENIENT,
    )
    key, vds = p256("statement 1"), {cose.ALG: cose.ES256, cose.KID: key_id(p256("statement 1").public_key())}
    plain = log.append(cose.sign1(key, vds, bytes(32)))
    yield pair(
        "not-a-hash-envelope",
        log.statements[plain],
        log.receipt(plain),
        log.checkpoint().encode(),
        fails=[STATEMENT],
        stricter_than=LENIENT,
    )


def published(lines: Lines) -> Iterator[Vector]:
    log = Log("published")
    log.begin()
    for number in range(1, 260):
        log.enter("file:registered", {"code": f"FILE-{number}"})
    older = small_checkpoint(log, 100)
    text = log.text([f"sm3 {base64.b64encode(log.sm3_root()).decode()}"])
    note = f"{text}\n{Keys('1').checkpoint.line(text)}{lines.line(SM2_SIGNER, text)}"
    files = {f"log/{path}": data for path, data in _published(log).items()} | {
        "log/checkpoint": note.encode()
    }
    key = Keys("1").checkpoint.public.text

    def of(name: str, **expected: object) -> Vector:
        return Vector("log", name, files, **{"key": key} | expected)  # type: ignore[arg-type]

    yield of("log", keys={"statement_keys": log.public()["statement_keys"]})
    yield Vector("log", "log-since-100", files | {"log-at-100.txt": older.encode()}, key=key)
    yield of("log-another-key", key=Keys("x").checkpoint.public.text, fails=[SIGNED])
    yield of("log-entry-flipped", alter={"tile/entries/000": 60}, fails=[TILES, ROOT, SM3_ROOT])
    yield of("log-last-entry-flipped", alter={"tile/entries/001.p/4": -1}, fails=[TILES, ROOT, SM3_ROOT])
    yield of("log-tile-flipped", alter={"tile/0/000": 4000}, fails=[TILES])
    yield of("log-partial-tile-flipped", alter={"tile/0/001.p/4": 100}, fails=[TILES])
    yield of("log-upper-tile-flipped", alter={"tile/1/000.p/1": 0}, fails=[TILES])
    yield of("log-checkpoint-flipped", alter={"checkpoint": 24}, fails=[SIGNED, ROOT])
    yield of("log-bundle-missing", remove=["tile/entries/001.p/4"], fails=[BUNDLES])
    yield of("log-tile-missing", remove=["tile/0/000"], fails=[TILES])
    yield of("log-statement-of-a-stranger", keys={"statement_keys": [pem(p256("stranger"))]},
             fails=["every statement is signed by the issuer"])  # fmt: skip


def small_checkpoint(log: Log, size: int) -> str:
    root = base64.b64encode(merkle.root(size, log.nodes.__getitem__)).decode()
    text = f"{log.keys.origin}\n{size}\n{root}\n"
    return f"{text}\n{log.keys.checkpoint.line(text)}"


def _published(log: Log) -> dict[str, bytes]:
    """The files of C2SP tlog-tiles."""
    files = {}
    for tile in range(-(-log.size // WIDTH)):
        part = log.statements[tile * WIDTH : (tile + 1) * WIDTH]
        data = b"".join(len(s).to_bytes(2, "big") + s for s in part)
        files[f"tile/entries/{_name(tile, len(part))}"] = data
    level = 0
    while count := log.size >> 8 * level:
        for tile in range(-(-count // WIDTH)):
            width = min(WIDTH, count - tile * WIDTH)
            numbers = [merkle.number(8 * level, tile * WIDTH + i) for i in range(width)]
            files[f"tile/{level}/{_name(tile, width)}"] = b"".join(log.nodes[n] for n in numbers)
        level += 1
    return files


def _name(tile: int, width: int) -> str:
    return tile_path(tile) if width == WIDTH else f"{tile_path(tile)}.p/{width}"
