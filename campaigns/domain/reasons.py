"""Every reason a message can carry, once: its code, the sentence people read, and what can be done about it.
Pure.

Codes are stored; sentences are not, so a better sentence reaches old rows too. The planner's conditions bring
their own codes and sentences (`conditions`); `find` knows both.
"""

from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """What stands in the way."""

    ORDER = "order"  # something about the order or its buyer
    TEXT = "text"  # something about the words
    SETTING = "setting"  # something the seller can switch
    AMAZON = "amazon"  # Amazon's answer
    MACHINE = "machine"  # us


@dataclass(frozen=True, slots=True)
class Reason:
    code: str
    sentence: str
    remedy: str
    kind: Kind


K = Kind
_ALL = (
    # --- the order
    Reason(
        "order_cancelled",
        "The order was cancelled.",
        "Nothing to do: there is no purchase to write about.",
        K.ORDER,
    ),
    Reason(
        "order_refunded",
        "The order was refunded, and the campaign leaves such orders out.",
        "To ask everybody alike, switch “Leave out refunded orders” off on the campaign.",
        K.SETTING,
    ),
    Reason(
        "order_returned",
        "The product was sent back, and the campaign leaves such orders out.",
        "To ask everybody alike, switch “Leave out returned orders” off on the campaign.",
        K.SETTING,
    ),
    Reason(
        "order_replacement",
        "The order only replaces an earlier one.",
        "Nothing to do: the earlier order was the purchase.",
        K.ORDER,
    ),
    Reason(
        "order_not_connected",
        "The order is known from a file only, so there is no Amazon account to send from.",
        "Connect the Amazon account that sold it.",
        K.ORDER,
    ),
    Reason(
        "no_relay_address",
        "Amazon has not given us the buyer's relay address.",
        "Use Amazon's review request, which needs no address.",
        K.ORDER,
    ),
    Reason(
        "relay_address_odd",
        "The buyer's address is not one of Amazon's relay addresses, so nothing is sent to it.",
        "Tell us: Amazon may have changed the form of its addresses.",
        K.ORDER,
    ),
    Reason(
        "opted_out",
        "The buyer asked Amazon not to pass on messages like this.",
        "Nothing to do: the wish is kept.",
        K.ORDER,
    ),
    Reason(
        "suppressed",
        "The order or its buyer is on your do-not-write list.",
        "Take it off the list to write again.",
        K.ORDER,
    ),
    Reason(
        "already_contacted",
        "The order has had its one proactive message.",
        "Nothing to do: Amazon permits one. Raise a campaign's priority to let it go first.",
        K.ORDER,
    ),
    Reason(
        "asked_elsewhere",
        "Amazon takes no further request for this order: one was sent outside Permitted, or the buyer cannot be asked.",
        "Nothing to do: the order has had its request.",
        K.AMAZON,
    ),
    Reason(
        "window_closed",
        "The time in which Amazon permits the message is over.",
        "A shorter delay reaches the next orders in time.",
        K.ORDER,
    ),
    Reason(
        "window_not_open",
        "Amazon's window for this order has not opened yet.",
        "Nothing to do: it is tried again daily.",
        K.AMAZON,
    ),
    Reason(
        "outside_hours",
        "The campaign's hours are over for the moment.",
        "Nothing to do: it goes out when they begin again.",
        K.SETTING,
    ),
    # --- settings
    Reason(
        "not_entitled",
        "The subscription does not cover sending at present.",
        "Open the plan's page: what is still in time goes out once it is mended, spread over the following hours.",
        K.SETTING,
    ),
    Reason(
        "over_step",
        "A second month has passed the plan's step of orders, so texts of your own wait.",
        "Choose the next step on the plan's page, or wait for the month to end. Amazon's own requests go on.",
        K.SETTING,
    ),
    Reason(
        "covered_again",
        "The plan covers sending again: what waited goes out one after the other, what expires first before the rest.",
        "Nothing to do: it goes out in its campaign's hours, and never after its window.",
        K.SETTING,
    ),
    Reason(
        "connection_needs_reauthorisation",
        "Amazon no longer accepts our authorisation for this account.",
        "Connect Amazon again.",
        K.SETTING,
    ),
    Reason(
        "connection_disconnected", "The Amazon account is disconnected.", "Connect Amazon again.", K.SETTING
    ),
    Reason(
        "connection_needs_attention",
        "Amazon refuses our calls for this account.",
        "Read the note on the connection's page.",
        K.SETTING,
    ),
    Reason(
        "cap_reached",
        "The day's limit of messages is reached.",
        "Nothing to do: it goes out on the next day that has room.",
        K.SETTING,
    ),
    Reason("campaign_paused", "The campaign is paused.", "Switch it on again.", K.SETTING),
    Reason("campaign_not_active", "The campaign is not switched on.", "Switch it on.", K.SETTING),
    Reason("campaign_ended", "The campaign has ended.", "Nothing to do.", K.SETTING),
    Reason(
        "campaign_changed",
        "The campaign was changed, and the order no longer belongs to it.",
        "Nothing to do.",
        K.SETTING,
    ),
    Reason(
        "no_sender_address",
        "No sender address is set for this account's relay mail.",
        "Enter the address you approved in Seller Central under Messaging Permissions.",
        K.SETTING,
    ),
    Reason(
        "sender_refused",
        "The relay does not accept mail from your sender address.",
        "Approve the address in Seller Central under Messaging Permissions.",
        K.SETTING,
    ),
    Reason(
        "being_planned",
        "The campaign or the order changed and is being planned anew.",
        "Nothing to do: it goes on within half a minute, if the order still belongs to the campaign.",
        K.SETTING,
    ),
    Reason("withdrawn_by_hand", "A person withdrew it.", "Nothing to do.", K.SETTING),
    # --- the words
    Reason(
        "version_not_approved",
        "No version of the text is approved.",
        "Submit the text, or wait for its review.",
        K.TEXT,
    ),
    Reason(
        "version_paused",
        "A rule has changed, and the text breaks it now; so it is paused.",
        "Open the text, change the words it names, and submit it again. A reviewer looks at it as it is, too.",
        K.TEXT,
    ),
    Reason(
        "version_ramping",
        "The text is new, so its first messages go out in steps.",
        "Nothing to do: it goes out with a next step, within the hour or so.",
        K.TEXT,
    ),
    Reason(
        "version_rests",
        "The text rests: Amazon or buyers refused too many of its messages.",
        "Look at the refused messages and mend the text. It goes on by itself when the rest is over.",
        K.TEXT,
    ),
    Reason(
        "limit_marketplace",
        "The reviewer approved the text for other marketplaces only.",
        "Submit a text for this marketplace, or narrow the campaign's filters.",
        K.TEXT,
    ),
    Reason(
        "limit_reached",
        "The reviewer approved the text for a number of messages, and that is reached.",
        "Submit the text again.",
        K.TEXT,
    ),
    Reason(
        "limit_over",
        "The reviewer approved the text until a day that has passed.",
        "Submit the text again.",
        K.TEXT,
    ),
    Reason(
        "messaging_restricted",
        "Amazon restricts your own messages at present.",
        "Let Amazon's own request ask instead; say so under Amazon when the restriction is over.",
        K.AMAZON,
    ),
    Reason(
        "no_language",
        "The text has no version in the buyer's language.",
        "Add the language to the text.",
        K.TEXT,
    ),
    Reason(
        "asks_in_germany",
        "On amazon.de Amazon's own request takes the place of your text, for German law wants the buyer's consent.",
        "Nothing to do. If your buyers have agreed, say so in the campaign under “On amazon.de”.",
        K.SETTING,
    ),
    Reason(
        "text_blocked",
        "With this order's details filled in, the text breaks a rule.",
        "Change the words the finding names.",
        K.TEXT,
    ),
    Reason(
        "text_needs_review",
        "With this order's details filled in, a person has to look at the text.",
        "Wait for the review.",
        K.TEXT,
    ),
    Reason(
        "text_rejected",
        "A reviewer decided against this text.",
        "Read the reviewer's note and write it anew.",
        K.TEXT,
    ),
    Reason(
        "render_failed",
        "The text could not be filled in for this order.",
        "Give the placeholder a default, or put it inside an if.",
        K.TEXT,
    ),
    Reason(
        "check_failed",
        "The rules could not look at this text, so it is held.",
        "Tell us: this is ours to mend.",
        K.MACHINE,
    ),
    Reason(
        "attachment_missing",
        "A file that goes with the text is missing or was changed.",
        "Attach the file again.",
        K.TEXT,
    ),
    Reason(
        "type_cannot_carry",
        "Amazon's message type cannot carry this text or these files.",
        "Choose a type that can, or shorten the text.",
        K.TEXT,
    ),
    # --- Amazon
    Reason(
        "not_offered",
        "Amazon does not offer this message for this order.",
        "Nothing to do: it is tried again daily while there is time.",
        K.AMAZON,
    ),
    Reason("amazon_refused", "Amazon refused the message.", "Read Amazon's words beside it.", K.AMAZON),
    Reason(
        "relay_refused", "The mail relay refused the message.", "Read the relay's words beside it.", K.AMAZON
    ),
    Reason(
        "role_missing",
        "Amazon denies our application this message for your account.",
        "Tell us: a role may be missing.",
        K.AMAZON,
    ),
    Reason(
        "amazon_denies_us",
        "Amazon does not accept a call of ours, so the message could not be asked for.",
        "Tell us: this is ours to mend. It is tried again, and nothing is lost.",
        K.MACHINE,
    ),
    Reason("amazon_busy", "Amazon could not answer.", "Nothing to do: it is tried again.", K.AMAZON),
    Reason(
        "amazon_pace",
        "Amazon permits one call a second for each account.",
        "Nothing to do: it goes out in its turn.",
        K.AMAZON,
    ),
    Reason(
        "relay_busy", "The mail relay could not take it yet.", "Nothing to do: it is tried again.", K.AMAZON
    ),
    # --- us
    Reason(
        "outcome_unknown",
        "The connection dropped while the other side was answering. It probably went out.",
        "It is not sent again unless you say so: “It went”, “Send again” or “Leave”.",
        K.MACHINE,
    ),
    Reason(
        "left_open",
        "Whether it went out will never be known; a person left it at that.",
        "Nothing to do.",
        K.MACHINE,
    ),
    Reason(
        "relay_not_set_up", "This installation has no mail relay.", "Operator: set RELAY_SMTP_URL.", K.MACHINE
    ),
    Reason(
        "sending_not_armed",
        "Sending is switched off in this copy of the database until an operator arms it.",
        "Operator: `manage.py arm` once you are sure no other copy sends.",
        K.MACHINE,
    ),
    Reason(
        "lease_over",
        "The worker that had it went away before anything was sent.",
        "Nothing to do: it goes out in the next turn.",
        K.MACHINE,
    ),
    Reason(
        "send_failed",
        "An attempt to send it failed on our side; nothing left.",
        "Nothing to do: it is tried again.",
        K.MACHINE,
    ),
    Reason(
        "keeps_failing",
        "Every attempt to send it failed on our side, so it is parked.",
        "Tell us: this is ours to mend.",
        K.MACHINE,
    ),
)
REASONS: dict[str, Reason] = {reason.code: reason for reason in _ALL}


def find(code: str) -> Reason:
    """The reason of a code, the planner's conditions included. Raises KeyError naming an unregistered code."""
    if code in REASONS:
        return REASONS[code]
    return _of_conditions()[code]


def _of_conditions() -> dict[str, Reason]:
    from campaigns.domain import (
        conditions,
    )  # it may name our codes; asked for late so that neither needs the other to load

    return conditions.reasons()
