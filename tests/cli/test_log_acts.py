"""Every verb that governs the log, as its user types it: answers, dry runs, refusals, both languages."""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from typing import Any

import pytest

from sealtrace.cli.main import main
from sealtrace.custody.model import Recipient
from sealtrace.custody.service import Custody

from ..api.test_scrapi import Partner
from ..conftest import prose
from ..ledger.rig import Town, every_byte
from ..ledger.test_timestamps import Authority
from .conftest import Run

ORDER = ("--authority", "records office", "--basis", "PIPL art. 47")
HAN = re.compile(r"[\u4e00-\u9fff]")


@pytest.fixture
def made(run: Run) -> dict[str, Any]:
    return run("init", "--org", "Test Works", "--org-code", "TW")


@pytest.fixture
def copy(made: dict[str, Any], run: Run, tmp_path: Path) -> dict[str, Any]:
    (tmp_path / "notes.txt").write_text("\n".join(prose(3, 30)), "utf-8")
    [file] = run("file", "register", tmp_path / "notes.txt")["files"]
    who = ("--to", "li.wei", "--device", "WS-017", "--ip", "10.1.2.3")
    issued: dict[str, Any] = run("copy", "issue", file["code"], *who, "--out", tmp_path / "copy.txt")["copy"]
    return issued


def size(run: Run) -> int:
    return int(run("ledger", "check")["entries"])


def test_keys_rotate_and_retire(made: dict[str, Any], run: Run) -> None:
    first = run("ledger", "key")
    assert first["verifier_keys"] == made["verifier_keys"]
    assert {len(first[k]) for k in ("verifier_keys", "statement_keys", "receipt_keys")} == {1}
    planned = run("ledger", "key", "rotate", "--dry-run")
    assert run("ledger", "key") == first, "a dry run changes nothing"
    rotated = run("ledger", "key", "rotate")
    assert rotated["new_key"] == planned["new_key"] == rotated["verifier_keys"][0]
    assert rotated["entry"]["index"] == 1
    assert run("ledger", "key", "retire", "--dry-run")["generations"] == [1]
    assert run("ledger", "key", "retire")["verifier_keys"] == [rotated["new_key"]]
    assert run("ledger", "key", "retire", code=2)["advice"] == (
        "Begin a new one first: `sealtrace ledger key rotate`."
    )
    told = run("ledger", "key")["generations"]
    assert [(g["number"], g["from_size"], g["retired_at"]) for g in told] == [(1, 0, 3), (2, 2, None)]
    assert told[1]["verifier_key"] == rotated["new_key"]
    assert run("ledger", "check", "--read-data")["ok"]


def test_policy(made: dict[str, Any], run: Run, tmp_path: Path) -> None:
    town = Town(tmp_path, 3, tuple(made["verifier_keys"]))
    witnesses = [word for key, url in town.policy(0).witnesses for word in ("--witness", url, key)]
    assert run("ledger", "policy") == {"ok": True, "needed": 0, "witnesses": []}
    assert run("ledger", "policy", *witnesses, "--quorum", 2, "--dry-run")["needed"] == 2
    assert size(run) == 1
    assert len(run("ledger", "policy", *witnesses, "--quorum", 2)["witnesses"]) == 6
    assert run("ledger", "policy")["needed"] == 2
    run("ledger", "policy", "--quorum", 4, code=2)
    run("ledger", "policy", "--no-witnesses", code=2)
    run("ledger", "policy", "--witness", "http://x", made["verifier_keys"][0], code=2)
    run("ledger", "policy", "--witness", "http://x", "nonsense", code=20)
    assert size(run) == 2
    assert run("ledger", "policy", "--no-witnesses", "--quorum", 0)["witnesses"] == []


