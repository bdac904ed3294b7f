"""One mail of Amazon's, as it came, from standard input: a mailbox's filter pipes each into this command."""

import sys
from typing import Any

from django.core.management.base import BaseCommand

from campaigns.services import bounces


class Command(BaseCommand):
    help = "Read one raw mail from standard input; where it is Amazon's notice that a buyer opted out, keep the wish."

    def handle(self, **options: Any) -> None:
        """Any other mail changes nothing and is no error: a mailbox gets all sorts."""
        raw = sys.stdin.buffer.read()
        corrected = bounces.take_in(raw)
        is_notice = bounces.read_notice(raw).is_opt_out
        self.stdout.write(
            f"opt-out notice, {corrected} messages corrected" if is_notice else "no opt-out notice"
        )
