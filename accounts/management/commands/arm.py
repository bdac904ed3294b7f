"""Allow this deployment to send."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser

from accounts import fuse


class Command(BaseCommand):
    help = "Allow this deployment to send. After a restore: only once you know what was sent since."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--off", action="store_true", help="forbid it instead")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["off"]:
            fuse.disarm()
            self.stdout.write("Disarmed: nothing is sent until it is armed again.")
        else:
            fuse.arm()
            self.stdout.write(f"Armed for deployment {settings.DEPLOYMENT_ID!r}.")
