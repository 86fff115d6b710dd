"""Addresses of templates, proposals, undoing and late cancellations."""

from django.urls import path

from booking.views import plans, proposals

_BOOKING = "bookings/<uuid:public_id>"
_PROPOSAL = "proposals/<uuid:public_id>"
_TEMPLATE = "templates/<uuid:public_id>"

urlpatterns = [
    path("templates", plans.template_list, name="template_list"),
    path(f"{_TEMPLATE}/edit", plans.template_edit, name="template_edit"),
    path(f"{_TEMPLATE}/delete", plans.template_delete, name="template_delete"),
    path(f"{_BOOKING}/template", plans.template_new, name="template_new"),
    path(f"{_BOOKING}/offer", proposals.booking_offer, name="booking_offer"),
    path(f"{_BOOKING}/swap", proposals.booking_swap, name="booking_swap"),
    path("proposals", proposals.proposal_list, name="proposal_list"),
    path(_PROPOSAL, proposals.proposal, name="proposal"),
    path(f"{_PROPOSAL}/accept", proposals.proposal_accept, name="proposal_accept"),
    path(f"{_PROPOSAL}/decline", proposals.proposal_decline, name="proposal_decline"),
    path(f"{_PROPOSAL}/withdraw", proposals.proposal_withdraw, name="proposal_withdraw"),
    path("undo/<uuid:public_id>", plans.undo, name="undo"),
    path("manage/late-cancellations", plans.late_cancellations, name="late_cancellations"),
]
