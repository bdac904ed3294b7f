"""Celery finds the app's tasks here; each file is one kind of work."""

from campaigns.tasks import billing, planning, rescan, review, sending

__all__ = ["billing", "planning", "rescan", "review", "sending"]
