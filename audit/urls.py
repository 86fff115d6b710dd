"""The addresses of the audit log and of the security events."""

from django.urls import path

from audit.views.logs import log_list
from audit.views.reports import report_page
from audit.views.security import alert_handle, security_page

app_name = "audit"
urlpatterns = [
    path("", log_list, name="log_list"),
    path("security", security_page, name="security"),
    path("security/report", report_page, name="security_report"),
    path("security/alerts/<int:pk>/handle", alert_handle, name="alert_handle"),
]
