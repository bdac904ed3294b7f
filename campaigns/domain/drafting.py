"""From our texts to the checker's `Draft`. Pure; the one place where campaigns speak compliance's language."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import cast

from campaigns.domain.vocabulary import Channel
from compliance.engine import types as engine

_MEDIUM: dict[str, engine.Medium] = {Channel.RELAY_EMAIL: "relay_email", Channel.MESSAGING: "messaging_api"}


@dataclass(frozen=True)
class Text:
    """One language of a template version (or a one-off): what was written, where it goes, and under which purpose."""

    channel: str
    purpose: str
    message_type: str
    language: str
    subject: str
    body: str
    body_format: str
    store_name: str = ""
    attachments: Sequence[engine.Attachment] = ()


@dataclass(frozen=True)
class OrderContext:
    """What of the order the rules look at. `country` is the marketplace's two letters."""

    order_id: str
    country: str
    fulfilment: str
    product_titles: tuple[str, ...]


def template_draft(text: Text, *, country: str) -> engine.Draft:
    """The text with its placeholders still in it, as a reviewer would see it."""
    return _draft(text, country, stage="template")


def rendered_draft(text: Text, order: OrderContext, values: dict[str, str] | None = None) -> engine.Draft:
    """The very text that would go out for one order: `text` holds the rendered subject and body."""
    return _draft(
        text, order.country, stage="rendered", order_id=order.order_id, titles=order.product_titles,
        fulfilment=order.fulfilment, values=values or {},
    )  # fmt: skip


def _draft(
    text: Text, country: str, *, stage: engine.DraftStage, order_id: str = "", titles: tuple[str, ...] = (),
    fulfilment: str = "FBM", values: dict[str, str] | None = None,
) -> engine.Draft:  # fmt: skip
    return engine.Draft(
        medium=_MEDIUM[text.channel],
        purpose=cast(engine.Purpose, text.purpose),
        api_type=text.message_type,
        body=text.body,
        body_format=cast(engine.BodyFormat, text.body_format),
        subject=text.subject,
        language=text.language,
        marketplace=country,
        fulfilment="FBA" if fulfilment == "FBA" else "FBM",
        stage=stage,
        order_id=order_id,
        product_titles=titles,
        attachments=tuple(text.attachments),
        store_name=text.store_name,
        values=values or {},
    )
