"""Verifying offline: a statement with receipt and checkpoint, evidence files, an e-value; in Python and in the page.

./run bench verify [--rounds 200]
"""

import argparse
import json
import platform
import shutil
import statistics
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from sealtrace.ledger.verify import open_checkpoint, verify_receipt, verify_statement
from sealtrace.marks.codewords import CodeBook
from sealtrace.trace.verify import verify as verify_evidence
from sealtrace.verifier import sealtrace_verify as standalone

DATA = Path(__file__).parents[1] / "tests" / "golden" / "data"
SYMBOLS = 2048

PAGE = """
const { readFileSync } = await import("node:fs");
const { checkEvidence } = await import("./evidence.js");
const { checkPair } = await import("./log.js");
const { browser } = await import("./signatures.js");
const [data, rounds, own] = process.argv.slice(-3);
if (own === "own") browser.subtle = null;
const read = (name) => new Uint8Array(readFileSync(data + "/" + name));
const pair = ["statement", "receipt", "checkpoint"].map((part) => read("pairs/entry-5-of-11." + part));
const keys = JSON.parse(readFileSync(data + "/vectors.json")).find((v) => v.name === "entry-5-of-11").keys;
const note = new TextDecoder().decode(pair[2]);
const timed = async (check, rounds) => {
  const taken = [];
  for (let i = 0; i < rounds; i++) {
    const begun = performance.now();
    if (!(await check()).hold) throw new Error("it does not hold");
    taken.push(performance.now() - begun);
  }
  return taken.sort((a, b) => a - b)[Math.floor(rounds / 2)];
};
const evidence = read("evidence/exact.evidence");
console.log(JSON.stringify([await timed(() => checkPair(pair[0], pair[1], keys, note), +rounds),
  await timed(async () => (await checkEvidence(evidence)).claims, +rounds)]));
"""


def median_ms(check: Callable[[], object], rounds: int) -> float:
    """Median milliseconds of one call."""
    taken = []
    for _ in range(rounds):
        begun = time.perf_counter()
        check()
        taken.append(time.perf_counter() - begun)
    return statistics.median(taken) * 1e3


def ours(statement: bytes, receipt: bytes, keys: dict[str, list[str]], note: str) -> None:
    """Check a pair and its checkpoint with the ledger's own code."""
    verify_statement(statement, keys["statement_keys"])
    proven = verify_receipt(receipt, statement, keys["receipt_keys"])
    opened = open_checkpoint(note, keys["verifier_keys"])
    assert (proven.size, proven.root) == (opened.size, opened.root)


def e_value_inputs() -> tuple[bytes, bytes, bytes, bytes]:
    """Symbols, bias key and codeword of a full page, from a seed."""
    random, book = np.random.default_rng(1), CodeBook(bytes(range(32)), "page", SYMBOLS)
    word = book.words(np.array([7], np.uint64))[0]
    information = 0.25 + random.random(SYMBOLS)
    z = (np.unpackbits(word) * 2.0 - 1) * np.sqrt(information) + random.normal(size=SYMBOLS)
    return (z * np.sqrt(information)).tobytes(), information.tobytes(), book.bias_key, word.tobytes()


def in_page(rounds: int, own: str) -> list[float] | None:
    """Median milliseconds of pair and evidence with the page's modules under Node."""
    node = shutil.which("node")
    if node is None:
        return None
    modules = Path(standalone.__file__).with_name("js")
    command = [node, "--input-type=module", "-e", PAGE, "--", str(DATA), str(rounds), own]
    done = subprocess.run(command, cwd=modules, capture_output=True, text=True, check=True)
    found: list[float] = json.loads(done.stdout)
    return found


def main() -> None:
    """Run the benchmark."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--rounds", type=int, default=200)
    rounds = parser.parse_args().rounds
    read = {part: DATA / "pairs" / f"entry-5-of-11.{part}" for part in ("statement", "receipt", "checkpoint")}
    statement, receipt = read["statement"].read_bytes(), read["receipt"].read_bytes()
    note = read["checkpoint"].read_text("utf-8")
    vectors = json.loads((DATA / "vectors.json").read_text("utf-8"))
    keys = next(v["keys"] for v in vectors if v["name"] == "entry-5-of-11")
    assert standalone.check_pair(statement, receipt, keys, note).hold
    exact = DATA / "evidence" / "exact.evidence"
    data, weighed = exact.read_bytes(), e_value_inputs()
    rows = [
        ("statement + receipt + checkpoint, the ledger itself", lambda: ours(statement, receipt, keys, note), rounds),
        ("statement + receipt + checkpoint, standalone file",
         lambda: standalone.check_pair(statement, receipt, keys, note), rounds),
        ("evidence of an exact copy, evidence verify", lambda: verify_evidence(exact), rounds),
        ("evidence of an exact copy, standalone file", lambda: standalone.check_evidence(data), rounds),
        (f"e-value over {SYMBOLS} symbols, standalone file", lambda: standalone.log_e_value(*weighed), 3),
    ]  # fmt: skip
    for name, check, times in rows:
        print(f"{name}: median {median_ms(check, times):.2f} ms")
    for own, what in (("", "WebCrypto"), ("own", "own arithmetic")):
        found = in_page(max(1, rounds // 10), own)
        if found:
            print(
                f"the page's modules under Node, {what}: pair {found[0]:.1f} ms, evidence {found[1]:.1f} ms"
            )
    print(
        f"machine: {platform.machine()}, Python {platform.python_version()}; {rounds} rounds, golden vectors"
    )
    print("command: ./run bench verify")


if __name__ == "__main__":
    main()
