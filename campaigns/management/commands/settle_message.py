"""Settle one uncertain message from the shell."""

import uuid
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts.models import Seller, User
from accounts.tenancy import seller_context
from campaigns.models import Message
from campaigns.services import settle

_VERBS = {"it-went": settle.it_went, "send-again": settle.send_again, "leave": settle.leave}


class Command(BaseCommand):
    help = "Say what became of an uncertain message. `send-again` may write to the buyer twice: it asks once more."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("seller", help="the seller's short name (slug)")
        parser.add_argument("message", help="the message's public id")
        parser.add_argument("verb", choices=sorted(_VERBS))
        parser.add_argument("--as", dest="email", required=True, help="whose decision it is (e-mail)")
        parser.add_argument("--yes", action="store_true", help="do not ask again")

    def handle(self, *, seller: str, message: str, verb: str, email: str, yes: bool, **options: Any) -> None:
        found = Seller.objects.filter(slug=seller).first()
        actor = User.objects.filter(email__iexact=email).first()
        if found is None or actor is None:
            raise CommandError(
                f"There is no seller {seller!r}." if found is None else f"There is no user {email!r}."
            )
        if (
            verb == "send-again"
            and not yes
            and input("The buyer may get it twice. Send again? Type yes: ") != "yes"
        ):
            raise CommandError("Nothing was changed.")
        with seller_context(found):
            _settle(message, verb, actor)
        self.stdout.write(f"{message}: {verb}")


def _settle(public_id: str, verb: str, actor: User) -> None:
    try:
        row = Message.objects.get(public_id=uuid.UUID(public_id))
        _VERBS[verb](row, actor)
    except (ValueError, Message.DoesNotExist):
        raise CommandError(
            f"There is no message {public_id!r} of this seller; copy the id from the message's page."
        ) from None
    except settle.NotSettlable as error:
        raise CommandError(str(error)) from None
