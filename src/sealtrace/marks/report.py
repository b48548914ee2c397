"""The mark report: before anything is issued, what each page and table can carry, and how small a piece can be."""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sealtrace.content.kinds import Kind
from sealtrace.content.model import PageSize
from sealtrace.content.reader import read
from sealtrace.content.tables import files as table_files

from .channel import SURVIVES, ChannelName
from .files import FilePlan
from .geometry import PagePlan
from .stamp import TOKEN_BITS
from .table.plan import CELLS_ALONE
from .table.report import TableRow, table_rows

CHIPS_NEEDED = 1_300
"""Chips that a traceable piece holds: 4 % of an A4 text page, the smallest crop measured well above the
threshold of 34.5 (10^6 copies, 1e-9). A piece of blank paper or dense drawing may need more."""
CM_PER_PT = 2.54 / 72

CHINESE = {
    "page": "页", "construction": "方式", "chips": "色块", "symbols": "码元", "smallest piece": "可溯源的最小片段",
    "channel": "通道", "capacity": "容量", "survives": "可经受", "why": "说明", "bits": "位",
    "under": "衬于内容之下", "over": "覆于内容之上", "raster": "像素",
    SURVIVES[ChannelName.EXACT]: "改名、移动",
    SURVIVES[ChannelName.STAMP]: "在原程序中另存（元数据仍在时）",
    SURVIVES[ChannelName.PAGE]: "截屏、拍照、打印扫描、裁剪、缩放、JPEG、转为图片",
    SURVIVES[ChannelName.TEXT]: "复制文字、重新录入",
    SURVIVES[ChannelName.TABLE]: "摘录、排序、舍入、换算单位、转换格式",
    "this version marks no words: the author has approved no variants": "本版本不改动文字：作者尚未批准任何可替换用语",
    "this version marks no values: measured data are left exactly as they are": "本版本不改动数值：测量数据保持原样",
    SURVIVES[ChannelName.ORDER]: "丢失行、邻近行移位、任何数值改动；不经受排序或打乱",
    SURVIVES[ChannelName.DECOY]: "排序、打乱、丢失行、转换格式（读数仍相近时）",
    "the order of its rows was not declared free": "未声明行序可变",
    "decoy rows were not declared safe": "未声明可放置诱饵行",
    CELLS_ALONE: "双钥时表格只在单元格中承载标记：行序不变，不放置诱饵行",
    "no measurement uncertainty was declared, so no value is changed": "未申报测量不确定度，故不改动任何数值",
    "table": "表", "columns": "列", "rows": "行", "smallest extract": "可溯源的最小摘录", "cell": "单元格",
    "mean": "均值", "standard deviation": "标准差", "changes by at most": "最大改动", "none": "无",
    "nothing in this file may differ": "此文件没有可放置标记的位置",
    "two keys": "双钥", "half": "半", "office": "出具方", "notary": "公证方",
    "each half names by itself, from half of the places": "两半各自独立指认，各占一半位置",
    "points to a copy; names none by itself, as one party could make it": "仅作线索，不单独指认：一方即可伪造",
    "this file can carry no two halves: no copy of it can ever be named": "此文件无法承载两半码字，其副本均无法指认",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class PageRow:
    """What one page carries."""

    page: int
    construction: str
    chips: int
    symbols: int
    smallest: str
    smallest_share: float


@dataclass(frozen=True, slots=True)
class ChannelRow:
    """What one channel carries over the whole file, or why it carries nothing."""

    channel: str
    capacity: int
    survives: str
    why: str = ""
    halves: tuple[int, int] | None = None
    """With two keys: how much of it is the office's and how much the notary's."""


@dataclass(frozen=True, slots=True)
class MarkReport:
    """What copies of one version will carry."""

    kind: Kind
    channels: tuple[ChannelRow, ...]
    pages: tuple[PageRow, ...]
    notes: tuple[str, ...]
    tables: tuple[TableRow, ...] = ()
    two_keys: bool = False

    def to_dict(self) -> dict[str, Any]:
        """Give the report as JSON types."""
        return {
            "kind": str(self.kind),
            "channels": [
                {
                    "channel": c.channel,
                    "capacity": c.capacity,
                    "survives": c.survives,
                    "why": c.why,
                    **({"halves": list(c.halves)} if c.halves else {}),
                }
                for c in self.channels
            ],
            **({"two_keys": True} if self.two_keys else {}),
            "pages": [
                {
                    "page": p.page,
                    "construction": p.construction,
                    "chips": p.chips,
                    "symbols": p.symbols,
                    "smallest_piece": p.smallest,
                    "smallest_share": round(p.smallest_share, 4),
                }
                for p in self.pages
            ],
            "tables": [t.to_dict() for t in self.tables],
            "notes": list(self.notes),
        }

    def to_text(self, language: str) -> str:
        """Write the report for a person, in zh or en."""

        def say(word: str) -> str:
            return CHINESE.get(word, word) if language == "zh" else word

        lines = []
        for c in self.channels:
            unit = say("bits") if c.channel in ("exact", "stamp") else say("symbols")
            capacity = f"{c.capacity} {unit}" if c.capacity else "-"
            lines.append(f"{c.channel:6}  {capacity:>14}  {say(c.why) if c.why else say(c.survives)}")
        for p in self.pages:
            lines.append(
                f"{say('page')} {p.page}: {say(p.construction)}, {p.chips} {say('chips')}, "
                f"{say('smallest piece')} {p.smallest} ({p.smallest_share:.1%})"
            )
        for t in self.tables:
            extract = f"{t.smallest_rows} {say('rows')}" if t.smallest_rows else say("none")
            lines.append(
                f"{say('table')} {t.table + 1}: {len(t.columns)} {say('columns')}, {t.rows} {say('rows')}, "
                f"{say('smallest extract')} {extract}; {say('changes by at most')}: {say('cell')} {t.cell:.2f} u, "
                f"{say('mean')} {t.mean:.3f} u, {say('standard deviation')} {t.deviation:.1%}"
            )
        halves = next((c.halves for c in self.channels if c.halves), None)
        if halves:
            lines.append(
                f"{say('two keys')}: {halves[0]} {say('symbols')} {say('office')} + {halves[1]} {say('symbols')} "
                f"{say('notary')}; {say('each half names by itself, from half of the places')}"
            )
        return "\n".join([*lines, *map(say, self.notes)])


def report(source: Path, kind: Kind, plan: FilePlan) -> MarkReport:
    """Tell what copies of a version carry, page by page."""
    sizes, keys = read(source, kind).pages if plan.carries_page else (), 2 if plan.halves else 1
    rows = [
        _page(number, page, plan.mark_plan.symbols, size, keys)
        for number, (page, size) in enumerate(zip(plan.mark_plan.pages, sizes, strict=False), 1)
        if page is not None
    ]
    tables = table_rows(table_files.read(source, kind), plan.table, keys) if plan.table else ()
    unnamed = "this file can carry no two halves: no copy of it can ever be named"
    notes = (*plan.notes, *([unnamed] if plan.halves and not plan.carries_codeword else []))
    return MarkReport(kind, _channels(kind, plan), tuple(rows), notes, tables, plan.halves)


def _page(number: int, plan: PagePlan, symbols: int, size: PageSize, keys: int) -> PageRow:
    """One page; of two codewords side by side each is read from half of the chips."""
    chips, needed = plan.grid.chips, keys * CHIPS_NEEDED
    share = min(1.0, needed / chips)
    across, down = plan.grid.pitch(size.width, size.height)
    side = math.sqrt(min(needed, chips))
    if size.unit == "pt":
        piece = f"{side * across * CM_PER_PT:.1f} x {side * down * CM_PER_PT:.1f} cm"
    else:
        piece = f"{math.ceil(side * across)} x {math.ceil(side * down)} px"
    return PageRow(number, plan.construction, chips, symbols, piece, share)


def _channels(kind: Kind, plan: FilePlan) -> tuple[ChannelRow, ...]:
    nothing = "; ".join(plan.notes) or "nothing in this file may differ"
    marked = plan.stamp or plan.carries_codeword
    unmarked = "no measurement uncertainty was declared, so no value is changed"
    pointing = "points to a copy; names none by itself, as one party could make it" if plan.halves else ""
    cells = plan.table.symbols if plan.table else 0
    symbols = plan.mark_plan.symbols if plan.carries_page else 0
    rows = [
        (ChannelName.EXACT, 256 if marked else 0, pointing if marked else nothing),
        (ChannelName.STAMP, TOKEN_BITS if plan.stamp else 0, pointing if plan.stamp else nothing),
        (ChannelName.PAGE, symbols, "" if symbols else f"{kind}: {nothing}"),
        (ChannelName.TEXT, 0, "this version marks no words: the author has approved no variants"),
        (ChannelName.TABLE, cells, "" if cells else unmarked),
        *_extras(plan),
    ]
    coded = {ChannelName.PAGE, ChannelName.TABLE} if plan.halves else set()
    return tuple(
        ChannelRow(
            name, capacity, SURVIVES[name], why,
            (capacity // 2, capacity // 2) if capacity and name in coded else None,
        )
        for name, capacity, why in rows
    )  # fmt: skip


def _extras(plan: FilePlan) -> list[tuple[ChannelName, int, str]]:
    """The channels beside a table's cells; the reason where one was declared and can't be had is in the notes."""
    if plan.table is None:
        return []
    if plan.halves:
        return [(ChannelName.ORDER, 0, CELLS_ALONE), (ChannelName.DECOY, 0, CELLS_ALONE)]
    rules, notes = plan.table.rules, "; ".join(plan.notes)
    asked = (
        (
            ChannelName.ORDER,
            plan.table.order,
            rules.order_free,
            "the order of its rows was not declared free",
        ),
        (ChannelName.DECOY, plan.table.decoy, rules.decoys_safe, "decoy rows were not declared safe"),
    )
    return [
        (name, extra.symbols if extra else 0, "" if extra else notes if declared else otherwise)
        for name, extra, declared, otherwise in asked
    ]
