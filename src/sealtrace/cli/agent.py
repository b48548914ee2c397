"""`sealtrace agent`: an engineer's machine as a device of a Sealtrace server. Needs no home."""

from __future__ import annotations

import time
from pathlib import Path

import click

from . import words
from .show import Output, dry_run_option, fields, json_option

FOLDER = click.option(
    "--folder", type=click.Path(path_type=Path, file_okay=False), envvar="SEALTRACE_AGENT",
    default=Path.home() / ".sealtrace-agent", show_default="~/.sealtrace-agent",
    help="The agent's own folder: key, enrolment, queue. [env: SEALTRACE_AGENT]",
)  # fmt: skip


@click.group()
def agent() -> None:
    """This machine as a device: enrol it, fetch marked copies, register what a folder gets, also offline."""


@agent.command()
@click.argument("server")
@click.option(
    "--code", required=True, help="The one-time code from the account page or `sealtrace web invite`."
)
@click.option("--name", default="", help="A name for the token, such as the machine's.")
@click.option(
    "--ca",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="The server's own authority, as PEM.",
)
@FOLDER
@json_option
def enrol(server: str, code: str, name: str, ca: Path | None, folder: Path, output: Output) -> None:
    """Make this machine's key and enrol it at SERVER, such as https://sealtrace.office. The key never leaves."""
    from sealtrace.agent.place import Place

    made = Place(folder).enrol(
        server, code.rpartition("/")[2], name=name, ca=str(ca.absolute()) if ca else ""
    )
    output.answer(
        {"ok": True, "device": made.device, "server": made.server, "folder": str(folder)},
        fields([("device", made.device), ("path", str(folder))]),
    )


@agent.command()
@click.argument("watched", type=click.Path(path_type=Path, exists=True, file_okay=False))
@click.option(
    "--level", type=click.Choice(["general", "important", "core"]), default="general", show_default=True,
    help="The level to register at.",
)  # fmt: skip
@click.option(
    "--once", is_flag=True, help="Look and send once, then end. Exit code 3 when something still waits."
)
@dry_run_option
@FOLDER
@json_option
def run(watched: Path, level: str, once: bool, dry_run: bool, folder: Path, output: Output) -> int:
    """Watch a folder: each new or changed file is registered, at once or when the server answers again."""
    from sealtrace.agent import service
    from sealtrace.agent.place import Place
    from sealtrace.agent.queue import Queue

    place, queue = Place(folder), Queue(folder)

    def tell(what: str, about: str) -> None:
        output.note(f"{what}  {about}")

    try:
        with place.client() as client:
            if dry_run:
                new = sorted(str(p) for p in watched.rglob("*") if p.is_file() and queue.is_new(p))
                output.answer({"ok": True, "dry_run": True, "paths": new}, "\n".join(new))
                return 0
            if not once:
                service.run(watched, queue, client, level=level, clock=time.time, tell=tell)
            service.look(watched, queue, level=level, now=time.time(), tell=tell)
            sent = service.send(queue, client, tell)
    finally:
        queue.close()
    obj = {
        "ok": True,
        "answered": sent.answered,
        "waiting": sent.waiting,
        **({"why": sent.why} if sent.why else {}),
    }
    output.answer(obj, fields([("answered", str(sent.answered)), ("waiting", str(sent.waiting))]))
    return 3 if sent.waiting else 0


@agent.command()
@click.argument("copies", nargs=-1)
@click.option(
    "--out", required=True, type=click.Path(path_type=Path, file_okay=False), help="Folder to write into."
)
@FOLDER
@json_option
def fetch(copies: tuple[str, ...], out: Path, folder: Path, output: Output) -> None:
    """Fetch COPIES by their ids, or every copy issued to you that is not in the folder yet."""
    from sealtrace.agent import service
    from sealtrace.agent.place import Place

    with Place(folder).client() as client:
        written = service.fetch(client, out, list(copies))
    paths = [str(path) for path in written]
    output.answer({"ok": True, "paths": paths}, "\n".join(paths) or words.say("not found"))


@agent.command()
@FOLDER
@json_option
def status(folder: Path, output: Output) -> int:
    """Tell who the server takes this device for, and what waits. Exit code 3 when the server can't be reached."""
    from sealtrace.agent.place import Place
    from sealtrace.agent.queue import Queue
    from sealtrace.errors import ServerUnreachable

    place = Place(folder)
    known, queue = place.enrolment(), Queue(folder)
    waiting = [item.name for item in queue.waiting()]
    queue.close()
    obj: dict[str, object] = {"ok": True, "device": known.device, "server": known.server, "waiting": waiting}
    try:
        with place.client() as client:
            obj["me"] = dict(client.whoami())
    except ServerUnreachable as e:
        obj["unreachable"] = e.message
    output.answer(
        obj, fields([("device", known.device), ("server", known.server), ("waiting", str(len(waiting)))])
    )
    return 3 if "unreachable" in obj else 0
