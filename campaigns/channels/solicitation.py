"""Amazon's own request for a review and feedback: no text, no language, no address; Amazon writes and
translates the mail.

Amazon's model (read 2026-11-23): GET tells whether it is offered now, POST asks; a second POST is refused
with 403. An empty list of actions has been seen one day and the action the next, so it is asked again daily
while there is time.
"""

from typing import ClassVar

from amazon import solicitations
from amazon.client import SellingPartner
from amazon.errors import AmazonError
from campaigns.channels.answers import DAILY, understood
from campaigns.channels.base import Dedupe, Fence, Parcel, Receipt, TryLater
from campaigns.crashpoints import crashpoint
from campaigns.domain.vocabulary import Channel as Name


class Solicitation:
    name: ClassVar[Name] = Name.SOLICITATION
    dedupe: ClassVar[Dedupe] = Dedupe.SERVER_REJECTS

    def __init__(self, partner: SellingPartner) -> None:
        self._partner = partner

    def send(self, parcel: Parcel, fence: Fence) -> Receipt:
        try:
            if not solicitations.actions(self._partner, parcel.amazon_order_id, parcel.marketplace_id):
                raise TryLater(
                    DAILY, "not_offered", "Amazon offers no review request for this order at present."
                )
            return self._ask(parcel, fence)
        except AmazonError as error:
            raise understood(error) from error

    def close(self) -> None:
        pass

    def _ask(self, parcel: Parcel, fence: Fence) -> Receipt:
        def fence_here() -> None:
            crashpoint("solicitation.before_fence")
            fence()
            crashpoint("solicitation.after_fence")

        answer = solicitations.request_review(
            self._partner, parcel.amazon_order_id, parcel.marketplace_id, fence_here
        )
        crashpoint("solicitation.after_answer")
        return Receipt(answer.request_id)
