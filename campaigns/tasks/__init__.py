"""Celery finds the app's tasks here; each file is one kind of work."""

from campaigns.tasks import planning, review, sending

__all__ = ["planning", "review", "sending"]
