"""A notary at work: marks its half of copies' codewords, weighs its half of leaks, and keeps a journal of both.

notary.json   name and seed, readable by its owner only: signing key and document keys derive from it
notary.db     the journal

The notary sees copy ids and symbols, never a file, a leak or a person. What it gives away is bounded: each copy's
half once, unless its people allow it again; of a leak only the copies that its half points to, and no score of any
other, so that nobody learns a codeword by asking.
"""

from __future__ import annotations

import json
import os
import threading
from pathlib import Path
from typing import Any

import numpy as np
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from numpy.typing import NDArray

from sealtrace.clock import Clock, SystemClock, stamp
from sealtrace.errors import HomeExists, NoHome, NotaryRefused, NotRegistered, StorageFailed, UsageProblem
from sealtrace.ids import CopyId
from sealtrace.marks.codewords import CodeBook
from sealtrace.marks.evalue import SoftSymbols
from sealtrace.marks.halves import Party
from sealtrace.marks.models import MIXTURES
from sealtrace.marks.rounds import MOST_ROUNDS, Weighing
from sealtrace.trace import notary as messages
from sealtrace.trace import recompute
from sealtrace.trace.model import threshold
from sealtrace.trace.notary import Card
from sealtrace.trace.weigh import MIXTURE_OF
from sealtrace.vault.keyring import write_new

from .store import ActRow, CopyRow, Journal, WeighingRow

PLACE, JOURNAL = "notary.json", "notary.db"
SEED_BYTES = 32
MOST_CHANCE = 0.01
MOST_SYMBOLS, MOST_LOOKS = 8192, 1000


