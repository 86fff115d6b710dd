"""Workers: three queues, UTC, schedules kept in the database."""

from datetime import timedelta
from typing import Any

CELERY_TIMEZONE = "UTC"
CELERY_ENABLE_UTC = True
CELERY_TASK_DEFAULT_QUEUE = "maintenance"
CELERY_TASK_ROUTES = {
    "booking.tasks.heartbeats.beat_notifications": {"queue": "notifications"},
    "booking.tasks.heartbeats.beat_reports": {"queue": "reports"},
    "booking.tasks.heartbeats.*": {"queue": "maintenance"},
    "booking.tasks.notifications.*": {"queue": "notifications"},
    "booking.tasks.reports.*": {"queue": "reports"},
    "booking.tasks.calendars.*": {"queue": "reports"},
    "booking.tasks.maintenance.*": {"queue": "maintenance"},
    "booking.tasks.access.*": {"queue": "maintenance"},
    "booking.tasks.care.*": {"queue": "maintenance"},
    "accounts.tasks.*": {"queue": "maintenance"},
    "audit.tasks.*": {"queue": "maintenance"},
}
# A worker that dies gives its task back; every task here may run twice without harm.
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
# A mail in the middle of being sent is sent to its end, though the broker died meanwhile.
CELERY_WORKER_CANCEL_LONG_RUNNING_TASKS_ON_CONNECTION_LOSS = False
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_TIME_LIMIT = 600
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
# A web request never waits for a broker that is away: the sweep finds the work. Without
# `max_retries` each commit would try to connect again and again for six seconds.
CELERY_BROKER_TRANSPORT_OPTIONS: dict[str, Any] = {
    "max_retries": 0,
    "visibility_timeout": 1200,
    "socket_timeout": 1.5,
    "socket_connect_timeout": 1,
}
CELERY_TASK_PUBLISH_RETRY = False
CELERY_BEAT_SCHEDULER = "django_celery_beat.schedulers:DatabaseScheduler"
# What became of scheduled tasks is kept in the database; the task `forget-results` clears it away,
# not one that beat would add by itself.
CELERY_RESULT_BACKEND = "django-db"
CELERY_RESULT_EXTENDED = True
CELERY_RESULT_EXPIRES = None
CELERY_TASK_TRACK_STARTED = True
# Copied into the database by `manage.py sync_schedule`, where administrators may change them.
# Not named CELERY_BEAT_SCHEDULE: Celery would write it over their changes at each start of beat.
BEAT_SCHEDULE: dict[str, dict[str, Any]] = {
    "sweep-outbox": {
        "task": "booking.tasks.notifications.dispatch_events",
        "schedule": timedelta(minutes=1),
    },
    **{
        f"heartbeat-{queue}": {
            "task": f"booking.tasks.heartbeats.beat_{queue}",
            "schedule": timedelta(minutes=1),
        }
        for queue in ("notifications", "maintenance", "reports")
    },
    "watch-system": {
        "task": "booking.tasks.heartbeats.watch_system",
        "schedule": timedelta(minutes=5),
    },
    "forget-results": {
        "task": "booking.tasks.maintenance.forget_results",
        "schedule": timedelta(days=1),
    },
    "tidy-bookings": {
        "task": "booking.tasks.maintenance.tidy_bookings",
        "schedule": timedelta(minutes=5),
    },
    "tidy-sessions": {
        "task": "booking.tasks.maintenance.tidy_sessions",
        "schedule": timedelta(minutes=1),
    },
    "remind-of-starts": {
        "task": "booking.tasks.reminders.remind_of_starts",
        "schedule": timedelta(minutes=1),
    },
    "remind-of-ends": {
        "task": "booking.tasks.reminders.remind_of_ends",
        "schedule": timedelta(minutes=1),
    },
    "remind-of-check-ins": {
        "task": "booking.tasks.reminders.remind_of_check_ins",
        "schedule": timedelta(minutes=1),
    },
    "remind-of-held": {
        "task": "booking.tasks.reminders.remind_of_held",
        "schedule": timedelta(minutes=1),
    },
    "tidy-waiting": {
        "task": "booking.tasks.maintenance.tidy_waiting",
        "schedule": timedelta(minutes=1),
    },
    "meet-deadlines": {
        "task": "booking.tasks.maintenance.meet_deadlines",
        "schedule": timedelta(minutes=5),
    },
    "open-quota-accounts": {
        "task": "booking.tasks.quotas.open_quota_accounts",
        "schedule": timedelta(hours=1),
    },
    "warn-of-quotas": {
        "task": "booking.tasks.quotas.warn_of_quotas",
        "schedule": timedelta(minutes=10),
    },
    "check-quotas": {
        "task": "booking.tasks.quotas.check_quotas",
        "schedule": timedelta(days=1),
    },
    "prune-claims": {
        "task": "booking.tasks.maintenance.prune_claims",
        "schedule": timedelta(days=1),
    },
    "forget-undoable-acts": {
        "task": "booking.tasks.maintenance.forget_undoable_acts",
        "schedule": timedelta(hours=1),
    },
    "sync-holidays": {
        "task": "booking.tasks.maintenance.sync_holidays",
        "schedule": timedelta(days=1),
    },
    "remind-of-training": {
        "task": "booking.tasks.training.remind_of_training",
        "schedule": timedelta(days=1),
    },
    "remind-of-access-ends": {
        "task": "booking.tasks.access.remind_of_access_ends",
        "schedule": timedelta(days=1),
    },
    "remind-of-assessments": {
        "task": "booking.tasks.access.remind_of_assessments",
        "schedule": timedelta(days=1),
    },
    "tell-overdue-faults": {
        "task": "booking.tasks.care.tell_overdue_faults",
        "schedule": timedelta(hours=1),
    },
    "plan-maintenance": {
        "task": "booking.tasks.care.plan_maintenance",
        "schedule": timedelta(days=1),
    },
    "escalate-access-requests": {
        "task": "booking.tasks.access.escalate_access_requests",
        "schedule": timedelta(hours=6),
    },
    "tidy-registrations": {
        "task": "accounts.tasks.registrations.tidy_registrations",
        "schedule": timedelta(days=1),
    },
    "remove-expired-grants": {
        "task": "accounts.tasks.roles.remove_expired_grants",
        "schedule": timedelta(minutes=10),
    },
    "apply-retention": {
        "task": "accounts.tasks.retention.apply_retention",
        "schedule": timedelta(days=1),
    },
    "tidy-logins": {
        "task": "accounts.tasks.sso.tidy_logins",
        "schedule": timedelta(days=1),
    },
    "tidy-keys": {
        "task": "accounts.tasks.keys.tidy_keys",
        "schedule": timedelta(hours=1),
    },
    "run-policy-trials": {
        "task": "booking.tasks.reports.run_policy_trials",
        "schedule": timedelta(minutes=1),
    },
    "sync-calendars": {
        "task": "booking.tasks.calendars.sync_calendars",
        "schedule": timedelta(minutes=1),
    },
    "make-audit-partitions": {
        "task": "audit.tasks.make_partitions",
        "schedule": timedelta(days=1),
    },
}
# Of these nobody wants to know each run: one is asked for at every turn, the others are kept as
# heartbeats.
_RESULTLESS = ("booking.tasks.notifications.dispatch_events", "booking.tasks.heartbeats.beat_")
CELERY_TASK_ANNOTATIONS = {
    entry["task"]: {"ignore_result": False}
    for entry in BEAT_SCHEDULE.values()
    if not entry["task"].startswith(_RESULTLESS)
}
