"""What the registers of people hold, in words a person concerned understands."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import get_language, gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

Words = Mapping[str, str | Promise]

STATUS: Words = {
    "not served": pgettext_lazy("restriction", "not notified: does not bind"),
    "not started": pgettext_lazy("restriction", "has not begun"),
    "effective": pgettext_lazy("restriction", "in force"),
    "suspended": pgettext_lazy("restriction", "suspended: does not bind"),
    "lapsed": pgettext_lazy("restriction", "lapsed: not reviewed in time"),
    "released": pgettext_lazy("restriction", "released"),
    "annulled": pgettext_lazy("restriction", "annulled on appeal"),
    "expired": pgettext_lazy("restriction", "ended"),
}
GRADE: Words = {"core": _("Core"), "important": _("Important"), "general": _("General")}
KIND: Words = {
    "correction": pgettext_lazy("petition", "Correction"),
    "objection": pgettext_lazy("petition", "Objection"),
    "appeal": pgettext_lazy("petition", "Appeal"),
}
CHANGE: Words = {
    "proposed": pgettext_lazy("change", "waits for review"),
    "accepted": pgettext_lazy("change", "accepted"),
    "refused": pgettext_lazy("change", "refused"),
}
SOURCE: Words = {
    "self": _("your own word"), "passport": _("passport"), "publication": _("publication"),
    "employer": _("employer"),
}  # fmt: skip
FIELD: Words = {
    "names": _("Names and spellings"), "birth_year": _("Year of birth"), "specialities": _("Specialities"),
    "education": _("Education"), "employments": _("Employments"), "projects": _("Projects"),
    "publications": _("Publications"), "orcid": _("ORCID iD"),
}  # fmt: skip
PURPOSE: Words = {
    "own": _("your own page"), "directory": _("keeping the directory"), "designation": _("filling sensitive posts"),
    "leaving": _("leaving a post"), "restriction": _("restrictions"), "compensation": _("paying compensation"),
    "travel": _("travel"), "documents": _("travel documents"), "screening": _("screening of a roster"),
    "case": _("review of a candidate"), "appeal": _("hearing petitions"), "report": _("report to an authority"),
    "oversight": _("oversight"), "break-glass": _("emergency access"),
}  # fmt: skip
SECTION: Words = {
    "profile": _("profile"), "posts": _("posts"), "holdings": _("copies and devices held"),
    "restrictions": _("restrictions"), "travel": _("travel"), "documents": _("travel documents"),
    "candidates": _("roster results"), "petitions": _("petitions"), "accesses": _("the list of looks"),
}  # fmt: skip
ABOUT: Words = {
    "restriction": _("restriction"), "designation": _("designation"), "journey": _("journey"),
    "document": _("travel document"), "candidate": _("roster result"), "access": _("look at the file, entry"),
    "change": _("proposed change"), "disclosure": _("telling"), "profile": _("profile"), "case": _("case"),
}  # fmt: skip
NOTICE: Words = {
    "restriction-served": _("A restriction was notified to you"),
    "restriction-reviewed": _("A restriction was reviewed and kept"),
    "released": _("You were released from a restriction"),
    "correction-answered": _("Your correction was answered"),
    "objection-answered": _("Your objection was answered"),
    "appeal-answered": _("Your appeal was answered"),
    "glass-broken": _("Your file was opened in an emergency"),
    "change-decided": _("A change of your profile was decided"),
    "case-opened": _("A case was opened"),
    "document-taken": _("A travel document was taken into custody"),
    "document-returned": _("A travel document was returned"),
    "return-refused": _("The return of a travel document was refused"),
    "journey-declared": _("A journey was declared"),
    "journey-decided": _("A journey was decided"),
}
SAYS: Words = {
    "reasons": _("Reasons"), "reason": _("Reason"), "granted": pgettext_lazy("petition", "Granted"),
    "allowed": _("Allowed"), "state": _("State"), "field": pgettext_lazy("profile", "Field"),
    "about": pgettext_lazy("petition", "About"), "authority": pgettext_lazy("restriction", "Authority"),
    "notice": _("Notice"), "clause": _("Legal basis"), "title": _("Legal title"), "document": _("Document"),
    "receipt": pgettext_lazy("document", "Receipt"), "candidate": _("Roster result"), "restriction": _("Restriction"),
    "how": _("Handed over"), "by": _("By"), "approved_by": _("Approved by"), "until": _("Until"),
    "next": _("Next review"), "appeal_officer": _("Appeal officer"),
    "appeal_until": pgettext_lazy("petition", "Appeal until"), "outside": _("Outside remedy"),
    "remedy": _("Outside remedy"),
}  # fmt: skip
"""What a notice says, in the order it is read: why, what, by whom, until when, and where to contest it."""
TITLE: Words = {
    "official-passport": _("official passport"), "registered-staff-rule": _("rule for registered staff"),
    "case-seizure": _("seized in a case"), "voluntary-safekeeping": _("voluntary safekeeping"),
}  # fmt: skip
CATEGORY: Words = {
    "family": _("family you declared"), "journey": _("journey"), "document": _("travel document"),
    "candidate": _("roster result"), "restriction": _("restriction"), "access": _("look at the file"),
    "person": _("the whole file"),
}  # fmt: skip
ITEM: Words = {
    "talk": _("talk held"), "undertaking": _("undertaking signed"), "carriers-returned": _("everything given back"),
    "access-revoked": _("access ended"),
}  # fmt: skip
BAND: Words = {
    "insufficient": pgettext_lazy("band", "insufficient"), "possible": pgettext_lazy("band", "possible"),
    "probable": pgettext_lazy("band", "probable"), "strong": pgettext_lazy("band", "strong"),
}  # fmt: skip
STAGE: Words = {
    "candidate": pgettext_lazy("roster result", "waits for the first review"),
    "under review": pgettext_lazy("roster result", "waits for the second review"),
    "confirmed": pgettext_lazy("roster result", "two reviewers agree; the person is asked"),
    "case": pgettext_lazy("roster result", "case opened"),
    "rejected": pgettext_lazy("roster result", "rejected: not the person, or lawfully there"),
}
EVENT: Words = {
    "person:entered": pgettext_lazy("event", "entered in the directory"),
    "person:account-bound": pgettext_lazy("event", "account bound to the person"),
    "person:change-proposed": pgettext_lazy("event", "change of the profile proposed"),
    "person:change-accepted": pgettext_lazy("event", "change accepted"),
    "person:change-refused": pgettext_lazy("event", "change refused"),
    "person:glass-broken": pgettext_lazy("event", "file opened in an emergency"),
    "person:glass-reviewed": pgettext_lazy("event", "emergency access reviewed"),
    "person:petition-made": pgettext_lazy("event", "petition made"),
    "person:petition-added": pgettext_lazy("event", "words added to a petition"),
    "person:petition-withdrawn": pgettext_lazy("event", "petition taken back"),
    "person:petition-answered": pgettext_lazy("event", "petition answered"),
    "person:disclosed": pgettext_lazy("event", "told to others"),
    "person:time-over": pgettext_lazy("event", "erased on time"),
    "post:designated": pgettext_lazy("event", "designated to a sensitive post"),
    "post:designation-ended": pgettext_lazy("event", "designation ended"),
    "post:leaving-opened": pgettext_lazy("event", "leaving begun"),
    "post:leaving-item-done": pgettext_lazy("event", "step of a leaving done"),
    "post:carrier-returned": pgettext_lazy("event", "copy or device given back"),
    "post:restriction-proposed": pgettext_lazy("event", "restriction proposed"),
    "post:restriction-decided": pgettext_lazy("event", "restriction decided"),
    "post:restriction-refused": pgettext_lazy("event", "proposed restriction refused"),
    "post:notice-served": pgettext_lazy("event", "notice handed over"),
    "post:restriction-reviewed": pgettext_lazy("event", "restriction kept after a review"),
    "post:compensation-paid": pgettext_lazy("event", "compensation paid"),
    "post:appeal-made": pgettext_lazy("event", "appeal made"),
    "post:appeal-withdrawn": pgettext_lazy("event", "appeal taken back"),
    "post:appeal-refused": pgettext_lazy("event", "restriction upheld on appeal"),
    "post:restriction-annulled": pgettext_lazy("event", "restriction annulled on appeal"),
    "post:restriction-released": pgettext_lazy("event", "restriction ended early"),
    "travel:declared": pgettext_lazy("event", "journey declared"),
    "travel:delegated": pgettext_lazy("event", "delegate named"),
    "travel:opinion-given": pgettext_lazy("event", "opinion on a journey given"),
    "travel:decided": pgettext_lazy("event", "journey decided"),
    "travel:briefed": pgettext_lazy("event", "briefed before a journey"),
    "travel:changed": pgettext_lazy("event", "change of a journey told"),
    "travel:reported": pgettext_lazy("event", "report after a journey"),
    "travel:withdrawn": pgettext_lazy("event", "journey given up"),
    "travel:document-taken": pgettext_lazy("event", "travel document taken into custody"),
    "travel:document-asked-back": pgettext_lazy("event", "travel document asked back"),
    "travel:return-refused": pgettext_lazy("event", "return of a travel document refused"),
    "travel:document-returned": pgettext_lazy("event", "travel document returned"),
    "watch:candidate-entered": pgettext_lazy("event", "row of a roster may fit"),
    "watch:first-review": pgettext_lazy("event", "first review of a roster result"),
    "watch:second-review": pgettext_lazy("event", "second review of a roster result"),
    "watch:person-heard": pgettext_lazy("event", "the person was asked"),
    "watch:case-opened": pgettext_lazy("event", "case opened"),
    "watch:candidate-rejected": pgettext_lazy("event", "roster result rejected"),
}
READING: Words = {
    "pinyin": _("pinyin"), "wade": _("Wade–Giles"), "old": _("older spellings"), "cantonese": _("Cantonese"),
    "southern": _("Hokkien, Teochew or Hakka"), "korean": _("Korean"), "japanese": _("Japanese"),
    "vietnamese": _("Vietnamese"), "mixed": _("several systems"), "own spelling": _("the person’s own spelling"),
    "han": _("the same characters"),
}  # fmt: skip
YES: Words = {"True": _("yes"), "False": _("no")}
LISTS: Mapping[str, Words] = {
    "status": STATUS, "grade": GRADE, "kind": KIND, "change": CHANGE, "source": SOURCE, "field": FIELD,
    "purpose": PURPOSE, "section": SECTION, "notice": NOTICE, "title": TITLE, "category": CATEGORY, "item": ITEM,
    "band": BAND, "stage": STAGE, "event": EVENT, "yes": YES,
}  # fmt: skip
_TIME = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}Z")


def say(of: str, value: object) -> str:
    """The word of a value; the value itself where there is none."""
    return str(LISTS[of].get(str(value), value))


def about(text: str) -> str:
    """What a petition is about: `restriction:r-1` as restriction r-1."""
    what, _colon, name = text.partition(":")
    if what == "erasure":
        return gettext("erasure of the whole file")
    if what == "profile":
        return f"{ABOUT['profile']}: {say('field', name)}"
    return f"{ABOUT.get(what, what)} {name}".strip()


def reason(text: str) -> str:
    """The reason of a look; what the program itself writes is said in the reader's language."""
    for pattern, says in (
        (r"own page", gettext("own page")),
        (r"hearing petitions", gettext("the list of waiting petitions")),
        (r"hearing (\S+)", gettext("hearing your petition %s")),
        (r"first review of candidate (\S+)", gettext("first review of roster result %s")),
        (r"review of candidate (\S+)", gettext("review of roster result %s")),
        (r"roster (\S+) of (.+): (.+)", gettext("roster %s of %s: %s")),
        (r"asked by (.+)", gettext("%s asked to be told")),
        (r"report to (.+)", gettext("report to %s")),
        (r"review of changes", gettext("review of proposed changes")),
        (r"deciding a proposal", gettext("deciding a proposed restriction")),
    ):
        found = re.fullmatch(pattern, text)
        if found:
            return says % found.groups() if found.groups() else says
    return text


