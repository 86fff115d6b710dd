"""The site's addresses, and beside them those to compare with."""

from django.urls import include, path

from bench import views

urlpatterns = [
    path("bench/empty", views.EmptyView.as_view()),
    path("bench/insert", views.InsertView.as_view()),
    path("bench/calendar", views.CalendarView.as_view()),
    path("bench/free-slots", views.FreeSlotsView.as_view()),
    path("", include("labitory.urls")),
]
handler400 = "labitory.errors.bad_request"
handler403 = "labitory.errors.forbidden"
handler404 = "labitory.errors.not_found"
handler500 = "labitory.errors.server_error"
