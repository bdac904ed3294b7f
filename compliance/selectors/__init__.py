"""Reads: `verdicts` and `standing` for other apps; `records`, `twins`, `desk`, `figures` for the desk."""

from compliance.selectors.verdicts import (
    accepted_for,
    latest_verdicts,
    sellers_decided_since,
    waiting_cases,
)

__all__ = ("accepted_for", "latest_verdicts", "sellers_decided_since", "waiting_cases")
