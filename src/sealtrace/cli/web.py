"""`sealtrace web`: serve the application, make its certificate, invite operators, do its long work."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from sealtrace.errors import UsageProblem

from .main import Settings
from .show import Output, fields, json_option

if TYPE_CHECKING:
    from sealtrace.web.plan import Plan

FILE = click.Path(path_type=Path, exists=True, dir_okay=False)


HOURS = re.compile(r"([01]\d|2[0-3]):[0-5]\d-([01]\d|2[0-3]):[0-5]\d")


@click.group()
def web() -> None:
    """The web application: serve it, make its certificate, invite operators."""


def site_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """Add what says how the site is reached and where its accounts are."""
    for option in (
        click.option(
            "--database", envvar="SEALTRACE_DATABASE_URL", help="PostgreSQL for accounts and jobs, as a URL."
        ),
        click.option("--internal", multiple=True, help="A network that counts as the office's own; repeat."),
        click.option(
            "--proxy", "proxies", multiple=True, help="A network whose X-Forwarded-For is believed; repeat."
        ),
        click.option(
            "--name", "hosts", multiple=True, help="A host name under which the site is reached; repeat."
        ),
    ):
        function = option(function)
    return function


def plan_of(settings: Settings, **told: Any) -> Plan:
    """The plan of a site, from the words before the noun and the command's own options."""
    from sealtrace.web.plan import Plan

    file = settings.passphrase_file
    return Plan(
        str(settings.home.absolute()), str(file.absolute()) if file else None,
        tuple(str(share.absolute()) for share in settings.shares()), **told,
    )  # fmt: skip


def site_extra(
    hours: str | None, issuer: str | None, client: str | None, secret: str | None, timezone: str = "",
    webhooks: tuple[str, ...] = (), departments: tuple[str, ...] = (), advising: tuple[str, ...] = (),
) -> dict[str, str]:  # fmt: skip
    """The site's further settings. Raises UsageProblem."""
    from zoneinfo import available_timezones

    from sealtrace.cases.model import Department
    from sealtrace.web.plan import networks

    if hours and not HOURS.fullmatch(hours):
        raise UsageProblem(f"{hours!r} are no hours", advice="Write them as 07:00-19:30.")
    if bool(issuer) != bool(client):
        raise UsageProblem("--oidc-issuer and --oidc-client go together")
    if timezone and timezone not in available_timezones():
        raise UsageProblem(f"{timezone!r} is no time zone", advice="Write it as Asia/Shanghai or UTC.")
    networks(webhooks)
    given = {
        "hours": hours, "oidc_issuer": issuer, "oidc_client_id": client, "oidc_client_secret": secret,
        "timezone": timezone, "webhook_networks": " ".join(webhooks),
    }  # fmt: skip
    for said in departments:
        code, _, name = said.partition("=")
        if not code or name not in list(Department):
            raise UsageProblem(
                f"{said!r} names no department", advice=f"Write CODE=NAME, NAME of {', '.join(Department)}."
            )
        given[f"department:{code}"] = name
    for said in advising:
        code, _, name = said.partition("=")
        if not code or not name.isascii() or not name.replace("-", "").isalnum():
            raise UsageProblem(
                f"{said!r} names no department", advice="Write CODE=NAME, as the routes name it."
            )
        given[f"advises:{code}"] = name
    return {name: value for name, value in given.items() if value}


