"""The process specification HX-2: front matter, and the sections in their order."""

from __future__ import annotations

from sealtrace.demo.plant.cascade import Cascade, Conditions

from . import balance, control, practice, process
from .blocks import Both, Document

_DATES = {"A": "2025-11-18", "B": "2026-03-09"}


def specification(revision: str, settled: Cascade, design: Conditions) -> Document:
    """Write the specification; revision B tightens three limits of revision A."""
    shape = settled.shape
    history = (
        ("A", _DATES["A"], Both("首次发布", "First issue")),
        (
            "B",
            _DATES["B"],
            Both(
                "收紧皂化度、萃余液镝与洗酸浓度限值",
                "Saponification, Dy in raffinate and scrub acid tightened",
            ),
        ),
    )
    return Document(
        number="YL-PS-207",
        revision=revision,
        date=_DATES[revision],
        title=Both(
            "重稀土溶剂萃取分离工艺规程",
            "Process Specification for the Solvent Extraction of Heavy Rare Earths",
        ),
        subtitle=Both(
            "HX-2 回路：铽与镝、钇的分离", "Circuit HX-2: separation of terbium from dysprosium and yttrium"
        ),
        organisation=Both("云岭分离厂（虚构）", "Yunling Separation Works (fictional)"),
        level=Both("内部 · 重要", "INTERNAL · IMPORTANT"),
        disclaimer=Both(
            "虚构示例：数据由模拟程序生成，不对应任何真实工厂",
            "Fictional example: figures come from a simulation and describe no real plant",
        ),
        facts=(
            (Both("萃取体系", "System"), "P507 – kerosene – HCl"),
            (
                Both("级数 萃 / 洗 / 反", "Stages E / S / R"),
                f"{shape.extraction} / {shape.scrub} / {shape.strip}",
            ),
            (Both("料液处理量", "Feed rate"), f"{design.feed_flow:.0f} L/h"),
            (
                Both("流比 有机 : 料液 : 洗酸", "Flow ratio O : F : W"),
                _ratios(design),
            ),
        ),
        history=tuple(row for row in history if row[0] <= revision),
        approvals=(
            (Both("编制", "Prepared"), Both("沈知行", "Shen Zhixing"), _DATES[revision]),
            (Both("审核", "Checked"), Both("陆婉清", "Lu Wanqing"), _DATES[revision]),
            (Both("批准", "Approved"), Both("顾远山", "Gu Yuanshan"), _DATES[revision]),
        ),
        blocks=(
            *process.sections(settled, design),
            *balance.sections(settled, design),
            *control.sections(revision, design),
            *practice.sections(),
        ),
    )


def _ratios(design: Conditions) -> str:
    """Organic to feed to scrub acid, by volume."""
    organic, scrub = design.organic_flow / design.feed_flow, design.scrub_flow / design.feed_flow
    return f"{organic:.2f} : 1 : {scrub:.3f}"
