"""The API's description, for programs (OpenAPI)."""

from drf_spectacular.views import SpectacularAPIView

from accounts.access import public


@public
class SchemaView(SpectacularAPIView):
    """YAML, or JSON with `?format=json`."""
