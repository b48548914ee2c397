"""Every address of the application, by domain."""

from __future__ import annotations

from django.urls import include, path

from .frame import views

urlpatterns = [
    path("", include("sealtrace.web.operations.urls")),
    path("", include("sealtrace.web.frame.urls")),
    path("", include("sealtrace.web.accounts.urls")),
    path("", include("sealtrace.web.devices.urls")),
    path("", include("sealtrace.web.approvals.urls")),
    path("", include("sealtrace.web.policy.urls")),
    path("", include("sealtrace.web.audit.urls")),
    path("", include("sealtrace.web.jobs.urls")),
    path("", include("sealtrace.web.api.urls")),
    path("", include("sealtrace.web.custody.urls")),
    path("", include("sealtrace.web.viewer.urls")),
    path("", include("sealtrace.web.licences.urls")),
    path("", include("sealtrace.web.cases.urls")),
    path("", include("sealtrace.web.trade.urls")),
    path("", include("sealtrace.web.people.urls")),
    path("", include("sealtrace.web.own.urls")),
    path("", include("sealtrace.web.rosters.urls")),
    path("", include("sealtrace.web.travel.urls")),
]
handler400 = views.bad_request
handler403 = views.forbidden
handler404 = views.not_found
handler500 = views.failed
