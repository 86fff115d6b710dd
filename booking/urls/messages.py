"""Addresses of the log of messages, and of the state of workers and schedules."""

from django.urls import path

from booking.views import messages, system

urlpatterns = [
    path("notices/sent", messages.own_messages, name="own_messages"),
    path("manage/health", system.system_health, name="system_health"),
    path("manage/messages", messages.message_list, name="message_list"),
    path("manage/messages/file", messages.message_export, name="message_export"),
    path("manage/messages/resend", messages.messages_resend, name="messages_resend"),
    path("manage/messages/stuck", messages.stuck_list, name="stuck_list"),
    path("manage/messages/stuck/<uuid:public_id>/retry", messages.event_retry, name="event_retry"),
    path("manage/messages/<int:pk>", messages.message_detail, name="message_detail"),
    path("manage/messages/<int:pk>/resend", messages.message_resend, name="message_resend"),
]
