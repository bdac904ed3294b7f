"""The words campaigns are made of. Pure, no Django, so that rules and SQL share them."""

from enum import StrEnum


class Channel(StrEnum):
    SOLICITATION = "solicitation"  # Amazon's own review request
    RELAY_EMAIL = "relay_email"  # SMTP to the buyer's relay address
    MESSAGING = "messaging"  # the Messaging API's typed messages

    @property
    def title(self) -> str:  # type: ignore[override]  # a property in place of the method of str
        return {
            "solicitation": "Amazon's review request",
            "relay_email": "Relay e-mail",
            "messaging": "Amazon message",
        }[self]


class Trigger(StrEnum):
    PLACED = "placed"
    SHIPPED = "shipped"
    DELIVERED = "delivered"
    ESTIMATED_DELIVERY = "estimated_delivery"
    REVIEW_WINDOW_OPENS = "review_window_opens"
    RETURNED = "returned"
    REFUNDED = "refunded"
    FEEDBACK_RECEIVED = "feedback_received"


class Purpose(StrEnum):
    """The permitted reasons (Amazon's list as restated in docs/sources.md, read 2026-11-23)."""

    ORDER_PROBLEM = "order_problem"
    ORDER_INFORMATION = "order_information"
    RETURN_QUESTION = "return_question"
    INVOICE = "invoice"
    REVIEW_REQUEST = "review_request"
    FEEDBACK_REQUEST = "feedback_request"
    REVIEW_AND_FEEDBACK_REQUEST = "review_and_feedback_request"
    DELIVERY_SCHEDULING = "delivery_scheduling"
    HOME_SERVICES = "home_services"
    CUSTOM_DESIGN = "custom_design"
    WARRANTY = "warranty"
    DIGITAL_ACCESS_KEY = "digital_access_key"
    LEGAL_DISCLOSURE = "legal_disclosure"
    OTHER_NEEDED = "other_needed"


ASKS = frozenset({Purpose.REVIEW_REQUEST, Purpose.FEEDBACK_REQUEST, Purpose.REVIEW_AND_FEEDBACK_REQUEST})

#: What an order cannot do without: it passes a buyer's opt-out and the reserve of the daily limit (Amazon's list of critical
#: messages, and its model of the Messaging API for legal disclosures, read 2026-11-23).
CRITICAL = frozenset(
    {
        Purpose.ORDER_PROBLEM, Purpose.RETURN_QUESTION, Purpose.DELIVERY_SCHEDULING, Purpose.CUSTOM_DESIGN,
        Purpose.LEGAL_DISCLOSURE,
    }
)  # fmt: skip


def counts_as_proactive(channel: Channel, purpose: Purpose, *, by_hand: bool) -> bool:
    """Whether the message uses up the order's one proactive contact.

    Amazon: "send only one productReviewAndSellerFeedback or free form proactive message per order" (Solicitations reference, read
    2026-11-23). Free form is mail; the typed API messages are not, unless they ask. A hand-written mail that the order
    cannot do without (a problem, a question) is not proactive.
    """
    if purpose in ASKS:
        return True
    return channel is Channel.RELAY_EMAIL and not by_hand
