"""JSON as the API takes it: no larger than it says, and never an error of ours for what was sent."""

from collections.abc import Mapping
from typing import Any

import orjson
from rest_framework import status
from rest_framework.exceptions import APIException, ParseError
from rest_framework.parsers import BaseParser

#: Bytes of one request.
LARGEST = 1 << 20


class TooLarge(APIException):
    status_code = status.HTTP_413_REQUEST_ENTITY_TOO_LARGE
    default_detail = f"A request may have {LARGEST:,} bytes at most. Send fewer texts at once."
    default_code = "too_large"


class SmallJSONParser(BaseParser):
    """The framework's own reads a request of any size, and answers one nested ten thousand deep with an error of ours."""

    media_type = "application/json"

    def parse(
        self, stream: Any, media_type: str | None = None, parser_context: Mapping[str, Any] | None = None
    ) -> Any:
        """Raises TooLarge or ParseError; the latter says where the JSON ends to be JSON."""
        content = stream.read(LARGEST + 1)
        if len(content) > LARGEST:
            raise TooLarge
        try:
            return orjson.loads(content)
        except orjson.JSONDecodeError as error:
            raise ParseError(f"This is not JSON in UTF-8: {error}.") from error
