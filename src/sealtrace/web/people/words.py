"""The words of what the registers of people hold as codes; a code without words is shown as it is."""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

Words = dict[str, str | Promise]

STATUS: Words = {
    "not served": _("not served yet"),
    "not started": _("not started yet"),
    "effective": pgettext_lazy("restriction", "in force"),
    "suspended": pgettext_lazy("restriction", "suspended"),
    "lapsed": _("lapsed: not reviewed in time"),
    "released": pgettext_lazy("restriction", "released"),
    "annulled": _("annulled on appeal"),
    "expired": _("ended"),
}
TONE = {"effective": "doubt", "suspended": "doubt", "not served": "act", "not started": "act"}
ICON = {"effective": "clock", "suspended": "clock", "not served": "open", "not started": "open"}
GRADE: Words = {
    "core": pgettext_lazy("grade", "core"),
    "important": pgettext_lazy("grade", "important"),
    "general": pgettext_lazy("grade", "general"),
    "leading": _("leading cadre"),
    "any": _("any grade"),
}
PURPOSE: Words = {
    "own": _("own file"),
    "directory": _("keeping the directory"),
    "designation": _("designating to a post"),
    "leaving": _("leaving a post"),
    "restriction": _("restrictions"),
    "compensation": _("paying compensation"),
    "travel": _("declared journeys"),
    "documents": _("travel documents"),
    "screening": _("first review of a screening"),
    "case": _("second review of a screening"),
    "appeal": _("hearing an appeal"),
    "report": _("reporting to an authority"),
    "oversight": _("oversight of looks"),
    "break-glass": _("broken glass"),
}
SECTION: Words = {
    "profile": pgettext_lazy("section of a file", "profile"),
    "posts": _("posts"),
    "holdings": _("what is still held"),
    "restrictions": _("restrictions"),
    "travel": _("journeys"),
    "documents": _("travel documents"),
    "candidates": _("screening results"),
    "petitions": _("petitions"),
    "accesses": _("who looked"),
}
MODULE: Words = {
    "directory": _("Directory"),
    "posts": _("Posts and restrictions"),
    "travel": _("Journeys"),
    "documents": _("Travel documents"),
    "screening": _("Screening of rosters"),
}
SOURCE: Words = {
    "self": _("own word"),
    "passport": _("passport"),
    "publication": _("publication"),
    "employer": _("employer"),
}
FIELD: Words = {
    "names": _("Names and spellings"),
    "specialities": _("Specialities"),
    "education": _("Education"),
    "projects": _("Projects"),
    "publications": _("Publications"),
    "employments": _("Employments"),
    "birth_year": _("Year of birth"),
    "orcid": _("ORCID iD"),
}
ITEM: Words = {
    "talk": _("Talk held"),
    "undertaking": _("Undertaking signed"),
    "carriers-returned": _("Carriers returned"),
    "access-revoked": _("Access revoked"),
}
DUE: Words = {
    "serve": _("serve the notice"),
    "release": _("unpaid: the person may be released"),
    "pay": _("pay the compensation"),
    "review": _("review, or it lapses"),
    "ends": _("ends by itself"),
}
PETITION: Words = {
    "correction": _("correction"),
    "objection": _("objection"),
    "appeal": _("appeal"),
}
BASIS: Words = {
    "in force": _("in force on this day"),
    "suspended": pgettext_lazy("legal basis", "suspended"),
    "not yet in force": _("not yet in force"),
    "ended": pgettext_lazy("legal basis", "no longer in force"),
}
ALL: dict[str, Words] = {
    "status": STATUS, "grade": GRADE, "purpose": PURPOSE, "section": SECTION, "module": MODULE, "source": SOURCE,
    "field": FIELD, "item": ITEM, "due": DUE, "petition": PETITION, "basis": BASIS,
}  # fmt: skip


def word(kind: str, code: object) -> str:
    """The words of a code."""
    return str(ALL[kind].get(str(code), str(code)))
