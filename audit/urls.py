"""The addresses of the audit log."""

from django.urls import path

from audit.views.logs import log_list

app_name = "audit"
urlpatterns = [path("", log_list, name="log_list")]
