"""For which department a person acts: their organisation says it.

The site's setting `department:CODE` names the department of the organisation CODE; without one, an organisation whose
code is a department's name, alone or before a dash (`CUSTOMS-SH`), is of that department; else the person's roles
say it when they say one.
"""

from __future__ import annotations

from sealtrace.cases.model import Actor, Department
from sealtrace.errors import Denied
from sealtrace.policy.model import Actor as Person
from sealtrace.policy.model import Role

from .. import site

BY_ROLE = {
    Role.CUSTOMS: Department.CUSTOMS,
    Role.LICENSING: Department.COMMERCE,
    Role.TRACER: Department.INDUSTRY,
}


def department(person: Person) -> Department:
    """The department a person acts for.

    Raises:
        Denied: nothing says which, or their roles say more than one.
    """
    code = person.organisation
    named = site.current().extra.get(f"department:{code}") or code.partition("-")[0].lower()
    if named in list(Department):
        return Department(named)
    found = {BY_ROLE[role] for role in person.roles if role in BY_ROLE}
    if len(found) != 1:
        raise Denied(
            f"nothing says for which department {person.operator} acts",
            advice="Let the organisation carry its department's name, or set department:CODE for this site.",
        )
    return found.pop()


def acting_for(person: Person) -> Actor:
    """The person as cases know them."""
    return Actor(person.operator, department(person))
