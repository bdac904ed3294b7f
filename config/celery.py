"""The Celery app. A task names ids and enters its seller itself (`accounts.tenancy.seller_context`):
no signal switches schemas, so a vanished seller is an error and never the public schema."""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
app = Celery("permitted")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
