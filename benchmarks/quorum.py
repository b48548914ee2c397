"""Sealing a head with 3 of 4 witnesses over loopback HTTP, the SM profile beside the default, and the self-test.

./run bench quorum [--rounds 60]
"""

import argparse
import hashlib
import os
import platform
import statistics
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path

from sealtrace.api.wire import App
from sealtrace.api.witness import witness_app
from sealtrace.clock import SystemClock
from sealtrace.ledger import selftest, sm2
from sealtrace.ledger.commitment import commit
from sealtrace.ledger.log import Ledger
from sealtrace.ledger.model import Draft, LedgerKeys, Profile
from sealtrace.ledger.notekey import COSIGN_ED25519, COSIGN_ML_DSA, NoteSigner
from sealtrace.ledger.quorum import Asker, Policy
from sealtrace.ledger.transport import post
from sealtrace.ledger.verify import verify_receipt
from sealtrace.ledger.witness import Witness

BATCH, WITNESSES, NEEDED = 1000, 4, 3


def draft(number: int) -> Draft:
    """A draft like an issue entry's."""
    return Draft(
        "copy:issued",
        f"{number:016x}",
        commit({"n": number}).digest,
        "application/vnd.sealtrace.copy-issued+cbor",
    )


def keys(profile: Profile = Profile.DEFAULT) -> LedgerKeys:
    """Fixed keys."""
    return LedgerKeys("bench/log", "urn:bench", lambda name: hashlib.sha256(name.encode()).digest(), profile)


def serve(app: App) -> str:
    """Serve in a thread of this process for as long as it runs; returns the address."""
    from waitress.server import create_server

    server = create_server(app, host="127.0.0.1", port=0, threads=2)
    threading.Thread(target=server.run, daemon=True).start()
    return f"http://127.0.0.1:{server.effective_port}"


def spread(seconds: list[float]) -> str:
    """Median and 99th percentile, in milliseconds."""
    ordered = sorted(seconds)
    return f"p50 {statistics.median(ordered) * 1e3:.1f} ms   p99 {ordered[int(len(ordered) * 0.99)] * 1e3:.1f} ms"


def timed(work: Callable[[], object]) -> float:
    """Seconds of one call."""
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def quorum(folder: Path, rounds: int) -> None:
    """One entry, durable, its head cosigned by 3 of 4 witnesses, its receipt built and verified."""
    ledger = Ledger.create(folder / "log.db", keys(), SystemClock())
    ledger.append([draft(i) for i in range(BATCH)])
    asked = []
    for number in range(WITNESSES):
        name, seed = f"w{number}.bench", bytes([number]) * 32
        signers = [NoteSigner.from_seed(name, kind, seed) for kind in (COSIGN_ED25519, COSIGN_ML_DSA)]
        witness = Witness(folder / f"w{number}.db", signers, SystemClock())
        witness.add_log(ledger.keys().verifier_keys[0])
        url = serve(witness_app(witness))
        asked += [(key, url) for key in witness.keys]
    asker, policy = Asker(ledger, post), Policy(tuple(asked), NEEDED)
    asker.seal(policy)

    def once(number: int) -> None:
        [entry] = ledger.append([draft(number)])
        receipt = ledger.receipt(entry.index)
        policy.satisfied(asker.seal(policy))
        verify_receipt(receipt, entry.statement, ledger.keys().receipt_keys)

    print(
        f"cosigned {spread([timed(lambda n=n: once(n)) for n in range(rounds)])}   {NEEDED} of {WITNESSES}, loopback"
    )
    tests = [timed(lambda: selftest.run(ledger)) for _ in range(rounds)]
    print(f"selftest {spread(tests)}   {selftest.TESTS} steps at {ledger.size():,} entries")
    ledger.close()


def profiles(folder: Path, rounds: int) -> None:
    """Batches of 1,000 in both profiles, turn by turn."""
    ledgers = {
        profile: Ledger.create(folder / f"{profile}.db", keys(profile), SystemClock()) for profile in Profile
    }
    spent: dict[Profile, float] = dict.fromkeys(Profile, 0.0)
    for number in range(rounds):
        drafts = [draft(number * BATCH + i) for i in range(BATCH)]
        for profile, ledger in ledgers.items():
            spent[profile] += timed(lambda ledger=ledger, drafts=drafts: ledger.append(drafts))
    rates = {profile: rounds * BATCH / seconds for profile, seconds in spent.items()}
    ratio = rates[Profile.SM] / rates[Profile.DEFAULT]
    print(f"default  {rates[Profile.DEFAULT]:10,.0f} entries/s   batches of {BATCH}")
    print(f"sm       {rates[Profile.SM]:10,.0f} entries/s   {ratio:.2f} of the default, side by side")
    for ledger in ledgers.values():
        ledger.close()
    key, message = sm2.PrivateKey.from_seed(bytes(32)), bytes(200)
    signature, public = key.sign(message), sm2.PublicKey(key.public)
    public.verify(signature, message)
    count = 500
    began = time.process_time()
    for _ in range(count):
        key.sign(message)
    signing, began = time.process_time() - began, time.process_time()
    for _ in range(count):
        public.verify(signature, message)
    verifying = time.process_time() - began
    print(
        f"sm2      {count / signing:10,.0f} signatures/s   {count / verifying:,.0f} verifications/s   of CPU time"
    )
    print(f"openssl  {openssl_speed()}")


def openssl_speed() -> str:
    """What OpenSSL's own program does in the same minute, in its words: signatures and verifications a second."""
    words = ["openssl", "speed", "-seconds", "1", "sm2"]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    figures = done.stdout.split()[-2:] if done.returncode == 0 else ["?", "?"]
    return f"{figures[0]} signatures/s   {figures[1]} verifications/s   `openssl speed sm2`"


def main() -> None:
    """Measure and print."""
    ap = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ap.add_argument("--rounds", type=int, default=60)
    args = ap.parse_args()
    print(f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}")
    with tempfile.TemporaryDirectory(dir=Path.cwd()) as tmp:
        quorum(Path(tmp), args.rounds)
        profiles(Path(tmp), max(1, args.rounds // 10))


if __name__ == "__main__":
    main()
