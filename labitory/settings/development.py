"""A machine of one's own: demo logins work, mail goes to a folder, nothing needs to be set."""

from labitory.settings.base import *  # noqa: F403
from labitory.settings.base import HOME, INSTALLED_APPS, LOGGING, PRIVATE_ROOT, env
from labitory.settings.components.live import channel_layers, live_prefix
from labitory.settings.env import celery_broker, database, field_keys

INSTALLED_APPS = [*INSTALLED_APPS, "django_linear_migrations"]
DEBUG = env.boolean("DEBUG", default=True)
SECRET_KEY = env.text("SECRET_KEY", "development-only-key-that-protects-nothing-of-value")
FIELD_KEYS = field_keys(env, SECRET_KEY)
ALLOWED_HOSTS = ["127.0.0.1", "localhost", "[::1]", "testserver"]
DATABASES = {"default": database(env, default="postgresql:///labitory")}
REDIS_URL = env.text("REDIS_URL", "redis://127.0.0.1:6379/0")
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
EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
EMAIL_FILE_PATH = env.text("EMAIL_FILE_PATH", str(HOME / "mail"))
DEMO_LOGINS = DEBUG
# Servers on the same machine may be tried with.
OUTBOUND_NETWORKS = ["127.0.0.0/8"]
LOGGING["handlers"]["console"]["formatter"] = "plain"  # type: ignore[index]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "private": {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {"location": PRIVATE_ROOT, "base_url": None},
    },
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedStaticFilesStorage"},
}
env.finish()
