"""The Messaging API's typed messages: sent only where Amazon offers the type for that very order, in the
buyer's language.

Amazon cannot list what was sent and names no key against repeats (its model, read 2026-11-23), so an unknown
outcome stays one.
"""

from typing import ClassVar

from amazon import messaging, uploads
from amazon.client import SellingPartner
from amazon.errors import AmazonError
from campaigns.channels.answers import DAILY, understood
from campaigns.channels.base import Dedupe, Fence, Parcel, Receipt, Refused, TryLater
from campaigns.crashpoints import crashpoint
from campaigns.domain.vocabulary import Channel as Name


class Messaging:
    name: ClassVar[Name] = Name.MESSAGING
    dedupe: ClassVar[Dedupe] = Dedupe.NONE

    def __init__(self, partner: SellingPartner) -> None:
        self._partner = partner

    def send(self, parcel: Parcel, fence: Fence) -> Receipt:
        check_fit(parcel)
        try:
            self._check_offer(parcel)
            files = [self._upload(parcel, index) for index in range(len(parcel.attachments))]
            return self._post(parcel, files, fence)
        except AmazonError as error:
            raise understood(error) from error

    def buyer_locale(self, amazon_order_id: str, marketplace_id: str) -> str:
        """The buyer's language as a BCP 47 tag, "" where Amazon does not tell. Raises ChannelAnswer."""
        try:
            return messaging.locale(self._partner, amazon_order_id, marketplace_id) or ""
        except AmazonError as error:
            raise understood(error) from error

    def close(self) -> None:
        pass

    def _check_offer(self, parcel: Parcel) -> None:
        if parcel.message_type not in messaging.actions(
            self._partner, parcel.amazon_order_id, parcel.marketplace_id
        ):
            raise TryLater(
                DAILY,
                "not_offered",
                f"Amazon does not offer “{parcel.message_type}” for this order at present.",
            )

    def _upload(self, parcel: Parcel, index: int) -> messaging.Attachment:
        """Before the fence: a file that no message names is forgotten by Amazon."""
        file = parcel.attachments[index]
        return uploads.upload(
            self._partner, parcel.message_type, parcel.amazon_order_id, parcel.marketplace_id,
            file.file_name, file.content, file.content_type,
        )  # fmt: skip

    def _post(self, parcel: Parcel, files: list[messaging.Attachment], fence: Fence) -> Receipt:
        def fence_here() -> None:
            crashpoint("messaging.before_fence")
            fence()
            crashpoint("messaging.after_fence")

        answer = messaging.send(
            self._partner, parcel.message_type, parcel.amazon_order_id, parcel.marketplace_id,
            parcel.body, files, fence=fence_here,
        )  # fmt: skip
        crashpoint("messaging.after_answer")
        return Receipt(answer.request_id)


def check_fit(parcel: Parcel) -> None:
    """Raises Refused, naming what does not fit, before anything is asked of Amazon."""
    if parcel.body and parcel.body_format == "html":
        raise Refused(
            "type_cannot_carry", "Amazon's messages take plain text only; write the text without HTML."
        )
    named = [messaging.Attachment("", file.file_name) for file in parcel.attachments]
    try:
        messaging.check(parcel.message_type, parcel.body, named)
    except messaging.InvalidMessage as problem:
        raise Refused("type_cannot_carry", str(problem)) from problem
    if any(not 0 < len(file.content) <= uploads.MAX_BYTES for file in parcel.attachments):
        raise Refused("type_cannot_carry", f"Amazon takes files of 1 byte to {uploads.MAX_BYTES >> 20} MB.")
