"""What the threat model and the table of requirements name exists."""

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
DOCUMENTS = ("docs/THREAT_MODEL.md", "docs/asvs.md")
NAMED = re.compile(r"`((?:[\w.-]+/)+[\w.-]+)(?:::(\w+))?`")
STANDINGS = {"met", "partly", "not met", "not applicable"}


def missing_in(text: str) -> list[str]:
    """The files and tests a text names that do not exist."""
    found = []
    for path, test in NAMED.findall(text):
        file = ROOT / path
        if not file.exists():
            found.append(path)
        elif test:
            tree = ast.parse(file.read_text(encoding="utf-8"))
            if test not in {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}:
                found.append(f"{path}::{test}")
    return found


@pytest.mark.parametrize("name", DOCUMENTS)
def test_all_evidence_exists(name: str) -> None:
    text = (ROOT / name).read_text(encoding="utf-8")
    assert len(NAMED.findall(text)) > 30
    assert missing_in(text) == []


def test_what_does_not_exist_is_found() -> None:
    here = "tests/architecture/test_evidence.py"
    assert missing_in(f"`tests/nowhere.py` `{here}::test_gone` `{here}::missing_in`") == [
        "tests/nowhere.py",
        f"{here}::test_gone",
    ]


def test_the_threat_model_stays_readable() -> None:
    assert len((ROOT / DOCUMENTS[0]).read_text(encoding="utf-8").splitlines()) <= 200


def test_every_requirement_has_a_standing_and_evidence() -> None:
    text = (ROOT / DOCUMENTS[1]).read_text(encoding="utf-8")
    rows = [line.strip("| \n").split(" | ") for line in text.splitlines() if line[:3] != "| *"]
    asked = [row for row in rows if re.fullmatch(r"\d+\.\d+", row[0])]
    assert {row[0].split(".")[0] for row in asked} == {str(n) for n in range(1, 18)}
    for row in asked:
        assert len(row) == 4, row
        assert row[2] in STANDINGS, row
        assert row[3].strip(), row
        if row[2] == "met":
            assert "`" in row[3] or "templates" in row[3], row
