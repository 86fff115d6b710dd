"""The interactive documentation, under the same strict policy as every page."""

from drf_spectacular.views import SpectacularSwaggerSplitView


class DocumentationView(SpectacularSwaggerSplitView):
    """Try the interface out in the browser; its script comes from an address of its own."""

    url_name = "api:schema"
    template_name = "api/docs.html"
    title = "Labitory API"
