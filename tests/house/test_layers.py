"""Imports point one way, and the check that says so would notice."""

from __future__ import annotations

import ast
import os
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "src" / "sealtrace"
TESTING = "sealtrace.testing"
LINT = Path(sys.executable).parent / "lint-imports"


def lint(folder: Path, source: Path) -> subprocess.CompletedProcess[str]:
    """Run the import contracts of `folder`'s pyproject.toml over the package in `source`."""
    environment = os.environ | {"PYTHONPATH": str(source)}
    return subprocess.run(
        [LINT, "--no-cache", "--no-logo"],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def test_contracts_hold() -> None:
    done = lint(ROOT, ROOT / "src")
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize(
    ("module", "line", "says"),
    [
        ("ledger/__init__.py", "import django", "django"),
        ("marks/__init__.py", "import click", "click"),
        ("vault/__init__.py", "import sealtrace.trace", "sealtrace.vault -> sealtrace.trace"),
        ("errors.py", "import sealtrace.ids", "sealtrace.errors -> sealtrace.ids"),
    ],
)
def test_a_planted_violation_is_caught(tmp_path: Path, module: str, line: str, says: str) -> None:
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    shutil.copytree(PACKAGE, tmp_path / "src" / "sealtrace", ignore=shutil.ignore_patterns("__pycache__"))
    planted = tmp_path / "src" / "sealtrace" / module
    planted.write_text(f"{planted.read_text('utf-8')}\n{line}\n", "utf-8")
    done = lint(tmp_path, tmp_path / "src")
    assert done.returncode != 0
    assert says in done.stdout


def test_every_package_has_its_place() -> None:
    """A new package that no layer names would escape the contract."""
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["importlinter"][
        "contracts"
    ]
    layers = {name.strip() for layer in contracts[0]["layers"] for name in layer.split("|")}
    found = {
        f"sealtrace.{p.stem}" for p in PACKAGE.iterdir() if p.suffix == ".py" or (p / "__init__.py").exists()
    }
    assert found - layers == {"sealtrace.__init__", TESTING}


def test_nothing_that_works_leans_on_what_is_for_testing() -> None:
    """Only the demo, which has to make leaks, may use the simulated attacks."""
    for path in PACKAGE.rglob("*.py"):
        if not any(path.is_relative_to(PACKAGE / name) for name in ("testing", "demo")):
            assert TESTING not in path.read_text("utf-8"), path.name


MODULES = sorted(path for path in PACKAGE.rglob("*.py") if not path.match("migrations/0*.py"))


@pytest.mark.parametrize("path", MODULES, ids=lambda p: str(p.relative_to(PACKAGE)))
def test_every_module_says_what_it_is_for(path: Path) -> None:
    text = ast.get_docstring(ast.parse(path.read_text("utf-8")))
    assert text
    assert len(text.split("\n")[0]) >= 15, "one line that tells a stranger something"


def test_the_command_line_starts_without_the_engines() -> None:
    """`sealtrace --help` and a usage error load nothing heavy."""
    heavy = (
        "numpy",
        "cv2",
        "scipy",
        "pikepdf",
        "pypdfium2",
        "pyarrow",
        "rapidocr",
        "ezdxf",
        "rich",
        "lxml",
        "polars",
        "lightgbm",
        "asyncua",
        "sqlalchemy",
    )
    code = (
        "import sys\nfrom sealtrace.cli.main import main\n"
        "try:\n    main(['--help'])\nexcept SystemExit:\n    pass\n"
        f"print([m for m in {heavy!r} if m in sys.modules], file=sys.stderr)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=False
    )
    assert done.stderr.strip() == "[]"
