"""Learn the suspicion model from the sentences in the repository, or say how good the one there is. No database."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from compliance.meaning import corpus, model, report
from compliance.meaning.corpus import SentenceInvalid


class Command(BaseCommand):
    help = (
        "Learn the suspicion model from compliance/sentences and write compliance/meaning/suspicion.bin. "
        "A fifth of the sentences is kept aside and never learned from; --report says how the model reads those."
    )
    requires_system_checks: list[str] = []  # noqa: RUF012 (Django's own form)

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--report", action="store_true", help="learn nothing; figures of the model as it is"
        )
        parser.add_argument(
            "--cross",
            action="store_true",
            help="learn nothing; figures of each hand's sentences as the others' hands would read them (minutes)",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            sentences = corpus.read()
        except SentenceInvalid as error:
            raise CommandError(str(error)) from error
        if options["report"]:
            for line in report.lines(report.read_aside(model.model(), sentences)):
                self.stdout.write(line)
        elif options["cross"]:
            across = list(report.read_across_hands(sentences))
            for line in report.lines(across, "sentences, each read without its hand"):
                self.stdout.write(line)
        else:
            self._learn(sentences)

    def _learn(self, sentences: list[corpus.Labelled]) -> None:
        try:
            from compliance.meaning import training  # scikit-learn is not in the product
        except ImportError as error:
            raise CommandError(
                "Training needs scikit-learn, which is in the dev group of the lock."
            ) from error
        learned = training.learn([one for one in sentences if not one.is_aside])
        data = model.to_bytes(learned)
        model.FILE.write_bytes(data)
        self.stdout.write(f"{model.FILE.name}: {len(data):,} bytes, learned from {learned.learned_from}")
