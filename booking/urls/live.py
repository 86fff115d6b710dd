"""Addresses that pages ask by themselves, and the displays on walls."""

from django.urls import path

from booking.views import live, walls

urlpatterns = [
    path("live/counts", live.live_counts, name="live_counts"),
    path("wall/<str:token>", walls.wall, name="wall"),
    path("manage/walls", walls.wall_list, name="wall_list"),
    path("manage/walls/<uuid:public_id>/revoke", walls.wall_revoke, name="wall_revoke"),
]
