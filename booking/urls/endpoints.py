"""Addresses of chat rooms and webhooks."""

from django.urls import path

from booking.views import endpoints

_ONE = "manage/endpoints/<uuid:public_id>"
_DELIVERY = f"{_ONE}/deliveries/<uuid:event_id>"

urlpatterns = [
    path("manage/endpoints", endpoints.endpoint_list, name="endpoint_list"),
    path("manage/endpoints/new/<slug:kind>", endpoints.endpoint_new, name="endpoint_new"),
    path(_ONE, endpoints.endpoint_detail, name="endpoint_detail"),
    path(f"{_ONE}/edit", endpoints.endpoint_edit, name="endpoint_edit"),
    path(f"{_ONE}/rotate", endpoints.endpoint_rotate, name="endpoint_rotate"),
    path(f"{_ONE}/test", endpoints.endpoint_test, name="endpoint_test"),
    path(f"{_ONE}/switch", endpoints.endpoint_switch, name="endpoint_switch"),
    path(f"{_ONE}/replay", endpoints.endpoint_replay, name="endpoint_replay"),
    path(f"{_ONE}/delete", endpoints.endpoint_delete, name="endpoint_delete"),
    path(_DELIVERY, endpoints.delivery_detail, name="endpoint_delivery"),
    path(f"{_DELIVERY}/replay", endpoints.delivery_replay, name="endpoint_delivery_replay"),
]
