"""What never reaches a log."""

import logging
import sys

import pytest

from config.logging import Discreet, JsonLine

QUOTED = "duplicate key\nDETAIL:  Failing row contains (7, Dear buyer).\nCONTEXT:  COPY line 3: Dear buyer"


@pytest.mark.parametrize("formatter", [Discreet(), JsonLine()])
def test_a_row_quoted_by_the_database_stays_out(formatter: logging.Formatter) -> None:
    try:
        raise ValueError(QUOTED)
    except ValueError:
        record = logging.LogRecord("x", logging.ERROR, __file__, 1, "failed", None, sys.exc_info())
    line = formatter.format(record)
    assert "duplicate key" in line
    assert "Dear buyer" not in line
