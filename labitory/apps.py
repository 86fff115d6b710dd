"""How the project sets up what comes with Django."""

from django.contrib.admin import apps


class LabAdminConfig(apps.AdminConfig):
    """Django's admin behind our own doors."""

    default_site = "accounts.admin_site.LabAdminSite"
