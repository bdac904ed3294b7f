"""What every page knows: where we are, what else is there, and where else the user may go."""

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse

from accounts import entitlement
from accounts.models import Agency, Connection, Seller
from accounts.roles import Permission

P = Permission


@dataclass(frozen=True)
class Link:
    title: str
    url: str
    is_here: bool
    count: int = 0


@dataclass(frozen=True)
class Workplace:
    place: Seller | Agency | None
    kind: str
    links: list[Link]
    has_others: bool
    #: Why nothing is sent for this seller, and what to do; empty where something is, or the page says it itself.
    lapse: str = ""


#: URL name, title and permission of each place's pages.
_SELLER_PAGES = (
    ("home", "Overview", P.VIEW),
    ("orders", "Orders", P.VIEW),
    ("campaigns", "Campaigns", P.VIEW),
    ("templates", "Texts", P.VIEW),
    ("messages", "Messages", P.VIEW),
    ("suppressions", "Do not write", P.VIEW),
    ("connection", "Amazon", P.VIEW),
    ("team", "Team", P.VIEW),
    ("billing", "Plan", P.BILLING),
)
_AGENCY_PAGES = (
    ("agency", "Sellers", P.AGENCY_VIEW),
    ("agency_team", "Team", P.AGENCY_VIEW),
    ("agency_billing", "Plan", P.BILLING),
    ("agency_usage", "Usage", P.AGENCY_VIEW),
)
_REVIEW_PAGES = (
    ("desk", "Desk", P.REVIEW),
    ("desk_cases", "Cases", P.REVIEW),
    ("desk_figures", "Figures", P.REVIEW),
    ("desk_audits", "Audits", P.REVIEW),
    ("desk_reasons", "Reasons", P.REVIEW),
    ("places", "Your places", None),
)
#: Under which of them a page stands, by the beginning of its URL name; the first that fits.
_STANDS_UNDER = (
    ("message_new", "orders"), ("order", "orders"), ("campaign", "campaigns"), ("template", "templates"),
    ("message", "messages"), ("suppression", "suppressions"), ("connection", "connection"), ("team", "team"),
    ("billing", "billing"), ("usage", "billing"), ("agency_billing", "agency_billing"), ("agency_usage", "agency_usage"),
    ("agency_team", "agency_team"), ("agency_new", "places"), ("agency", "agency"), ("home", "home"),
    ("places", "places"), ("seller_", "places"), ("operator_", "operator_billing"),
    ("desk_figures", "desk_figures"), ("desk_audits", "desk_audits"), ("desk_reasons", "desk_reasons"),
    ("desk_case", "desk_cases"), ("desk", "desk"),
)  # fmt: skip


def workplace(request: HttpRequest) -> dict[str, Any]:
    """`seller`, `agency`, `permissions` and `workplace` for templates. One query, for the health of the connection."""
    seller, agency = getattr(request, "seller", None), getattr(request, "agency", None)
    permissions: frozenset[Permission] = getattr(request, "permissions", frozenset())
    return {
        "seller": seller,
        "agency": agency,
        "permissions": permissions,
        "can": {p.value: p in permissions for p in Permission},
        "workplace": _workplace(request, seller, agency),
    }


def _workplace(request: HttpRequest, seller: Seller | None, agency: Agency | None) -> Workplace:
    if seller:
        return Workplace(
            seller, "Seller", _links(request, _SELLER_PAGES, {"seller": seller.slug}, _troubles(seller)), True,
            _lapse(request, seller),
        )  # fmt: skip
    if agency:
        return Workplace(agency, "Agency", _links(request, _AGENCY_PAGES, {"agency": agency.slug}, 0), True)
    if P.REVIEW in getattr(request, "permissions", ()):
        return Workplace(None, "", _links(request, _REVIEW_PAGES, {}, 0), False)
    return Workplace(
        None,
        "",
        _links(
            request,
            (("places", "Your places", None), ("operator_billing", "Subscriptions", P.OPERATE)),
            {},
            0,
        ),
        False,
    )


#: Pages that have more to say about a lapse.
_SAYS_ITSELF = frozenset({"billing", "message"})


def _lapse(request: HttpRequest, seller: Seller) -> str:
    """No query: the door read the seller with its entitlement."""
    here = request.resolver_match.url_name if request.resolver_match else ""
    return "" if here in _SAYS_ITSELF else entitlement.of(seller).reason


def _troubles(seller: Seller) -> int:
    healthy = (Connection.Health.HEALTHY, Connection.Health.THROTTLED)
    return Connection.objects.filter(seller=seller).exclude(health__in=healthy).count()


def _links(request: HttpRequest, pages: tuple[Any, ...], place: dict[str, str], troubles: int) -> list[Link]:
    here = _stands_under(request.resolver_match.url_name or "") if request.resolver_match else ""
    links = []
    for name, title, permission in pages:
        if permission is None or permission in getattr(request, "permissions", ()):
            try:
                url = reverse(name, kwargs=place or None)
            except NoReverseMatch:
                continue
            links.append(Link(title, url, name == here, troubles if name == "connection" else 0))
    return links


def _stands_under(url_name: str) -> str:
    return next((page for start, page in _STANDS_UNDER if url_name.startswith(start)), "")
