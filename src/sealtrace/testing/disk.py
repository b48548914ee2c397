"""A disk that can be watched, refused and cut off: SQLite's files through a VFS, all others through `os`.

Everything the program writes below a folder becomes an operation: writes, truncations and synchronising,
renames and removals. `watched` hands each to an observer before it is done, and the observer may let it
pass, refuse it, or let it happen and then report failure. `Image` replays operations as a disk without
power does it: what was synchronised is there; of the rest any part may be, in any order, torn anywhere.
"""

# ruff: noqa: N802 (methods carry SQLite's own names)
from __future__ import annotations

import errno
import os
import random
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import Enum, StrEnum
from pathlib import Path
from typing import Any

import apsw

SECTOR = 512
VFS_NAME = "sealtrace-watched"


class Kind(StrEnum):
    """What an operation does."""

    WRITE = "write"  # bytes at an offset, in the page cache until synchronised
    TRUNCATE = "truncate"
    CONTENT = "content"  # a whole file as it was written, seen when it is synchronised or renamed
    SYNC = "sync"  # the file's bytes reach the platter, and its name with them
    MAKE_FOLDER = "make-folder"
    REPLACE = "replace"
    REMOVE = "remove"
    SYNC_FOLDER = "sync-folder"  # the folder's names reach the platter


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation; paths are relative to the watched folder."""

    kind: Kind
    path: str
    data: bytes = b""
    offset: int = 0
    target: str = ""
    synchronised: bool = False  # of a CONTENT: whether it came with a sync


class Fate(Enum):
    """What becomes of an operation."""

    DONE = "done"
    FAILED_NOT_KEPT = "failed, not kept"
    FAILED_KEPT = "failed, kept"


Observer = Callable[[Operation], Fate]
"""Decides an operation's fate before it is done. It may end the process, or record and let pass."""


@contextmanager
def watched(root: Path, observer: Observer) -> Iterator[None]:
    """Give every write below `root` to the observer first; nothing is really synchronised meanwhile.

    Replaces SQLite's default VFS and functions of `os` for the whole process: one at a time.
    """
    watch = _Watch(root.resolve(), observer)
    names = ("fsync", "fdatasync", "pwrite", "replace", "rename", "unlink", "remove", "mkdir")
    before = {name: getattr(os, name) for name in names}
    watch.before = before
    vfs = _Vfs(watch)
    try:
        for name in names:
            setattr(os, name, getattr(watch, name))
        yield
    finally:
        for name, function in before.items():
            setattr(os, name, function)
        vfs.unregister()


class _Watch:
    """The watched functions of `os`."""

    def __init__(self, root: Path, observer: Observer) -> None:
        self._root, self._observer, self._lock = str(root) + os.sep, observer, threading.RLock()
        self.before: dict[str, Callable[..., Any]] = {}

    def inside(self, path: str) -> str | None:
        """The path relative to the watched folder; None outside."""
        path = os.path.abspath(path) + os.sep  # noqa: PTH100 (a plain string is what SQLite gives)
        return path[len(self._root) : -1] if path.startswith(self._root) else None

    def see(self, operation: Operation, do: Callable[[], object], failure: Exception) -> None:
        """Let the observer decide, and do accordingly."""
        with self._lock:
            fate = self._observer(operation)
            if fate is not Fate.FAILED_NOT_KEPT:
                do()
        if fate is not Fate.DONE:
            raise failure

    def _os(self, operation: Operation, do: Callable[[], object]) -> None:
        self.see(operation, do, OSError(errno.EIO, os.strerror(errno.EIO)))

    def fsync(self, handle: int) -> None:
        path = str(Path(f"/proc/self/fd/{handle}").readlink())
        name = self.inside(path)
        if name is None:
            self.before["fsync"](handle)
        elif os.path.isdir(path):  # noqa: PTH112
            self._os(Operation(Kind.SYNC_FOLDER, name), lambda: None)
        else:
            content = Operation(Kind.CONTENT, name, Path(path).read_bytes(), synchronised=True)
            self._os(content, lambda: None)

    fdatasync = fsync

    def pwrite(self, handle: int, data: bytes, offset: int) -> int:
        name = self.inside(str(Path(f"/proc/self/fd/{handle}").readlink()))
        if name is None:
            written: int = self.before["pwrite"](handle, data, offset)
            return written
        operation = Operation(Kind.WRITE, name, bytes(data), offset)
        self._os(operation, lambda: self.before["pwrite"](handle, data, offset))
        return len(data)

    def replace(self, source: str | Path, target: str | Path) -> None:
        old, new = self.inside(os.fspath(source)), self.inside(os.fspath(target))
        if old is None or new is None:
            self.before["replace"](source, target)
            return
        if Path(source).is_file():
            self._os(Operation(Kind.CONTENT, old, Path(source).read_bytes()), lambda: None)
        operation = Operation(Kind.REPLACE, old, target=new)
        self._os(operation, lambda: self.before["replace"](source, target))

    rename = replace

    def unlink(self, path: str | Path, *, dir_fd: int | None = None) -> None:
        name = None if dir_fd is not None else self.inside(os.fspath(path))
        if name is None or not os.path.lexists(path):
            self.before["unlink"](path, dir_fd=dir_fd)
            return
        self._os(Operation(Kind.REMOVE, name), lambda: self.before["unlink"](path))

    remove = unlink

    def mkdir(self, path: str | Path, mode: int = 0o777, *, dir_fd: int | None = None) -> None:
        name = None if dir_fd is not None else self.inside(os.fspath(path))
        if name is None or os.path.lexists(path):
            self.before["mkdir"](path, mode, dir_fd=dir_fd)
            return
        self._os(Operation(Kind.MAKE_FOLDER, name), lambda: self.before["mkdir"](path, mode))


