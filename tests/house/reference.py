"""Write the generated parts of docs/: commands, errors, dependencies. `python -m tests.house.reference`.

Each page is prose with one marked place; what stands there comes from the code, and a test compares.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Iterator
from importlib import metadata
from pathlib import Path

import click

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"
BEGIN, END = "<!-- generated: python -m tests.house.reference -->", "<!-- end -->"

SAVES = {
    "babel": "gathering texts and making their catalogues",
    "boto3": "S3-compatible stores",
    "cedarpy": "deciding by policy: the Cedar engine",
    "django": "accounts, sessions, forms, pages in two languages",
    "django-stubs": "types of Django",
    "granian": "serving the application: TLS, HTTP/2, processes",
    "procrastinate": "the queue of long work in PostgreSQL",
    "prometheus-client": "metrics in Prometheus' text",
    "psycopg": "PostgreSQL",
    "whitenoise": "static files with their caching headers",
    "authlib": "OAuth 2.0 with PKCE at an identity provider",
    "axe-playwright-python": "checking pages for accessibility",
    "fido2": "passkeys: WebAuthn on the server's side",
    "joserfc": "checking signed ID tokens",
    "playwright": "driving Chromium in tests",
    "pyotp": "one-time codes by time",
    "requests": "asking the identity provider",
    "types-requests": "types of requests",
    "apsw": "all of SQLite with its own version: savepoints, checkpoints, durable settings",
    "asyncua": "OPC UA, client and server",
    "cbor2": "CBOR, deterministic",
    "charset-normalizer": "telling the encoding of a text file",
    "click": "the command line",
    "cryptography": "every cipher, hash, signature and key derivation",
    "django-ninja": "operations, checked arguments and the description of the API",
    "ezdxf": "reading DXF drawings",
    "httpx": "requests of the client and the agent",
    "iscc-lib": "the ISO 24138 content code",
    "lightgbm": "boosted trees with monotone constraints and exact explanations",
    "lxml": "XML of office files and SVG, with entities off",
    "numpy": "arithmetic on pictures and codewords",
    "onnxruntime": "running the text-recognition models",
    "opencv-python-headless": "features, homographies, filters",
    "openpyxl": "reading workbooks; never writing registered ones",
    "pikepdf": "reading and patching PDF objects",
    "pillow": "reading and writing image files",
    "polars": "joins, windows and group tables over millions of declarations",
    "pyarrow": "Parquet",
    "pypdfium2": "drawing PDF pages and reading their text",
    "python-docx": "making the demo's documents",
    "rapidfuzz": "telling whether a text has another's words in their order",
    "rapidocr": "text recognition, models in the package",
    "reportlab": "making the demo's PDF documents",
    "resvg-py": "drawing SVG",
    "rich": "progress bars on a terminal",
    "rustworkx": "connected groups and circles in networks of parties",
    "sqlalchemy": "speaking to any SQL database",
    "scipy": "the numerical routines numpy lacks",
    "segno": "QR labels",
    "types-pyyaml": "types of pyyaml",
    "zxing-cpp": "reading our QR codes back with a decoder of its own",
    "watchfiles": "being told of changes in a folder",
    "base45": "a second base-45 coder to compare ours with",
    "chinesecalendar": "an independent calendar of China's working days",
    "holidays": "another independent calendar of China's working days",
    "periodictable": "independent atomic weights and formulas",
    "distributed": "a Dask cluster to rank on in a test, as a country would",
    "editables": "installing the source tree in place",
    "hatchling": "building the package",
    "hypothesis": "property tests",
    "import-linter": "checking that imports point one way",
    "lxml-stubs": "types of lxml",
    "mkdocs": "building these pages",
    "mkdocs-material": "their theme",
    "mypy": "type checking",
    "pymap": "a real IMAP server to test intake by mail with",
    "pytest": "running tests",
    "pytest-randomly": "running them in any order",
    "pytest-xdist": "running them at the same time",
    "python-pptx": "making presentations to test with",
    "pyyaml": "reading declarations of uncertainty",
    "ruff": "formatting and linting",
    "scikit-image": "an independent measure of picture quality",
    "schemathesis": "walking every operation of the API from its description",
    "scitt-cose": "a second, independent verifier of statements and receipts",
    "stix2": "OASIS's own reader, to check our STIX bundles with",
    "gmalg": "a second, independent SM2",
    "metamorphic-log": "a reader of signed notes that others wrote, in Rust",
    "tlog-scales": "a reader of published tiles and ML-DSA lines that others wrote",
    "rfc3161-client": "reading and checking timestamp tokens",
    "types-waitress": "types of waitress",
    "urllib3": "asking witnesses and reading logs over HTTP",
    "waitress": "serving HTTP",
    "werkzeug": "requests, answers and routes of the HTTP endpoints",
}
CLASSIFIED = {
    "MIT License": "MIT",
    "BSD License": "BSD",
    "Apache Software License": "Apache-2.0",
    "Mozilla Public License 2.0 (MPL 2.0)": "MPL-2.0",
    "OSI Approved": "",
}
TEXTS = {
    "MIT": "Permission is hereby granted, free of charge",
    "Apache-2.0": "Apache License\n                           Version 2.0",
}


def licence_of(package: str) -> str:
    """Give a package's licence as it states it: expression, else classifiers, else the licence's own text."""
    found = metadata.metadata(package)
    expression = found.get("License-Expression")
    if expression:
        return expression
    classifiers = [
        c.rsplit("::", 1)[1].strip() for c in found.get_all("Classifier") or [] if c.startswith("License")
    ]
    if classifiers:
        return ", ".join(filter(None, (CLASSIFIED.get(c, c) for c in classifiers)))
    if found.get("License"):
        return found["License"].splitlines()[0]
    texts = [Path(f.locate()).read_text() for f in metadata.files(package) or [] if "licenses/" in str(f)]
    known = (name for name, words in TEXTS.items() if any(words in text for text in texts))
    return next(known, "unknown")


def direct_dependencies() -> dict[str, list[str]]:
    """Names of the direct dependencies: for running, and for development."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    groups = {"To run": project["dependencies"], "To develop": project["optional-dependencies"]["dev"]}
    return {title: sorted(re.match(r"[\w.-]+", line)[0] for line in lines) for title, lines in groups.items()}


