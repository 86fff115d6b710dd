"""How static files are named and packed for a served installation."""

from typing import ClassVar

from django.contrib.staticfiles.storage import HashedFilesMixin
from whitenoise.storage import (  # type: ignore[import-untyped]
    CompressedManifestStaticFilesStorage,
)


class OwnManifestStorage(CompressedManifestStaticFilesStorage):  # type: ignore[misc]
    """Every file gets a name with its digest; only our own files are read and rewritten.

    A missing image, style or module that our css/ or js/ names stops `collectstatic`. Files of
    packages keep their text: some point to source maps they do not ship, others import modules by
    bare names, and neither is ours to mend. What they point to is found under its plain name.
    """

    patterns: ClassVar = (
        ("css/*.css", HashedFilesMixin.patterns[0][1]),
        ("js/*.js", HashedFilesMixin._js_module_import_aggregation_patterns[1]),  # type: ignore[attr-defined]
    )