class Notary:
    """An open notary. A context manager."""

    def __init__(self, folder: Path, name: str, seed: bytes, clock: Clock) -> None:
        self._seed, self._clock, self._busy = seed, clock, threading.Lock()
        self._key = Ed25519PrivateKey.from_private_bytes(_derive(seed, b"signing"))
        self.card = Card(name, self._key.public_key().public_bytes_raw())
        self.journal = Journal(folder / JOURNAL)

    @classmethod
    def create(cls, folder: Path, name: str, clock: Clock | None = None) -> Notary:
        """Make a notary in a folder.

        Raises:
            HomeExists: there is one. StorageFailed: the folder can't be written. UsageProblem: it has no name.
        """
        if not name.strip():
            raise UsageProblem("a notary has a name", advice="Give the name that reports are to show.")
        if (folder / PLACE).exists():
            raise HomeExists(f"{folder} already holds a notary")
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as e:
            raise StorageFailed(f"{folder} can't be made: {e.strerror}") from e
        described = {"name": name.strip(), "seed": os.urandom(SEED_BYTES).hex()}
        write_new(folder / PLACE, (json.dumps(described, ensure_ascii=False) + "\n").encode())
        return cls.open(folder, clock)

    @classmethod
    def open(cls, folder: Path, clock: Clock | None = None) -> Notary:
        """Open a notary. Raises NoHome."""
        try:
            kept = json.loads((folder / PLACE).read_text("utf-8"))
            name, seed = str(kept["name"]), bytes.fromhex(kept["seed"])
            if len(seed) != SEED_BYTES:
                raise ValueError("another length")
        except FileNotFoundError:
            raise NoHome(
                f"there is no notary in {folder}",
                advice="Make one: `sealtrace --home FOLDER notary init NAME`.",
            ) from None
        except (OSError, ValueError, KeyError, TypeError) as e:
            raise NoHome(f"{folder / PLACE} is damaged") from e
        return cls(folder, name, seed, clock or SystemClock())

    def __enter__(self) -> Notary:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the journal."""
        self.journal.close()

    # -- what the notary's people do -------------------------------------------------------------

    def admit(self, log: str, key: bytes) -> None:
        """Serve the log of this origin, whose orders this Ed25519 key signs. Raises UsageProblem."""
        if len(key) != messages.KEY_BYTES or not log.strip():
            raise UsageProblem(
                "a log is admitted by its origin and its evidence key, 64 hexadecimal digits",
                advice="`sealtrace init --notary` prints both, and so does `sealtrace ledger key --json`.",
            )
        with self.journal.together():
            self.journal.admit(log, key)
            self._act("admitted", f"{log} {key.hex()}", "")

    def allow(self, log: str, copy: CopyId, *, why: str) -> None:
        """Let a copy's half be given once more, as when a lost copy is to be made again.

        Raises:
            NotRegistered: no such copy was marked here. UsageProblem: no reason is given.
        """
        if not why.strip():
            raise UsageProblem("giving a half again has a reason", advice="Give --for.")
        with self.journal.together():
            if not self.journal.allow(log, bytes(copy)):
                raise NotRegistered(f"no copy {copy} of {log} was marked here")
            self._act("allowed", f"{log} {copy}", why.strip())

    def disclose(self, trace: str, *, to: str, why: str) -> bytes:
        """Give the document keys of a trace that was weighed here, for an expert; the journal says to whom.

        Raises:
            NotRegistered: no such trace was weighed here. UsageProblem: to whom or for what is missing.
        """
        if not (to.strip() and why.strip()):
            raise UsageProblem("a disclosure says to whom and for what", advice="Give --to and --for.")
        weighed = self.journal.weighings(trace)
        if not weighed:
            raise NotRegistered(f"no leak was weighed here for trace {trace}")
        keys = {
            f"{row.code}@{row.version}": recompute.DocumentKeys(
                f"{row.code}@{row.version}", self._document_key(row.log, row.document),
                np.sort(np.frombuffer(row.copies, ">u8").astype(np.uint64)),
            )
            for row in weighed
        }  # fmt: skip
        with self.journal.together():
            self._act("disclosed", f"{trace} {to.strip()}", why.strip())
        return recompute.write(trace, list(keys.values()), Party.NOTARY)

    def _act(self, act: str, about: str, why: str) -> None:
        self.journal.insert_act(ActRow(self._now(), act, about, why))

    # -- what offices ask for --------------------------------------------------------------------

    def answer(self, verb: str, data: bytes) -> bytes:
        """Answer a signed message: `mark` an order, `weigh` symbols.

        Raises:
            ProofInvalid: it is not such a message, or not signed by its log's key.
            NotaryRefused: it asks for what is not to be given.
        """
        with self._busy:
            if verb == "mark":
                return self._marks(data)
            if verb == "weigh":
                return self._weighed(data)
        raise UsageProblem(f"a notary does not {verb}")

    def _read(self, data: bytes, form: str) -> dict[str, Any]:
        """Read a message of a log that is served."""
        log = str(messages.read(data, form, None).get("log"))
        key = self.journal.key_of(log)
        if key is None:
            raise NotaryRefused(
                f"this notary does not serve the log {log}",
                advice="Its people admit it first: `sealtrace --home FOLDER notary admit LOG KEY`.",
            )
        found = messages.read(data, form, key)
        regular = (
            isinstance(found.get("document"), bytes)
            and len(found["document"]) == 16
            and found.get("channel") in MIXTURE_OF
            and type(found.get("symbols")) is int
            and 0 < found["symbols"] <= MOST_SYMBOLS
            and found["symbols"] % 8 == 0
            and isinstance(found.get("code"), str)
            and type(found.get("version")) is int
        )
        if not regular:
            raise NotaryRefused("the order does not say which document and channel it is about")
        return found

    def _marks(self, data: bytes) -> bytes:
        order = self._read(data, messages.ORDER)
        copies, words = order.get("copies"), order.get("words")
        regular = (
            isinstance(copies, list)
            and 0 < len(copies) <= messages.MOST_COPIES
            and all(isinstance(copy, bytes) and len(copy) == messages.ID_BYTES for copy in copies)
            and len(set(copies)) == len(copies)
            and isinstance(words, bool)
        )
        if not regular or copies is None:
            raise NotaryRefused("the order does not say which copies are to be marked")
        log, book, key = order["log"], self._book(order), self._document_key(order["log"], order["document"])
        with self.journal.together():
            for copy in copies:
                self._note(log, order, copy, words=bool(words))
        packed = [row.tobytes() for row in book.words(_ids(b"".join(copies)))]
        marks = [
            messages.sign(
                messages.MARK,
                messages.mark_fields(
                    log=log, code=order["code"], version=order["version"], copy=copy, channel=order["channel"],
                    symbols=order["symbols"], word=word, bias_key=book.bias_key, document_key=key,
                ),
                self._key,
            )
            for copy, word in zip(copies, packed, strict=True)
        ]  # fmt: skip
        answer = {"order_sha256": messages.digest(data), "marks": marks, "words": packed if words else []}
        return messages.sign(messages.MARKS, answer, self._key)

    def _note(self, log: str, order: dict[str, Any], copy: bytes, *, words: bool) -> None:
        """Enter a copy in the journal, and that its half leaves; refuse what was given before."""
        about = (order["document"], order["code"], order["version"], order["channel"], order["symbols"])
        row = self.journal.copy(log, copy)
        if row is None:
            row = CopyRow(copy, *about, self._now(), 0, 1)
            self.journal.insert_copy(log, row)
        if (row.document, row.code, row.version, row.channel, row.symbols) != about:
            raise NotaryRefused("this copy was marked here as a copy of another document")
        if words:
            if row.given >= row.allowed:
                name = CopyId(int.from_bytes(copy, "big"))
                raise NotaryRefused(f"the notary's half of copy {name} was given before, and is given once")
            self.journal.give(log, copy)

    def _weighed(self, data: bytes) -> bytes:
        asked = self._read(data, messages.WEIGHING)
        symbols, ids, named = self._checked(asked)
        limit = threshold(asked["considered"], asked["chance"], asked["looks"])
        models = MIXTURES[MIXTURE_OF[asked["channel"]]]
        book = self._book(asked)
        weighing = Weighing(symbols, book, ids, limit, models)
        above = weighing.above(asked["round"], named)
        row = WeighingRow(
            self._now(), asked["log"], asked["trace"], asked["document"], asked["code"], asked["version"],
            asked["channel"], asked["symbols"], asked["round"], asked["considered"], asked["chance"],
            asked["looks"], ids.astype(">u8").tobytes(), len(above),
        )  # fmt: skip
        with self.journal.together():
            if self.journal.weighed_before(row) >= max(1, asked["looks"] // 2):
                raise NotaryRefused("this leak was weighed as often as its bound pays for")
            self.journal.insert_weighing(row)
        runner_up = weighing.runner_up([*named, *(s.copy for s in above)]) if above else None
        answer = {
            "weighing_sha256": messages.digest(data),
            "above": [
                {"copy": bytes(s.copy), "log_e": s.log_e, "log_chance": s.log_chance,
                 "codeword": book.words(np.array([s.copy.value], np.uint64))[0].tobytes()}
                for s in above
            ],
            "bias_key": book.bias_key if above else None,
            "best": weighing.best if above else None,
            "runner_up": runner_up,
        }  # fmt: skip
        return messages.sign(messages.WEIGHED, answer, self._key)

    def _checked(self, asked: dict[str, Any]) -> tuple[SoftSymbols, NDArray[np.uint64], list[CopyId]]:
        """The symbols, the copies to weigh and those named in earlier rounds. Raises NotaryRefused."""
        size = 8 * asked["symbols"]
        regular = (
            isinstance(asked.get("trace"), str)
            and all(type(asked.get(name)) is int for name in ("considered", "looks", "round"))
            and isinstance(asked.get("chance"), float)
            and 0 < asked["chance"] <= MOST_CHANCE
            and 1 <= asked["looks"] <= MOST_LOOKS
            and 1 <= asked["round"] <= MOST_ROUNDS
            and all(
                isinstance(asked.get(n), bytes) and len(asked[n]) == size for n in ("sums", "information")
            )
            and all(isinstance(asked.get(n), bytes) and len(asked[n]) % 8 == 0 for n in ("copies", "named"))
        )
        if not regular:
            raise NotaryRefused("the weighing does not say what is to be weighed, and under which bound")
        ids, named = _ids(asked["copies"]), _ids(asked["named"])
        if asked["considered"] < len(ids) or len(set(ids.tolist())) != len(ids):
            raise NotaryRefused("more copies are to be weighed than the bound considers")
        known = self.journal.copies_of(asked["log"], asked["document"])
        if not {int(i).to_bytes(8, "big") for i in (*ids, *named)} <= known:
            raise NotaryRefused("a copy is to be weighed that was not marked here")
        sums, information = (
            np.frombuffer(asked[n], "<f8").astype(np.float64) for n in ("sums", "information")
        )
        return SoftSymbols(sums, information), ids, [CopyId(int(i)) for i in named]

    # -- keys ------------------------------------------------------------------------------------

    def _book(self, asked: dict[str, Any]) -> CodeBook:
        key = self._document_key(asked["log"], asked["document"])
        return CodeBook(key, asked["channel"], asked["symbols"])

    def _document_key(self, log: str, document: bytes) -> bytes:
        return _derive(self._seed, b"document " + document + b" " + log.encode())

    def _now(self) -> str:
        return stamp(self._clock.now())


def _ids(joined: bytes) -> NDArray[np.uint64]:
    return np.frombuffer(joined, ">u8").astype(np.uint64)


def _derive(seed: bytes, purpose: bytes) -> bytes:
    return HKDF(hashes.SHA256(), 32, None, b"sealtrace notary 1 " + purpose).derive(seed)