def dependencies() -> str:
    """The tables of docs/dependencies.md."""
    parts = []
    for title, names in direct_dependencies().items():
        rows = [f"| {name} | {licence_of(name)} | {SAVES[name]} |" for name in names]
        parts.append(
            "\n".join([f"## {title}", "", "| Package | Licence | What it saves |", "|---|---|---|", *rows])
        )
    return "\n\n".join(parts)


def errors() -> str:
    """The table of docs/errors.md."""
    from sealtrace.errors import all_errors

    rows = [f"| `{e.code}` | {e.exit_code} | {e.__doc__} | {e.advice} |" for e in all_errors()]
    return "\n".join(["| Code | Exit | What it says | What to do |", "|---|---|---|---|", *rows])


def verbs() -> Iterator[tuple[str, click.Command]]:
    """Every command that can be called, with its words: ("file register", command)."""
    from sealtrace.cli.main import sealtrace

    def walk(words: tuple[str, ...], command: click.Command) -> Iterator[tuple[str, click.Command]]:
        if not isinstance(command, click.Group):
            yield " ".join(words), command
            return
        if command.invoke_without_command:
            yield " ".join(words), command
        context = click.Context(command)
        for name in command.list_commands(context):
            below = command.get_command(context, name)
            assert below is not None, f"{name} is listed and not there"
            yield from walk((*words, name), below)

    yield from walk((), sealtrace)


def commands() -> str:
    """The sections of docs/commands.md."""
    overview = [
        f"| [`{words}`](#{words.replace(' ', '-')}) | {_help(command)[0]} |" for words, command in verbs()
    ]
    sections = [_section(words, command) for words, command in verbs()]
    return "\n\n".join(["\n".join(["| Command | What it does |", "|---|---|", *overview]), *sections])


def _help(command: click.Command) -> list[str]:
    """Paragraphs of a command's help, each on one line."""
    return [" ".join(p.split()) for p in (command.help or "").split("\n\n")]


def _section(words: str, command: click.Command) -> str:
    arguments = [p for p in command.params if isinstance(p, click.Argument)]
    options = [p for p in command.params if isinstance(p, click.Option)]
    usage = " ".join([f"sealtrace {words}", *(p.make_metavar(click.Context(command)) for p in arguments)])
    lines = [f"### {words}", "", f"`{usage}{' [OPTIONS]' if options else ''}`", ""]
    lines += ["\n\n".join(_help(command)), "", "| Option | What it does |", "|---|---|"]
    lines += [f"| {_option(option)} | {_option_help(option)} |" for option in options]
    return "\n".join(lines)


def _option(option: click.Option) -> str:
    value = "" if option.is_flag else f" {_value(option)}"
    return f"`{', '.join(option.opts)}{value}`"


def _value(option: click.Option) -> str:
    if isinstance(option.type, click.Choice):
        return "{" + ",".join(option.type.choices) + "}"
    return option.type.name.upper()


def _option_help(option: click.Option) -> str:
    text = option.help or ""
    if option.required:
        return f"{text} Required."
    shown = option.show_default and option.default is not None and not option.is_flag
    default = option.show_default if isinstance(option.show_default, str) else option.default
    return f"{text} Default: `{default}`." if shown else text


PAGES: dict[str, Callable[[], str]] = {
    "commands.md": commands,
    "errors.md": errors,
    "dependencies.md": dependencies,
}


def page(name: str) -> str:
    """One page as it should be: its prose, with the marked place written anew."""
    text = (DOCS / name).read_text("utf-8")
    before, rest = text.split(BEGIN)
    after = rest.split(END)[1]
    return f"{before}{BEGIN}\n\n{PAGES[name]()}\n\n{END}{after}"


if __name__ == "__main__":
    for name in PAGES:
        (DOCS / name).write_text(page(name), "utf-8")
