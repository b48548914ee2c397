"""Verify an evidence file: pure, offline, no home. Each claim is checked by itself and named."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cached_property, partial
from pathlib import Path
from typing import Any

import cbor2
import numpy as np
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from sealtrace.errors import InputMissing, InputTooLarge, SealtraceError
from sealtrace.ids import CopyId
from sealtrace.ledger.note import Checkpoint, Note
from sealtrace.ledger.notekey import ED25519, NoteKey
from sealtrace.ledger.rotation import follow
from sealtrace.ledger.statement import PREIMAGE_TYPE
from sealtrace.ledger.verify import open_checkpoint, verify_commitment, verify_receipt, verify_statement
from sealtrace.marks.codewords import biases_from_key, split_key
from sealtrace.marks.evalue import SoftSymbols
from sealtrace.marks.halves import Party
from sealtrace.marks.joint import weigher_of
from sealtrace.marks.models import MIXTURES
from sealtrace.marks.rounds import MOST_ROUNDS

from . import device, evidence, notary, package
from .model import DIGEST_CHANCE, family_bound, round_looks, threshold
from .weigh import MIXTURE_OF, models_text

PROVEN_BY = {"exact", "stamp", "page", "table", "order", "decoy"}
BY_MARKS = {"page", "table"}
COPIES = ("copy:issued", "copy:viewed", "copy:printed", "copy:packaged")
"""The entries by which a copy comes to be."""
PARTIES = (Party.OFFICE.value, Party.NOTARY.value)
LOG_E_TOLERANCE = 1e-6  # relative; the sum's order may differ between machines


@dataclass(frozen=True, slots=True)
class Claim:
    """One thing the file claims, and whether it holds; None where it can't be checked from the file."""

    claim: str
    holds: bool | None
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Report:
    """The outcome of verifying one evidence file."""

    claims: tuple[Claim, ...]
    findings: dict[str, Any]
    people: tuple[dict[str, Any], ...]
    content: dict[str, Any] = field(default_factory=dict, repr=False)
    """The file's payload, as it was read."""

    @property
    def holds(self) -> bool:
        """True when no claim fails and there are some that hold."""
        return any(c.holds for c in self.claims) and all(c.holds is not False for c in self.claims)

    def statement(self, language: str) -> str:
        """What the evidence does not say."""
        return evidence.LIMITS["zh" if language == "zh" else "en"]

    def as_dict(self) -> dict[str, Any]:
        """One JSON-able object."""
        failed = [c.claim for c in self.claims if c.holds is False]
        base: dict[str, Any] = {"ok": self.holds}
        if failed:
            base |= {
                "code": "proof-invalid",
                "message": f"does not hold: {'; '.join(failed)}",
                "advice": "Do not rely on this file. Ask its sender for the original and compare the digests.",
            }
        return base | {
            "result": self.findings.get("result"),
            "file": self.findings.get("file"),
            "considered": self.findings.get("considered"),
            "chance": self.findings.get("chance"),
            "copies": list(self.people) if self.holds else [],
            "claims": [{"claim": c.claim, "holds": c.holds, "detail": c.detail} for c in self.claims],
        }


def verify(path: Path, *, expected_key: str | None = None, cosigners: Sequence[str] = ()) -> Report:
    """Check every claim of an evidence file.

    `expected_key` is the log's C2SP verifier key as its operator publishes it; without it the file proves
    that it is whole and agrees with itself, and shows the key for comparing. `cosigners` are verifier keys
    that must have signed the checkpoint too: of witnesses, or the log's further ones.

    Raises:
        InputMissing, InputTooLarge, ProofInvalid: it can't be read as evidence or as a package at all.
    """
    members = package_members(path)
    if members is None:
        content, protected, payload, signature = evidence.read(path)
    else:
        content, protected, payload, signature = evidence.read_bytes(members[package.EVIDENCE], path.name)
    check = _Check(content, expected_key)
    if members is not None:
        check.run("the package is whole: its manifest is signed and fits", lambda: check.package(members))
    check.run(
        "the file is whole: its signature holds", lambda: check.signature(protected, payload, signature)
    )
    check.run("the keys belong to the log that made it", check.keys)
    check.run("the checkpoint is signed by the log", check.checkpoint)
    for cosigner in cosigners:
        check.run(
            f"{cosigner.partition('+')[0]} has cosigned the checkpoint", partial(check.cosigned, cosigner)
        )
    check.run("the home's first entry is in the log", check.home)
    check.run("the trace was entered in the log", lambda: check.entry(content["trace"], event="leak:traced"))
    if check.second or "opened" in check.promises:
        check.run("number, chance, models and software were entered before decoding", check.was_opened)
    if "sealed" in check.promises or content.get("release") is not None:
        check.run("the sealed keys were released by several people before", check.released)
    check.run("the findings are those that were entered", check.findings)
    check.all_accused()
    check.run("the result follows from the findings", check.result)
    return Report(tuple(check.claims), check.found, tuple(check.people), content)


