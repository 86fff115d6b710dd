"""The settings of the processes that these tests start: mail leaves by SMTP, connections pool."""

from labitory.settings.env import database
from labitory.settings.test import *  # noqa: F403
from labitory.settings.test import env

DATABASES = {"default": database(env)}
EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
EMAIL_HOST = "127.0.0.1"
EMAIL_PORT = env.integer("EMAIL_PORT", 25, low=1, high=65535)
# A server that stalls in a test is waited for, however busy the machine.
EMAIL_TIMEOUT = 120
env.finish()