class _Vfs(apsw.VFS):
    """SQLite's own VFS with every write shown to the observer."""

    def __init__(self, watch: _Watch) -> None:
        self._watch, self._base = watch, apsw.vfs_names()[0]
        super().__init__(VFS_NAME, self._base, makedefault=True)

    def xOpen(self, name: str | apsw.URIFilename | None, flags: list[int]) -> apsw.VFSFile:
        path = name.filename() if isinstance(name, apsw.URIFilename) else name
        inside = self._watch.inside(path) if path else None
        if inside is None:
            return apsw.VFSFile(self._base, name, flags)
        return _File(self._watch, inside, self._base, name, flags)

    def xDelete(self, filename: str, syncdir: bool) -> None:
        inside = self._watch.inside(filename)
        remove = super().xDelete
        if inside is None:
            remove(filename, syncdir)
            return
        self._watch.see(
            Operation(Kind.REMOVE, inside), lambda: remove(filename, False), apsw.IOError("refused: delete")
        )


class _File(apsw.VFSFile):
    """One of SQLite's files below the watched folder."""

    def __init__(
        self, watch: _Watch, inside: str, base: str, name: str | apsw.URIFilename | None, flags: list[int]
    ) -> None:
        self._watch, self._inside = watch, inside
        super().__init__(base, name, flags)

    def xWrite(self, data: bytes, offset: int) -> None:
        write, kept = super().xWrite, bytes(data)
        self._watch.see(
            Operation(Kind.WRITE, self._inside, kept, offset), lambda: write(kept, offset),
            apsw.FullError("refused: write"),
        )  # fmt: skip

    def xTruncate(self, newsize: int) -> None:
        truncate = super().xTruncate
        self._watch.see(
            Operation(Kind.TRUNCATE, self._inside, offset=newsize), lambda: truncate(newsize),
            apsw.IOError("refused: truncate"),
        )  # fmt: skip

    def xSync(self, flags: int) -> None:  # noqa: ARG002 (SQLite passes it)
        self._watch.see(Operation(Kind.SYNC, self._inside), lambda: None, apsw.IOError("refused: sync"))


@dataclass(slots=True)
class _Bytes:
    """One file's bytes: those on the platter and the changes that are not."""

    durable: bytearray = field(default_factory=bytearray)
    pending: list[tuple[int, bytes | None]] = field(default_factory=list)  # None: truncate to the offset

    def settle(self) -> None:
        """Everything reaches the platter."""
        for offset, data in self.pending:
            _put(self.durable, offset, data)
        self.pending.clear()

    def after_cut(self, rnd: random.Random) -> bytes:
        """What a power cut leaves: of what was not synchronised nothing, a beginning, any part, or all."""
        left, way = bytearray(self.durable), rnd.random()
        count = rnd.randint(0, len(self.pending))
        for number, (offset, data) in enumerate(self.pending):
            if way < 0.2 or (way < 0.5 and number >= count) or (0.5 <= way < 0.8 and rnd.random() < 0.5):
                continue
            if data and way < 0.8 and rnd.random() < 0.3:  # torn at a sector
                keep = rnd.randrange(0, len(data) + 1, SECTOR)
                head, tail = (data[:keep], b"") if rnd.random() < 0.5 else (b"", data[keep:])
                _put(left, *((offset, head) if head else (offset + keep, tail)))
            else:
                _put(left, offset, data)
        return bytes(left)


