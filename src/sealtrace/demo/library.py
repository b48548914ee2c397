"""What the demo's office holds: the documents, written into a folder, and how many copies of each go out."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from .documents.figures import draw
from .documents.memo import memo
from .documents.record import write_record
from .documents.specification import specification
from .flowsheet.circuit import flow_diagram
from .flowsheet.dxf import to_dxf
from .flowsheet.svg import to_svg
from .plant.cascade import Cascade, Conditions
from .plant.operation import Week, simulate, steady
from .plant.tables import write_csv, write_uncertainties, write_workbook
from .typeface import render_svg

DIAGRAM_PX = 2480  # A3 landscape at 150 dpi
UNCERTAINTIES = "HX-2-operation.uncertainty.yaml"


@dataclass(frozen=True, slots=True)
class Held:
    """One document of the office: its file, what it is, and how many copies are issued.

    new_version_of: the file name of the version before this one.
    """

    name: str
    zh: str
    en: str
    copies: int
    level: str = "important"
    new_version_of: str | None = None


SPEC_A, SPEC_B, SPEC_DOCX = "YL-PS-207-A.pdf", "YL-PS-207-B.pdf", "YL-PS-207-B.docx"
DIAGRAM_PNG, DIAGRAM_SVG, DIAGRAM_DXF = "YL-PFD-207.png", "YL-PFD-207.svg", "YL-PFD-207.dxf"
DATA_CSV, DATA_XLSX, RECORD = "HX-2-operation.csv", "HX-2-week-10.xlsx", "YL-QR-031-scan.png"
MEMO = "canteen.pdf"  # never registered

HOLDINGS = (
    Held(SPEC_A, "工艺规程（PDF）", "Process specification (PDF)", 30),
    Held(SPEC_B, "工艺规程（PDF）", "Process specification (PDF)", 50, new_version_of=SPEC_A),
    Held(SPEC_DOCX, "工艺规程（DOCX）", "Process specification (DOCX)", 28),
    Held(DIAGRAM_PNG, "流程图（PNG）", "Flow diagram (PNG)", 22),
    Held(DIAGRAM_SVG, "流程图（SVG）", "Flow diagram (SVG)", 14),
    Held(DIAGRAM_DXF, "流程图（DXF）", "Flow diagram (DXF)", 14),
    Held(DATA_XLSX, "生产数据（XLSX）", "Production data (XLSX)", 16, "core"),
    Held(DATA_CSV, "生产数据（CSV）", "Production data (CSV)", 12, "core"),
    Held(RECORD, "检验记录（扫描件）", "Inspection record (scan)", 14, "general"),
)


def write_library(folder: Path) -> Iterator[str]:
    """Write every document into `folder`; yields each file's name before it is written.

    The plant is simulated first. The same files each time, but for the picture and drawing libraries'
    own versions. About 10 s of one core.
    """
    design = Conditions()
    yield "HX-2"
    settled = steady(design)
    week = simulate(settled)
    for name, write in _writers(settled, design, week).items():
        yield name
        write(folder / name)


def _writers(settled: Cascade, design: Conditions, week: Week) -> dict[str, Callable[[Path], object]]:
    from .documents.docx import write_docx
    from .documents.pdf import write_pdf

    def figure(name: str) -> object:
        return draw(name, settled)

    diagram = flow_diagram(settled, design)
    svg = to_svg(diagram)
    return {
        SPEC_A: lambda out: write_pdf(specification("A", settled, design), figure, out),
        SPEC_B: lambda out: write_pdf(specification("B", settled, design), figure, out),
        SPEC_DOCX: lambda out: write_docx(specification("B", settled, design), figure, out),
        DIAGRAM_SVG: lambda out: out.write_text(svg, "utf-8"),
        DIAGRAM_PNG: lambda out: out.write_bytes(render_svg(svg, DIAGRAM_PX)),
        DIAGRAM_DXF: lambda out: out.write_bytes(to_dxf(diagram)),
        DATA_XLSX: lambda out: write_workbook(week, out),
        DATA_CSV: lambda out: write_csv(week, out),
        UNCERTAINTIES: write_uncertainties,
        RECORD: lambda out: write_record(week, out),
        MEMO: lambda out: write_pdf(memo(), figure, out),
    }