def notice(says: Mapping[str, Any]) -> list[tuple[str, str]]:
    """What a notice says, as label and text; codes of the program in words, times as dates."""
    lines = []
    for key, word in SAYS.items():
        if says.get(key) not in ("", None, []):
            lines.append((str(word), _value(key, says[key])))
    return lines


def _value(key: str, value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(str(one) for one in value)
    if key in ("granted", "allowed"):
        return say("yes", bool(value))
    lists = {"field": "field", "title": "title", "state": "change"}
    text = say(lists[key], value) if key in lists else about(value) if key == "about" else str(value)
    return f"{text[:10]} {text[11:16]} UTC" if _TIME.fullmatch(text) else text


def place(text: str) -> str:
    """Where a row of a roster stands, in words."""
    for pattern, says in (
        (r"table, row (\d+)", gettext("row %s")),
        (r"table (\d+), row (\d+)", gettext("table %s, row %s")), (r"(.+), row (\d+)", gettext("%s, row %s")),
        (r"page (\d+), line (\d+)", gettext("page %s, line %s")),
    ):  # fmt: skip
        found = re.fullmatch(pattern, text)
        if found:
            return says % found.groups()
    return text


def reading(text: str) -> str:
    """How a name was read, in words: which family name in which system of spelling."""
    if text in READING:
        return str(READING[text])
    found = re.fullmatch(r"(.+) in (\w+)(, initials)?", text)
    if found is None:
        return text
    said = gettext("%(family)s, spelt in %(system)s") % {
        "family": found[1], "system": READING.get(found[2], found[2]),
    }  # fmt: skip
    return f"{said}, {gettext('initials')}" if found[3] else said


def hindrance(text: str) -> str:
    """What stands against an erasure, in words."""
    for pattern, says in (
        (r"restriction (\S+) has not ended", gettext("restriction %s has not ended")),
        (r"held documents: (\S+)", gettext("travel document %s is still held")),
        (r"petitions: (\S+)", gettext("petition %s is open")),
    ):
        found = re.fullmatch(pattern, text)
        if found:
            return says % found.group(1)
    return text


def spoken(titles: Mapping[str, str]) -> str:
    """A text kept in both languages, in the reader's."""
    wanted = "en" if (get_language() or "zh").startswith("en") else "zh"
    return titles.get(wanted) or next(iter(titles.values()), "")
