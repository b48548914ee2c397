"""What is installed is what was locked, and no file says where anything came from."""

from __future__ import annotations

import re
import subprocess
from importlib import metadata
from pathlib import Path

import pytest

from tests.house import reference

ROOT = reference.ROOT
LOCKS = sorted((ROOT / "requirements").glob("*.txt"))
ADDRESS = re.compile(r"https?://|file://|index-url|find-links|trusted-host|/home\b|/root\b|@ ")
NOT_OURS = re.compile(
    r"/work/|/root\b|/home/\w|/tmp/\w|\bpypi[.]org|pythonhosted|npmjs[.]|proxy[.]golang|repo1[.]maven|crates[.]io|"
    r"deb[.]debian|\bfacts/|\(facts: (?:anchors|codes|commit|ledger|marks|page)\b|"
    r"DESIGN[.]md|STYLE[.]md|\bshared/|[Ii]ssue #\d"
)
COPYLEFT = re.compile(r"\bA?GPL|(?<!Lesser )General Public License|Affero", re.I)


def tracked() -> list[Path]:
    """The files under version control."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True, timeout=60)
    return [ROOT / name for name in listed.stdout.decode().split("\0") if name]


def locked(lock: Path) -> dict[str, list[str]]:
    """Package -> its block of lines."""
    found: dict[str, list[str]] = {}
    name = ""
    for line in lock.read_text("utf-8").splitlines():
        if match := re.match(r"([\w.-]+)==", line):
            name = match[1]
            found.setdefault(name, [])
        if name:
            found[name].append(line)
    return found


@pytest.mark.parametrize("lock", LOCKS, ids=lambda p: p.name)
def test_locks_hold_no_address_and_no_path(lock: Path) -> None:
    assert ADDRESS.findall(lock.read_text("utf-8")) == []


@pytest.mark.parametrize("name", ["base.txt", "build.txt", "dev.txt"])
def test_every_locked_package_has_hashes(name: str) -> None:
    for package, lines in locked(ROOT / "requirements" / name).items():
        assert any("--hash=sha256:" in line for line in lines), package


def test_every_direct_dependency_is_locked() -> None:
    groups = reference.direct_dependencies()
    base, dev = (locked(ROOT / "requirements" / f"{name}.txt").keys() for name in ("base", "dev"))
    assert set(groups["To run"]) <= base
    assert set(groups["To develop"]) <= dev
    assert set(base) <= set(dev)


def test_no_lock_that_records_addresses_is_tracked() -> None:
    assert [p.name for p in tracked() if p.name == "uv.lock" or p.match("pylock*.toml")] == []


def test_no_installed_package_is_copyleft_beyond_its_files() -> None:
    for package in sorted({name for lock in LOCKS for name in locked(lock)}):
        try:
            metadata.version(package)
        except metadata.PackageNotFoundError:
            continue  # locked for another platform
        licence = reference.licence_of(package)
        assert licence not in ("", "unknown", "UNKNOWN"), f"{package} states no licence"
        assert not COPYLEFT.search(licence), f"{package}: {licence}"


def test_every_direct_dependency_says_what_it_saves() -> None:
    direct = {name for names in reference.direct_dependencies().values() for name in names}
    assert direct == set(reference.SAVES)


def test_tracked_files_name_no_machine_and_no_workplace() -> None:
    this = Path(__file__)
    found = []
    for path in tracked():
        if path == this or not path.is_file() or path.stat().st_size > 2_000_000:
            continue
        try:
            text = path.read_text("utf-8")
        except UnicodeDecodeError:
            continue
        found += [f"{path.relative_to(ROOT)}: {m[0]}" for m in NOT_OURS.finditer(text)]
    assert found == []


def test_nothing_built_is_tracked() -> None:
    large = [p.name for p in tracked() if p.is_file() and p.stat().st_size > 5_000_000]
    built = [p.name for p in tracked() if p.suffix in (".pyc", ".so", ".db") or "__pycache__" in p.parts]
    assert large + built == []
