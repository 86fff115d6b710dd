"""All addresses."""

from django.conf import settings
from django.contrib import admin
from django.urls import URLPattern, URLResolver, include, path
from django.views.static import serve

from booking.views.system import health_workers
from labitory import errors, health, install
from labitory.csp import report

urlpatterns: list[URLPattern | URLResolver] = [
    path("health/live", health.live, name="health_live"),
    path("health/ready", health.ready, name="health_ready"),
    path("health/workers", health_workers, name="health_workers"),
    path("csp-report", report, name="csp_report"),
    path("manifest.webmanifest", install.manifest, name="app_manifest"),
    path("service-worker.js", install.worker, name="app_worker"),
    path("icons/<slug:purpose>-<int:size>.png", install.icon, name="app_icon"),
    path("admin/", admin.site.urls),
    path("accounts/", include("accounts.urls")),
    path("manage/", include("accounts.urls.managed_roles")),
    path("audit/", include("audit.urls")),
    path("api/v1/auth/", include("accounts.api.v1.urls")),
    path("api/v1/", include("booking.api.v1.urls")),
    path("", include("booking.urls")),
]
if settings.DEBUG:
    urlpatterns.append(path("media/<path:path>", serve, {"document_root": settings.MEDIA_ROOT}))

handler400 = errors.bad_request
handler403 = errors.forbidden
handler404 = errors.not_found
handler500 = errors.server_error
