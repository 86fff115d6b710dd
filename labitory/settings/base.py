"""Settings that are the same everywhere; the environment's own are in the sibling modules."""

import re
from pathlib import Path
from re import fullmatch

from django.utils.translation import gettext_lazy as _

from labitory.settings.components import sso
from labitory.settings.components.live import live_sources, live_url
from labitory.settings.components.providers import is_safe
from labitory.settings.env import Environment, networks

BASE_DIR = Path(__file__).resolve().parents[2]
env = Environment()
# Where what this lab keeps in files lies; another place is another lab.
HOME = (BASE_DIR / env.text("LABITORY_HOME", ".labitory")).resolve()

INSTALLED_APPS = [
    "labitory.apps.LabAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.messages",
    "django.contrib.postgres",
    "django.contrib.staticfiles",
    "django_celery_beat",
    "django_celery_results",
    "django_htmx",
    "django_otp",
    "django_structlog",
    "csp",
    "rest_framework",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "social_django",
    "labitory.lib",
    "labitory.ops",
    "audit",
    "accounts",
    "booking",
    "analytics",
]

MIDDLEWARE = [
    "labitory.middleware.ProxyAddressMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "labitory.middleware.IsolationMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "accounts.authentication.OpenSessionMiddleware",
    "accounts.middleware.PreferencesMiddleware",
    "labitory.middleware.RequestContextMiddleware",
    "accounts.middleware.RefusalMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "accounts.middleware.SessionTimesMiddleware",
    "accounts.middleware.KnownDeviceMiddleware",
    "accounts.middleware.FactorDutyMiddleware",
    "accounts.middleware.PasswordAgeMiddleware",
    "accounts.view_as.middleware.ViewAsMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "labitory.middleware.RateLimitMiddleware",
    "accounts.middleware.KeptFormMiddleware",
]

ROOT_URLCONF = "labitory.urls"
WSGI_APPLICATION = "labitory.wsgi.application"
ASGI_APPLICATION = "labitory.asgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "labitory.lib.http.lab_context",
                "booking.context.navigation_counts",
                "accounts.context.session_clock",
            ],
            "builtins": ["django.templatetags.i18n", "django.templatetags.static"],
        },
    }
]

AUTH_USER_MODEL = "accounts.User"
# User names are unique whatever the case of their letters: a constraint that this check misses.
SILENCED_SYSTEM_CHECKS = ["auth.W004"]
SSO = sso.read(env)
AUTHENTICATION_BACKENDS = ["accounts.backends.UserBackend"]
if SSO.directory is not None:
    AUTHENTICATION_BACKENDS.append("accounts.backends.DirectoryBackend")
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
]
AUTH_PASSWORD_VALIDATORS[1]["OPTIONS"] = {"min_length": 10}  # type: ignore[assignment]
AUTH_PASSWORD_VALIDATORS += [
    {"NAME": "accounts.validators.BreachedPasswordValidator"},
    {"NAME": "accounts.validators.PasswordHistoryValidator"},
]
PASSWORD_HASHERS = ["accounts.hashers.PasswordHasher"]
PASSWORD_ITERATIONS = env.integer("PASSWORD_ITERATIONS", 1_000_000, low=600_000, high=10_000_000)
# How many of a person's passwords are not taken again, the present one included; 0 is none.
PASSWORD_HISTORY = env.integer("PASSWORD_HISTORY", 5, low=0, high=24)
# After how many days a new one must be chosen; 0 is never.
PASSWORD_MAX_DAYS = env.integer("PASSWORD_MAX_DAYS", 0, low=0, high=3650)
# A sorted list of SHA-1 hashes of passwords from breaches, one in a line.
BREACHED_PASSWORDS = env.text("BREACHED_PASSWORDS", "")
env.require(
    not BREACHED_PASSWORDS or Path(BREACHED_PASSWORDS).is_file(),
    f"BREACHED_PASSWORDS={BREACHED_PASSWORDS!r} is no file",
)
LOGIN_URL = "accounts:login"
LOGIN_REDIRECT_URL = "booking:home"
LOGOUT_REDIRECT_URL = "accounts:login"
PASSWORD_RESET_TIMEOUT = 3600

# Whose addresses may register by themselves (".example.org" stands for all below it); none: nobody.
REGISTRATION_DOMAINS = env.words("REGISTRATION_DOMAINS", "")
# Who approves: the leaders of the chosen group, the lab's managers, or nobody.
REGISTRATION_APPROVAL = env.text("REGISTRATION_APPROVAL", "manager")
env.require(
    REGISTRATION_APPROVAL in {"group", "manager", "none"},
    "REGISTRATION_APPROVAL is wrong: it must be group, manager or none",
)

