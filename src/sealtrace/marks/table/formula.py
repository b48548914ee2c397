"""Formulas of derived columns: + - * / ** and brackets over column names and numbers, and nothing else.

A column whose name is no plain word is written in backquotes: `feed flow` + `scrub flow`.
"""

from __future__ import annotations

import ast
import operator
import re
from collections.abc import Callable, Mapping

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
LONGEST = 500
_TWO: dict[type, Callable[[Floats, Floats], Floats]] = {
    ast.Add: operator.add, ast.Sub: operator.sub, ast.Mult: operator.mul, ast.Div: operator.truediv,
    ast.Pow: operator.pow,
}  # fmt: skip
_ONE: dict[type, Callable[[Floats], Floats]] = {ast.USub: operator.neg, ast.UAdd: operator.pos}


class NoFormula(ValueError):
    """Not a formula of this small language."""


def names(text: str) -> frozenset[str]:
    """Return the columns a formula reads. Raises NoFormula."""
    tree, called = _parse(text)
    return frozenset(called.get(n.id, n.id) for n in ast.walk(tree) if isinstance(n, ast.Name))


def value(text: str, columns: Mapping[str, Floats]) -> Floats:
    """Work a formula out over whole columns; NaN or infinite where it has no value. Raises NoFormula."""
    tree, called = _parse(text)
    with np.errstate(all="ignore"):
        return np.asarray(_work(tree, columns, called), np.float64)


def _parse(text: str) -> tuple[ast.expr, dict[str, str]]:
    if len(text) > LONGEST:
        raise NoFormula(f"it is longer than {LONGEST} characters")
    called: dict[str, str] = {}

    def plain(match: re.Match[str]) -> str:
        word = f"_column_{len(called)}"
        called[word] = match[1]
        return word

    try:
        tree = ast.parse(re.sub(r"`([^`]+)`", plain, text), mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError) as e:
        raise NoFormula(str(e)) from e
    allowed = (ast.BinOp, ast.UnaryOp, ast.Name, ast.Load, ast.Constant, *_TWO, *_ONE)
    for node in ast.walk(tree):
        if not isinstance(node, allowed) or (
            isinstance(node, ast.Constant)
            and (isinstance(node.value, bool) or not isinstance(node.value, int | float))
        ):
            raise NoFormula(f"{type(node).__name__} is not allowed")
    return tree, called


def _work(node: ast.expr, columns: Mapping[str, Floats], called: Mapping[str, str]) -> Floats:
    if isinstance(node, ast.BinOp):
        left, right = _work(node.left, columns, called), _work(node.right, columns, called)
        return _TWO[type(node.op)](left, right)
    if isinstance(node, ast.UnaryOp):
        return _ONE[type(node.op)](_work(node.operand, columns, called))
    if isinstance(node, ast.Name):
        name = called.get(node.id, node.id)
        if name not in columns:
            raise NoFormula(f"there is no column {name}")
        return columns[name]
    assert isinstance(node, ast.Constant)
    assert isinstance(node.value, int | float)
    return np.asarray(float(node.value))
