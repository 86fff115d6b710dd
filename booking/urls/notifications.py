"""Addresses of notices, and of what people choose to hear."""

from django.urls import path

from booking.views import browsers, notifications, reach

urlpatterns = [
    path("notices", notifications.notice_list, name="notice_list"),
    path("notices/read", notifications.notices_read, name="notices_read"),
    path("notices/preferences", reach.notification_preferences, name="notification_preferences"),
    path("notices/schedule", reach.notification_schedule, name="notification_schedule"),
    path(
        "notices/preferences/<slug:topic>",
        reach.notification_preferences,
        name="notification_topic",
    ),
    path(
        "notices/browsers/<uuid:public_id>/remove",
        browsers.browser_remove,
        name="browser_remove",
    ),
    path("manage/notices", reach.notification_defaults, name="notification_defaults"),
    path(
        "manage/notices/<slug:topic>",
        reach.notification_defaults,
        name="notification_defaults_topic",
    ),
    path("resources/<uuid:public_id>/watch", reach.resource_watch, name="resource_watch"),
]