LANGUAGE_CODE = "en"
LANGUAGES = [("en", _("English")), ("de", _("German")), ("fr", _("French"))]
LOCALE_PATHS = [BASE_DIR / "locale"]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "UTC"

LAB_NAME = env.text("LAB_NAME", "Labitory Core Facility")
LAB_TIME_ZONE = env.time_zone("LAB_TIME_ZONE", "Europe/Berlin")
LAB_COUNTRY = env.text("LAB_COUNTRY", "DE")
LAB_SUBDIVISION = env.text("LAB_SUBDIVISION", "BE" if LAB_COUNTRY == "DE" else "")
# What all prices are in; once there are any it stays, or they count no more.
LAB_CURRENCY = env.currency("LAB_CURRENCY", "EUR")
LAB_CONTACT = env.text("LAB_CONTACT", "core-facility@example.org")
SITE_URL = env.text("SITE_URL", "http://127.0.0.1:8000")
# Where pages hear that something changed; empty: they ask from time to time.
LIVE_URL = live_url(env, env.text("LIVE_URL", ""))
# When administrators are told that messages do not leave: minutes that the oldest waits, how many
# wait, and how many fail within an hour.
WATCH_OLDEST_MINUTES = env.integer("WATCH_OLDEST_MINUTES", 15, low=2, high=1440)
WATCH_WAITING = env.integer("WATCH_WAITING", 2000, low=10, high=1_000_000)
WATCH_FAILING = env.integer("WATCH_FAILING", 20, low=1, high=100_000)
# So many minutes before their bookings begin, people are reminded who want to be and chose no
# other time.
REMIND_BEFORE_MINUTES = env.integers("REMIND_BEFORE_MINUTES", "1440", low=5, high=10_080)
# How long time that became free is held for the next person on the waiting list.
OFFER_MINUTES = env.integer("OFFER_MINUTES", 30, low=5, high=1440)

STATIC_URL = "static/"
STATIC_ROOT = HOME / "static"
STATICFILES_DIRS: list[str | Path | tuple[str, str | Path]] = [
    BASE_DIR / "static",
    *(
        (f"vendor/{prefix}", BASE_DIR / "node_modules" / folder)
        for prefix, folder in (
            ("bootstrap", "bootstrap/dist/css"),
            ("event-calendar", "@event-calendar/build/dist"),
        )
        if (BASE_DIR / "node_modules" / folder).is_dir()
    ),
]
MEDIA_URL = "media/"
MEDIA_ROOT = Path(env.text("MEDIA_ROOT", str(HOME / "media")))
# Evidence and other files that only some may read: no web server hands them out by itself.
PRIVATE_ROOT = Path(env.text("PRIVATE_ROOT", str(HOME / "private")))

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'none'"],
        "script-src": ["'self'"],
        "style-src": ["'self'"],
        "img-src": ["'self'", "data:"],
        "font-src": ["'self'"],
        "connect-src": ["'self'", *live_sources(LIVE_URL)],
        "manifest-src": ["'self'"],
        "worker-src": ["'self'"],
        "form-action": ["'self'"],
        "frame-ancestors": ["'none'"],
        "base-uri": ["'none'"],
        "report-uri": ["/csp-report"],
    }
}
X_FRAME_OPTIONS = "DENY"
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
# Nothing of the device is used but passkeys, and those by our own pages only.
PERMISSIONS_POLICY = ", ".join(
    [
        *(
            f"{feature}=()"
            for feature in (
                "accelerometer",
                "autoplay",
                "camera",
                "display-capture",
                "geolocation",
                "gyroscope",
                "hid",
                "magnetometer",
                "microphone",
                "midi",
                "payment",
                "serial",
                "usb",
            )
        ),
        "publickey-credentials-create=(self)",
        "publickey-credentials-get=(self)",
    ]
)
SESSION_ENGINE = "accounts.session_store"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
# A session ends when it was not used for some minutes, and after some hours in any case. The
# cookie outlives both, so that the server can say what happened.
SESSION_IDLE_MINUTES = env.integer("SESSION_IDLE_MINUTES", 120, low=5, high=10_080)
SESSION_MAX_HOURS = env.integer("SESSION_MAX_HOURS", 12, low=1, high=720)
SESSION_COOKIE_AGE = (SESSION_MAX_HOURS + 24) * 3600
SESSION_MAX_PER_USER = env.integer("SESSION_MAX_PER_USER", 10, low=1, high=100)
# How long a browser is known after the last login with it.
KNOWN_DEVICE_DAYS = env.integer("KNOWN_DEVICE_DAYS", 180, low=1, high=730)
KNOWN_DEVICE_COOKIE_NAME = "known_device"
MESSAGES_COOKIE_NAME = "messages"
MESSAGE_STORAGE = "labitory.lib.messages.MessageStorage"
CSRF_COOKIE_HTTPONLY = True
CSRF_FAILURE_VIEW = "labitory.errors.csrf_failure"
DATA_UPLOAD_MAX_MEMORY_SIZE = 2_621_440
# The socket of a ClamAV daemon that looks at uploads; empty: none does.
CLAMD_SOCKET = env.text("CLAMD_SOCKET", "")

