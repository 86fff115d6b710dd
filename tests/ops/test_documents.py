"""What the documents point to exists."""

import re
import subprocess
from pathlib import Path

import pytest

from labitory.ops.embedded import ROOT
from tests.ops.test_dev import COMMANDS

DOCUMENTS = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")])
LINK = re.compile(r"\]\((?!https?:|#|mailto:)([^)#\s]+)")


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_links_lead_somewhere(document: Path) -> None:
    missing = [
        target
        for target in LINK.findall(document.read_text(encoding="utf-8"))
        if not (document.parent / target).exists()
    ]
    assert missing == []


def test_the_readme_names_every_command() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    for command in COMMANDS:
        assert f"./dev {command}" in readme
    assert "Apache-2.0" in readme
    named = set(re.findall(r"`make (\w+)`", readme))
    done = subprocess.run(
        ["grep", "-oE", "^[a-z]+:", "Makefile"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    assert {f"{name}:" for name in named} <= set(done.stdout.split())


def test_the_design_system_names_what_stands() -> None:
    text = (ROOT / "docs/design-system.md").read_text(encoding="utf-8")
    for folder, name in re.findall(r"`((?:components|booking|accounts)[\w/]*/)(_\w+\.html)`", text):
        assert (ROOT / "templates" / folder / name).is_file(), folder + name
    styles = "".join(
        path.read_text(encoding="utf-8") for path in (ROOT / "static/css").glob("*.css")
    )
    tokens = re.findall(r"`(--[a-z-]+)`", text)
    assert len(tokens) > 5
    for token in tokens:
        assert f"{token}:" in styles, token