def test_export_and_the_fork_of_a_restored_home(
    copy: dict[str, Any], run: Run, home: Path, tmp_path: Path
) -> None:
    shutil.copytree(home, tmp_path / "old")
    tiles = tmp_path / "tiles"
    assert run("ledger", "export", "--out", tiles, "--dry-run")["entries"] == 3
    assert not tiles.exists()
    run("ledger", "key", "rotate")
    assert run("ledger", "export", "--out", tiles)["entries"] == 4
    for more in ((), ("--dry-run",)):
        refused = run("ledger", "export", "--out", tiles, *more, code=21, at=tmp_path / "old")
        assert refused["code"] == "history-forked"
        assert "4 entries" in refused["message"]


def test_issuers_and_registering_their_statements(made: dict[str, Any], run: Run, tmp_path: Path) -> None:
    partner = Partner()
    (tmp_path / "key.pem").write_text(partner.pem)
    (tmp_path / "bad.pem").write_text("no key")
    for number in range(3):
        (tmp_path / f"{number}.cose").write_bytes(partner.statement(number))
    statements = [tmp_path / f"{number}.cose" for number in range(3)]
    assert run("ledger", "register", *statements, code=30)["code"] == "denied"
    run("ledger", "issuer", "add", partner.name, tmp_path / "bad.pem", code=2)
    run("ledger", "issuer", "add", partner.name, tmp_path / "bad.pem", "--dry-run", code=2)
    run("ledger", "issuer", "add", partner.name, tmp_path / "key.pem", "--dry-run")
    assert run("ledger", "issuer", "list")["issuers"] == []
    run("ledger", "issuer", "add", partner.name, tmp_path / "key.pem")
    assert [row["name"] for row in run("ledger", "issuer", "list")["issuers"]] == [partner.name]
    assert run("ledger", "register", *statements, "--dry-run")["statements"] == 3
    assert size(run) == 2
    entered = run("ledger", "register", *statements, "--receipts", tmp_path / "receipts")["entries"]
    assert [row["index"] for row in entered] == [2, 3, 4]
    again = run("ledger", "register", *statements[:1])["entries"]
    assert [row["index"] for row in again] == [2]
    run("ledger", "statement", 3, "--out", tmp_path / "out.cose")
    assert (tmp_path / "out.cose").read_bytes() == statements[1].read_bytes()
    import scitt_cose

    pem = run("ledger", "key")["receipt_keys"][0]
    receipt = Path(entered[1]["receipt"]).read_bytes()
    assert scitt_cose.verify_receipt(
        receipt, leaf_entry_hex=statements[1].read_bytes().hex(), log_public_key_pem=pem
    ).ok


def test_statement_and_receipt_files(copy: dict[str, Any], run: Run, tmp_path: Path) -> None:
    for what in ("statement", "receipt"):
        run("ledger", what, 0, "--out", tmp_path / what)
        assert (tmp_path / what).read_bytes()[0] == 0xD2, "a tagged COSE_Sign1"
        assert run("ledger", what, 99, "--out", tmp_path / "x", code=10)["code"] == "not-registered"
        run("ledger", what, 0, "--out", tmp_path, code=2)
        run("ledger", what, 0, "--out", tmp_path / "no" / "folder", code=2)


def test_find(copy: dict[str, Any], run: Run, tmp_path: Path) -> None:
    index = copy["entry"]["index"]
    assert run("ledger", "find", "--file", tmp_path / "copy.txt")["entries"][0]["index"] == index
    assert run("ledger", "find", "--sha256", copy["sha256"])["entries"][0]["index"] == index
    assert run("ledger", "find", "--operator", "li.wei")["entries"][0]["index"] == index
    assert run("ledger", "find", "--device", "WS-017")["entries"][0]["index"] == index
    assert run("ledger", "find", "--operator", "nobody", code=1)["entries"] == []
    run("ledger", "find", code=2)
    run("ledger", "find", "--sha256", "xyz", code=2)


