"""A home of its own for each test of the embedded servers."""

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from labitory.ops import doctor, embedded

OUTSIDE = (
    "DATABASE_URL",
    "REDIS_URL",
    "LABITORY_PG_BIN",
    "LABITORY_REDIS_BIN",
    "MEDIA_ROOT",
    "PRIVATE_ROOT",
    "EMAIL_FILE_PATH",
    "SITE_URL",
)


@pytest.fixture
def home(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """An empty home with a short path; nothing is given from outside."""
    # Not tmp_path: where PostgreSQL runs as another real user, that user must get in.
    folder = Path(tempfile.mkdtemp(prefix="labitory-home-"))
    for module in (embedded, doctor):
        monkeypatch.setattr(module, "HOME", folder)
    for name in OUTSIDE:
        monkeypatch.delenv(name, raising=False)
    yield folder
    shutil.rmtree(folder)
