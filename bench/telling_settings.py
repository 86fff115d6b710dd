"""The settings of a lab that tells: mail by SMTP to the benchmark, servers of its own."""

from bench.settings import *  # noqa: F403
from labitory.settings.components.celery import CELERY_BROKER_TRANSPORT_OPTIONS as AS_IN_PRODUCTION
from labitory.settings.development import env

CELERY_BROKER_TRANSPORT_OPTIONS = AS_IN_PRODUCTION
EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
EMAIL_HOST = "127.0.0.1"
EMAIL_PORT = env.integer("EMAIL_PORT", 25, low=1, high=65535)
env.finish()
