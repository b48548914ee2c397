"""Write a trace's evidence package: everything a court, its expert and the defence need, in one archive.

manifest.cose         what is in it, signed               trace.evidence      the evidence itself
report.en.pdf, .zh    the report on it                    validation.json     error rates, with their commands
defence/COPY.evidence for that copy's recipient alone     LIMITS.txt, APPEAL.txt, README.txt
verifier/             two programs that check it          leak/, acquisition/, document-keys.cbor   where given
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib import resources
from pathlib import Path

from sealtrace.errors import ProofInvalid, UsageProblem
from sealtrace.ids import CopyId
from sealtrace.marks.halves import Party
from sealtrace.trace import package as archive
from sealtrace.trace import recompute
from sealtrace.trace.evidence import LIMITS
from sealtrace.trace.validation import validation_bytes
from sealtrace.verifier import NAMES

from .digests import digest_file
from .issue import checked_target, deliver
from .office import Office
from .prove import Kept, kept, sealed_evidence, signing_key
from .recall import recall

APPEAL = {
    "en": (
        "You are named as the recipient of record of a copy. You may have everything in this package checked by "
        "somebody of your choice, with the two programs in it, without the office that made it. You may ask for the "
        "leak and the original and have the reading repeated; for the document key, to be disclosed to an expert under "
        "seal, and have every score worked out again (`sealtrace evidence recompute`); for the release record, if keys "
        "were sealed; and for the log of who looked at your data. You may state what speaks against it: a stolen or "
        "shared device, a screen that others saw, a copy passed on with leave. Nothing may be decided by a program "
        "alone. Address an objection to: {where}"
    ),
    "zh": (
        "您被列为某份副本的登记接收人。您可以请自己选定的人，用包内的两个程序，在不依赖出具方的情况下验证本包的全部内容。"
        "您可以要求调取泄露件与原件并重新读取；要求将文件密钥在保密条件下披露给专家并重新计算每一项得分"
        "（`sealtrace evidence recompute`）；密钥曾封存的，要求查看解封记录；并要求查看何人查阅过您的数据。"
        "您可以陈述相反的情况：设备被盗或共用、屏幕被他人看到、经许可转交副本。任何不利决定均不得仅由程序作出。"
        "异议请提交至：{where}"
    ),
}
NOWHERE = {
    "en": "the office named in the report, and the authority that supervises it.",
    "zh": "报告所列出具机构，及其监督机关。",
}
README = """\
Check the whole package, offline:      sealtrace evidence verify PACKAGE --key 'LOG KEY'
Without Sealtrace:                     python verifier/sealtrace_verify.py PACKAGE --key 'LOG KEY'
                                       or open verifier/sealtrace_verify.html and drop the package on it
Do the weighing again, with the key:   sealtrace evidence recompute PACKAGE [--keys document-keys.cbor]
Get the log's key from its operator another way than with this package. Exit code 0: everything holds; 20: not.

离线验证整个证据包：          sealtrace evidence verify PACKAGE --key '账本公钥'
不用 Sealtrace 验证：         python verifier/sealtrace_verify.py PACKAGE --key '账本公钥'
                              或打开 verifier/sealtrace_verify.html，把证据包拖入页面
用披露的密钥重新计算：        sealtrace evidence recompute PACKAGE [--keys document-keys.cbor]
账本公钥请从本包以外的途径向运营方取得。退出码 0：全部成立；20：有不成立之处。
"""


@dataclass(frozen=True, slots=True)
class Extras:
    """What an office adds: where to appeal, the leaked files, the record of their acquisition, disclosed keys."""

    appeal: str | None = None
    leak: tuple[Path, ...] = ()
    acquisition: Path | None = None
    keys: Path | None = None
    notary_keys: Path | None = None


def export(office: Office, trace_id: str, out: Path, extras: Extras) -> int:
    """Write the evidence package of a trace; returns its size in bytes. The same inputs give the same bytes.

    Raises:
        NotRegistered: as for an evidence file.
        UsageProblem: a leaked file is none of the trace's, or the keys are not this trace's.
    """
    target, trace = checked_target(out), kept(office, trace_id)
    with office.staging("package") as folder:
        members = dict(_members(office, trace, extras, folder))
        data = archive.seal(trace.trace, members, signing_key(office.home))
        (folder / "package").write_bytes(data)
        deliver(folder / "package", target)
    return len(data)


def _members(office: Office, trace: Kept, extras: Extras, folder: Path) -> Iterator[tuple[str, bytes]]:
    from sealtrace.trace.report import LANGUAGES, report_on

    whole = sealed_evidence(office, trace)
    yield archive.EVIDENCE, whole
    place = folder / "trace.evidence"
    place.write_bytes(whole)
    beside = [one.as_dict() for one in recall(office, trace.trace).circumstances]
    for language in LANGUAGES:  # the log's key is for the reader to compare
        yield f"report.{language}.pdf", report_on(place, language, circumstances=beside).pdf
    for accused in trace.findings["accused"]:
        copy = CopyId(int.from_bytes(accused["copy"], "big"))
        yield f"defence/{copy}.evidence", sealed_evidence(office, trace, defence=copy)
    yield "validation.json", validation_bytes()
    yield "LIMITS.txt", f"{LIMITS['en']}\n\n{LIMITS['zh']}\n".encode()
    where = {name: extras.appeal or NOWHERE[name] for name in APPEAL}
    yield (
        "APPEAL.txt",
        "\n\n".join(APPEAL[name].format(where=where[name]) for name in APPEAL).encode() + b"\n",
    )
    yield "README.txt", README.encode()
    for name in NAMES:
        yield f"verifier/{name}", resources.files("sealtrace.verifier").joinpath(name).read_bytes()
    yield from _leak(trace, extras.leak)
    if extras.acquisition is not None:
        yield f"acquisition/{extras.acquisition.name}", _bytes(extras.acquisition)
    if extras.keys is not None:
        yield "document-keys.cbor", _keys(trace, extras.keys, Party.OFFICE)
    if extras.notary_keys is not None:
        yield "notary-keys.cbor", _keys(trace, extras.notary_keys, Party.NOTARY)


def _leak(trace: Kept, paths: Sequence[Path]) -> Iterator[tuple[str, bytes]]:
    known = {piece["sha256"]: number for number, piece in enumerate(trace.findings["leak"], 1)}
    for path in paths:
        digest, _ = digest_file(path)
        if digest not in known:
            raise UsageProblem(f"{path.name} is none of the files that trace {trace.trace} was about")
        yield f"leak/{known[digest]}{path.suffix}", _bytes(path)


def _keys(trace: Kept, path: Path, wanted: Party) -> bytes:
    data = recompute.read_file(path)
    try:
        named, party, _ = recompute.read(data)
    except ProofInvalid as e:
        raise UsageProblem(e.message) from e
    if named != trace.trace:
        raise UsageProblem(f"{path.name} holds the keys of trace {named}, not of {trace.trace}")
    if party is not wanted:
        raise UsageProblem(f"{path.name} holds the {party}'s keys, not the {wanted}'s")
    return data


def _bytes(path: Path) -> bytes:
    digest_file(path)  # refuses what can't be read, in our words
    return path.read_bytes()
