"""Read the text of a picture: the slow way to find a document, when no page looks like the leak.

RapidOCR with the models inside its package: their paths are pinned and missing ones are an error, so
nothing is ever fetched. Runs in the sandbox.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sealtrace import sandbox
from sealtrace.errors import RecognitionUnavailable

MODELS = {
    "Det.model_path": "PP-OCRv6_det_small.onnx",
    "Rec.model_path": "PP-OCRv6_rec_small.onnx",
    "Cls.model_path": "ch_ppocr_mobile_v2.0_cls_mobile.onnx",
}
LIMITS = sandbox.Limits(seconds=90, memory_bytes=6 << 30)
LONG_SIDE = 2000
DETECTION_SIDE = 1280
"""Lines are looked for at this size and read at the full one: a third less time and 200 MiB less memory for
the same characters on a page photographed at 2,000 pixels."""
MIN_CONFIDENCE = 0.5


@dataclass(frozen=True, slots=True)
class Line:
    """A recognised line: its text, its four corners in picture pixels, the recogniser's confidence 0 to 1."""

    text: str
    corners: tuple[tuple[float, float], ...]
    confidence: float


def read_text(raster: NDArray[np.uint8]) -> list[Line]:
    """Recognise the lines of a picture in reading order. Seconds for a full page.

    Raises:
        RecognitionUnavailable: the recogniser or one of its models is not installed.
        InputTooLarge, InputRefused: it took too long or failed on this picture.
    """
    return sandbox.call(read_here, raster, limits=LIMITS)


def read_here(raster: NDArray[np.uint8]) -> list[Line]:
    """Recognise in this process. Only for the sandbox."""
    import cv2

    scale = min(1.0, LONG_SIDE / max(raster.shape[:2]))
    small = (
        cv2.resize(raster, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA) if scale < 1 else raster
    )
    found = _engine()(np.ascontiguousarray(small[:, :, ::-1]))
    if found.txts is None:
        return []
    lines = [
        Line(text, tuple((float(x / scale), float(y / scale)) for x, y in box), float(score))
        for text, box, score in zip(found.txts, found.boxes, found.scores, strict=True)
        if score >= MIN_CONFIDENCE
    ]
    return sorted(lines, key=_place)


def _place(line: Line) -> tuple[int, float]:
    """Top to bottom in bands of half a line's height, then left to right."""
    top = min(y for _, y in line.corners)
    height = max(1.0, max(y for _, y in line.corners) - top)
    return round(top / (height / 2)), min(x for x, _ in line.corners)


@lru_cache(maxsize=1)
def _engine() -> Any:
    try:
        import rapidocr
    except ImportError as e:
        raise RecognitionUnavailable("the text recogniser (rapidocr) is not installed") from e
    folder = Path(rapidocr.__file__).parent / "models"
    paths = {setting: folder / name for setting, name in MODELS.items()}
    missing = [path.name for path in paths.values() if not path.is_file()]
    if missing:
        raise RecognitionUnavailable(f"the text recogniser lacks its model(s) {', '.join(missing)}")
    logging.disable(logging.WARNING)
    settings = {
        **{name: str(path) for name, path in paths.items()},
        "Global.log_level": "critical",
        "EngineConfig.onnxruntime.intra_op_num_threads": 2,
        "Det.limit_type": "max",
        "Det.limit_side_len": DETECTION_SIDE,
        "Rec.rec_batch_num": 3,
    }
    return rapidocr.RapidOCR(params=settings)
