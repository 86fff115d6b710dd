"""What the import linter cannot see: who writes, who asks the clock, what rules come with."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.apps import apps
from django.contrib import admin

from audit.catalogue import SENTENCES
from booking.rules import RULES

ROOT = Path(__file__).resolve().parents[2]
APPS = ("labitory", "booking", "accounts", "analytics", "audit")
FILE_LINES, FUNCTION_LINES, TEMPLATE_LINES = 400, 50, 150
WRITERS = {"save", "create", "delete", "bulk_create", "bulk_update", "update", "get_or_create"}
# Django's own way to keep sessions is written here.
WRITING_FILES = {"models.py", "events.py", "session_store.py"}
# Objects whose methods of these names write nothing to the database.
HARMLESS = {
    "cache",
    "dict",
    "context",
    "kwargs",
    "payload",
    "self",
    "headers",
    "params",
    "attrs",
    "query",
    "picture",
}
# Models that nobody looks at in the admin, with the reason.
NOT_IN_ADMIN = {
    "accounts.groupmember": "shown inline with its group",
    "accounts.projectmember": "shown inline with its project",
    "accounts.userprofile": "edited inline with its user",
    "accounts.userpreferences": "edited inline with its user",
    "booking.bookingattendee": "shown inline with its booking",
    "booking.bookingstatus": "shown inline with its booking",
}


def sources(*folders: str) -> Iterator[Path]:
    for folder in folders:
        for path in sorted((ROOT / folder).rglob("*.py")):
            if "migrations" not in path.parts:
                yield path


def relative(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def parsed(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def test_files_and_functions_stay_small() -> None:
    large = []
    for path in [*sources(*APPS, "tests", "bench"), ROOT / "dev"]:
        text = path.read_text(encoding="utf-8")
        if (lines := len(text.splitlines())) > FILE_LINES:
            large.append(f"{relative(path)}: {lines} lines")
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                length = (node.end_lineno or 0) - node.lineno + 1
                if length > FUNCTION_LINES:
                    large.append(f"{relative(path)}:{node.lineno} {node.name}: {length} lines")
    assert large == []


def test_templates_stay_small_and_obey_the_policy() -> None:
    found = []
    for path in sorted((ROOT / "templates").rglob("*.html")):
        text = path.read_text(encoding="utf-8")
        if (lines := len(text.splitlines())) > TEMPLATE_LINES:
            found.append(f"{relative(path)}: {lines} lines")
        banned = ["//cdn", "https://fonts", "|safe"]
        if "email" not in path.parts:
            banned += [' style="', "<script>", "javascript:", " onclick=", " onchange="]
        found += [f"{relative(path)}: {word.strip()}" for word in banned if word in text]
    assert found == []


def test_only_services_write() -> None:
    found = []
    allowed = ("services", "models", "demo")
    for path in sources(*APPS):
        if any(part in allowed for part in path.parts) or path.name in WRITING_FILES:
            continue
        for node in ast.walk(parsed(path)):
            if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
                continue
            if node.func.attr in WRITERS and writes(node.func):
                found.append(f"{relative(path)}:{node.lineno} .{node.func.attr}()")
    assert found == []


def writes(attribute: ast.Attribute) -> bool:
    """Whether the call is on a manager or an object of a model, as far as names tell."""
    owner = attribute.value
    names = [node.id for node in ast.walk(owner) if isinstance(node, ast.Name)]
    through_manager = any(
        isinstance(node, ast.Attribute) and node.attr in ("objects", "_default_manager")
        for node in ast.walk(owner)
    )
    if attribute.attr in ("update", "create") and not through_manager:
        return False
    return through_manager or bool(set(names) - HARMLESS)


def test_one_clock() -> None:
    found = []
    adapters = ("views", "api", "tasks", "management", "admin", "ops", "live")
    for path in sources(*APPS):
        text = path.read_text(encoding="utf-8")
        asks = "clock import now" in text or "clock.now()" in text
        named = any(part in adapters for part in path.parts) or path.stem in (
            "backends",
            "clock",
            "context",
            "receivers",
            "tasks",
            "middleware",
        )
        if asks and not named:
            found.append(relative(path))
    assert found == []


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.code)
def test_every_rule_has_code_words_and_test(rule: object) -> None:
    code, check = rule.code, rule.check  # type: ignore[attr-defined]
    topic = check.__module__.rpartition(".")[2]
    test = ROOT / "tests/booking/rules" / f"test_{topic}.py"
    assert rule.text, f"{code} says nothing in its docstring"  # type: ignore[attr-defined]
    assert test.exists(), f"{test} is missing"
    assert f'"{code}"' in test.read_text(encoding="utf-8"), f"{code} has no test in {test.name}"
    assert f"`{code}`" in (ROOT / "docs/rules.md").read_text(encoding="utf-8")


def test_rule_codes_are_unique() -> None:
    codes = [rule.code for rule in RULES]
    assert len(codes) == len(set(codes))


def test_every_model_is_in_the_admin() -> None:
    missing = [
        model._meta.label_lower
        for model in apps.get_models()
        if model._meta.app_label in APPS
        and not admin.site.is_registered(model)
        and model._meta.label_lower not in NOT_IN_ADMIN
    ]
    assert missing == []


def test_locks_have_one_home() -> None:
    found = [
        relative(path)
        for path in sources(*APPS)
        if "select_for_update" in path.read_text(encoding="utf-8") and path.name != "locks.py"
    ]
    assert found == []


def test_rules_see_neither_database_nor_requests() -> None:
    found = [
        relative(path)
        for path in (ROOT / "booking/rules").glob("*.py")
        for node in ast.walk(parsed(path))
        if isinstance(node, ast.ImportFrom)
        and (node.module or "").startswith(("django.db", "django.http", "rest_framework"))
    ]
    assert found == []


def test_every_audited_act_can_be_told() -> None:
    """By a sentence of the catalogue, or by the changes that the record carries."""
    mute = []
    for path in sources(*APPS):
        for node in ast.walk(parsed(path)):
            if not isinstance(node, ast.Call) or getattr(node.func, "id", "") != "record":
                continue
            given = {word.arg: word.value for word in node.keywords}
            action = given.get("action")
            if not isinstance(action, ast.Constant) or "changes" in given:
                continue
            if str(action.value) not in SENTENCES:
                mute.append(f"{relative(path)}: {action.value!r}")
    assert mute == []