def package_members(path: Path) -> dict[str, bytes] | None:
    """The members of a package; None when the file is none."""
    try:
        with path.open("rb") as handle:
            if handle.read(len(package.HEAD)) != package.HEAD:
                return None
        if path.stat().st_size > package.MAX_BYTES:
            raise InputTooLarge(f"{path.name} is larger than packages are")
        return package.read(path.read_bytes(), path.name)
    except OSError as e:
        raise InputMissing(f"{path} can't be read: {e.strerror}") from e


class _Check:
    """Runs the claims of one file one after the other; a failure is recorded, never raised."""

    def __init__(self, content: dict[str, Any], expected_key: str | None) -> None:
        self.content, self.expected = content, expected_key
        self.found: dict[str, Any] = cbor2.loads(content["findings"])
        self.claims: list[Claim] = []
        self.people: list[dict[str, Any]] = []
        self.two_keys = content.get("format") == evidence.TWO_KEYS
        self.second = self.two_keys or content.get("format") == evidence.FORMAT

    @cached_property
    def promises(self) -> set[str]:
        """What the home's first entry promises of every trace and copy after it."""
        try:
            pair = self.content["home"]["opening"].get("promises", (b"", ""))
            return set(str(pair[1]).split(",")) - {""}
        except Exception:  # hostile content: the claim about this entry fails by itself
            return set()

    def run(self, claim: str, check: Callable[[], str | None]) -> None:
        try:
            detail = check()
            self.claims.append(Claim(claim, holds=True, detail=detail or ""))
        except _Unknown as e:
            self.claims.append(Claim(claim, holds=None, detail=str(e)))
        except _Broken as e:
            self.claims.append(Claim(claim, holds=False, detail=str(e)))
        except (SealtraceError, InvalidSignature) as e:
            self.claims.append(Claim(claim, holds=False, detail=str(e) or "the signature does not fit"))
        except Exception as e:  # hostile content: a claim that can't be checked does not hold
            self.claims.append(Claim(claim, holds=False, detail=f"can't be checked ({type(e).__name__})"))

    # -- the file and its keys -------------------------------------------------------------------

    def signature(self, protected: bytes, payload: bytes, signature: bytes) -> str:
        key = _value(self.content["home"], "evidence_key")
        Ed25519PublicKey.from_public_bytes(key).verify(signature, evidence.to_be_signed(protected, payload))
        return f"evidence key {hashlib.sha256(key).hexdigest()[:16]}"

    def keys(self) -> str:
        given, home = self.content["keys"]["verifier_keys"], self.content["home"]
        for rotation in self.content["rotations"]:
            self.included(rotation)
        verifiers, statements = follow(
            _value(home, "verifier_keys").split("\n"),
            [_value(home, "statement_keys")],
            self.content["rotations"],
        )
        _must(
            set(given) <= verifiers and set(self.content["keys"]["statement_keys"]) <= statements,
            "the keys do not follow from those the home's first entry names",
        )
        if self.expected is not None:
            _must(self.expected.strip() in given, "the log's key is not the expected one")
            return "the expected key"
        return f"{given[0]} (compare it with the key its operator publishes)"

    def checkpoint(self) -> str:
        opened = self.opened
        return f"{opened.origin}, {opened.size} entries"

    @cached_property
    def opened(self) -> Checkpoint:
        """The checkpoint, signed by the expected key where there is one.

        Another key beside the expected one proves nothing: whoever writes the file can name it.
        """
        keys = [self.expected] if self.expected else self.content["keys"]["verifier_keys"]
        return open_checkpoint(self.content["checkpoint"], keys)

    def cosigned(self, vkey: str) -> str:
        """A witness, or the log's further key, has signed the checkpoint."""
        key = NoteKey.parse(vkey)
        _must(
            Note.parse(self.content["checkpoint"]).held_by([key]),
            f"{key.name} has not signed it with this key",
        )
        return (
            "" if key.kind == ED25519 else "+".join(key.text.split("+")[:2])
        )  # its name and id; base64 has pluses too

    # -- entries ---------------------------------------------------------------------------------

    def home(self) -> str:
        """The first entry of all says who the log is."""
        _must(self.content["home"]["index"] == 0, "it is not the log's first entry")
        return self.entry(self.content["home"], event="home:created")

    def entry(self, proof: dict[str, Any], *, event: str = "") -> str:
        """A statement signed by the issuer, in the tree of the checkpoint, opened by what is disclosed."""
        header = verify_statement(proof["statement"], self.content["keys"]["statement_keys"])
        detail = self.included(proof)
        _must(
            verify_commitment(proof["statement"], proof["opening"], self._hidden(proof)),
            "what is disclosed does not open the entry's commitment",
        )
        said = _value(proof, "event")
        _must(not event or said == event, f"it is an entry about {said}, not {event}")
        media_type = f"application/vnd.sealtrace.{said.replace(':', '-')}+cbor"
        _must(header.get(PREIMAGE_TYPE) == media_type, "the statement's media type is not its event's")
        return detail

    def _hidden(self, proof: dict[str, Any]) -> list[bytes]:
        """Commitments of withheld fields: only in what the second form has to say of copies."""
        hidden = proof.get("hidden", []) if self.second else []
        _must(all(isinstance(h, bytes) and len(h) == 32 for h in hidden), "what is withheld is no commitment")
        return list(hidden)

    def included(self, proof: dict[str, Any]) -> str:
        """An entry is in the tree of the checkpoint, at the index that is stated."""
        opened = self.opened
        for part in ("statement", "receipt"):
            again = cbor2.dumps(cbor2.loads(proof[part]), canonical=True)
            _must(again == proof[part], f"the {part} is not in deterministic form")
        inclusion = verify_receipt(proof["receipt"], proof["statement"], self.content["keys"]["receipt_keys"])
        _must(inclusion.index == proof["index"], "the receipt is for another entry")
        _must(
            (inclusion.size, inclusion.root) == (opened.size, opened.root),
            "the receipt's tree is not the checkpoint's",
        )
        return f"entry {proof['index']}"

    def package(self, members: dict[str, bytes]) -> str:
        """The manifest is signed by the evidence key and lists every member as it is."""
        content, protected, payload, signature = package.signed_manifest(members)
        key = Ed25519PublicKey.from_public_bytes(_value(self.content["home"], "evidence_key"))
        key.verify(signature, evidence.to_be_signed(protected, payload))
        inside = {name: data for name, data in members.items() if name != package.MANIFEST}
        _must(
            payload == package.manifest(content["trace"], inside), "a file in it is not as its manifest says"
        )
        _must(content["trace"] == self.found.get("trace"), "its manifest is for another trace")
        return f"{len(inside)} files"

    def was_opened(self) -> str:
        """What the trace was to be judged by stands in an entry of its own, below the trace's."""
        _must(
            self.second, "the home promises that every trace is opened beforehand; this file shows no opening"
        )
        opened, trace, found = self.content["opened"], self.content["trace"], self.found
        detail = self.entry(opened, event="leak:opened")
        _must(opened["index"] < trace["index"], "it was entered after the trace")
        _must(
            opened["index"] == _value(trace, "opened") == found["opened"], "the trace names another opening"
        )
        for name in ("trace", "considered", "chance", "models", "software_sha256", "leak_sha256"):
            _must(_value(opened, name) == _value(trace, name), f"its {name} is not the trace's")
        _must(
            _value(opened, "considered") == found["considered"]
            and float(_value(opened, "chance")) == found["chance"]
            and _value(opened, "models") == found["models"] == models_text()
            and _value(opened, "software_sha256") == found["software_sha256"],
            "what was entered beforehand is not what the findings used",
        )
        again = _value(opened, "earlier")
        return f"{detail}, opened {again} times before" if again else detail

    def released(self) -> str:
        """Enough people gave their shares, before the trace was opened and for that time."""
        release, opened = self.content.get("release"), self.content.get("opened")
        _must(release is not None and opened is not None, "the home seals its keys; no release is shown")
        assert release is not None
        assert opened is not None
        detail = self.entry(release, event="key:released")
        home, shares = self.content["home"], set(_value(release, "shares").split(","))
        _must(_value(opened, "release") == release["index"], "the opening names another release")
        _must(release["index"] < opened["index"], "it was entered after the opening")
        _must(_value(opened, "at") <= _value(release, "expires_at"), "it had expired")
        _must(_value(release, "tracing_key") == _value(home, "tracing_key"), "it is of another tracing key")
        people = set(_value(release, "holders").split("\n")) - {""}
        needed = _value(home, "tracing_needed")
        _must(len(shares) >= needed and len(people) >= needed, "too few people gave their shares")
        return f"{detail}, {len(people)} people"

    def findings(self) -> str:
        trace = self.content["trace"]
        _must(
            _value(trace, "findings_sha256") == evidence.digest(self.content["findings"]),
            "the findings differ from those entered",
        )
        leak = b"".join(piece["sha256"] for piece in self.found["leak"])
        _must(_value(trace, "leak_sha256") == leak, "the leak's digest differs from the one entered")
        _must(_value(trace, "considered") == self.found["considered"], "the number of copies differs")
        _must(_value(trace, "result") == self.found["result"], "the result differs from the one entered")
        accused = b"".join(sorted(a["copy"] for a in self.found["accused"]))
        _must(_value(trace, "accused") == accused, "the accused copies differ from those entered")
        return ", ".join(piece["sha256"].hex()[:16] for piece in self.found["leak"])

    def all_accused(self) -> None:
        """Check each accused copy that comes with its proof; `result` misses the others."""
        try:
            if len(self.content["accused"]) == len(self.found["accused"]):
                for stated, proof in zip(self.found["accused"], self.content["accused"], strict=True):
                    self.accused(stated, proof)
        except Exception as e:  # hostile content: what can't be read does not hold
            detail = f"can't be checked ({type(e).__name__})"
            self.claims.append(Claim("the accused copies are described", holds=False, detail=detail))

    # -- accused copies --------------------------------------------------------------------------

    def accused(self, stated: dict[str, Any], proof: dict[str, Any]) -> None:
        """Check one accused copy: its entry, and its e-value where a codeword names it."""
        name = str(CopyId(int.from_bytes(stated["copy"], "big")))
        self.run(f"copy {name} was entered before the trace", lambda: self._issued(stated, proof))
        if self.second:
            self.deeds(name, proof)
        if "stamp" in stated["channels"]:
            self.run(f"copy {name} is named by its stamp", self._stamped)
        if not {"page", "table"} & set(stated["channels"]):
            return
        if self.two_keys:
            self.run(f"copy {name} was marked by the notary too", lambda: self._marked(proof))
            for half in PARTIES:
                self.run(
                    f"copy {name} has the stated e-value in the {half}'s half",
                    lambda half=half: self._recomputed_half(stated, proof, half),  # type: ignore[misc]
                )
            self.run(f"copy {name} is named by the weaker half", lambda: self._weaker(stated))
        else:
            self.run(f"copy {name} has the stated e-value", lambda: self._recomputed(stated, proof))

    def _stamped(self) -> str:
        raise _Unknown("a stamp is checked with the office's key, from the leak itself")

    def deeds(self, name: str, proof: dict[str, Any]) -> None:
        """Check what the recipient's device signed, where it did or where the home promises that it does."""
        issue, withheld = proof["issue"], bool(proof["issue"].get("hidden"))
        view = issue["opening"].get("event", (b"", ""))[1] == "copy:viewed"
        signed = issue["opening"].get("request", (b"", None))[1] is not None
        if withheld or signed or ("signed" in self.promises and not view):
            self.run(f"copy {name} was asked for by its device", lambda: self._asked(proof))
        if any(_value(deed, "event") == "copy:received" for deed in proof["deeds"]):
            self.run(f"copy {name} was received by its device", lambda: self._received(proof))

    def _asked(self, proof: dict[str, Any]) -> str:
        issue = proof["issue"]
        if issue.get("hidden"):
            raise _Unknown("who it was is withheld in this copy of the evidence")
        enrolled = self._deeds(proof, "device:enrolled")
        request, key = _value(issue, "request"), _value(issue, "device_key")
        _must(request is not None and len(enrolled) == 1, "no device of the recipient signed a request")
        _must(enrolled[0]["index"] < issue["index"], "the device was enrolled after the copy was issued")
        _must(_value(enrolled[0], "public_key") == key, "the device was enrolled with another key")
        device.check(request, key)
        said = device.Request.read(request)
        for field_name in ("code", "version", "operator", "device"):
            asked = getattr(said, field_name)
            _must(asked == _value(issue, field_name), f"the request is for another {field_name}")
        for field_name in ("operator", "device"):
            of = _value(enrolled[0], field_name)
            _must(of == _value(issue, field_name), f"the device was enrolled for another {field_name}")
        return f"device key {hashlib.sha256(key).hexdigest()[:16]}"

    def _received(self, proof: dict[str, Any]) -> str:
        issue, [received] = proof["issue"], self._deeds(proof, "copy:received")
        if issue.get("hidden"):
            raise _Unknown("who it was is withheld in this copy of the evidence")
        receipt, digest = _value(received, "receipt"), _value(received, "copy_sha256")
        device.check(receipt, _value(issue, "device_key"))
        said = device.Receipt.read(receipt)
        _must(
            said.copy == _value(issue, "copy") == _value(received, "copy"), "the receipt is for another copy"
        )
        _must(said.copy_sha256 == digest and digest in self._digests(proof), "the receipt is for other bytes")
        return f"entry {received['index']}"

    def _deeds(self, proof: dict[str, Any], event: str) -> list[dict[str, Any]]:
        """The deeds of one kind, each of them proved and entered before the trace was opened."""
        found = [deed for deed in proof["deeds"] if _value(deed, "event") == event]
        for deed in found:
            self.entry(deed, event=event)
            _must(deed["index"] < self.content["opened"]["index"], "a deed was entered after the opening")
        return found

    def _digests(self, proof: dict[str, Any]) -> set[bytes]:
        """The digests of a copy's bytes: from its issue, and from each delivery of it."""
        copy = _value(proof["issue"], "copy")
        found = {_value(proof["issue"], "copy_sha256")}
        if self.second:
            for deed in self._deeds(proof, "copy:delivered"):
                _must(_value(deed, "copy") == copy, "a delivery is of another copy")
                found.add(_value(deed, "copy_sha256"))
        return found - {None}

    def _issued(self, stated: dict[str, Any], proof: dict[str, Any]) -> str:
        issue = proof["issue"]
        detail, opening = self.entry(issue), issue["opening"]
        _must(_value(issue, "event") in COPIES, "the entry is not about a copy")
        _must(_value(issue, "copy") == stated["copy"], "the entry is another copy's")
        _must(
            f"{_value(issue, 'code')}@{_value(issue, 'version')}" == stated["version"],
            "another version's copy",
        )
        before = self.content["opened" if self.second else "trace"]["index"]
        _must(issue["index"] < before, "it was entered after the trace")
        if self.second:
            known = isinstance(_value(issue, "document_key_sha256"), bytes)
            _must(known, "the entry does not commit to the document key")
        if "exact" in stated["channels"]:
            leak = {piece["sha256"] for piece in self.found["leak"]}
            _must(leak & self._digests(proof), "no piece of the leak has this copy's bytes")
        self.people.append(
            {"id": str(CopyId(int.from_bytes(stated["copy"], "big")))}
            | {f: opening[f][1] for f in ("operator", "device", "ip", "issued_at") if f in opening}
            | {"chance_of_error": stated["chance_of_error"], "channels": stated["channels"]}
        )
        return detail

    def _recomputed(self, stated: dict[str, Any], proof: dict[str, Any]) -> str:
        weighed, word = self._weighed(stated), _word(proof)
        _must(
            hashlib.sha256(proof["bias_key"]).digest() == _value(proof["issue"], "bias_key_sha256"),
            "the bias key is not the one committed at issue",
        )
        return self._again(stated, stated, weighed, word, proof["bias_key"], self._named_before(stated))

    def _again(
        self,
        stated: dict[str, Any],
        score: dict[str, Any],
        weighed: dict[str, Any],
        word: bytes,
        bias_key: bytes,
        named: np.ndarray[Any, np.dtype[np.uint8]] | None,
    ) -> str:
        """Work out an e-value and its bound, which are those of `score`, and reach the threshold."""
        mixture = weighed.get("mixture", "averaging")
        _must(mixture in MIXTURES, "its mixture of models is not known here")
        symbols = SoftSymbols(_floats(weighed["sums"]), _floats(weighed["information"]))
        parts = split_key(bias_key, len(symbols))
        biases = np.concatenate([biases_from_key(key, count) for key, count in parts])
        weigher = weigher_of(symbols, biases, [count for _, count in parts], MIXTURES[mixture], named)
        again = float(weigher.log_e(np.frombuffer(word, np.uint8)[None, :])[0])
        _must(
            math.isclose(again, score["log_e"], rel_tol=LOG_E_TOLERANCE),
            f"recomputed log e-value {again:.6f}, stated {score['log_e']:.6f}",
        )
        considered, looks = self.found["considered"], round_looks(self.found["looks"], _round(stated))
        bound = family_bound(again, considered, looks)
        _must(
            math.isclose(bound, score["chance_of_error"], rel_tol=1e-3),
            "the stated chance of error is another",
        )
        _must(looks >= len(weighed["pages"]), "copies were weighed more often than was paid for")
        _must(again >= threshold(considered, self.found["chance"], looks), "it is below the threshold")
        return f"log E = {again:.2f}, chance of error <= {bound:.2e} over {considered} copies"

    # -- two keys --------------------------------------------------------------------------------

    def _mark(self, proof: dict[str, Any]) -> dict[str, Any]:
        """What the home's notary signed of a copy before it was delivered."""
        issue, key = proof["issue"], _value(self.content["home"], "notary_key")
        mark = notary.read(_value(issue, "notary_mark"), notary.MARK, key)
        _must(notary.is_for(mark, issue["opening"]), "the notary's mark is of another copy")
        _must(mark["log"] == self.opened.origin, "the notary's mark is for another log")
        return mark

    def _marked(self, proof: dict[str, Any]) -> str:
        self._mark(proof)
        key = _value(self.content["home"], "notary_key")
        return f"notary key {hashlib.sha256(key).hexdigest()[:16]}"

    def _recomputed_half(self, stated: dict[str, Any], proof: dict[str, Any], half: str) -> str:
        if half == Party.OFFICE:
            word, bias_key = _word(proof), proof["bias_key"]
            committed = _value(proof["issue"], "bias_key_sha256")
        else:
            word, bias_key = self._notary_word(proof), proof["notary"][1]
            committed = self._mark(proof)["bias_key_sha256"]
        _must(
            hashlib.sha256(bias_key).digest() == committed, "the bias key is not the one committed at issue"
        )
        word_of = _word if half == Party.OFFICE else self._notary_word
        weighed = self._weighed(stated, half)
        return self._again(
            stated, stated["halves"][half], weighed, word, bias_key, self._named_before(stated, word_of)
        )

    def _notary_word(self, proof: dict[str, Any]) -> bytes:
        word: bytes = proof["notary"][0]
        _must(
            hashlib.sha256(word).digest() == self._mark(proof)["codeword_sha256"],
            "the codeword is not the one committed at issue",
        )
        return word

    def _weaker(self, stated: dict[str, Any]) -> str:
        """What is stated of the copy is what the weaker half gives; the product is stated beside it."""
        scores = [stated["halves"][half] for half in PARTIES]
        _must(set(stated["halves"]) == set(PARTIES), "a half is missing")
        _must(stated["log_e"] == min(s["log_e"] for s in scores), "the log e-value is not the weaker half's")
        _must(
            stated["chance_of_error"] == max(s["chance_of_error"] for s in scores),
            "the chance of error is not the weaker half's",
        )
        looks = round_looks(self.found["looks"], _round(stated))
        both = family_bound(sum(s["log_e"] for s in scores), self.found["considered"], looks)
        _must(math.isclose(both, stated["both_secret"], rel_tol=1e-3), "the bound of both halves is another")
        chance = stated["chance_of_error"]
        return f"chance of error <= {chance:.2e} whichever party is honest, {both:.2e} where both are"

    def _weighed(self, stated: dict[str, Any], half: str = "") -> dict[str, Any]:
        """What was weighed for an accused copy: its version, on its channel, with that channel's models."""
        mine = [w for w in self.found["weighed"] if w["version"] == stated["version"]]
        if not self.second:
            return dict(mine[0])
        [channel] = {"page", "table"} & set(stated["channels"])
        name = (channel, half)
        weighed = next((w for w in mine if (w.get("channel", "page"), w.get("half", "")) == name), None)
        _must(weighed is not None, "its channel was not weighed")
        assert weighed is not None
        _must(
            weighed.get("mixture", "averaging") == MIXTURE_OF[channel],
            "the models are not those of its channel",
        )
        return dict(weighed)

    def _named_before(
        self, stated: dict[str, Any], word_of: Callable[[dict[str, Any]], bytes] | None = None
    ) -> np.ndarray[Any, np.dtype[np.uint8]] | None:
        """The bits of the copies named in earlier rounds, which a later round takes as known."""
        words = [
            np.unpackbits(np.frombuffer((word_of or _word)(proof), np.uint8))
            for other, proof in zip(self.found["accused"], self.content["accused"], strict=True)
            if other["version"] == stated["version"] and _round(other) < _round(stated)
        ]
        _must(bool(words) == (_round(stated) > 1), "a later round needs the copies named before it")
        return np.stack(words) if words else None

    def result(self) -> str:
        accused, result = self.found["accused"], self.found["result"]
        _must(len(accused) == len(self.content["accused"]), "an accused copy lacks its proof")
        promised = "two-keys" in self.promises
        _must(self.two_keys == promised, "the home promises two keys, and this is no evidence of both halves")
        certain = all({"exact", "stamp"} & set(a["channels"]) for a in accused)
        allowed = {"exact"} if accused and certain else {"strong"} if accused else {"inconclusive", "none"}
        _must(result in allowed, f"{result!r} does not follow from {len(accused)} accused copies")
        for a in accused:
            channels = set(a["channels"])
            _must(
                channels and channels <= (BY_MARKS if self.two_keys else PROVEN_BY),
                "a copy is accused by something that is not proven here",
            )
            limit = max(DIGEST_CHANCE, self.found["chance"])
            _must(a["chance_of_error"] <= limit, "an accusation is less sure than what was asked for")
        return str(result)


class _Broken(Exception):
    """A claim does not hold."""


class _Unknown(Exception):
    """A claim can't be checked from the file alone."""


def _must(holds: object, otherwise: str) -> None:
    if not holds:
        raise _Broken(otherwise)


def _value(proof: dict[str, Any], name: str) -> Any:
    return proof["opening"][name][1]


def _round(accused: dict[str, Any]) -> int:
    """The round in which an accused copy was named."""
    number = accused.get("round", 1)
    _must(type(number) is int and 1 <= number <= MOST_ROUNDS, "there is no such round")
    return int(number)


def _word(proof: dict[str, Any]) -> bytes:
    """A copy's codeword, which is the one that its entry committed to."""
    word: bytes = proof["codeword"]
    committed = _value(proof["issue"], "codeword_sha256")
    _must(
        word is not None and hashlib.sha256(word).digest() == committed,
        "the codeword is not the one committed at issue",
    )
    return word


def _floats(data: bytes) -> np.ndarray[Any, np.dtype[np.float64]]:
    return np.frombuffer(data, "<f8").astype(np.float64)
