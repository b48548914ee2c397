"""Addresses of the viewer."""

from django.urls import path

from . import views

urlpatterns = [
    path("view", views.files, name="view"),
    path("view/tile/<str:ticket>/<int:column>/<int:row>", views.tile, name="view-tile"),
    path("view/<str:ref>", views.file, name="view-file"),
    path("view/<str:ref>/standing", views.standing, name="view-standing"),
    path("view/<str:ref>/undertaking", views.undertake, name="view-undertake"),
    path("view/<str:ref>/<int:number>", views.page, name="view-page"),
    path("view/<str:ref>/<int:number>/picture", views.picture, name="view-picture"),
    path("view/<str:ref>/<int:number>/opening", views.opening, name="view-opening"),
    path("view/<str:ref>/<int:number>/zoom/<int:level>", views.zoom, name="view-zoom"),
    path("view/<str:ref>/<int:number>/text", views.text, name="view-text"),
    path("view/<str:ref>/table/<int:number>/<int:part>", views.table, name="view-table"),
]
