"""Part of the ledger's benchmark: from an append to a checkpoint that witnesses on this machine have cosigned."""

import hashlib
import multiprocessing
import time
from multiprocessing.connection import Connection
from pathlib import Path

from sealtrace.api.wire import serve
from sealtrace.api.witness import witness_app
from sealtrace.clock import SystemClock
from sealtrace.ledger.log import Ledger
from sealtrace.ledger.model import LedgerKeys
from sealtrace.ledger.notekey import COSIGN_ED25519, NoteSigner
from sealtrace.ledger.quorum import Asker, Policy
from sealtrace.ledger.transport import post
from sealtrace.ledger.witness import Witness


def signer(number: int) -> NoteSigner:
    """The key of one witness."""
    return NoteSigner.from_seed(f"witness-{number}", COSIGN_ED25519, bytes([number]) * 32)


def witness(number: int, folder: Path, verifier_key: str, ready: Connection) -> None:
    """Serve one witness until this process is ended."""
    opened = Witness(folder / f"witness-{number}.db", [signer(number)], SystemClock())
    opened.add_log(verifier_key)
    serve(witness_app(opened), "127.0.0.1", 0, lambda _host, port: ready.send(port))


def seal_times(folder: Path, statement: bytes, rounds: int, count: int = 4, needed: int = 3) -> list[float]:
    """Seconds of each append of one entry with the sealing of its checkpoint by `needed` of `count` witnesses."""
    keys = LedgerKeys("bench/witnessed", "urn:bench", lambda name: hashlib.sha256(name.encode()).digest())
    ledger = Ledger.create(folder / "witnessed.db", keys, SystemClock())
    spawn = multiprocessing.get_context("spawn")
    servers, witnesses = [], []
    try:
        for number in range(count):
            ours, theirs = spawn.Pipe()
            server = spawn.Process(
                target=witness, args=(number, folder, ledger.keys().verifier_keys[0], theirs), daemon=True
            )
            server.start()
            servers.append(server)
            witnesses.append((signer(number).public.text, f"http://127.0.0.1:{ours.recv()}"))
        asker, policy, times = Asker(ledger, post), Policy(tuple(witnesses), needed), []
        for number in range(rounds + 5):
            began = time.perf_counter()
            ledger.append_signed([number.to_bytes(8, "big") + statement])
            asker.seal(policy)
            times.append(time.perf_counter() - began)
        return times[5:]  # the first ones open the connections
    finally:
        for server in servers:
            server.terminate()
            server.join()
        ledger.close()
