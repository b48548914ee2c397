"""What the demo's office holds: the documents, written into a folder, and how many copies of each go out."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from .documents.blocks import Document
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


@dataclass(frozen=True, slots=True, eq=False)
class Plant:
    """What the documents' figures come from: the settled cascade at design conditions, and one week of it."""

    design: Conditions
    settled: Cascade
    week: Week


def run_plant() -> Plant:
    """Simulate the plant. About 5 s of one core; the same each time."""
    design = Conditions()
    settled = steady(design)
    return Plant(design, settled, simulate(settled))


def write_library(folder: Path, plant: Plant) -> Iterator[str]:
    """Write every document into `folder`; yields each file's name when it is there.

    The same bytes each time, given the same libraries for pictures and office files. About 4 s of one core.
    """
    for name, write in _writers(plant).items():
        write(folder / name)
        yield name


def _writers(plant: Plant) -> dict[str, Callable[[Path], object]]:
    from .documents.docx import write_docx
    from .documents.pdf import write_pdf

    def figure(name: str) -> object:
        return draw(name, plant.settled)

    def set_specification(revision: str) -> Document:
        return specification(revision, plant.settled, plant.design)

    diagram = flow_diagram(plant.settled, plant.design)
    svg = to_svg(diagram)
    return {
        SPEC_A: lambda out: write_pdf(set_specification("A"), figure, out),
        SPEC_B: lambda out: write_pdf(set_specification("B"), figure, out),
        SPEC_DOCX: lambda out: write_docx(set_specification("B"), figure, out),
        DIAGRAM_SVG: lambda out: out.write_text(svg, "utf-8"),
        DIAGRAM_PNG: lambda out: out.write_bytes(render_svg(svg, DIAGRAM_PX)),
        DIAGRAM_DXF: lambda out: out.write_bytes(to_dxf(diagram)),
        DATA_XLSX: lambda out: write_workbook(plant.week, out),
        DATA_CSV: lambda out: write_csv(plant.week, out),
        UNCERTAINTIES: write_uncertainties,
        RECORD: lambda out: write_record(plant.week, out),
        MEMO: lambda out: write_pdf(memo(), figure, out),
    }
