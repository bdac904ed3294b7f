"""What stands between a campaign and being switched on."""

from collections.abc import Iterator
from dataclasses import dataclass

from django.core.exceptions import ValidationError

from accounts.models import Connection
from accounts.tenancy import current_seller
from amazon.regions import MARKETPLACES
from campaigns.domain import filters
from campaigns.domain.targeting import Reach, targeting_of
from campaigns.domain.vocabulary import ASKS, Channel
from campaigns.models import Campaign, TemplateVersion
from campaigns.services.terms import send_window
from compliance import selectors as reviews
from compliance.engine.types import Draft, Outcome
from compliance.services import checks

#: Fields that no author types, or that have a check of their own.
_NOT_TYPED = ("filters", "window_days", "author_id", "public_id")
#: Stands for "no store at all": an empty list would mean all of them.
_NOWHERE = "-"


@dataclass(frozen=True)
class Problem:
    """`field` is the campaign's field to mend, or "" for the campaign as a whole."""

    code: str
    sentence: str
    field: str = ""


def settings_problems(campaign: Campaign) -> list[Problem]:
    """What makes the stored values unusable, whatever the campaign's state."""
    return [*_field_problems(campaign), *_window_problems(campaign), *_filter_problems(campaign)]


def activation_problems(campaign: Campaign) -> list[Problem]:
    """Everything that stands in the way of sending, all at once; an empty list: it may be switched on.

    Asks the review desk what it accepted of the campaign's targeting (the case's subject is the
    campaign's public id).
    """
    broken = settings_problems(campaign)
    if broken:
        return broken
    return [
        *_purpose_problems(campaign),
        *_text_problems(campaign),
        *_connection_problems(campaign),
        *_targeting_problems(campaign),
    ]


def targeting_draft(campaign: Campaign) -> Draft:
    """The campaign's choice of buyers as the rules read it: what a targeting case submits."""
    wanted = filters.parse(campaign.filters)
    store = MARKETPLACES[wanted.marketplaces[0]] if wanted.marketplaces else None
    return Draft(
        medium="messaging_api" if campaign.channel != Channel.RELAY_EMAIL else "relay_email",
        purpose=campaign.purpose,  # type: ignore[arg-type]  # the same words, checked by the model's choices
        body="",
        language=store.default_language if store else "en",
        marketplace=store.country if store else "US",
        stage="template",
        targeting=targeting_of(
            campaign.trigger, campaign.delay_hours, wanted, campaign.note, _reach(campaign, wanted)
        ),
    )


def _reach(campaign: Campaign, wanted: filters.Filters) -> Reach:
    """On amazon.de a campaign's own words are kept back by default, so they do not reach Germany."""
    writes_there = campaign.on_amazon_de == Campaign.OnAmazonDe.WRITTEN
    ids = wanted.marketplaces or MARKETPLACES.keys()
    stores = sorted({MARKETPLACES[i].country for i in ids if writes_there or MARKETPLACES[i].country != "DE"})
    return Reach(campaign.channel, tuple(stores) or (_NOWHERE,), writes_there, _others(campaign))


def _others(campaign: Campaign) -> tuple[str, ...]:
    """Switched-on campaigns that ask for an opinion too: each order gets only one request."""
    if campaign.purpose not in ASKS:
        return ()
    asking = Campaign.objects.filter(state=Campaign.State.ACTIVE, purpose__in=ASKS).exclude(pk=campaign.pk)
    return tuple(asking.order_by("-priority", "pk").values_list("name", flat=True)[:3])


def _field_problems(campaign: Campaign) -> Iterator[Problem]:
    try:
        campaign.full_clean(exclude=_NOT_TYPED, validate_unique=False, validate_constraints=False)
    except ValidationError as refused:
        for field, messages in refused.message_dict.items():
            yield Problem("field_invalid", " ".join(messages), field)
    if campaign.delay_hours > 24 * 365:
        yield Problem("field_invalid", "A delay of more than a year reaches no order.", "delay_hours")


def _window_problems(campaign: Campaign) -> Iterator[Problem]:
    try:
        send_window(campaign)
    except (ValueError, TypeError) as refused:
        days = not campaign.window_days or not set(campaign.window_days) <= set(range(1, 8))
        yield Problem("window_invalid", str(refused), "window_days" if days else "window_until")


def _filter_problems(campaign: Campaign) -> Iterator[Problem]:
    try:
        filters.parse(campaign.filters)
    except filters.FiltersInvalid as refused:
        for problem in refused.problems:
            yield Problem("filter_invalid", problem.sentence, f"filters.{problem.field}")


def _purpose_problems(campaign: Campaign) -> Iterator[Problem]:
    if campaign.channel == Channel.SOLICITATION and campaign.purpose not in ASKS:
        yield Problem(
            "purpose_not_carried",
            "Amazon's review request only asks for a review and feedback; choose that purpose.",
            "purpose",
        )


def _text_problems(campaign: Campaign) -> Iterator[Problem]:
    if campaign.channel == Channel.SOLICITATION:
        return
    template = campaign.template
    if template is None:
        yield Problem("template_missing", "Choose the text that the campaign sends.", "template")
    elif template.channel != campaign.channel or template.purpose != campaign.purpose:
        yield Problem(
            "template_differs",
            "The text was written for another channel or purpose; choose one that fits.",
            "template",
        )
    elif template.approved_id is None:
        yield Problem(
            "version_not_approved",
            "No version of the text is approved yet; submit it for review.",
            "template",
        )
    elif template.approved is not None and template.approved.state == TemplateVersion.State.PAUSED:
        yield Problem(
            "version_paused",
            "A rule has changed and the text breaks it now; change the text and submit it again.",
            "template",
        )


def _connection_problems(campaign: Campaign) -> Iterator[Problem]:
    usable = [c for c in Connection.objects.filter(seller=current_seller()) if c.is_usable]
    if not usable:
        yield Problem("not_connected", "No Amazon account is connected; connect one first.")
    elif campaign.channel == Channel.RELAY_EMAIL and not any(c.sender_address for c in usable):
        yield Problem(
            "no_sender_address",
            "Enter the sender address you approved in Seller Central on the connection's page.",
            "channel",
        )


def advice(campaign: Campaign) -> list[str]:
    """What is worth knowing about the choice of buyers and holds nothing. Raises FiltersInvalid."""
    findings = checks.judge(targeting_draft(campaign)).advice
    return [finding.message for finding in findings if finding.where == "targeting"]


def _targeting_problems(campaign: Campaign) -> Iterator[Problem]:
    accepted = reviews.accepted_for([campaign.public_id])[campaign.public_id]
    verdict = checks.judge(targeting_draft(campaign), accepted)
    for finding in (f for f in verdict.reasons if f.where == "targeting"):  # the draft has no words to judge
        code, field = _MENDED.get(finding.rule, ("targeting_blocked", "filters"))
        needs_person = finding.outcome is Outcome.REVIEW
        sentence = f"{finding.message} Submit the campaign for review." if needs_person else finding.message
        yield Problem("targeting_needs_review" if needs_person else code, sentence, field)


#: What a rule's finding is called here, and the field in which it is mended.
_MENDED = {
    "window-30-days": ("delay_too_long", "delay_hours"),
    "solicitation-window": ("delay_too_long", "delay_hours"),
    "consent-germany": ("consent_needed", "on_amazon_de"),
}
