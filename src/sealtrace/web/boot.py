"""Start Django on an open home."""

from __future__ import annotations

import os
from contextlib import suppress

import django

from sealtrace.custody.service import Custody
from sealtrace.errors import HomeLocked

from . import site


def secret_key(custody: Custody) -> str:
    """The key of sessions and signed links, from the home's root secret."""
    return custody.office.home.keyring.secret("web/session").hex()


def start(made: site.Site, *, migrate: bool = True) -> None:
    """Serve this site from now on: settings, tables brought up to date, background work taken up again."""
    site.put(made)
    os.environ["DJANGO_SETTINGS_MODULE"] = "sealtrace.web.settings"
    django.setup()
    if migrate:
        from django.core.management import call_command

        call_command("migrate", verbosity=0, interactive=False)
        if made.custody is not None:
            from . import deeds

            with suppress(HomeLocked), made.custody.office.writing():  # else the next deed sees to it
                deeds.recover()
