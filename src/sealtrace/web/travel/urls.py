"""Addresses of travel and of travel documents in custody."""

from django.urls import path

from . import custody, keeping, own, parts, weighing

urlpatterns = [
    path("travel", own.journeys, name="travel"),
    path("travel/declare", own.declare, name="travel-declare"),
    path("travel/bulk", own.bulk, name="travel-bulk"),
    path("travel/delegate", own.delegate, name="travel-delegate"),
    path("travel/delegate/<str:account>/end", own.end_delegation, name="travel-delegate-end"),
    path("travel/mine.ics", own.calendar_file, name="travel-mine-file"),
    path("travel/mine/<str:journey>", own.journey, name="travel-mine"),
    path("travel/mine/<str:journey>/note", own.note, name="travel-note"),
    path("travel/mine/<str:journey>/appeal", own.appeal, name="travel-appeal"),
    path("travel/office", weighing.waiting, name="travel-office"),
    path("travel/office/<str:journey>", weighing.journey, name="travel-weigh"),
    path("travel/office/<str:journey>/opinion", weighing.opinion, name="travel-opinion"),
    path("travel/office/<str:journey>/decide", weighing.decide, name="travel-decide"),
    path("travel/office/<str:journey>/brief", weighing.brief, name="travel-brief"),
    path("travel/calendar", weighing.calendar, name="travel-calendar"),
    path("travel/calendar.ics", weighing.calendar_file, name="travel-calendar-file"),
    path("travel/parts", parts.parts, name="travel-parts"),
    path("travel/parts/assess", parts.assess, name="travel-assess"),
    path("travel/parts/appoint", parts.appoint, name="travel-appoint"),
    path("documents", custody.mine, name="documents"),
    path("documents/mine/<str:receipt>", custody.one, name="documents-mine"),
    path("documents/mine/<str:receipt>/ask", custody.ask_back, name="documents-ask"),
    path("documents/mine/<str:receipt>/appeal", custody.appeal, name="documents-appeal"),
    path("documents/office", keeping.held, name="documents-office"),
    path("documents/office/title", keeping.ask_title, name="documents-title"),
    path("documents/office/title/<str:key>/verify", keeping.verify, name="documents-verify"),
    path("documents/office/title/<str:key>/take", keeping.take, name="documents-take"),
    path("documents/office/<str:receipt>", keeping.one, name="documents-held"),
    path("documents/office/<str:receipt>/give", keeping.give_back, name="documents-give"),
    path("documents/office/<str:receipt>/refuse", keeping.refuse, name="documents-refuse"),
]
