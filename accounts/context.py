"""What every page knows: the user, where they are, and where else they may go."""

from typing import Any

from django.http import HttpRequest


def workplace(request: HttpRequest) -> dict[str, Any]:
    return {"seller": getattr(request, "seller", None)}
