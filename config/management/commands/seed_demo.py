"""Set the demo's stage in the database and in the sandbox. Safe to run again."""

import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from config.demo import billing, seed


class Command(BaseCommand):
    help = __doc__

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--orders", type=int, default=120, help="orders of each seller in the last 30 days"
        )
        parser.add_argument(
            "--logins",
            default=str(settings.BASE_DIR / ".dev" / "demo.json"),
            help="where the logins are written",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        for line in seed.seed(options["orders"]):
            self.stdout.write(line)
        told = {
            "logins": seed.logins(settings.SITE_URL),
            "notes": [f"What buyers received: {settings.SANDBOX_URL}/inbox", *billing.notes()],
        }
        path = Path(options["logins"])
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(told, indent=2, ensure_ascii=False))
