"""What the client does at the licence desk and with names: classify, accounts and postings, verifying; own tokens."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

from .office import Office

Json = Mapping[str, Any]


class Desk(Office):
    """Acts about licences, names and one's own tokens. Each answers with JSON as the API writes it."""

    # -- licences ----------------------------------------------------------------------------------

    def classify(self, cases: Sequence[Json]) -> list[Json]:
        """Whether each case needs a licence, by rule and evidence; a malformed one gets its own answer."""
        return list(
            self._json("POST", "licences/classify", json={"cases": [dict(c) for c in cases]})["items"]
        )

    def licences(self) -> list[Json]:
        """The licences' accounts."""
        return list(self._json("GET", "licences")["items"])

    def licence(self, number: str) -> Json:
        """A licence's account: what is granted, reserved, drawn and left on each line."""
        return self._json("GET", f"licences/{number}")

    def draw(
        self,
        number: str,
        lines: Sequence[Json],
        *,
        key: str,
        from_reservation: str | None = None,
        note: str = "",
    ) -> Json:
        """Draw quantities, all lines or none; a line is `{"element": "Dy", "kg": "0.25"}`, more where it is limited.

        Raises:
            QuantityExceeded, LicenceNotInForce, NotOnLicence, KeyReused: nothing was moved.
        """
        more = {"from_reservation": from_reservation} if from_reservation else {}
        return self._move(number, "draw", lines, key, note, **more)

    def reserve(self, number: str, lines: Sequence[Json], *, key: str, note: str = "") -> Json:
        """Hold quantities for a shipment; `key` names the reservation. Raises as `draw`."""
        return self._move(number, "reserve", lines, key, note)

    def release(
        self, number: str, lines: Sequence[Json], *, reservation: str, key: str, note: str = ""
    ) -> Json:
        """Give back what a reservation holds. Raises as `draw`."""
        return self._move(number, "release", lines, key, note, reservation=reservation)

    def correct(
        self, number: str, lines: Sequence[Json], *, draw: str, key: str, back: bool = False, note: str = ""
    ) -> Json:
        """Correct a draw by a further posting: `back` gives back what was too much. Raises as `draw`."""
        return self._move(number, "correct", lines, key, note, draw=draw, back=back)

    def _move(self, number: str, act: str, lines: Sequence[Json], key: str, note: str, **more: Any) -> Json:
        order = {"lines": [dict(line) for line in lines], "key": key, "note": note, **more}
        return self._json("POST", f"licences/{number}/{act}", json=order)

    def verify_licence(self, text: str, *, on: date | None = None) -> Json:
        """Verify a licence's signed text, as its code carries it, on a day."""
        return self._json(
            "POST", "licences/verify", json={"text": text, "on": on.isoformat() if on else None}
        )

    def licence_key(self) -> str:
        """The public key that verifies the office's licences and status lists, as PEM."""
        return str(self._json("GET", "licences/key")["key"])

    def licence_status(self, out: Path, *, days: int = 7) -> str:
        """Write the signed status list, to be relied on for so many days; returns its SHA-256 in hex."""
        return self.download(f"licences/status?days={days}", out)

    def deadline(self, start: date, days: int = 45) -> Json:
        """A deadline in China's working days; `provisional` beyond the calendars that are published."""
        return self._json("GET", "licences/deadline", params={"from": start.isoformat(), "days": days})

    # -- names and tokens --------------------------------------------------------------------------

    def score_names(self, pairs: Sequence[tuple[str, str]]) -> list[Json]:
        """How well two spellings fit one name, from 0 to 1. A high score is not a person."""
        return list(
            self._json("POST", "watch/names", json={"pairs": [list(pair) for pair in pairs]})["items"]
        )

    def tokens(self) -> list[Json]:
        """One's own tokens, newest first."""
        return list(self._json("GET", "me/tokens")["items"])

    def revoke_token(self, token: str) -> Json:
        """Revoke one of one's own tokens, at once."""
        return self._json("DELETE", f"me/tokens/{token}")
