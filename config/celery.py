"""The Celery app. A task names ids and enters its seller itself (`accounts.tenancy.seller_context`):
no signal switches schemas, so a vanished seller is an error and never the public schema."""

import os

from celery import Celery
from celery.signals import worker_init

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
app = Celery("permitted")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@worker_init.connect  # before the pool forks: its processes share what is built
def warm_up(**_: object) -> None:
    """Build what the first check of each language would build (1.5 s in all), before any message waits for it."""
    from compliance.engine.run import warm  # beat, which loads this file too, checks nothing

    warm()
