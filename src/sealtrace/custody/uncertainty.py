"""Declared measurement uncertainty of table columns: which columns may ever carry a mark, and how much.

columns:
  flow_l_h: {uncertainty: 0.5, unit: L/h}
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from sealtrace.errors import UsageProblem
from sealtrace.marks.table.declaration import Declaration, MalformedDeclaration


def declare(
    uncertainty: Mapping[str, object] | None,
    *,
    order_free: bool = False,
    decoys_safe: bool = False,
    notice: str | None = None,
) -> Mapping[str, object] | None:
    """Add to a declaration that rows may stand in any order, that decoys may stand among them, where a notice goes.

    Raises:
        UsageProblem: there is no declaration to add to, or it contradicts one of these.
    """
    said: dict[str, object] = {"row_order": "free"} if order_free else {}
    said |= {"decoy_rows": "safe"} if decoys_safe else {}
    said |= {"notice": notice} if notice else {}
    if not said:
        return uncertainty
    if not uncertainty:
        raise UsageProblem(
            "row order, decoy rows and notices belong to tables whose cells are marked",
            advice="Give the uncertainty of the table's columns too.",
        )
    try:
        return Declaration.from_dict({**uncertainty, **said}).to_dict()
    except MalformedDeclaration as e:
        raise UsageProblem(str(e), advice="Leave that option out, or change what is declared.") from e


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


def typed_uncertainty(text: str) -> dict[str, object] | None:
    """Read a declaration typed line by line; None when no line declares anything.

        flow_l_h; 0.5; L/h
        assay_tb; 1 %
        set_point; fixed; it is a set point

    A column that is named without a number stays as it is, like one that is not named.

    Raises:
        UsageProblem: a line can't be read; the message quotes it.
    """
    columns: dict[str, object] = {}
    for line in text.replace("；", ";").replace("％", "%").splitlines():
        name, value, note, *more = [*(part.strip() for part in line.replace("\t", ";").split(";")), "", ""]
        if not name or not value:
            continue
        if name in columns or any(more):
            raise UsageProblem(
                f"{line.strip()!r} can't be read", advice="Write one line a column: name; 0.5; L/h"
            )
        columns[name] = _typed(line, value, note)
    if not columns:
        return None
    try:
        return Declaration.from_dict({"columns": columns}).to_dict()
    except MalformedDeclaration as e:
        raise UsageProblem(str(e), advice="Write one line a column: name; 0.5; L/h") from e


def _typed(line: str, value: str, note: str) -> dict[str, object]:
    if value.lower() in ("fixed", "固定"):
        return {"fixed": note or value}
    try:
        number = float(value.removesuffix("%"))
    except ValueError as e:
        raise UsageProblem(
            f"{line.strip()!r} names no number", advice="Write one line a column: name; 0.5; L/h"
        ) from e
    if value.endswith("%"):
        return {"uncertainty": number / 100, "relative": True, "unit": note}
    return {"uncertainty": number, "unit": note}
