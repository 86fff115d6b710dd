"""Addresses of the path to a resource."""

from django.urls import path

from booking.views import access

urlpatterns = [
    path("access", access.access_mine, name="access_mine"),
    path("manage/access", access.access_queue, name="access_queue"),
    path("access/<uuid:public_id>", access.access_request, name="access_request"),
    path("access/<uuid:public_id>/reject", access.access_reject, name="access_reject"),
    path("access/<uuid:public_id>/withdraw", access.access_withdraw, name="access_withdraw"),
    path("access/steps/<uuid:step_id>/confirm", access.access_confirm, name="access_confirm"),
    path("resources/<uuid:public_id>/ask", access.access_ask, name="access_ask"),
    path("resources/<uuid:public_id>/steps", access.access_steps, name="access_steps"),
]