def _put(target: bytearray, offset: int, data: bytes | None) -> None:
    if data is None:
        del target[offset:]
        return
    if len(target) < offset:
        target.extend(bytes(offset - len(target)))
    target[offset : offset + len(data)] = data


class Image:
    """What a disk holds after operations: names and bytes, each on the platter or not yet."""

    def __init__(self) -> None:
        self._now: dict[str, _Bytes] = {}  # as the program sees it; a folder's name ends with a slash
        self._durable: dict[str, _Bytes] = {}  # names on the platter
        self._names: list[tuple[str, dict[str, _Bytes | None]]] = []
        """Changes of names not on the platter: the folder, and its new names or removals."""

    @classmethod
    def of_folder(cls, folder: Path) -> Image:
        """Take a folder as it is for durable."""
        image = cls()
        for path in folder.rglob("*"):
            if path.is_dir():
                image._now[path.relative_to(folder).as_posix() + "/"] = _Bytes()
        for path in sorted(p for p in folder.rglob("*") if p.is_file() and not p.name.endswith("-shm")):
            image._now[path.relative_to(folder).as_posix()] = _Bytes(bytearray(path.read_bytes()))
        image._durable = dict(image._now)
        return image

    def apply(self, op: Operation) -> None:
        """Take in one operation that was done."""
        match op.kind:
            case Kind.WRITE:
                self._file(op.path).pending.append((op.offset, op.data))
            case Kind.TRUNCATE:
                self._file(op.path).pending.append((op.offset, None))
            case Kind.CONTENT:
                self._content(op)
            case Kind.SYNC:
                self._file(op.path).settle()
                self._settle_names(lambda _folder, change: op.path in change)
            case Kind.REPLACE:
                self._replace(op.path, op.target)
            case Kind.REMOVE:
                self._now.pop(op.path, None)
                self._name(op.path, {op.path: None})
            case Kind.SYNC_FOLDER:
                self._settle_names(lambda folder, _change: folder == op.path)
            case Kind.MAKE_FOLDER:
                self._now[op.path + "/"] = _Bytes()
                self._name(op.path, {op.path + "/": self._now[op.path + "/"]})

    def after_cut(self, rnd: random.Random) -> dict[str, bytes]:
        """Give the files a power cut leaves; each pending name change came through or not, by chance."""
        names = dict(self._durable)
        for _, change in self._names:
            if rnd.random() < 0.5:
                _rename(names, change)
        left: dict[int, bytes] = {}
        for content in names.values():
            left.setdefault(id(content), content.after_cut(rnd))
        return {name: left[id(content)] for name, content in names.items() if _reachable(name, names)}

    def _file(self, name: str) -> _Bytes:
        if name not in self._now:
            self._now[name] = _Bytes()
            self._name(name, {name: self._now[name]})
        return self._now[name]

    def _content(self, op: Operation) -> None:
        held = self._file(op.path)
        if op.synchronised:
            held.durable, held.pending = bytearray(op.data), []
        elif held.pending or held.durable != op.data:
            held.pending = [(0, None), (0, op.data)]

    def _replace(self, old: str, new: str) -> None:
        moved = {old: new} if old in self._now else {}
        moved |= {name: new + name[len(old) :] for name in self._now if name.startswith(old + "/")}
        change: dict[str, _Bytes | None] = {}
        for before, after in moved.items():
            self._now[after] = self._now.pop(before)
            change |= {before: None, after: self._now[after]}
        self._name(new, change)

    def _name(self, name: str, change: dict[str, _Bytes | None]) -> None:
        self._names.append((os.path.dirname(name), change))  # noqa: PTH120

    def _settle_names(self, which: Callable[[str, dict[str, _Bytes | None]], bool]) -> None:
        waiting = []
        for folder, change in self._names:
            if which(folder, change):
                _rename(self._durable, change)
            else:
                waiting.append((folder, change))
        self._names = waiting


def _reachable(name: str, names: dict[str, _Bytes]) -> bool:
    """Tell whether every folder above a name is there."""
    parts = name.removesuffix("/").split("/")[:-1]
    return all("/".join(parts[: n + 1]) + "/" in names for n in range(len(parts)))


def _rename(names: dict[str, _Bytes], change: dict[str, _Bytes | None]) -> None:
    for name, content in change.items():
        if content is None:
            names.pop(name, None)
        else:
            names[name] = content


def write_files(files: dict[str, bytes], folder: Path) -> None:
    """Write an image's files and folders, whose names end with a slash, below a folder."""
    for name, data in files.items():
        path = folder / name
        if name.endswith("/"):
            path.mkdir(parents=True, exist_ok=True)
            continue
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
