"""Generated references are as fresh as the code."""

from pathlib import Path

import pytest

from labitory.ops.references import REFERENCES

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize("name", sorted(REFERENCES))
def test_reference_is_fresh(name: str) -> None:
    written = (ROOT / "docs" / name).read_text(encoding="utf-8")
    assert written == REFERENCES[name](), f"docs/{name} is stale: run ./dev manage write_docs"