# The proxies whose X-Forwarded-For is believed (addresses and networks), and the header in which
# they name the visitor's country, if they do.
TRUSTED_PROXIES = networks(env, "TRUSTED_PROXIES", env.words("TRUSTED_PROXIES", ""))
COUNTRY_HEADER = env.text("COUNTRY_HEADER", "")
# Private networks whose servers may be called at the wish of users (webhooks, calendar servers).
OUTBOUND_NETWORKS = networks(env, "OUTBOUND_NETWORKS", env.words("OUTBOUND_NETWORKS", ""))

# Text messages, by Twilio or what speaks its protocol: all three or none. The sender is a number,
# a name, or a messaging service (MG...).
TWILIO_ACCOUNT_SID = env.text("TWILIO_ACCOUNT_SID", "")
TWILIO_AUTH_TOKEN = env.text("TWILIO_AUTH_TOKEN", "")
TWILIO_FROM = env.text("TWILIO_FROM", "")
TWILIO_URL = env.text("TWILIO_URL", "https://api.twilio.com")
env.require(
    len({bool(each) for each in (TWILIO_ACCOUNT_SID, TWILIO_AUTH_TOKEN, TWILIO_FROM)}) == 1,
    "TWILIO_ACCOUNT_SID, TWILIO_AUTH_TOKEN and TWILIO_FROM belong together: set all or none",
)
env.require(is_safe(TWILIO_URL), "TWILIO_URL is wrong: it must be the service's https:// address")

# Notices in browsers (web push): the lab's key as `make_vapid_key` prints it, and where a push
# service may write to (mailto:...). Both or neither.
VAPID_PRIVATE_KEY = env.text("VAPID_PRIVATE_KEY", "")
VAPID_CONTACT = env.text("VAPID_CONTACT", "")
env.require(
    not VAPID_PRIVATE_KEY or bool(re.fullmatch("[A-Za-z0-9_-]{43}", VAPID_PRIVATE_KEY)),
    "VAPID_PRIVATE_KEY is wrong: it must be a key as `manage.py make_vapid_key` prints it",
)
env.require(
    VAPID_CONTACT.startswith(("mailto:", "https://")) if VAPID_PRIVATE_KEY else not VAPID_CONTACT,
    "VAPID_CONTACT is wrong: it must be mailto:... and be set together with VAPID_PRIVATE_KEY",
)

# How many requests of a kind one address or account may make ("count/period").
RATE_LOGIN = env.rate("RATE_LOGIN", "10/m")
RATE_PASSWORD_RESET = env.rate("RATE_PASSWORD_RESET", "5/h")
RATE_REGISTRATION = env.rate("RATE_REGISTRATION", "20/h")
RATE_PHONE_CODE = env.rate("RATE_PHONE_CODE", "5/h")
# Redis that goes away between two questions refuses nobody, as it does while it is away.
RATELIMIT_FAIL_OPEN = True
RATE_API = env.rate("RATE_API", "6000/min")
API_LARGEST_BODY = 65_536
# With a picture of 5 MB, the largest that is taken.
API_LARGEST_UPLOAD = 5 * 1024 * 1024 + 65_536

DEFAULT_FROM_EMAIL = env.text("DEFAULT_FROM_EMAIL", "Labitory <labitory@example.org>")
SERVER_EMAIL = DEFAULT_FROM_EMAIL
EMAIL_TIMEOUT = 10
# The mailbox to which servers return what they cannot deliver (manage.py receive_bounces).
EMAIL_BOUNCES_TO = env.text("EMAIL_BOUNCES_TO", "")
env.require(
    not EMAIL_BOUNCES_TO or bool(fullmatch(r"[^@\s<>]+@[^@\s<>]+", EMAIL_BOUNCES_TO)),
    "EMAIL_BOUNCES_TO is wrong: it must be an address alone, such as bounces@lab.example.org",
)

from labitory.settings.components.api import *  # noqa: E402, F403
from labitory.settings.components.celery import *  # noqa: E402, F403
from labitory.settings.components.logging import *  # noqa: E402, F403
