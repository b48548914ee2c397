"""The noun `web`: serve the application, make operators, prepare its tables."""

from __future__ import annotations

from ipaddress import ip_network
from typing import TYPE_CHECKING

import click

from sealtrace.errors import UsageProblem

from .main import Settings
from .opening import custody_of
from .show import Output, json_option

if TYPE_CHECKING:
    from sealtrace.custody.service import Custody


@click.group()
def web() -> None:
    """The web application: serve it, invite operators."""


def _boot(
    custody: Custody, hosts: tuple[str, ...] = (), proxies: tuple[str, ...] = (), internal: tuple[str, ...] = (),
    database: str | None = None, *, tls: bool = False,
) -> None:  # fmt: skip
    from sealtrace.web import boot
    from sealtrace.web.site import Site

    try:
        networks = [tuple(ip_network(text) for text in group) for group in (proxies, internal)]
    except ValueError as e:
        raise UsageProblem(f"{e}", advice="Give networks such as 10.20.0.0/16.") from e
    site = Site(
        custody,
        boot.secret_key(custody),
        tls=tls,
        proxies=networks[0],
        internal=networks[1],
        database_url=database,
    )
    if hosts:
        from dataclasses import replace

        site = replace(site, hosts=site.hosts + hosts)
    boot.start(site)


@web.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="The address to listen on.")
@click.option(
    "--port", default=8000, show_default=True, type=click.IntRange(1, 65535), help="The port to listen on."
)
@click.option("--name", "hosts", multiple=True, help="A host name under which the site is reached; repeat.")
@click.option(
    "--proxy", "proxies", multiple=True, help="A network whose X-Forwarded-For is believed; repeat."
)
@click.option("--internal", multiple=True, help="A network that counts as the office's own; repeat.")
@click.option(
    "--database", envvar="SEALTRACE_DATABASE_URL", help="PostgreSQL for accounts and jobs, as a URL."
)
@click.pass_obj
def serve(
    settings: Settings, host: str, port: int, hosts: tuple[str, ...], proxies: tuple[str, ...],
    internal: tuple[str, ...], database: str | None,
) -> None:  # fmt: skip
    """Serve the application until interrupted."""
    with custody_of(settings) as custody:
        _boot(custody, hosts, proxies, internal, database)
        from sealtrace.web import serving

        serving.serve(host, port)


@web.command()
@click.argument("operator")
@click.option("--role", "roles", multiple=True, help="A role to give; repeat.")
@click.option(
    "--clearance", type=click.Choice(["general", "important", "core"]), default="general", show_default=True,
    help="Up to which level the operator may read.",
)  # fmt: skip
@click.option("--org-code", help="The operator's organisation; this one when left out.")
@click.option(
    "--database", envvar="SEALTRACE_DATABASE_URL", help="PostgreSQL for accounts and jobs, as a URL."
)
@json_option
@click.pass_obj
def invite(
    settings: Settings, operator: str, roles: tuple[str, ...], clearance: str, org_code: str | None,
    database: str | None, output: Output,
) -> None:  # fmt: skip
    """Make an operator with roles and print a one-time sign-in link."""
    from sealtrace.policy.model import Role

    try:
        wanted = [Role(role) for role in roles]
    except ValueError as e:
        raise UsageProblem(f"{e}", advice=f"Roles are {', '.join(Role)}.") from e
    with custody_of(settings) as custody:
        _boot(custody, database=database)
        from sealtrace.web.accounts import service

        org = org_code or custody.office.home.config.org_code
        made = service.add_operator(operator, org, wanted, by="command line", clearance=clearance)
        token = service.invite(made, by="command line")
    path = f"/enrol/{token}"
    output.answer({"ok": True, "operator": operator, "roles": list(roles), "path": path}, path)


@web.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="The address to listen on.")
@click.option(
    "--port", default=8000, show_default=True, type=click.IntRange(1, 65535), help="The port to listen on."
)
@click.option("--only-fill", is_flag=True, help="Fill the home and make the links, but do not serve.")
@json_option
@click.pass_obj
def demo(settings: Settings, host: str, port: int, *, only_fill: bool, output: Output) -> None:
    """Serve a local home with fictional documents and people, made when there is none yet."""
    from concurrent.futures import ProcessPoolExecutor
    from multiprocessing import get_context

    from sealtrace.web import seed

    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as apart:
        made = apart.submit(seed.prepare, settings.home.absolute(), settings.passphrase(), _say).result()
    base = f"http://{'localhost' if host == '127.0.0.1' else host}:{port}"
    links = [
        {"operator": one.person.code, "roles": [str(r) for r in one.person.roles], "link": base + one.path}
        for one in made
    ]
    lines = [f"{link['operator']}  {', '.join(link['roles'])}\n  {link['link']}" for link in links]
    output.answer({"ok": True, "people": links}, "\n".join(lines))
    if not only_fill:
        with custody_of(settings) as custody:
            _boot(custody)
            from sealtrace.web import serving

            output.note(f"serving on {base}; each link signs in once")
            serving.serve(host, port)


def _say(text: str) -> None:
    click.echo(text, err=True)
