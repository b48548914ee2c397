"""The ledger: durable entries a second beside the raw floor of the same minute, single calls, proofs, searches.

./run bench ledger [--rounds 300] [--large 10000000 [--folder DIR]]

The floor appends the same statements to a file, one fdatasync a batch; floor and ledger take turns batch by
batch. Statements of 1 KiB are entered as their issuers signed them (`append_signed`), with the hash index,
the tree, the signed head and all checkpoints of the write-ahead log. Signing them here, and verifying an
outside issuer's signature on each, are measured apart: both are bound by P-256.
"""

import argparse
import hashlib
import os
import platform
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from cryptography.hazmat.primitives import serialization

from sealtrace.clock import SystemClock
from sealtrace.ledger import bundles, cose, issuers, lanes, merkle, selftest, sm2
from sealtrace.ledger.commitment import commit
from sealtrace.ledger.keys import key_id, p256_from_seed
from sealtrace.ledger.log import Ledger
from sealtrace.ledger.model import Draft, LedgerKeys, Profile
from sealtrace.ledger.statement import CWT_CLAIMS, ISS, SUB

from . import ledger_hashing, ledger_large, ledger_witnesses

BATCH, STATEMENT_BYTES = 1000, 1024
RANDOM = os.urandom(1 << 20)


def keys(profile: Profile = Profile.DEFAULT) -> LedgerKeys:
    """Keys of a log made for this benchmark."""
    return LedgerKeys("bench/log", "urn:bench", lambda name: hashlib.sha256(name.encode()).digest(), profile)


def statements(batch: int) -> list[bytes]:
    """A batch of different statements of 1 KiB; their signatures are not looked at by `append_signed`."""
    begin = batch * 7919 % (len(RANDOM) - BATCH - STATEMENT_BYTES)
    mark = batch.to_bytes(8, "big")
    return [mark + RANDOM[begin + i : begin + i + STATEMENT_BYTES - 8] for i in range(BATCH)]


def append_to_file(handle: int, batch: list[bytes]) -> None:
    """The floor: what a durable log of any kind does at least."""
    for data in batch:
        os.write(handle, data)
    os.fdatasync(handle)


def seconds(act: Callable[[], object]) -> float:
    """How long one act takes."""
    began = time.perf_counter()
    act()
    return time.perf_counter() - began


def worked(act: Callable[[], object]) -> float:
    """How long one act keeps this thread on a core; other programs do not add to it."""
    began = time.thread_time()
    act()
    return time.thread_time() - began


def beside_the_floor(
    folder: Path, name: str, profile: Profile, rounds: int
) -> tuple[list[float], list[float]]:
    """Seconds of each batch, appended to a file and entered in a log, taking turns."""
    ledger = Ledger.create(folder / f"{name}.db", keys(profile), SystemClock())
    handle = os.open(folder / f"{name}.floor", os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    floor, entered = [], []
    for number in range(rounds):
        batch = statements(number)
        floor.append(seconds(lambda batch=batch: append_to_file(handle, batch)))
        entered.append(seconds(lambda batch=batch: ledger.append_signed(batch)))
    os.close(handle)
    ledger.close()
    (folder / f"{name}.floor").unlink()
    return floor, entered


def say_batches(name: str, floor: list[float], entered: list[float]) -> None:
    """Print rates over everything, and the medians' ratio."""
    rate = [BATCH * len(times) / sum(times) for times in (floor, entered)]
    median = statistics.median(floor) / statistics.median(entered)
    print(f"{name:10} floor {rate[0]:9,.0f}/s   entered {rate[1]:9,.0f}/s   {rate[1] / rate[0]:.2f} of the floor"
          f" ({median:.2f} by medians)   {len(floor)} batches of {BATCH} x {STATEMENT_BYTES} B")  # fmt: skip


def bounds() -> None:
    """What the hashes alone cost, as they are made here, by hashlib and by NumPy."""
    batch = statements(0)
    bundle = bundles.join(batch)
    row = b"".join(merkle.leaf_hashes(batch)) * 2
    leaf = min(worked(lambda: merkle.leaf_hashes(batch, bundle)) for _ in range(20)) / BATCH
    node = min(worked(lambda: merkle.parents(row)) for _ in range(20)) / BATCH
    how = "lanes.c" if lanes.available() else "hashlib"
    print(f"hashing    {leaf * 1e6:.2f} us a leaf of 1 KiB, {node * 1e6:.2f} us a node, by {how}:"
          f" at most {1 / (leaf + node):,.0f} entries/s on one core")  # fmt: skip
    alone = min(worked(lambda: [merkle.leaf_hash(data) for data in batch]) for _ in range(20)) / BATCH
    vectors = min(worked(lambda: ledger_hashing.leaf_hashes(batch)) for _ in range(5)) / BATCH
    print(f"           {alone * 1e6:.2f} us a leaf by hashlib, {vectors * 1e6:.2f} us by NumPy")


def draft(number: int) -> Draft:
    """A draft like an issue entry's."""
    fields = {
        "event": "copy:issued",
        "operator": f"op-{number}",
        "device": "dev-1",
        "ip": "10.0.0.1",
        "n": number,
    }
    kind = "application/vnd.sealtrace.copy-issued+cbor"
    return Draft("copy:issued", f"{number:016x}", commit(fields).digest, kind)


def signing_and_verifying(folder: Path, rounds: int) -> None:
    """Entries signed by us, and outside statements of 1 KiB whose signatures are verified first."""
    ledger = Ledger.create(folder / "signed.db", keys(), SystemClock())
    drafts = [[draft(number * BATCH + i) for i in range(BATCH)] for number in range(rounds)]
    took = sum(seconds(lambda batch=batch: ledger.append(batch)) for batch in drafts)
    print(
        f"signing    {rounds * BATCH / took:10,.0f} entries/s   signed by us (ES256) and entered, batches of {BATCH}"
    )
    issuer = p256_from_seed(bytes(32), "outside")
    pem = issuer.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    ).decode()  # fmt: skip
    ledger.append([], lambda db, _: issuers.add(db, "urn:outside", pem))
    outside = []
    for number in range(BATCH):
        claims = {ISS: "urn:outside", SUB: f"{number:016x}" + "s" * 760}
        protected = {
            cose.ALG: cose.ES256,
            cose.KID: key_id(issuer.public_key()),
            CWT_CLAIMS: claims,
            258: -16,
            259: "application/octet-stream",
        }
        outside.append(cose.sign1(issuer, protected, hashlib.sha256(number.to_bytes(8, "big")).digest()))
    took = seconds(lambda: issuers.register(ledger, outside))
    size = statistics.mean(map(len, outside))
    print(
        f"verifying  {BATCH / took:10,.0f} entries/s   outside statements of {size:.0f} B, each signature verified"
    )
    ledger.close()


