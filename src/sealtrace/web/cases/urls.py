"""Addresses of cases."""

from django.urls import path

from . import views

urlpatterns = [
    path("cases", views.board, name="cases"),
    path("cases/open", views.open_case, name="cases-open"),
    path("cases/<str:number>", views.case, name="cases-case"),
    path("cases/<str:number>/purpose", views.purpose, name="cases-purpose"),
    path("cases/<str:number>/export", views.export, name="cases-export"),
    path("cases/<str:number>/do/<slug:step>", views.act, name="cases-act"),
    path("cases/<str:number>/do/<slug:step>/<str:item>", views.act, name="cases-act-on"),
    path("cases/<str:number>/original/<str:item>", views.original, name="cases-original"),
]
