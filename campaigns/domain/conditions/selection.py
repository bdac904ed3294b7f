"""Is it one of the orders the campaign was made for? The seller's filters."""

from psycopg.sql import SQL, Composable, Literal

from amazon.regions import MARKETPLACES
from campaigns.domain.conditions.base import Condition, Seen, listed, money, some
from campaigns.domain.reasons import Kind
from campaigns.domain.terms import Terms

_REMEDY = "Widen the campaign's filters if it should get one."


def _own_items(asins: tuple[str, ...], skus: tuple[str, ...]) -> Composable:
    """The order has one of these products (a cancelled line does not count)."""
    return SQL(
        "EXISTS (SELECT FROM orders_orderitem i WHERE i.order_id = o.id AND NOT i.is_cancelled AND (i.asin "
        "= {} OR i.sku = {}))"
    ).format(listed(asins), listed(skus))


def _wants_products(terms: Terms) -> bool:
    return bool(terms.filters.include_asins or terms.filters.include_skus)


def _shuns_products(terms: Terms) -> bool:
    return bool(terms.filters.exclude_asins or terms.filters.exclude_skus)


def _wanted(seen: Seen) -> str:
    return some(seen.terms.filters.include_asins + seen.terms.filters.include_skus)


def _shunned(seen: Seen) -> str:
    return some(seen.terms.filters.exclude_asins + seen.terms.filters.exclude_skus)


_OWN_PRODUCTS = {
    "products": SQL(
        "(SELECT string_agg(DISTINCT coalesce(nullif(i.sku, ''), i.asin), ', ') FROM orders_orderitem i"
        " WHERE i.order_id = o.id AND NOT i.is_cancelled)"
    )
}


def _products(seen: Seen) -> str:
    return seen["products"] or "no products that we know of"


def _stores(seen: Seen) -> str:
    return some(tuple(MARKETPLACES[store].name for store in seen.terms.filters.marketplaces), most=5)


def _price_sql(terms: Terms) -> Composable:
    price = terms.filters.price
    assert price  # noqa: S101  `applies` sees to it
    parts = [SQL("o.currency = {}").format(Literal(price.currency))]
    if price.min_minor is not None:
        parts.append(SQL("o.total_minor >= {}").format(Literal(price.min_minor)))
    if price.max_minor is not None:
        parts.append(SQL("o.total_minor <= {}").format(Literal(price.max_minor)))
    return SQL("(o.total_minor IS NOT NULL AND {})").format(SQL(" AND ").join(parts))


def _price_words(seen: Seen) -> str:
    price = seen.terms.filters.price
    assert price  # noqa: S101
    ends = [
        f"at least {money(price.min_minor, price.currency)}" if price.min_minor is not None else "",
        f"at most {money(price.max_minor, price.currency)}" if price.max_minor is not None else "",
    ]
    return " and ".join(end for end in ends if end)


def _price_unmet(seen: Seen) -> str:
    if seen["total_minor"] is None:
        return f"Amazon has not told the order's total; the campaign is for orders of {_price_words(seen)}."
    return (
        f"The order's total is {money(seen['total_minor'], seen['currency'])}; the campaign is for "
        f"orders of {_price_words(seen)}."
    )


def _quantity_sql(terms: Terms) -> Composable:
    quantity = terms.filters.quantity
    assert quantity  # noqa: S101
    least, most = quantity.min or 0, quantity.max if quantity.max is not None else 2_147_483_647
    return SQL("o.item_count BETWEEN {} AND {}").format(Literal(least), Literal(most))


def _quantity_words(seen: Seen) -> str:
    quantity = seen.terms.filters.quantity
    assert quantity  # noqa: S101
    if quantity.max is None:
        return f"{quantity.min} or more units"
    return f"{quantity.min or 0} to {quantity.max} units"


def _units(seen: Seen) -> str:
    return "1 unit" if seen["item_count"] == 1 else f"{seen['item_count']} units"


def _promotion_sql(terms: Terms) -> Composable:
    known = SQL("NOT ('PROMOTION' = ANY (o.unknown_facts))")
    return SQL("({} AND {})").format(
        known, SQL("o.has_promotion" if terms.filters.promotion == "only" else "NOT o.has_promotion")
    )


def _promotion_unmet(seen: Seen) -> str:
    if "PROMOTION" in (seen["unknown_facts"] or []):
        return "Amazon does not tell us whether the order had a promotion, and the campaign asks for it."
    return (
        "The order had a promotion; the campaign leaves those out."
        if seen["has_promotion"]
        else "The order had no promotion."
    )