def say(name: str, times: list[float]) -> None:
    """Print median, 99th percentile and worst."""
    ordered = sorted(times)
    p99 = ordered[len(ordered) * 99 // 100]
    print(f"{name:10} p50 {statistics.median(ordered) * 1e3:.2f} ms   p99 {p99 * 1e3:.2f} ms"
          f"   worst {ordered[-1] * 1e3:.2f} ms   {len(ordered)} calls")  # fmt: skip


def singles(folder: Path) -> None:
    """One client that enters one statement of 1 KiB at a time; then proofs, opening, self-test."""
    ledger = Ledger.create(folder / "single.db", keys(), SystemClock())
    ledger.append_signed([statement for number in range(10) for statement in statements(number)])
    own = [ledger.append([draft(i)])[0].index for i in range(10)]
    batch = statements(10)
    say("single", [seconds(lambda s=s: ledger.append_signed([s])) for s in batch])
    size = ledger.size()
    say("proof", [seconds(lambda i=i: ledger.inclusion(i, size)) for i in range(0, size, size // 500)])
    say("receipt", [seconds(lambda i=i: ledger.receipt(i)) for i in own * 20])
    ledger.close()
    say(
        "open",
        [seconds(lambda: Ledger.open(folder / "single.db", keys(), SystemClock()).close()) for _ in range(5)],
    )
    ledger = Ledger.create(folder / "tested.db", keys(), SystemClock())
    ledger.append([draft(i) for i in range(BATCH)])
    say("self-test", [seconds(lambda: selftest.run(ledger)) for _ in range(20)])
    ledger.close()


def sm2_rates() -> None:
    """SM2 signatures a second through the system's libcrypto, best of five."""
    if not sm2.available():
        print("sm2        not available on this machine")
        return
    private, message = sm2.PrivateKey.from_seed(bytes(32)), bytes(200)
    signature, public = private.sign(message), sm2.PublicKey(private.public)
    sign = min(worked(lambda: [private.sign(message) for _ in range(100)]) for _ in range(5))
    check = min(worked(lambda: [public.verify(signature, message) for _ in range(100)]) for _ in range(5))
    print(f"sm2        {100 / sign:,.0f} signatures/s   {100 / check:,.0f} verifications/s on one core")


def main() -> None:
    """Measure what the options ask for, print."""
    ap = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ap.add_argument("--rounds", type=int, default=300, help="batches beside the floor (300)")
    ap.add_argument("--large", type=int, metavar="ENTRIES", help="only: searches in a log of so many entries")
    ap.add_argument(
        "--folder", type=Path, help="build the large log here and keep it; one that is here is used"
    )
    args = ap.parse_args()
    print(f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()},"
          f" load {os.getloadavg()[0]:.1f}")  # fmt: skip
    with tempfile.TemporaryDirectory(dir=Path.cwd(), prefix=".bench-") as tmp:
        folder = Path(tmp)
        if args.large:
            place = args.folder or folder
            place.mkdir(parents=True, exist_ok=True)
            ledger_large.measure(place, args.large)
            return
        bounds()
        floor, entered = beside_the_floor(folder, "default", Profile.DEFAULT, args.rounds)
        say_batches("default", floor, entered)
        (folder / "default.db").unlink()
        if sm2.available():
            _, second = beside_the_floor(folder, "sm", Profile.SM, 40)
            _, first = beside_the_floor(folder, "again", Profile.DEFAULT, 40)
            median = statistics.median(first) / statistics.median(second)
            print(f"sm profile {BATCH * 40 / sum(second):10,.0f} entries/s   {sum(first) / sum(second):.2f}"
                  f" of the default's ({median:.2f} by medians)")  # fmt: skip
        sm2_rates()
        signing_and_verifying(folder, 3)
        singles(folder)
        say("witnessed", ledger_witnesses.seal_times(folder, bytes(STATEMENT_BYTES - 8), 200))


if __name__ == "__main__":
    main()
