"""Every kind of security event that the code records stands in the catalogue, and the other way."""

import ast
from collections.abc import Iterator
from pathlib import Path

from audit.security_kinds import SECURITY_KINDS

ROOT = Path(__file__).resolve().parents[2]
_APPS = ("labitory", "audit", "accounts", "booking", "analytics")
# Private helpers that pass their first word (or the keyword) on to record_security, by module.
_HELPERS = {
    "accounts/services/_factors.py": {"note": 0, "factor_added": 0},
    "accounts/services/_sso.py": {"_tell_role": 0},
    "accounts/services/view_as.py": {"_keep": 0},
    "accounts/services/roles.py": {"_tell": 1, "_end_grant": 1},
    "accounts/services/sso.py": {},
}
# Built from parts: where, and what comes out.
_BUILT = {"accounts/services/_sso.py": {"sso.linked", "sso.unlinked"}}


def modules() -> Iterator[tuple[str, ast.Module]]:
    for app in _APPS:
        for path in sorted((ROOT / app).rglob("*.py")):
            yield path.relative_to(ROOT).as_posix(), ast.parse(path.read_text(encoding="utf-8"))


def name_of(call: ast.Call) -> str:
    function = call.func
    return getattr(function, "id", getattr(function, "attr", ""))


def constants(tree: ast.Module) -> dict[str, str]:
    """Module constants that are texts."""
    return {
        target.id: node.value.value
        for node in tree.body
        if isinstance(node, ast.Assign)
        and isinstance(node.value, ast.Constant)
        and isinstance(node.value.value, str)
        for target in node.targets
        if isinstance(target, ast.Name)
    }


def texts(node: ast.AST) -> set[str]:
    """The words of an expression that look like a kind."""
    return {
        each.value
        for each in ast.walk(node)
        if isinstance(each, ast.Constant)
        and isinstance(each.value, str)
        and each.value.count(".") == 1
    }


def kinds_of(path: str, tree: ast.Module) -> tuple[set[str], list[int]]:
    """The kinds that a module records, and the lines where the kind is not to be read."""
    named = constants(tree)
    helpers = dict(_HELPERS.get(path, {}))
    shared = _HELPERS["accounts/services/_factors.py"]
    found: set[str] = set(_BUILT.get(path, ()))
    dark: list[int] = []
    for call in ast.walk(tree):
        if not isinstance(call, ast.Call):
            continue
        place = helpers.get(name_of(call), shared.get(name_of(call)))
        if place is not None and len(call.args) > place:
            found |= texts(call.args[place])
        if name_of(call) != "record_security":
            continue
        kind = next(word.value for word in call.keywords if word.arg == "kind")
        if isinstance(kind, ast.Name) and kind.id in named:
            found.add(named[kind.id])
        elif isinstance(kind, ast.Constant):
            found |= texts(kind)
        elif isinstance(kind, ast.Name):
            # A local word: what it may be stands in the same module.
            chosen = [
                node.value
                for node in ast.walk(tree)
                if isinstance(node, ast.Assign)
                and any(isinstance(each, ast.Name) and each.id == kind.id for each in node.targets)
            ]
            found |= {text for value in chosen for text in texts(value)}
            if not chosen and path not in _HELPERS:
                dark.append(call.lineno)
        elif path not in _BUILT:
            dark.append(call.lineno)
    return found, dark


def recorded() -> dict[str, str]:
    """Every kind recorded, and a module that does."""
    found: dict[str, str] = {}
    for path, tree in modules():
        kinds, dark = kinds_of(path, tree)
        assert not dark, f"{path}:{dark}: say the kind as a text, or name the helper in this test"
        found |= dict.fromkeys(kinds, path)
    return found


def test_every_kind_used_is_in_the_catalogue() -> None:
    unknown = {kind: path for kind, path in recorded().items() if kind not in SECURITY_KINDS}
    assert not unknown, f"add these to audit/security_kinds.py: {unknown}"


def test_every_kind_of_the_catalogue_is_used() -> None:
    assert not SECURITY_KINDS.keys() - recorded().keys()


def test_what_does_not_say_its_kind_is_found() -> None:
    tree = ast.parse("record_security(kind=f'a.{b}', now=now)\nrecord_security(kind='x.y')\n")
    assert kinds_of("booking/services/x.py", tree) == ({"x.y"}, [1])