@web.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="The address to listen on.")
@click.option(
    "--port", default=8000, show_default=True, type=click.IntRange(1, 65535), help="The port to listen on."
)
@click.option("--workers", default=1, show_default=True, type=click.IntRange(1, 64), help="Server processes.")
@click.option("--queue", is_flag=True, help="Leave long work to `web work` processes; needs PostgreSQL.")
@click.option(
    "--certificate", type=FILE, help="The server's certificate with its chain, as PEM: serves TLS 1.3."
)
@click.option("--key", type=FILE, help="The certificate's key, as PEM.")
@click.option(
    "--plain", is_flag=True, help="Serve without TLS on an address others reach, behind a proxy that has it."
)
@click.option("--hours", help="The office's hours for core content, as 07:00-19:30; none when left out.")
@click.option("--oidc-issuer", help="An OpenID provider at which people may sign in, as its https address.")
@click.option("--oidc-client", help="This site's client id at the provider.")
@click.option("--oidc-secret", envvar="SEALTRACE_OIDC_SECRET", help="This site's secret at the provider.")
@click.option(
    "--timezone", default="Asia/Shanghai", show_default=True, help="The zone that times are shown in."
)
@click.option(
    "--webhook-network",
    "webhooks",
    multiple=True,
    help="A network of the office's own that webhooks may reach; repeat.",
)
@click.option(
    "--department",
    "departments",
    multiple=True,
    help="For which department an organisation acts, as CODE=NAME, such as CH=customs; repeat.",
)
@click.option(
    "--advises",
    "advising",
    multiple=True,
    help="For which department an organisation advises on licences, as CODE=NAME, such as MT=technical; repeat.",
)
@site_options
@click.pass_obj
def serve(
    settings: Settings, host: str, port: int, workers: int, queue: bool, certificate: Path | None, key: Path | None,
    plain: bool, hosts: tuple[str, ...], proxies: tuple[str, ...], internal: tuple[str, ...], database: str | None,
    hours: str | None, oidc_issuer: str | None, oidc_client: str | None, oidc_secret: str | None, timezone: str,
    webhooks: tuple[str, ...], departments: tuple[str, ...], advising: tuple[str, ...],
) -> None:  # fmt: skip
    """Serve the application until interrupted. Outside this machine only with TLS."""
    from sealtrace.web import serving

    if (certificate is None) != (key is None):
        raise UsageProblem("a certificate needs its key", advice="Give both --certificate and --key.")
    if certificate is None and host not in ("127.0.0.1", "::1", "localhost") and not plain:
        raise UsageProblem(
            f"{host} is reached by others, and there is no certificate",
            advice="Make one with `sealtrace web certificate`, or give --plain behind a proxy that has TLS.",
        )
    if workers > 1 and (settings.home / "keys" / "tracing.json").exists():
        raise UsageProblem(
            "this home seals what tells copies apart; only the process that marked a page can show it again",
            advice="Serve it with one process.",
        )
    tls = certificate is not None or plain
    plan = plan_of(
        settings,
        hosts=hosts,
        proxies=proxies,
        internal=internal,
        database=database,
        tls=tls,
        queue=queue,
        extra=site_extra(
            hours, oidc_issuer, oidc_client, oidc_secret, timezone, webhooks, departments, advising
        ),
    )
    listen = serving.Listen(host, port, workers, certificate, key)
    serving.prepare(plan)
    Output(as_json=False).note(f"http{'s' if certificate else ''}://{host}:{port}/")
    serving.serve(plan, listen)


@web.command()
@click.option(
    "--concurrency", default=2, show_default=True, type=click.IntRange(1, 64), help="Jobs at a time."
)
@click.option("--until-empty", is_flag=True, help="Stop when nothing waits.")
@click.option("--database", envvar="SEALTRACE_DATABASE_URL", required=True, help="PostgreSQL, as a URL.")
@click.pass_obj
def work(settings: Settings, concurrency: int, until_empty: bool, database: str) -> None:
    """Do the site's long work in a process of its own, taken from the queue in PostgreSQL."""
    from sealtrace.web import working

    working.work(plan_of(settings, database=database, queue=True), concurrency, until_empty=until_empty)


@web.command()
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False))
@click.option(
    "--name", "names", multiple=True, required=True, help="A host name or address of the server; repeat."
)
@json_option
@click.pass_obj
def certificate(settings: Settings, folder: Path, names: tuple[str, ...], output: Output) -> None:
    """Make a server certificate for 90 days in FOLDER, and an authority for the office when there is none.

    Install authority.pem on the office's machines; keep authority.key apart. Run again to renew.
    """
    from sealtrace.web.operations.certificates import make

    made = make(folder, list(names), settings.home.name)
    obj = {
        "ok": True, "authority": str(made.authority), "certificate": str(made.certificate), "key": str(made.key),
        "ends_at": made.ends_at.isoformat(),
    }  # fmt: skip
    output.answer(obj, fields([(name, str(value)) for name, value in obj.items() if name != "ok"]))


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
    from sealtrace.web import boot

    try:
        wanted = [Role(role) for role in roles]
    except ValueError as e:
        raise UsageProblem(f"{e}", advice=f"Roles are {', '.join(Role)}.") from e
    plan = plan_of(settings, database=database)
    with plan.open() as custody:
        boot.start(plan.site(custody))
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
        from sealtrace.web import serving

        plan = plan_of(settings)
        output.note(f"serving on {base}; each link signs in once")
        serving.serve(plan, serving.Listen(host, port))


def _say(text: str) -> None:
    click.echo(text, err=True)
