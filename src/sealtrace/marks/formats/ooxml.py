"""DOCX, XLSX, PPTX: the stamp in custom properties, keywords and a part of its own; all else untouched.

Custom properties and keywords survive saving in other programs, keywords even the way into PDF; the part
of its own survives what the two lose. Source: ECMA-376 part 2 (packages), part 1, 15.2.12 (properties).
"""

from __future__ import annotations

import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from lxml import etree

from sealtrace.content.kinds import Kind
from sealtrace.content.readers.archive import chunks, open_archive
from sealtrace.content.readers.xml import parse
from sealtrace.errors import CannotMark
from sealtrace.marks.channel import AppliedMark, ChannelName
from sealtrace.marks.notice import NOTICE
from sealtrace.marks.stamp import TOKEN_BITS, in_bytes

from . import zipped
from .model import DIGEST_BITS, FilePlan, Job

TYPES, RELS = "[Content_Types].xml", "_rels/.rels"
CORE, CUSTOM, OWN = "docProps/core.xml", "docProps/custom.xml", "customXml/sealtrace.xml"
CT = "http://schemas.openxmlformats.org/package/2006/content-types"
PR = "http://schemas.openxmlformats.org/package/2006/relationships"
OD = "http://schemas.openxmlformats.org/officeDocument/2006"
CP = "{http://schemas.openxmlformats.org/package/2006/metadata/core-properties}"
VT = f"{OD}/docPropsVTypes"
PROPERTIES = f"{OD}/custom-properties"
NAMESPACES: Any = {None: PROPERTIES, "vt": VT}
PROPERTY_SET = "{D5CDD505-2E9C-101B-9397-08002B2CF9AE}"  # the one custom properties use (ECMA-376, 22.3.2.2)
PROPERTY_NAME, NOTICE_NAME = "SealtraceCopy", "SealtraceNotice"
NAMESPACE = "urn:sealtrace:copy"
SIGNED = "it is digitally signed: marking would break the signature"
READ_BYTES = 1 << 20


def plan(source: Path, kind: Kind) -> FilePlan:  # noqa: ARG001 (every format takes both)
    """A signed package carries nothing; any other carries the stamp."""
    with open_archive(source) as archive:
        if _is_signed(archive):
            return FilePlan(notes=(SIGNED,))
    return FilePlan(
        stamp=True, notes=("pages of office files carry no tint until they are viewed or printed to PDF",)
    )


def write(job: Job) -> tuple[AppliedMark, ...]:
    """Write one marked copy."""
    with open_archive(job.source) as archive:
        if _is_signed(archive):
            raise CannotMark(f"{job.source.name} can't be marked: {SIGNED}")
        properties = {PROPERTY_NAME: job.text} | ({NOTICE_NAME: NOTICE} if job.plan.table else {})
        changed = _stamped_parts(archive, job.text, properties)
    zipped.patch(job.source, job.target, changed)
    return AppliedMark(ChannelName.EXACT, DIGEST_BITS), AppliedMark(ChannelName.STAMP, TOKEN_BITS)


def stamps(path: Path) -> list[bytes]:
    """Read tokens from every small XML part of properties and custom data."""
    found: dict[bytes, None] = {}
    with open_archive(path) as archive:
        for info in archive.infolist():
            if info.filename.startswith(("docProps/", "customXml/")) and info.file_size <= READ_BYTES:
                found |= dict.fromkeys(in_bytes(b"".join(chunks(archive, info))))
    return list(found)


def _is_signed(archive: zipfile.ZipFile) -> bool:
    return any(name.startswith("_xmlsignatures/") for name in archive.namelist())


def _stamped_parts(archive: zipfile.ZipFile, text: str, properties: Mapping[str, str]) -> dict[str, bytes]:
    """The parts that change: properties, the part of our own, and the two lists that name them."""
    names = set(archive.namelist())
    types, rels = parse(archive.read(TYPES), TYPES), parse(archive.read(RELS), RELS)
    changed = {
        OWN: f'<?xml version="1.0" encoding="UTF-8"?>\n<copy xmlns="{NAMESPACE}">{text}</copy>'.encode()
    }
    _declare(types, rels, OWN, "application/xml", f"{OD}/relationships/customXml")
    custom = parse(archive.read(CUSTOM), CUSTOM) if CUSTOM in names else None
    if custom is None:
        custom = etree.Element(f"{{{PROPERTIES}}}Properties", nsmap=NAMESPACES)
        kind = "application/vnd.openxmlformats-officedocument.custom-properties+xml"
        _declare(types, rels, CUSTOM, kind, f"{OD}/relationships/custom-properties")
    for name, value in properties.items():
        _set_property(custom, name, value)
    changed[CUSTOM] = _serialised(custom)
    if CORE in names:
        core = parse(archive.read(CORE), CORE)
        _add_keyword(core, text)
        changed[CORE] = _serialised(core)
    changed[TYPES], changed[RELS] = _serialised(types), _serialised(rels)
    return changed


def _declare(types: etree._Element, rels: etree._Element, part: str, kind: str, relationship: str) -> None:
    etree.SubElement(types, f"{{{CT}}}Override", PartName=f"/{part}", ContentType=kind)
    taken = {str(rel.get("Id")) for rel in rels}
    number = next(n for n in range(1, len(taken) + 2) if f"rIdSealtrace{n}" not in taken)
    etree.SubElement(
        rels, f"{{{PR}}}Relationship", Id=f"rIdSealtrace{number}", Type=relationship, Target=part
    )


def _set_property(custom: etree._Element, name: str, text: str) -> None:
    for old in [p for p in custom if p.get("name") == name]:
        custom.remove(old)
    number = max((int(p.get("pid", "1")) for p in custom), default=1) + 1
    entry = etree.SubElement(
        custom, f"{{{PROPERTIES}}}property", fmtid=PROPERTY_SET, pid=str(max(number, 2)), name=name
    )
    etree.SubElement(entry, f"{{{VT}}}lpwstr").text = text


def _add_keyword(core: etree._Element, text: str) -> None:
    keywords = core.find(f"{CP}keywords")
    if keywords is None:
        keywords = etree.SubElement(core, f"{CP}keywords")
    keywords.text = f"{keywords.text}; {text}" if keywords.text else text


def _serialised(root: etree._Element) -> bytes:
    data: bytes = etree.tostring(root, xml_declaration=True, encoding="UTF-8", standalone=True)
    return data
