"""Declared measurement uncertainty of table columns: which columns may ever carry a mark, and how much.

columns:
  flow_l_h: {uncertainty: 0.5, unit: L/h}
"""

from __future__ import annotations

from pathlib import Path

from sealtrace.errors import UsageProblem

FIELDS = {"uncertainty", "unit", "relative", "note"}


def read_uncertainty(path: Path) -> dict[str, object]:
    """Read and check a declaration in YAML; returns {"columns": {...}}.

    Raises:
        UsageProblem: not YAML, no columns, or a column without a positive uncertainty.
    """
    import yaml

    try:
        found = yaml.safe_load(path.read_text("utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as e:
        raise UsageProblem(f"{path.name} can't be read as YAML: {e}") from e
    columns = found.get("columns") if isinstance(found, dict) else None
    if not isinstance(columns, dict) or not columns:
        raise UsageProblem(
            f"{path.name} declares no columns",
            advice="Write: columns: {NAME: {uncertainty: 0.05, unit: degC}}",
        )
    for name, declared in columns.items():
        _check_column(path.name, str(name), declared)
    return {"columns": {str(name): dict(declared) for name, declared in columns.items()}}


def _check_column(file: str, name: str, declared: object) -> None:
    if not isinstance(declared, dict):
        raise UsageProblem(f"{file}: column {name!r} needs {{uncertainty: NUMBER, unit: TEXT}}")
    unknown = set(declared) - FIELDS
    if unknown:
        raise UsageProblem(f"{file}: column {name!r} has unknown fields {sorted(map(str, unknown))}")
    value = declared.get("uncertainty")
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value < float("inf"):
        raise UsageProblem(f"{file}: column {name!r} needs an uncertainty above 0, not {value!r}")
