"""What the library asks of us: our settings, our pipeline, our session."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from social_django.models import DjangoStorage
from social_django.strategy import DjangoStrategy

PIPELINE = ["accounts.sso.pipeline.read_identity", "accounts.sso.pipeline.find_person"]


class LabStrategy(DjangoStrategy):
    """Reads the options of the one provider that is asked, and nothing else of the settings."""

    def __init__(self, request: HttpRequest) -> None:
        super().__init__(DjangoStorage, request)

    def setting(self, name: str, default: Any = None, backend: Any = None) -> Any:  # noqa: ANN401
        """An option of this provider."""
        provider = settings.SSO.providers.get(getattr(backend, "name", ""))
        return default if provider is None else provider.options.get(name, default)

    def get_pipeline(self, backend: Any = None) -> list[str]:  # noqa: ANN401
        """Ours; nothing of the library's writes accounts."""
        return PIPELINE

    def authenticate(self, backend: Any, *args: Any, **kwargs: Any) -> Any:  # noqa: ANN401
        """Run the pipeline of this provider alone: the password's way in is not asked."""
        kwargs.update(strategy=self, storage=self.storage, backend=backend)
        return backend.authenticate(self.request, *args, **kwargs)
