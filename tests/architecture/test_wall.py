"""Who touches what stands behind the wall says for whom; who opens it is on a list."""

import ast
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
GUARDED = {"Authenticator", "BackupCode", "Passkey", "PasswordRecord", "TrustedDevice"}
SAYS = {"acting_for", "acting_for_found", "opened", "run_as", "run_opened"}
# Where everybody's rows are open, and nowhere else.
OPENERS = {
    "accounts/admin/_read_only.py",
    "accounts/queries/factors.py",
    "accounts/queries/field_keys.py",
    "accounts/services/field_keys.py",
    "accounts/services/merging.py",
    "accounts/services/tidying.py",
}


def modules() -> Iterator[tuple[str, ast.Module]]:
    for app in ("labitory", "audit", "accounts", "booking", "analytics"):
        for path in sorted((ROOT / app).rglob("*.py")):
            name = path.relative_to(ROOT).as_posix()
            if "/migrations/" not in name and name != "accounts/wall.py":
                yield name, ast.parse(path.read_text(encoding="utf-8"))


def names_in(tree: ast.Module) -> set[str]:
    """What a module takes from the wall."""
    return {
        alias.name
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and node.module == "accounts.wall"
        for alias in node.names
    }


def asks_rows(tree: ast.Module) -> bool:
    return any(
        isinstance(node, ast.Attribute)
        and node.attr in {"objects", "_base_manager"}
        and isinstance(node.value, ast.Name)
        and node.value.id in GUARDED
        for node in ast.walk(tree)
    )


def test_whoever_asks_for_guarded_rows_speaks_to_the_wall() -> None:
    asking = {name: tree for name, tree in modules() if asks_rows(tree)}
    assert len(asking) >= 8
    silent = [name for name, tree in asking.items() if not names_in(tree) & SAYS]
    assert silent == []


def test_the_wall_is_opened_on_purpose_in_known_places() -> None:
    opening = {name for name, tree in modules() if names_in(tree) & {"opened", "run_opened"}}
    assert opening == OPENERS


def test_the_word_is_said_in_one_module() -> None:
    said = {
        path.relative_to(ROOT).as_posix()
        for app in ("labitory", "audit", "accounts", "booking", "analytics")
        for path in (ROOT / app).rglob("*.py")
        if "labitory.person" in path.read_text(encoding="utf-8")
    }
    assert said == {"accounts/wall.py", "accounts/migrations/0004_wall.py"}
