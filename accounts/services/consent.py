"""The consent round trip: the browser goes to Amazon with our `state` and comes back with a code.

Only whoever started it may finish it: same browser session, same user, same seller, once, within ten
minutes. (Somebody else's link, opened by a signed-in user, would otherwise connect a stranger's Amazon
account to the user's business.)
"""

import hashlib
import secrets
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from accounts.models import Connection, OAuthState, Seller, User
from accounts.reach import seller_for
from accounts.roles import Permission
from accounts.sealing import keyed_hash
from accounts.services import amazon_client, audit, connections, mail, people
from amazon import consent
from amazon.consent import ConsentRefused
from amazon.errors import AmazonError
from amazon.regions import BY_COUNTRY, MARKETPLACES, Marketplace, Region

__all__ = ["ConsentRefused", "finish_consent", "remember_login", "start_consent"]

LIFETIME = timedelta(minutes=10)
_PENDING_LOGIN = "amazon_login"  # in the session: a visit from Amazon's Appstore that waits for its seller
_MAIN_STORE = {Region.NA: "US", Region.EU: "DE", Region.FE: "JP"}


def start_consent(request: Any, seller: Seller, marketplace: str) -> str:
    """Where to send the browser. `marketplace` is a marketplace id, a country code or a region (`EU`).

    The caller has checked CONNECT. Raises ConsentRefused for a store we do not know."""
    store = _store(marketplace)
    state = _remember(request, seller, store.region)
    waiting = _waiting_login(request)
    if waiting:
        return consent.login_answer(waiting, state, redirect_uri())
    return consent.consent_url(amazon_client.amazon_settings(), store, state, redirect_uri())


def redirect_uri() -> str:
    """Registered with Amazon to the letter."""
    return settings.SITE_URL.rstrip("/") + reverse("amazon_callback")


def _store(marketplace: str) -> Marketplace:
    country = _MAIN_STORE.get(Region(marketplace)) if marketplace in set(Region) else marketplace
    found = MARKETPLACES.get(marketplace) or BY_COUNTRY.get(country or "")
    if found is None:
        raise ConsentRefused(f"“{marketplace}” is not an Amazon store we know. Choose one from the list.")
    return found


def _remember(request: Any, seller: Seller, region: Region) -> str:
    state = secrets.token_urlsafe(32)
    OAuthState.objects.filter(expires_at__lt=timezone.now() - timedelta(days=1)).delete()
    OAuthState.objects.create(
        state_hash=_hashed(state), session_hash=_session(request), user=request.user, seller=seller,
        region=region.value, expires_at=timezone.now() + LIFETIME,
    )  # fmt: skip
    return state


def finish_consent(request: Any, query: Mapping[str, str]) -> Connection:
    """Take what Amazon sent the browser back with, and connect.

    Raises ConsentRefused with a sentence for the user: nothing was connected then, and the state is spent.
    """
    callback = consent.parse_callback(query)
    state = _spend(request, callback.state)
    _refuse_unless_permitted(request.user, state.seller)
    _refuse_if_elsewhere(state, callback.selling_partner_id)
    try:
        grant = consent.exchange_code(amazon_client.client(), callback.code, redirect_uri())
    except AmazonError as error:
        raise ConsentRefused(error.sentence) from error
    connection = _connect(request.user, state, callback.selling_partner_id, grant.refresh_token)
    connections.refresh_one(connection)  # a failure leaves it to the hourly check
    return connection


def peek_seller(request: Any, state: str) -> Seller | None:
    """Whose consent this browser began, for the way back after a refusal."""
    mine = OAuthState.objects.filter(
        state_hash=_hashed(state), session_hash=_session(request), user=request.user
    )
    found = mine.select_related("seller").first()
    return found.seller if found else None


def _spend(request: Any, state: str) -> OAuthState:
    now = timezone.now()
    mine = OAuthState.objects.filter(
        state_hash=_hashed(state), session_hash=_session(request), user=request.user
    )
    if not mine.filter(used_at=None, expires_at__gt=now).update(used_at=now):
        raise ConsentRefused(
            "This connection was begun in another browser, by somebody else, or more than ten minutes ago, "
            "or is finished already. Begin it again from the Amazon page."
        )
    return mine.select_related("seller").get()


def _refuse_unless_permitted(user: User, seller: Seller) -> None:
    found = seller_for(user, seller.slug)
    if found is None or Permission.CONNECT not in found[1].permissions or found[1].is_only_support:
        raise ConsentRefused("Your role no longer allows connecting Amazon here. Ask an owner to do it.")


def _refuse_if_elsewhere(state: OAuthState, selling_partner_id: str) -> None:
    known = Connection.objects.filter(region=state.region, selling_partner_id=selling_partner_id)
    if known.exclude(seller=state.seller).exists():
        raise ConsentRefused(
            f"The Amazon account {selling_partner_id} already belongs to another seller on Permitted. One "
            "account is served from one place, so that no order is written to twice. Have it moved by "
            "support, or connect another account."
        )


def _connect(user: User, state: OAuthState, selling_partner_id: str, refresh_token: str) -> Connection:
    fresh = {"health": Connection.Health.HEALTHY, "health_note": "", "health_changed_at": timezone.now()}
    values = {**fresh, "authorised_at": timezone.now(), "authorised_by": user}
    with transaction.atomic():
        connection, is_new = Connection.objects.select_for_update().get_or_create(
            region=state.region,
            selling_partner_id=selling_partner_id,
            defaults={"seller": state.seller, **values},
        )
        _refuse_if_elsewhere(state, selling_partner_id)  # another may have come first
        for name, value in values.items():
            setattr(connection, name, value)
        connections.seal_token(connection, refresh_token)
        connection.save()
        _tell(user, connection, is_new)
        connections.lower_work(connection)
    return connection


def _tell(user: User, connection: Connection, is_new: bool) -> None:
    action = "connection.authorised" if is_new else "connection.reauthorised"
    audit.record(action, user, connection.seller, target=str(connection))
    mail.send(
        "amazon_connected",
        people.owners(connection.seller),
        connection=connection,
        seller=connection.seller,
        actor=user,
    )


def remember_login(request: Any, query: Mapping[str, str]) -> Connection | None:
    """A visit from Amazon's Appstore or its re-authorisation: keep it until the seller is chosen, at most
    ten minutes.

    The connection it is about, when this user may re-authorise it. Raises ConsentRefused.
    """
    login = consent.parse_login(query, amazon_client.amazon_settings())
    kept = {name: getattr(login, name) for name in ("callback_uri", "amazon_state", "selling_partner_id")}
    request.session[_PENDING_LOGIN] = {**kept, "until": (timezone.now() + LIFETIME).timestamp()}
    known = Connection.objects.select_related("seller").filter(selling_partner_id=login.selling_partner_id)
    return next((c for c in known if _may_connect(request.user, c.seller)), None)


def _may_connect(user: User, seller: Seller) -> bool:
    try:
        _refuse_unless_permitted(user, seller)
    except ConsentRefused:
        return False
    return True


def _waiting_login(request: Any) -> consent.LoginRequest | None:
    kept = request.session.pop(_PENDING_LOGIN, None)
    if not kept or kept.pop("until") < timezone.now().timestamp():
        return None
    return consent.LoginRequest(**kept)


def _session(request: Any) -> str:
    return keyed_hash(request.session.session_key or "", "consent session")


def _hashed(state: str) -> str:
    return hashlib.sha256(state.encode()).hexdigest()
