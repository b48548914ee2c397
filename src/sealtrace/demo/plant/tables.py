"""The week's data as files: CSV, a workbook, and the declared uncertainties of the measured columns."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from sealtrace.demo.packing import settle_package

from .cascade import ELEMENTS, MOLAR_MASS_G, Cascade
from .operation import ASSAYS, OPERATION, Column, Week

TITLE = "HX-2 生产数据  HX-2 production data"
NOTE = (
    "虚构示例，由级联模拟程序生成；不对应任何真实工厂。",
    "Fictional example computed by a simulation of the cascade; it describes no real plant.",
)
UNITS = {"L/h": "l_h", "degC": "degc", "%": "pct", "mol/L": "mol_l", "mm": "mm", "g/L": "g_l"}
HEAD_FILL, BAND_FILL = "1F4E5F", "F1F5F6"


def headings(columns: Sequence[Column]) -> list[str]:
    """Column names with units, as both the CSV and the declaration of uncertainties write them."""
    return [c.name if c.unit == "pH" else f"{c.name}_{UNITS[c.unit]}" for c in columns]


def write_csv(week: Week, out: Path) -> None:
    """Write the ten-minute readings. UTF-8, comma, one heading row."""
    with out.open("w", encoding="utf-8", newline="") as file:
        table = csv.writer(file, lineterminator="\n")
        table.writerow(["time", *headings(OPERATION)])
        for at, row in week.operation:
            table.writerow([at.isoformat(), *written(OPERATION, row)])


def written(columns: Sequence[Column], row: Sequence[float]) -> list[str]:
    """Readings with as many decimals as the instrument has."""
    return [f"{value:.{column.decimals}f}" for column, value in zip(columns, row, strict=True)]


def write_uncertainties(out: Path) -> None:
    """Declare the standard uncertainty of each measured column of the CSV, as `file register` takes it."""
    lines = [
        "# Standard uncertainties of the measured columns, from the instruments' certificates",
        "columns:",
    ]
    for name, column in zip(headings(OPERATION), OPERATION, strict=True):
        lines.append(
            f"  {name}: {{uncertainty: {column.uncertainty:g}, unit: {column.unit!r}}}".replace("'", '"')
        )
    out.write_text("\n".join(lines) + "\n", "utf-8")


def write_workbook(week: Week, out: Path) -> None:
    """Write the workbook: cover, ten-minute readings, assays, stage profile, uncertainties."""
    from openpyxl import Workbook

    book = Workbook()
    book.properties.title = TITLE
    book.properties.creator = "Yunling Separation Works (fictional)"
    _cover(book.active, week)
    _measured(book.create_sheet("操作 Operation"), OPERATION, week.operation)
    _measured(book.create_sheet("化验 Assays"), ASSAYS, week.assays)
    stages = book.create_sheet("级样 Stages")
    _table(stages, PROFILE_HEAD, list(profile_rows(week.end)), 1)
    for cells in stages.iter_rows(min_row=2, min_col=2):
        for cell in cells:
            cell.number_format = "0.000"
    rows = [[c.chinese, c.name, c.unit, c.uncertainty, "相对 relative" if c.relative else "绝对 absolute"]
            for c in (*OPERATION, *ASSAYS)]  # fmt: skip
    _table(book.create_sheet("不确定度 Uncertainty"), UNCERTAINTY_HEAD, rows, 2)
    book.save(out)
    settle_package(out)


PROFILE_HEAD = (
    "级 Stage",
    *(f"水相 {e}\naq. g/L" for e in ELEMENTS),
    *(f"有机相 {e}\norg. g/L" for e in ELEMENTS),
    "酸度 acid\nmol/L",
)
UNCERTAINTY_HEAD = ("量 Quantity", "Column", "单位 Unit", "标准不确定度 u", "类型 Kind")


def stage_names(cascade: Cascade) -> list[str]:
    """E1.., S1.., R1.. along the organic phase."""
    s = cascade.shape
    return [f"{k}{i + 1}" for k, n in (("E", s.extraction), ("S", s.scrub), ("R", s.strip)) for i in range(n)]


def profile_rows(cascade: Cascade) -> Iterator[list[Any]]:
    """Concentrations of every stage in g/L, and acidity."""
    state = cascade.state
    for i, name in enumerate(stage_names(cascade)):
        grams = [*(state.x[i] * MOLAR_MASS_G), *(state.y[i] * MOLAR_MASS_G)]
        yield [name, *(round(float(g), 3) for g in grams), round(float(state.acid[i]), 3)]


def _cover(sheet: Any, week: Week) -> None:
    from openpyxl.styles import Font

    sheet.title = "说明 About"
    sheet.sheet_view.showGridLines = False
    first, last = week.operation[0][0], week.operation[-1][0]
    lines = (
        (TITLE, Font(name="Arial", size=16, bold=True, color=HEAD_FILL)),
        ("云岭分离厂（虚构）  Yunling Separation Works (fictional)", Font(name="Arial", size=11)),
        (f"{first:%Y-%m-%d %H:%M} – {last:%Y-%m-%d %H:%M}  UTC+8", Font(name="Arial", size=11)),
        *((line, Font(name="Arial", size=10, italic=True, color="7A7A7A")) for line in NOTE),
    )
    for i, (text, font) in enumerate(lines):
        cell = sheet.cell(2 + i, 2, text)
        cell.font = font
    sheet.column_dimensions["A"].width = 3
    sheet.column_dimensions["B"].width = 90


def _measured(
    sheet: Any, columns: Sequence[Column], rows: Sequence[tuple[datetime, tuple[float, ...]]]
) -> None:
    head = (
        "时间 Time",
        *(f"{c.chinese}\n{name}" for c, name in zip(columns, headings(columns), strict=True)),
    )
    _table(sheet, head, [[at.replace(tzinfo=None), *row] for at, row in rows], 1)
    for column, cells in zip(columns, sheet.iter_cols(min_col=2, min_row=2), strict=True):
        for cell in cells:
            cell.number_format = "0" if column.decimals == 0 else "0." + "0" * column.decimals
    for (cell,) in sheet.iter_rows(min_row=2, max_col=1):
        cell.number_format = "yyyy-mm-dd hh:mm"


def _table(sheet: Any, head: Sequence[str], rows: Sequence[Sequence[Any]], text_columns: int) -> None:
    """A heading row that stays in view, banded rows, widths that fit, landscape pages."""
    from openpyxl.styles import Alignment, Font, PatternFill
    from openpyxl.utils import get_column_letter

    sheet.append(list(head))
    for row in rows:
        sheet.append(list(row))
    band = PatternFill("solid", fgColor=BAND_FILL)
    for number, cells in enumerate(sheet.iter_rows(min_row=2), 2):
        for cell in cells:
            cell.font = Font(name="Arial", size=10)
            if number % 2:
                cell.fill = band
    for cell in sheet[1]:
        cell.font = Font(name="Arial", size=10, bold=True, color="FFFFFF")
        cell.fill = PatternFill("solid", fgColor=HEAD_FILL)
        cell.alignment = Alignment(horizontal="center", vertical="center", wrap_text=True)
    sheet.row_dimensions[1].height = 44
    for i, text in enumerate(head, 1):
        longest = max(len(part) + sum(ord(c) > 0x2E80 for c in part) for part in text.split("\n"))
        sheet.column_dimensions[get_column_letter(i)].width = max(
            longest + 2, 18 if i <= text_columns else 11
        )
    sheet.freeze_panes = sheet.cell(2, text_columns + 1)
    sheet.auto_filter.ref = sheet.dimensions
    sheet.page_setup.orientation, sheet.page_setup.fitToHeight = "landscape", 0
    sheet.page_setup.paperSize = sheet.PAPERSIZE_A4
    sheet.sheet_properties.pageSetUpPr.fitToPage = True
    sheet.print_title_rows = "1:1"