OF_ORDER = (
    Condition(
        "marketplace_not_chosen",
        lambda terms: SQL("o.marketplace_id = {}").format(listed(terms.filters.marketplaces)),
        lambda seen: f"The order is from {seen.store}.",
        lambda seen: f"The order is from {seen.store}; the campaign is for {_stores(seen)}.",
        reason="The campaign is not for the order's marketplace.",
        remedy=_REMEDY,
        kind=Kind.SETTING,
        applies=lambda terms: bool(terms.filters.marketplaces),
        unrestricted="The campaign is for every marketplace.",
    ),
    Condition(
        "fulfilment_not_chosen",
        lambda terms: SQL("o.fulfilment = {}").format(Literal(terms.filters.fulfilment)),
        lambda seen: f"The order is {seen['fulfilment']}.",
        lambda seen: (
            f"The order is {seen['fulfilment'] or 'of unknown fulfilment'}; the campaign is for "
            f"{seen.terms.filters.fulfilment} orders."
        ),
        reason="The campaign is not for orders fulfilled that way.",
        remedy=_REMEDY,
        kind=Kind.SETTING,
        applies=lambda terms: bool(terms.filters.fulfilment),
        unrestricted="The campaign is for FBA and FBM orders.",
    ),
    Condition(
        "business_not_chosen",
        lambda terms: SQL("o.is_business" if terms.filters.business == "only" else "NOT o.is_business"),
        lambda seen: "It is a business order." if seen["is_business"] else "It is no business order.",
        lambda seen: (
            "It is a business order; the campaign leaves those out."
            if seen["is_business"]
            else "It is no business order; the campaign is for business orders only."
        ),
        reason="The campaign's filter on business orders leaves it out.",
        remedy=_REMEDY,
        kind=Kind.SETTING,
        applies=lambda terms: bool(terms.filters.business),
    ),
    Condition(
        "promotion_not_chosen",
        _promotion_sql,
        lambda seen: "The order had a promotion." if seen["has_promotion"] else "The order had no promotion.",
        _promotion_unmet,
        reason="The campaign's filter on promotions leaves it out.",
        remedy=_REMEDY,
        kind=Kind.SETTING,
        applies=lambda terms: bool(terms.filters.promotion),
    ),
    Condition(
        "price_out_of_range",
        _price_sql,
        lambda seen: (
            f"The order's total is {money(seen['total_minor'], seen['currency'])}, in the campaign's range."
        ),
        _price_unmet,
        reason="The order's total is outside the campaign's range, or not known.",
        remedy=_REMEDY,
        kind=Kind.SETTING,
        applies=lambda terms: terms.filters.price is not None,
    ),
    Condition(
        "quantity_out_of_range",
        _quantity_sql,
        lambda seen: f"The order has {_units(seen)}.",
        lambda seen: f"The order has {_units(seen)}; the campaign is for {_quantity_words(seen)}.",
        reason="The order has more or fewer units than the campaign is for.",
        remedy=_REMEDY,
        kind=Kind.SETTING,
        applies=lambda terms: terms.filters.quantity is not None,
    ),
    Condition(
        "country_not_chosen",
        lambda terms: SQL("o.ship_country = {}").format(listed(terms.filters.ship_countries)),
        lambda seen: f"It was shipped to {seen['ship_country']}.",
        lambda seen: (
            f"It was shipped to {seen['ship_country'] or 'a country Amazon does not tell'}; "
            f"the campaign is for {some(seen.terms.filters.ship_countries, 8)}."
        ),
        reason="The campaign is not for the country it was shipped to.",
        remedy=_REMEDY,
        kind=Kind.SETTING,
        applies=lambda terms: bool(terms.filters.ship_countries),
    ),
)

_OF_ITEMS = (
    Condition(
        "product_not_chosen",
        lambda terms: _own_items(terms.filters.include_asins, terms.filters.include_skus),
        lambda seen: f"It has a product the campaign is for ({_products(seen)}).",
        lambda seen: (
            f"It has none of the products the campaign is for ({_wanted(seen)}); it has {_products(seen)}."
        ),
        reason="The order has none of the products the campaign is for.",
        remedy=_REMEDY,
        kind=Kind.SETTING,
        applies=_wants_products,
        unrestricted="Every product is included, new ones too.",
        facts=lambda terms: _OWN_PRODUCTS,
    ),
    Condition(
        "product_excluded",
        lambda terms: SQL("NOT {}").format(
            _own_items(terms.filters.exclude_asins, terms.filters.exclude_skus)
        ),
        lambda seen: "It has none of the products the campaign leaves out.",
        lambda seen: (
            f"It has a product the campaign leaves out ({_shunned(seen)}); it has {_products(seen)}."
        ),
        reason="The order has a product the campaign leaves out.",
        remedy=_REMEDY,
        kind=Kind.SETTING,
        applies=_shuns_products,
        facts=lambda terms: _OWN_PRODUCTS,
    ),
)

CONDITIONS = (*OF_ORDER, *_OF_ITEMS)
