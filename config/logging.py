"""Lines for people on a laptop, JSON for machines. Bodies, tokens and buyer data are never logged: task arguments are ids."""

import json
import logging
import logging.config
from typing import Any


class Discreet(logging.Formatter):
    """PostgreSQL quotes whole rows in the DETAIL of an error: a message's text, an order. Those lines stay out."""

    def formatException(self, ei: Any) -> str:  # the library's name
        lines = super().formatException(ei).splitlines()
        return "\n".join(line for line in lines if not line.lstrip().startswith(("DETAIL:", "CONTEXT:")))


class JsonLine(Discreet):
    def format(self, record: logging.LogRecord) -> str:
        line = {"at": self.formatTime(record), "level": record.levelname, "logger": record.name}
        line["message"] = record.getMessage()
        line |= {k: getattr(record, k) for k in ("seller_id", "message_id", "order_id") if hasattr(record, k)}
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        return json.dumps(line, ensure_ascii=False)


def configure(options: dict[str, Any]) -> None:
    plain = {"()": Discreet, "format": "%(asctime)s %(levelname)-7s %(name)s: %(message)s"}
    logging.config.dictConfig(
        {
            "version": 1,
            "disable_existing_loggers": False,
            "formatters": {"line": {"()": JsonLine} if options["as_json"] else plain},
            "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
            "root": {"handlers": ["stderr"], "level": options["level"]},
            # The SDKs log bodies and tokens when talkative.
            "loggers": {
                name: {"level": "WARNING"} for name in ("spapi", "urllib3", "boto3", "botocore", "httpx")
            },
        }
    )
