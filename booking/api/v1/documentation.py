"""The interactive documentation, under the same strict policy as every page."""

from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView
from rest_framework.response import Response

from labitory.lib.api.envelope import EnvelopeRenderer


class SchemaView(SpectacularAPIView):
    """The interface described in YAML; what went wrong is a problem in JSON as everywhere."""

    def handle_exception(self, exc: Exception) -> Response:
        """YAML cannot hold the envelope."""
        response = super().handle_exception(exc)
        self.request.accepted_renderer = EnvelopeRenderer()
        self.request.accepted_media_type = EnvelopeRenderer.media_type
        return response


class DocumentationView(SpectacularSwaggerSplitView):
    """Try the interface out in the browser; its script comes from an address of its own."""

    url_name = "api:schema"
    template_name = "api/docs.html"
    title = "Labitory API"
