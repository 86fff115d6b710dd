"""The test suite: real PostgreSQL and Redis, a fast password hash, mail kept in memory."""

import os

from labitory.settings.base import *  # noqa: F403
from labitory.settings.base import (
    CELERY_BROKER_TRANSPORT_OPTIONS,
    INSTALLED_APPS,
    LOGGING,
    env,
)
from labitory.settings.components.live import channel_layers, live_prefix
from labitory.settings.env import celery_broker, database

INSTALLED_APPS = [*INSTALLED_APPS, "django_linear_migrations"]
DEBUG = False
SECRET_KEY = "test-key-that-protects-nothing-of-value-at-all-0123456789"
FIELD_KEYS = {
    "new": "the-key-that-encrypts-in-tests-now-0",
    "old": "the-key-that-did-before-in-tests-1",
}
ALLOWED_HOSTS = ["*"]
DATABASES = {"default": database(env, default="postgresql:///labitory")}
# Threads of a race come and go: plain connections end with them.
DATABASES["default"]["OPTIONS"].pop("pool")  # type: ignore[attr-defined]
# Tests that commit are cleaned up after by TRUNCATE, which the audit tables refuse anybody else.
DATABASES["default"]["OPTIONS"]["options"] = "-c audit.truncate=on"  # type: ignore[index]
# Each process of a parallel run has a key space of its own.
WORKER = os.environ.get("PYTEST_XDIST_WORKER", "main")
REDIS_URL = env.text("REDIS_URL", "redis://127.0.0.1:6379/1")
CACHES = {
    "default": {
        "BACKEND": "labitory.lib.caches.ForgivingRedisCache",
        "LOCATION": REDIS_URL,
        "KEY_PREFIX": f"test-{WORKER}",
        # A busy machine is no broken server: counts of statements must not depend on it.
        "OPTIONS": {"socket_timeout": 10},
    }
}
CELERY_BROKER_URL = celery_broker(REDIS_URL)
LIVE_PREFIX = live_prefix(REDIS_URL, f"test-{WORKER}")
CHANNEL_LAYERS = channel_layers(REDIS_URL, LIVE_PREFIX)
CELERY_BROKER_TRANSPORT_OPTIONS = {
    **CELERY_BROKER_TRANSPORT_OPTIONS,
    "global_keyprefix": f"test-{WORKER}-",
    "visibility_timeout": 5,
}
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
DEMO_LOGINS = False
# No test reaches out by what the machine happens to have in its environment.
TWILIO_ACCOUNT_SID = TWILIO_AUTH_TOKEN = TWILIO_FROM = ""
# The servers of the tests.
OUTBOUND_NETWORKS = ["127.0.0.0/8"]
LAB_TIME_ZONE = "Europe/Berlin"
LOGGING["root"]["level"] = "WARNING"  # type: ignore[index]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.InMemoryStorage"},
    "private": {"BACKEND": "django.core.files.storage.InMemoryStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
WHITENOISE_AUTOREFRESH = True
env.finish()
