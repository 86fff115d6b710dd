"""Production starts with four values, and names all problems at once."""

import os
import runpy
import subprocess
import sys
from pathlib import Path

import pytest

from labitory.ops.references import settings_reference
from labitory.settings.env import Environment, celery_broker, database, networks

ROOT = Path(__file__).resolve().parents[2]
FOUR = {
    "SECRET_KEY": "k3y-" + "0123456789abcdef" * 4,
    "DATABASE_URL": "postgresql://lab:pw@db.example.org:5433/lab",
    "REDIS_URL": "redis://cache.example.org:6379/0",
    "ALLOWED_HOSTS": "lab.example.org,www.example.org",
}


def start(variables: dict[str, str], *command: str) -> subprocess.CompletedProcess[str]:
    environment = {
        "PATH": os.environ["PATH"],
        "DJANGO_SETTINGS_MODULE": "labitory.settings.production",
        **variables,
    }
    return subprocess.run(
        [sys.executable, *(command or ("-c", "import django; django.setup()"))],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )


def test_four_values_are_enough() -> None:
    done = start(FOUR)
    assert done.returncode == 0, done.stderr


def test_deployment_check_is_silent() -> None:
    # Checks that ask the database are not what is meant here: no server is at that address.
    done = start(FOUR, "manage.py", "check", "--deploy", "--fail-level", "WARNING")
    assert done.returncode == 0, done.stderr
    assert "no issues" in done.stdout


def test_all_problems_are_named_at_once() -> None:
    wrong = {
        "SECRET_KEY": "short",
        "ALLOWED_HOSTS": "*",
        "EMAIL_PORT": "many",
        "LAB_TIME_ZONE": "Mars/Olympus",
        "LAB_CURRENCY": "Euro",
        "RATE_API": "often",
        # Half of what belongs together, an address with a name, a service without https.
        "TWILIO_ACCOUNT_SID": "AC1",
        "TWILIO_URL": "http://sms.example.org",
        "EMAIL_BOUNCES_TO": "Bounces <bounces@example.org>",
    }
    done = start(wrong)
    assert done.returncode != 0
    for name in (*wrong, "DATABASE_URL", "REDIS_URL"):
        assert name in done.stderr, f"{name} is not named"


def test_secrets_come_from_files(tmp_path: Path) -> None:
    secret = tmp_path / "key"
    secret.write_text(FOUR["SECRET_KEY"] + "\n", encoding="utf-8")
    rest = {name: value for name, value in FOUR.items() if name != "SECRET_KEY"}
    done = start({**rest, "SECRET_KEY_FILE": str(secret)})
    assert done.returncode == 0, done.stderr
    missing = start({**rest, "SECRET_KEY_FILE": str(tmp_path / "gone")})
    assert "SECRET_KEY_FILE" in missing.stderr
    secret.write_bytes(b"\xff\xfe")
    unreadable = start({**rest, "SECRET_KEY_FILE": str(secret)})
    assert "it is not UTF-8 text" in unreadable.stderr


def test_demo_logins_cannot_be_switched_on_in_production() -> None:
    code = "from django.conf import settings; print(settings.DEMO_LOGINS, settings.DEBUG)"
    done = start({**FOUR, "DEBUG": "true", "DEMO_LOGINS": "true"}, "-c", code)
    assert done.stdout.strip() == "False False"


@pytest.mark.parametrize(
    ("value", "good"), [("yes", True), ("0", False), ("maybe", None), ("", True)]
)
def test_boolean(value: str, good: bool | None) -> None:
    env = Environment({"FLAG": value})
    result = env.boolean("FLAG", default=True)
    if good is None:
        assert env.problems
    else:
        assert result is good
        assert env.problems == []


def test_both_name_and_file_is_a_problem(tmp_path: Path) -> None:
    path = tmp_path / "x"
    path.write_text("one", encoding="utf-8")
    env = Environment({"X": "two", "X_FILE": str(path)})
    env.text("X")
    assert "both" in env.problems[0]


def test_another_home_is_another_labs(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("STATIC_ROOT", "MEDIA_ROOT", "PRIVATE_ROOT", "LABITORY_HOME"):
        monkeypatch.delenv(name, raising=False)

    def places() -> set[Path]:
        found = runpy.run_path(str(ROOT / "labitory/settings/base.py"))
        return {found[name].parent for name in ("STATIC_ROOT", "MEDIA_ROOT", "PRIVATE_ROOT")}

    assert places() == {ROOT / ".labitory"}
    monkeypatch.setenv("LABITORY_HOME", str(tmp_path))
    assert places() == {tmp_path.resolve()}


def test_the_reference_says_defaults_in_words() -> None:
    told = settings_reference()
    for row in (
        "| `MEDIA_ROOT` | text | `LABITORY_HOME`/media |",
        "| `PASSWORD_ITERATIONS` | integer | 1000000 |",
        "| `SITE_URL` | text | `https://` and the first of `ALLOWED_HOSTS` |",
        "| `SECRET_KEY` | text | required | production |",
        "| `LIVE_URL` | text | empty |",
        "| `EMAIL_USE_TLS` | boolean | no |",
    ):
        assert row in told
    assert "| str |" not in told


def test_database_url_with_a_socket() -> None:
    env = Environment({"DATABASE_URL": "postgresql://lab@/lab?host=/run/pg&sslmode=disable"})
    found = database(env)
    assert (found["HOST"], found["NAME"], found["USER"]) == ("/run/pg", "lab", "lab")
    assert found["OPTIONS"]["sslmode"] == "disable"  # type: ignore[index]
    assert env.problems == []


def test_proxies_are_addresses_or_networks() -> None:
    env = Environment({})
    assert networks(env, "P", ["10.0.0.0/8", "::1"]) == ["10.0.0.0/8", "::1"]
    assert env.problems == []
    networks(env, "P", ["10.0.0.1", "everybody"])
    assert [problem for problem in env.problems if "everybody" in problem] == env.problems != []


@pytest.mark.parametrize(
    "url", ["mysql://x/y", "postgresql://lab@db:many/lab", "postgresql://[::1/lab", "x"]
)
def test_wrong_database_url_is_named(url: str) -> None:
    env = Environment({"DATABASE_URL": url})
    database(env)
    assert "postgresql://" in env.problems[0]


def test_broker_address_of_a_socket() -> None:
    assert celery_broker("unix:///p/v.sock?db=2") == "redis+socket:///p/v.sock?virtual_host=2"
    assert celery_broker("redis://h:1/0") == "redis://h:1/0"
