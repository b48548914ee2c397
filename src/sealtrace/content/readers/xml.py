"""XML from untrusted bytes: no entities, no network, no document types, bounded size."""

from __future__ import annotations

from typing import Any

from lxml import etree

from sealtrace.content import bounds
from sealtrace.errors import InputDamaged, InputTooLarge


def parse(data: bytes, what: str) -> etree._Element:
    """Parse an XML part.

    Raises:
        InputTooLarge, InputDamaged.
    """
    if len(data) > bounds.XML_BYTES:
        raise InputTooLarge(f"{what} has more than {bounds.XML_BYTES} bytes of XML")
    parser = etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        dtd_validation=False,
        huge_tree=True,
        remove_pis=True,
    )
    try:
        root = etree.fromstring(data, parser)
    except etree.XMLSyntaxError as e:
        raise InputDamaged(f"{what} is not well-formed XML: {e.msg}") from e
    declared: Any = root.getroottree().docinfo.internalDTD
    if declared is not None and list(declared.iterentities()):
        raise InputDamaged(f"{what} declares entities of its own, which are not read")
    return root
