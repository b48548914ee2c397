"""Sessions in the site's database, read by SQL that is written once: every request reads its own."""

from __future__ import annotations

from typing import Any

from django.contrib.sessions.backends import db
from django.utils import timezone

from .. import asked

READ = "SELECT session_data FROM django_session WHERE session_key = %s AND expire_date > %s"


class SessionStore(db.SessionStore):
    """Django's own store, but for how a session is read."""

    def load(self) -> dict[str, Any]:
        """What the session holds; nothing, and no key any more, when there is none or its time is over."""
        rows = asked.ask(READ, self.session_key, asked.moment(timezone.now()))
        if not rows:
            self._session_key = None
            return {}
        return self.decode(rows[0][0])
