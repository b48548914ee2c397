"""Declared measurement uncertainty of table columns: which columns may ever carry a mark, and how much.

columns:
  flow_l_h: {uncertainty: 0.5, unit: L/h}
"""

from __future__ import annotations

from pathlib import Path

from sealtrace.errors import UsageProblem
from sealtrace.marks.table.declaration import Declaration, MalformedDeclaration


def read_uncertainty(path: Path) -> dict[str, object]:
    """Read and check a declaration in YAML; returns it in its full form.

    Raises:
        UsageProblem: not YAML, no columns, or something that can't be kept, such as an uncertainty of 0.
    """
    import yaml

    try:
        found = yaml.safe_load(path.read_text("utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as e:
        raise UsageProblem(f"{path.name} can't be read as YAML: {e}") from e
    try:
        return Declaration.from_dict(found if isinstance(found, dict) else {}).to_dict()
    except MalformedDeclaration as e:
        raise UsageProblem(
            f"{path.name}: {e}", advice="Write: columns: {NAME: {uncertainty: 0.05, unit: degC}}"
        ) from e
