"""How the ledger is: size, age of its checkpoint, cosignatures held and asked for."""

from __future__ import annotations

from dataclasses import dataclass

from sealtrace.custody import publication

from .. import site


@dataclass(frozen=True, slots=True)
class Health:
    """cosigned of asked witnesses signed the newest checkpoint; none are asked in an office on its own."""

    size: int
    asked: int
    needed: int

    @property
    def sound(self) -> bool:
        """Whether the ledger answers; forks and damage raise before this is shown."""
        return self.size > 0


def of_ledger() -> Health:
    """Ask the open ledger. A few milliseconds."""
    office = site.custody().office
    policy = publication.policy(office)
    return Health(office.ledger.size(), len(policy.witnesses), policy.needed)
