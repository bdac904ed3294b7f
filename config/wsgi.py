"""The server's door. What checking a text needs is built here once, before the server forks: its processes share it."""

import os

from django.core.wsgi import get_wsgi_application

from compliance.engine.run import warm

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
application = get_wsgi_application()
warm()
