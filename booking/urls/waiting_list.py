"""Addresses of waiting for time, and of what is offered."""

from django.urls import path

from booking.views import offers, waiting_list

urlpatterns = [
    path("waiting", waiting_list.waiting, name="waiting_list"),
    path("waiting/new", waiting_list.waiting_new, name="waiting_new"),
    path("waiting/slot", waiting_list.waiting_slot, name="waiting_slot"),
    path("waiting/<uuid:public_id>/edit", waiting_list.waiting_edit, name="waiting_edit"),
    path("waiting/<uuid:public_id>/leave", waiting_list.waiting_leave, name="waiting_leave"),
    path(
        "resources/<uuid:public_id>/waiting",
        waiting_list.resource_waiting,
        name="resource_waiting",
    ),
    path("offers/<uuid:public_id>", offers.offer, name="offer"),
    path("offers/<uuid:public_id>/accept", offers.offer_accept, name="offer_accept"),
    path("offers/<uuid:public_id>/decline", offers.offer_decline, name="offer_decline"),
]