def test_shards(copy: dict[str, Any], run: Run, tmp_path: Path, home: Path) -> None:
    with Custody.open(home) as custody:
        custody.issue_many(copy["code"], [Recipient("op", "dev", "10.0.0.1")] * 300, None)
    assert run("ledger", "shard", "list")["shards"] == []
    planned = run("ledger", "shard", "close", "first", "--dry-run")
    assert (planned["first"], planned["past"]) == (0, 256)
    run("ledger", "shard", "close", "first", "--past", 300, code=2)
    closed = run("ledger", "shard", "close", "first")
    assert Path(closed["path"]).is_file()
    run("ledger", "shard", "purge", "first", *ORDER, code=2)  # nobody is there to be asked
    assert run("ledger", "shard", "purge", "first", *ORDER, "--dry-run")["statements"] == 256
    assert Path(closed["path"]).is_file()
    run("ledger", "shard", "purge", "first", *ORDER, "--yes")
    assert not Path(closed["path"]).exists()
    [shard] = run("ledger", "shard", "list")["shards"]
    assert shard["purged"] == 304
    run("ledger", "shard", "purge", "first", *ORDER, "--yes", code=10)
    assert run("ledger", "check", "--read-data")["ok"]


def test_timestamps(made: dict[str, Any], run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    authority, other = Authority(tmp_path / "tsa"), Authority(tmp_path / "other")
    monkeypatch.setattr("sealtrace.ledger.transport.ask_tsa", lambda _url, query: authority.ask(query))
    run("ledger", "timestamp", "--tsa", "http://tsa.example", code=2)
    roots = ("--roots", tmp_path / "tsa" / "ca.pem")
    [kept] = run("ledger", "timestamp", "--tsa", "http://tsa.example", *roots)["timestamps"]
    assert kept["size"] == 1
    assert run("ledger", "timestamp", *roots)["timestamps"] == [kept]
    run("ledger", "timestamp", "--roots", other.folder / "ca.pem", code=20)
    run("ledger", "timestamp", "--roots", tmp_path / "tsa" / "tsa.cnf", code=2)


def test_check_reads_parts_and_names_harm(copy: dict[str, Any], run: Run, home: Path) -> None:
    assert run("ledger", "check")["read_data"] is False
    assert run("ledger", "check", "--read-data")["read_data"] is True
    for number in (1, 2, 3):
        assert run("ledger", "check", "--read-data-subset", f"{number}/3")["part"] == f"{number}/3"
    for wrong in ("0/3", "4/3", "x", "1/0", "1"):
        run("ledger", "check", "--read-data-subset", wrong, code=2)
    [object_] = [p for p in (home / "vault").rglob("*") if p.is_file()]
    data = bytearray(object_.read_bytes())
    data[len(data) // 2] ^= 1
    object_.write_bytes(data)
    assert run("ledger", "check")["ok"], "structure does not read the vault"
    found = run("ledger", "check", "--read-data", code=1)
    assert [p["place"] for p in found["problems"]] == [f"vault {object_.name}"]
    told = [run("ledger", "check", "--read-data-subset", f"{n}/2", code=1 if n == found_in(object_) else 0)
            for n in (1, 2)]  # fmt: skip
    assert sum(bool(t["problems"]) for t in told) == 1, "exactly one part has it"


def found_in(path: Path) -> int:
    """Which of two parts a vault object belongs to."""
    return int(path.name[:15], 16) % 2 + 1


def test_check_names_every_entry_of_a_home_that_does_not_start(
    copy: dict[str, Any], run: Run, home: Path
) -> None:
    import apsw

    with apsw.Connection(str(home / "register.db")) as db:
        db.execute("UPDATE bundles SET statements = zeroblob(80) WHERE id > 0")
    assert "self-test" in run("file", "list", code=22)["message"]
    found = run("ledger", "check", code=1)
    assert {p["place"] for p in found["problems"]} >= {"ledger entry 1", "ledger entry 2"}


def test_subject_erase(copy: dict[str, Any], run: Run, home: Path) -> None:
    assert run("subject", "erase", "li.wei", *ORDER, "--dry-run")["copies"] == 1
    run("subject", "erase", "li.wei", *ORDER, code=2)
    run("subject", "erase", "nobody", *ORDER, "--yes", code=10)
    assert run("ledger", "find", "--operator", "li.wei")["entries"]
    done = run("subject", "erase", "li.wei", *ORDER, "--yes")
    assert (done["copies"], done["settled"]) == (1, True)
    run("ledger", "find", "--operator", "li.wei", code=1)
    assert not [p for p, data in every_byte(home) if b"li.wei" in data]


def test_backups(copy: dict[str, Any], run: Run, home: Path, tmp_path: Path) -> None:
    place = tmp_path / "backups"
    run("backup", "verify", place.parent, code=50)
    made = run("backup", "create", place)
    assert made["new_bytes"] == made["bytes"]
    run("ledger", "key", "rotate")
    again = run("backup", "create", place)
    assert again["entries"] == 4
    assert run("backup", "list", place)["backups"] == [made["name"], again["name"]]
    assert run("backup", "verify", place)["entries"] == 4
    assert run("backup", "verify", place, "--name", made["name"])["entries"] == 3
    new = tmp_path / "new"
    assert run("backup", "restore", place, "--dry-run", at=new)["entries"] == 4
    assert not new.exists()
    run("backup", "restore", place, code=14)
    run("backup", "restore", place, at=new)
    assert run("file", "list", at=new, code=12)["code"] == "wrong-key"
    shutil.copy(home / "keys" / "home.key", new / "keys" / "home.key")
    assert run("ledger", "check", "--read-data", at=new)["ok"]
    assert run("leak", "trace", tmp_path / "copy.txt", at=new)["copies"][0]["id"] == copy["id"]
    run("backup", "prune", place, "--keep", 1, code=2)
    assert run("backup", "prune", place, "--keep", 1, "--dry-run")["removed"] == 1
    assert run("backup", "prune", place, "--keep", 1, "--yes")["removed"] == 1
    assert run("backup", "list", place)["backups"] == [again["name"]]


def test_a_home_sealed_with_key_shares(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "shares"
    folder.mkdir()
    run("init", "--key-shares", "2/3", code=2)
    run("init", "--key-shares", "3/2", "--shares-to", folder, code=2)
    made = run("init", "--key-shares", "2/3", "--shares-to", folder)
    assert made["needed"] == 2
    first, second, third = made["shares"]
    assert "2 of 3" in run("ledger", "key", code=12)["message"]
    run("ledger", "key", before=("--share", first), code=12)
    assert run("ledger", "key", before=("--share", first, "--share", third))["ok"]
    monkeypatch.setenv("SEALTRACE_SHARES", f"{second}:{third}")
    assert run("ledger", "check", "--read-data")["ok"]


def test_the_sm_profile(run: Run, home: Path, tmp_path: Path) -> None:
    run("init", "--org", "国密厂", "--org-code", "GM", "--profile", "sm")
    (tmp_path / "notes.txt").write_text("\n".join(prose(3, 30)), "utf-8")
    run("file", "register", tmp_path / "notes.txt")
    [object_] = [p for p in (home / "vault").rglob("*") if p.is_file()]
    assert object_.read_bytes()[:8] == b"SEALVLS1", "the object's key is under SM4"
    note = run("ledger", "checkpoint", "--seal")["checkpoint"]
    assert "\nsm3 " in note
    assert note.count("\u2014 sealtrace/gm/log ") == 3, "Ed25519, SM2, ML-DSA-44"
    assert run("ledger", "check", "--read-data")["ok"]
    import apsw

    from sealtrace.ledger.notekey import SM2, NoteKey

    assert SM2 in [NoteKey.parse(key).kind for key in run("ledger", "key")["cosigner_keys"]]
    with apsw.Connection(str(home / "register.db")) as db:
        db.execute("UPDATE tiles_sm3 SET hashes = zeroblob(length(hashes))")
    assert "SM3 tree" in run("ledger", "check", "--read-data", code=22)["message"]


def test_a_witness_folder(made: dict[str, Any], run: Run, tmp_path: Path) -> None:
    place = tmp_path / "witness"
    run("witness", "key", at=place, code=13)
    keys = run("witness", "init", "w.example/one", at=place)["keys"]
    run("witness", "init", "again", at=place, code=14)
    for wrong in ("a b", "a+b", ""):
        run("witness", "init", wrong, at=tmp_path / "other", code=2)
    assert (place / "witness.json").stat().st_mode & 0o777 == 0o600
    assert run("witness", "key", at=place)["keys"] == keys
    [log] = made["verifier_keys"]
    assert run("witness", "add-log", log, at=place)["origin"] == "sealtrace/tw/log"
    run("witness", "add-log", "nonsense", at=place, code=20)
    assert [row["size"] for row in run("witness", "list", at=place)["logs"]] == [0]
    run("witness", "remove-log", log, at=place)
    run("witness", "remove-log", log, at=place, code=10)


def test_a_monitor_alarms_and_its_proof_can_be_checked(
    copy: dict[str, Any], run: Run, home: Path, tmp_path: Path
) -> None:
    keys = run("ledger", "key")
    (tmp_path / "s.pem").write_text(keys["statement_keys"][0])
    shutil.copytree(home, tmp_path / "fork")
    watch = (
        "monitor", "run", tmp_path / "tiles", "--key", keys["verifier_keys"][0], "--statement-key",
        tmp_path / "s.pem", "--memory", tmp_path / "memory", "--once",
    )  # fmt: skip
    assert run(*watch, code=1)["alarms"][0]["alarm"] == "unreachable"
    run("ledger", "issuer", "add", "urn:a", _pem(tmp_path))
    run("ledger", "export", "--out", tmp_path / "tiles")
    assert run(*watch)["new_entries"] == 4
    shutil.rmtree(tmp_path / "tiles")
    run("ledger", "issuer", "add", "urn:b", _pem(tmp_path), at=tmp_path / "fork")
    run("ledger", "export", "--out", tmp_path / "tiles", at=tmp_path / "fork")
    seen = run(*watch, code=1)
    assert (seen["code"], seen["alarms"][0]["alarm"]) == ("fork", "fork")
    proof = seen["alarms"][0]["proof"]
    heads = run("monitor", "proof", proof, "--key", keys["verifier_keys"][0])["heads"]
    assert [head["size"] for head in heads] == [4, 4]
    assert heads[0]["root"] != heads[1]["root"]
    run("monitor", "proof", tmp_path / "s.pem", "--key", keys["verifier_keys"][0], code=20)


def _pem(folder: Path) -> Path:
    (folder / "p.pem").write_text(Partner().pem)
    return folder / "p.pem"


def test_plain_answers_in_both_languages(
    copy: dict[str, Any], home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    calls = [
        ("ledger", "key", "rotate"), ("ledger", "key", "retire", "--dry-run"), ("ledger", "policy"),
        ("ledger", "shard", "list"), ("ledger", "timestamp"), ("ledger", "find", "--operator", "nobody"),
        ("backup", "create", str(tmp_path / "b")), ("backup", "verify", str(tmp_path / "b")),
        ("subject", "erase", "li.wei", *ORDER, "--dry-run"), ("ledger", "check"),
    ]  # fmt: skip
    for language, han in (("zh_CN.UTF-8", True), ("en_US.UTF-8", False)):
        monkeypatch.setenv("LC_ALL", language)
        for words in calls:
            with pytest.raises(SystemExit):
                main(["--home", str(home), *words])
            said = capsys.readouterr().out
            assert bool(HAN.search(said)) is han, (words, said)
