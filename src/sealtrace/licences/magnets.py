"""Families of permanent magnets, told by composition first and by name where that leaves it open."""

from __future__ import annotations

import re
from decimal import Decimal

from sealtrace.catalogue.elements import RARE_EARTHS

from .facts import Facts

_FAMILY_NAMES = (
    ("NdFeB", re.compile(r"钕铁硼|\bNd-?Fe-?B\b|neodymium[- ]iron[- ]boron|neo magnet", re.I)),
    ("SmFeN", re.compile(r"钐铁氮|\bSm-?Fe-?N\b|samarium[- ]iron[- ]nitr", re.I)),
    ("SmCo", re.compile(r"钐钴|\bSm-?2?-?Co-?\d*\b|samarium[- ]cobalt", re.I)),
    ("ferrite", re.compile(r"铁氧体|ferrite", re.I)),
    ("AlNiCo", re.compile(r"铝镍钴|alnico", re.I)),
)


def magnet_family(facts: Facts, floor: Decimal) -> str | None:
    """The family of a magnet, by composition first, by name where the composition leaves it open."""
    there = facts.present(floor)
    by_name = next((family for family, pattern in _FAMILY_NAMES if pattern.search(facts.text)), None)
    major = {e for e in there if max(f.share.high for f in facts.shares[e]) >= 1}
    if "Sm" in major and "Co" in major and not {"Nd", "Pr"} & major:
        return "SmCo"
    if "Sm" in major and "N" in there:
        return "SmFeN"
    if (
        {"Nd", "Pr"} & major
        and "Sm" not in major
        and ("Fe" in major or by_name == "NdFeB" or not major - RARE_EARTHS)
    ):
        return "NdFeB"
    if there and not RARE_EARTHS & there and not RARE_EARTHS & facts.named and not facts.unread and (
        by_name in ("ferrite", "AlNiCo") or {"Sr", "Ba"} & major or {"Al", "Ni"} <= major
    ):  # fmt: skip
        return "ferrite" if by_name == "ferrite" or {"Sr", "Ba"} & major else "AlNiCo"
    contradicted = (by_name == "NdFeB" and "Sm" in major) or (
        by_name == "SmCo" and there and "Co" not in there
    )
    return None if contradicted or by_name in ("ferrite", "AlNiCo") else by_name
