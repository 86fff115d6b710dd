"""A served installation. SECRET_KEY, DATABASE_URL, REDIS_URL and ALLOWED_HOSTS are all it needs."""

import sentry_sdk

from labitory.settings.base import *  # noqa: F403
from labitory.settings.base import PRIVATE_ROOT, env
from labitory.settings.components.live import channel_layers, live_prefix, live_url
from labitory.settings.components.logging import redact_report
from labitory.settings.env import celery_broker, database, field_keys

DEBUG = False
DEMO_LOGINS = False
SECRET_KEY = env.text("SECRET_KEY")
if SECRET_KEY:
    env.require(
        len(SECRET_KEY) >= 50 and len(set(SECRET_KEY)) >= 5,
        "SECRET_KEY is too weak: use at least 50 random characters",
    )
FIELD_KEYS = field_keys(env, SECRET_KEY)
ALLOWED_HOSTS = env.words("ALLOWED_HOSTS")
env.require("*" not in ALLOWED_HOSTS, "ALLOWED_HOSTS must name hosts: * would accept any")
# Where links in mails lead.
https_and_first_host = f"https://{ALLOWED_HOSTS[0].lstrip('.')}" if ALLOWED_HOSTS else ""
SITE_URL = env.text("SITE_URL", https_and_first_host)
DATABASES = {"default": database(env)}
REDIS_URL = env.text("REDIS_URL")
CACHES = {
    "default": {
        "BACKEND": "labitory.lib.caches.ForgivingRedisCache",
        "LOCATION": REDIS_URL,
        "KEY_PREFIX": "labitory",
    }
}
CELERY_BROKER_URL = celery_broker(REDIS_URL)
LIVE_PREFIX = live_prefix(REDIS_URL, "labitory")
CHANNEL_LAYERS = channel_layers(REDIS_URL, LIVE_PREFIX)
# The socket beside the web server, at the same address.
LIVE_URL = live_url(env, env.text("LIVE_URL", "/ws/live"))
CSRF_TRUSTED_ORIGINS = [f"https://{host.lstrip('.')}" for host in ALLOWED_HOSTS]

EMAIL_HOST = env.text("EMAIL_HOST", "localhost")
EMAIL_PORT = env.integer("EMAIL_PORT", 25, low=1, high=65535)
EMAIL_HOST_USER = env.text("EMAIL_HOST_USER", "")
EMAIL_HOST_PASSWORD = env.text("EMAIL_HOST_PASSWORD", "")
EMAIL_USE_TLS = env.boolean("EMAIL_USE_TLS", default=False)

SECURE_SSL_REDIRECT = env.boolean("SECURE_SSL_REDIRECT", default=True)
# Nginx ends TLS and overwrites this header; without a proxy set TRUST_PROXY_TLS=false.
if env.boolean("TRUST_PROXY_TLS", default=True):
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
SECURE_REDIRECT_EXEMPT = [r"^health/"]
SECURE_HSTS_SECONDS = env.integer("SECURE_HSTS_SECONDS", 31_536_000, low=0, high=63_072_000)
SECURE_HSTS_INCLUDE_SUBDOMAINS = True
SECURE_HSTS_PRELOAD = True
SESSION_COOKIE_SECURE = True
CSRF_COOKIE_SECURE = True
# Browsers take a cookie of such a name only over https, for the whole of this host and no other:
# neither a page on a neighbour's host nor one on this host over http can put its own in its place.
SESSION_COOKIE_NAME = "__Host-session"
CSRF_COOKIE_NAME = "__Host-csrf"
KNOWN_DEVICE_COOKIE_NAME = "__Host-known_device"
MESSAGES_COOKIE_NAME = "__Host-messages"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "private": {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {"location": PRIVATE_ROOT, "base_url": None},
    },
    "staticfiles": {"BACKEND": "labitory.lib.storage.OwnManifestStorage"},
}

SENTRY_DSN = env.text("SENTRY_DSN", "")
env.finish()

if SENTRY_DSN:
    sentry_sdk.init(dsn=SENTRY_DSN, send_default_pii=False, before_send=redact_report)
