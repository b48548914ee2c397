"""The words of licensing: one for each state, role, form, view, step and outcome."""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

Words = dict[str, str | Promise]

STATES: Words = {
    "draft": _("draft"), "submitted": _("handed in"), "returned": _("returned"), "review": _("under review"),
    "questioned": _("question open"), "proposed": _("proposed"), "granted": _("granted"), "refused": _("refused"),
    "appealed": _("appealed"), "upheld": _("upheld"), "withdrawn": _("withdrawn"),
    "issued": _("in force"), "in_use": _("in use"), "suspended": _("suspended"), "revoked": _("revoked"),
    "surrendered": _("surrendered"), "cancelled": _("cancelled"), "exhausted": _("exhausted"),
    "expired": _("expired"), "clear": _("licence and goods agree"), "free": _("no licence needed"),
    "doubt": _("in doubt"), "held": _("held for an answer"), "filed": _("answered"), "expert": _("with an expert"),
    "reserved": _("quantity held"), "endorsed": _("released"),
    "open": pgettext_lazy("draft state", "open"), "released": _("in use"),
    "dropped": _("given up"), "grant": _("granted"), "refuse": _("refused"), "uphold": _("upheld"),
    "annul": _("annulled"), "reinstated": _("in force again"), "taken": _("taken"),
}  # fmt: skip
TONES = {
    "review": "act", "proposed": "act", "submitted": "act", "questioned": "doubt", "returned": "doubt",
    "appealed": "doubt", "granted": "proved",
    "grant": "proved", "refuse": "doubt", "refused": "doubt", "clear": "proved", "free": "proved", "endorsed": "proved",
    "issued": "proved", "in_use": "proved", "doubt": "doubt", "held": "doubt", "expert": "doubt",
    "suspended": "doubt", "revoked": "failed", "reserved": "act", "filed": "act", "reinstated": "proved",
    "licence_required": "act", "not_controlled": "proved", "refer": "doubt", "status_unknown": "doubt",
    "prohibited_end_use": "failed", "prohibited_technology": "failed",
}  # fmt: skip
ICONS = {"proved": "sound", "doubt": "doubt", "failed": "fail", "act": "licence"}
ROLES: Words = {
    "applicant": _("Applicant"), "end_user": _("End user"), "consignee": _("Consignee"),
    "intermediary": _("Intermediary"),
}  # fmt: skip
KINDS: Words = {
    "single": _("single licence"), "general": _("general licence"),
    "registration": _("certificate by registration"),
}  # fmt: skip
CLASSES: Words = {
    "licence_required": _("licence required"), "not_controlled": _("not controlled"),
    "refer": _("a person must judge"), "status_unknown": _("status unknown"),
    "prohibited_end_use": _("prohibited end use"), "prohibited_technology": _("prohibited technology"),
}  # fmt: skip
VIEWS: Words = {"for": _("for"), "conditions": _("for, with conditions"), "against": _("against")}
PARTS: Words = {
    "parties": _("parties"), "goods": _("goods"), "end_use": _("end use"), "terms": _("terms"),
    "documents": _("documents"),
}  # fmt: skip
ENCLOSURES: Words = {
    "contract": _("contract"), "end_use_statement": _("end-use statement"), "test_report": _("test report"),
    "compliance_programme": _("compliance programme"), "declaration": _("declaration"),
    "explanation": _("explanation"), "other": _("other"),
}  # fmt: skip
FORMS: Words = {
    "metal": _("metal"), "alloy": _("alloy"), "oxide": _("oxide"), "compound": _("compound"),
    "magnet": _("magnet"), "target": _("target"), "ore": _("ore or reagent"), "scrap": _("scrap"),
    "oxide_mixture": _("mixture of oxides"), "mixture": _("mixture of compounds"),
    "assembly_rotor_stator": _("rotor or stator assembly"), "component": _("component"),
    "finished_product": _("finished product"), "technology": _("technology"),
}  # fmt: skip
STEPS: Words = {
    "opened": _("Application begun"), "saved": _("New version saved"), "submitted": _("Handed in"),
    "returned": _("Returned, incomplete"), "accepted": _("Accepted: the clock begins"),
    "amended": _("Amended"), "assessed": _("Goods classified"), "determined": _("Class determined by a person"),
    "advice-asked": _("Advice asked"), "advised": _("Advice given"),
    "questioned": _("Question asked: the clock stands"), "answered": _("Question answered: the clock goes on"),
    "screened": _("Parties screened"), "cleared": _("Hit judged"), "flagged": _("Flag set"),
    "unflagged": _("Flag taken away"), "proposed": _("Decision proposed"),
    "sent-back": _("Proposal sent back"), "decided": _("Decided by a second person"),
    "notified": _("Decision served"), "licensed": _("Licence issued"), "appealed": _("Appeal lodged"),
    "appeal-decided": _("Appeal decided"), "withdrawn": _("Withdrawn"), "presented": _("Presented and checked"),
    "filed": _("Answer filed"), "concluded": _("Question concluded"), "reserved": _("Quantity held"),
    "endorsed": _("Released, quantity drawn"), "cancelled": _("Given back"), "refused": _("Shipment refused"),
}  # fmt: skip
CONCLUSIONS: Words = {
    "no_licence_needed": _("no licence is needed"), "licence_needed": _("a licence is needed"),
    "expert": _("an expert identifies the goods"), "covered": _("the licence covers it"),
}  # fmt: skip
POSTINGS: Words = {
    "open": _("Account opened"), "issue": _("Issued"), "suspend": _("Suspended"), "reinstate": _("Reinstated"),
    "revoke": pgettext_lazy("posting", "Revoked"), "surrender": _("Surrendered"), "cancel": _("Cancelled"),
    "grant": _("Grant"),
    "reserve": pgettext_lazy("posting", "Held"),
    "draw": _("Drawn"), "release": _("Given back"), "correct": _("Corrected"),
    "lapse": pgettext_lazy("posting", "Lapsed"), "revive": _("Available again"), "restore": _("Restored on appeal"),
}  # fmt: skip
STANDING: Words = {
    "unpublished": _("not published"), "not_commenced": _("not yet in force"), "in_force": _("in force"),
    "suspended": _("suspended"), "status_unknown": _("status unknown"), "repealed": _("repealed"),
    "": _("not listed"), "not_listed": _("not listed"),
}  # fmt: skip
MEASURES: Words = {
    "suspend": _("suspend at once"), "reinstate": _("reinstate"), "revoke": _("revoke"), "cancel": _("cancel"),
    "surrender": _("surrender"),
}  # fmt: skip
MEASURE_STATES: Words = {
    "proposed": _("proposed"), "taken": _("taken"), "dropped": _("given up"),
    "appealed": _("appealed, holds meanwhile"), "stayed": _("appealed, rests meanwhile"), "upheld": _("upheld"),
    "annulled": _("annulled"), "varied": _("varied on appeal"),
}  # fmt: skip
APPEALS: Words = {
    "open": _("not decided yet"), "overdue": _("overdue"), "uphold": _("upheld"), "annul": _("annulled"),
    "vary": _("varied on appeal"), "reviews_overdue": _("reviews overdue"),
}  # fmt: skip
SOURCES: Words = {
    "declared_composition": _("declared"), "certificate_composition": _("supplier's certificate"),
    "lab_composition": _("accredited laboratory"), "composition_wt_pct": _("analysis, source not stated"),
}  # fmt: skip
UNDERTAKINGS: Words = {
    "not_military": _("not for military use"), "not_passed_on": _("not passed on without consent"),
    "may_be_verified": _("the end use may be verified on site"),
}  # fmt: skip
TERMS: Words = {
    "kind": _("kind of licence"), "entry": _("entry"), "element": _("element"),
    "destination": _("country of the end user"),
    "country": _("country of any party"), "decision": _("class of the goods"),
    "classifier_flag": _("flag of the classifier"), "hit": _("effect of a list that is hit"),
    "has_role": _("role that takes part"), "flag": _("flag of the case"),
}  # fmt: skip
CONFIDENCE: Words = {"high": _("sure"), "medium": _("partly confirmed"), "low": _("not confirmed")}
EFFECTS: Words = {
    "barred": _("no licence"), "watch": _("single licences only"), "notice": _("a person looks closer"),
}  # fmt: skip
DOCUMENT_KINDS: Words = {"control-list": _("control list"), "case-rules": _("flags and routing")}
EVENTS: Words = {
    "published": _("published"), "commences": _("comes into force"), "suspended": _("suspended"),
    "resumed": _("resumed"), "amended": _("amended"), "repealed": _("repealed"),
}  # fmt: skip
DEPARTMENTS: Words = {
    "technical": _("technical"), "dual-use": _("dual use"), "regional": _("regional"), "security": _("security"),
}  # fmt: skip
ALL: dict[str, Words] = {
    "state": STATES, "role": ROLES, "kind": KINDS, "class": CLASSES, "view": VIEWS, "part": PARTS,
    "enclosure": ENCLOSURES, "form": FORMS, "step": STEPS, "conclusion": CONCLUSIONS, "posting": POSTINGS,
    "standing": STANDING,
    "department": DEPARTMENTS, "measure": MEASURES, "measure_state": MEASURE_STATES, "source": SOURCES,
    "undertaking": UNDERTAKINGS, "term": TERMS, "document": DOCUMENT_KINDS, "event": EVENTS,
    "effect": EFFECTS, "confidence": CONFIDENCE,
}  # fmt: skip
