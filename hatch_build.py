"""Builds `ledger/lanes.c` when Sealtrace is installed, where there is a C compiler; all works without it too."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import sysconfig
import tempfile
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

SOURCE = Path(__file__).parent / "src/sealtrace/ledger/lanes.c"
FLAGS = ("-O3", "-shared", "-fPIC", "-Wno-psabi")


def compile_lanes(into: Path, source: Path = SOURCE) -> bool:
    """Build the library; False when there is no compiler, or it can't."""
    compiler = next(filter(None, map(shutil.which, (os.environ.get("CC", "cc"), "gcc", "clang"))), None)
    if compiler is None:
        return False
    with tempfile.TemporaryDirectory(dir=into.parent, prefix=".lanes-") as folder:
        made = Path(folder) / into.name
        done = subprocess.run(
            [compiler, *FLAGS, "-o", str(made), str(source)], check=False, capture_output=True, text=True
        )
        if done.returncode:
            print(
                f"lanes.c was not built, hashing is slower without it: {done.stderr[-500:]}", file=sys.stderr
            )
            return False
        made.replace(into)  # in one step: a program that uses the one before goes on with it
    return True


class LanesHook(BuildHookInterface):  # type: ignore[type-arg]
    """Puts the library beside its source, and into a wheel, which is then for this kind of machine only."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Build before hatchling gathers the files."""
        if (
            self.target_name == "wheel"
            and compile_lanes(SOURCE.with_name("_lanes.so"))
            and version == "standard"
        ):
            build_data["artifacts"].append("src/sealtrace/ledger/_lanes.so")
            build_data["pure_python"] = False
            build_data["tag"] = f"py3-none-{sysconfig.get_platform().replace('-', '_').replace('.', '_')}"


if __name__ == "__main__":
    sys.exit(not compile_lanes(SOURCE.with_name("_lanes.so")))
