"""What is typed line by line becomes the declaration it says, or is refused with the line quoted."""

from __future__ import annotations

import pytest

from sealtrace.custody.uncertainty import typed_uncertainty
from sealtrace.errors import UsageProblem


def test_typed_lines_become_a_declaration() -> None:
    said = typed_uncertainty(
        "flow; 0.5; L/h\nassay；1％\nset_point; fixed; it is set\nremark; \n\nlevel\t2\tmm\n"
    )
    assert said is not None
    assert said["columns"] == {
        "flow": {"uncertainty": 0.5, "relative": False, "unit": "L/h"},
        "assay": {"uncertainty": 0.01, "relative": True, "unit": ""},
        "set_point": {"fixed": "it is set"},
        "level": {"uncertainty": 2.0, "relative": False, "unit": "mm"},
    }
    assert typed_uncertainty("remark; \nother") is None


@pytest.mark.parametrize(
    "text", ["flow; much", "flow; 0; L/h", "flow; -1", "flow; 1\nflow; 2", "a; 1; b; c", "a; nan", "a; 200 %"]
)
def test_a_line_that_can_not_be_kept_is_refused(text: str) -> None:
    with pytest.raises(UsageProblem):
        typed_uncertainty(text)
