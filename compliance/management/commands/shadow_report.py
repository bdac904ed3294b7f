"""What the rules on trial would have held, read from the stored checks."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from compliance import pack
from compliance.engine.types import Stage
from compliance.rules import RULES
from compliance.selectors import shadows


class Command(BaseCommand):
    help = (
        "For each shadow rule: how many of the texts checked under a rule pack it would have held, how many of them no live "
        "rule holds, and of how many sellers."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--pack", default=pack.version(), help="the rule pack's version; the running one")

    def handle(self, *args: Any, **options: Any) -> None:
        slugs = [rule.slug for rule in RULES if rule.stage is Stage.SHADOW]
        if not slugs:
            self.stdout.write("No rule is on trial (stage SHADOW); nothing to report.")
        for slug in slugs:
            told = shadows.would_hold(slug, options["pack"])
            self.stdout.write(
                f"{slug}: would have held {told.texts} of {told.checked} texts ({told.share:.1%}), {told.anew} of them that no "
                f"live rule holds, of {told.sellers} sellers"
            )
