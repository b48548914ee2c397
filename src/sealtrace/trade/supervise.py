"""What an officer asks of the desk: rank everything, pick what to inspect next, check a past draw."""

from __future__ import annotations

import csv
import json
import os
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import polars as pl

from sealtrace.errors import InputDamaged, InputMissing, StorageFailed

from . import drift
from .ranking import EPOCH_ORDINAL, Ranking, rank
from .selection import KEY_BYTES, USUAL_SHARE, Arm, Pick, choose, commitment, verify

WINDOW_DAYS = 7
"""Goods declared longer ago than this are taken to have left."""


@dataclass(frozen=True, slots=True)
class Selection:
    """Picks with what is needed to check the draw later, and alarms about the world having changed."""

    picks: tuple[Pick, ...]
    candidates: tuple[str, ...]
    round_name: str
    commitment: str
    alarms: tuple[drift.Alarm, ...]
    ranking: Ranking


def select(
    folder: Path,
    *,
    until: date,
    labels: pl.DataFrame,
    budget: int,
    key: bytes,
    audit_share: float = USUAL_SHARE,
    window_days: int = WINDOW_DAYS,
) -> Selection:
    """Pick what to inspect among the declarations of the last days up to `until` that were not inspected yet.

    Nothing dated after `until` is looked at. The candidates' outcomes are unknown, so nothing is learned from them.
    """
    ranking = rank(folder, labels=labels, until=until, explain=False)
    first = until.toordinal() - EPOCH_ORDINAL - window_days + 1
    inspected = set(labels.filter(pl.col("date") <= until)["decl_id"].to_list())
    candidates = [
        decl_id
        for decl_id, day in zip(ranking.decl_id, ranking.day.tolist(), strict=True)
        if day >= first and decl_id not in inspected
    ]
    name = until.isoformat()
    picks = choose(candidates, budget=budget, key=key, round_name=name, audit_share=audit_share)
    alarms = ranking.alarms + drift.falling_hits(labels, until)
    return Selection(tuple(picks), tuple(sorted(candidates)), name, commitment(key), tuple(alarms), ranking)


def audit_key(path: Path) -> bytes:
    """Read the key of the random arm, making it the first time (mode 0600, 32 random bytes in hex).

    Raises:
        InputDamaged: the file holds no such key. StorageFailed: it can't be written.
    """
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return _read_key(path)
    except OSError as e:
        raise StorageFailed(f"the audit key {path} can't be written: {e.strerror}") from e
    key = secrets.token_bytes(KEY_BYTES)
    with os.fdopen(handle, "w") as file:
        file.write(key.hex() + "\n")
    return key


def _read_key(path: Path) -> bytes:
    try:
        key = bytes.fromhex(path.read_text("utf-8").strip())
    except (ValueError, OSError) as e:
        raise InputDamaged(
            f"{path.name} holds no audit key", advice="Give the file that held the key of this draw."
        ) from e
    if len(key) != KEY_BYTES:
        raise InputDamaged(
            f"{path.name} holds {len(key)} bytes, a key has {KEY_BYTES}", advice="Give the right key file."
        )
    return key


def write_picks(selection: Selection, path: Path) -> Path:
    """Write the picks, and beside them the draw's record: round, commitment, candidates. Give the record's path."""
    record = path.with_name(path.name + ".draw.json")
    lines = ["decl_id,propensity,arm"]
    lines += [f"{_quoted(p.decl_id)},{p.propensity:.12g},{p.arm}" for p in selection.picks]
    body = {
        "round": selection.round_name,
        "commitment": selection.commitment,
        "candidates": list(selection.candidates),
        "model": None
        if selection.ranking.model is None
        else {
            "rows": selection.ranking.model.rows,
            "hits": selection.ranking.model.hits,
            "training_sha256": selection.ranking.model.training_sha256,
        },
    }
    replace(path, "\n".join(lines) + "\n")
    replace(record, json.dumps(body, ensure_ascii=False) + "\n")
    return record


def _quoted(text: str) -> str:
    return '"' + text.replace('"', '""') + '"' if any(ch in text for ch in ',"\r\n') else text


def replace(path: Path, text: str) -> None:
    """Write a whole file or nothing.

    Raises:
        StorageFailed: the disk refused.
    """
    beside = path.with_name(path.name + ".part")
    try:
        beside.write_text(text, "utf-8")
        beside.replace(path)
    except OSError as e:
        raise StorageFailed(f"{path} can't be written: {e.strerror}") from e


def check_draw(picks_path: Path, key_path: Path) -> list[str]:
    """Check a past draw: give what is wrong with it, nothing if it holds.

    Raises:
        InputMissing, InputDamaged: the picks, their record or the key can't be read.
    """
    record_path = picks_path.with_name(picks_path.name + ".draw.json")
    for path in (picks_path, record_path, key_path):
        if not path.is_file():
            raise InputMissing(f"{path} is not there")
    key = _read_key(key_path)
    try:
        record = json.loads(record_path.read_text("utf-8"))
        candidates: Sequence[str] = record["candidates"]
        name, committed = str(record["round"]), str(record["commitment"])
        with picks_path.open(encoding="utf-8", newline="") as file:
            picks = [Pick(r["decl_id"], float(r["propensity"]), Arm(r["arm"])) for r in csv.DictReader(file)]
    except (ValueError, KeyError, TypeError) as e:
        raise InputDamaged(
            f"{picks_path.name} or its record is damaged: {e}", advice="Give the files as they were written."
        ) from e
    wrong = [] if commitment(key) == committed else ["the key is not the one committed to"]
    return wrong + verify(picks, candidates, key=key, round_name=name)
