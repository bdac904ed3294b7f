"""Which orders a campaign is for: the shape of `Campaign.filters`, checked. Pure.

The stored shape is a flat JSON object; an absent key sets no limit:

    marketplaces       ["A1PA6795UKMFR9", …]            Amazon's marketplace ids
    fulfilment         "FBA" or "FBM"
    include_asins, exclude_asins, include_skus, exclude_skus    lists of text; an order fits when it has a
                       product of the include lists and none of the exclude lists; without include lists
                       every product fits, new ones too
    price              {"currency": "EUR", "min_minor": 1000, "max_minor": 5000}: the order's total, both
                       ends included
    quantity           {"min": 1, "max": 3}             units in the order, both ends included
    business, promotion                 "only" or "exclude"
    replacements       "include" (they are left out unless this is said)
    returned, refunded                  "exclude"
    ship_countries     ["DE", …]                        two letters; known only from uploaded files
    repeat_buyer_days  30                               the same buyer is not written to again so soon
"""

import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, fields
from typing import Any

from amazon.regions import MARKETPLACES

MAX_LISTED = 5_000
_COUNTRY = re.compile(r"[A-Z]{2}")
_CURRENCY = re.compile(r"[A-Z]{3}")
_ASIN = re.compile(r"[A-Z0-9]{10}")


@dataclass(frozen=True, slots=True)
class FilterProblem:
    field: str
    sentence: str


class FiltersInvalid(ValueError):
    """Some filters cannot be understood. `problems` names each field and says what to write instead."""

    def __init__(self, problems: list[FilterProblem]) -> None:
        self.problems = tuple(problems)
        super().__init__(" ".join(f"{p.field}: {p.sentence}" for p in problems))


@dataclass(frozen=True, slots=True)
class PriceRange:
    currency: str
    min_minor: int | None = None
    max_minor: int | None = None


@dataclass(frozen=True, slots=True)
class QuantityRange:
    min: int | None = None
    max: int | None = None


@dataclass(frozen=True, slots=True)
class Filters:
    marketplaces: tuple[str, ...] = ()
    fulfilment: str = ""
    include_asins: tuple[str, ...] = ()
    exclude_asins: tuple[str, ...] = ()
    include_skus: tuple[str, ...] = ()
    exclude_skus: tuple[str, ...] = ()
    price: PriceRange | None = None
    quantity: QuantityRange | None = None
    business: str = ""
    promotion: str = ""
    replacements: str = ""
    returned: str = ""
    refunded: str = ""
    ship_countries: tuple[str, ...] = ()
    repeat_buyer_days: int | None = None


def parse(data: object) -> Filters:
    """The filters of a stored or submitted object. Raises FiltersInvalid with every problem at once."""
    if not isinstance(data, Mapping):
        raise FiltersInvalid([FilterProblem("filters", "Give an object of filters, or {} for every order.")])
    problems = [FilterProblem(str(key), _unknown()) for key in data if key not in _READERS]
    values: dict[str, Any] = {}
    for key, value in data.items():
        if key in _READERS:
            try:
                values[key] = _READERS[key](value)
            except _Refused as refused:
                problems.append(FilterProblem(refused.below(key), refused.sentence))
    if problems:
        raise FiltersInvalid(problems)
    return Filters(**values)


def stores(data: object) -> Collection[str]:
    """The marketplaces of a stored object; none where it is for all, or cannot be read."""
    listed = data.get("marketplaces") if isinstance(data, Mapping) else None
    return [store for store in listed if isinstance(store, str)] if isinstance(listed, list) else ()


def dump(filters: Filters) -> dict[str, Any]:
    """The stored shape; `parse(dump(f)) == f`."""
    return {
        f.name: _plain(value)
        for f in fields(filters)
        if (value := getattr(filters, f.name)) not in ((), "", None)
    }


def _plain(value: Any) -> Any:
    if isinstance(value, tuple):
        return list(value)
    if isinstance(value, PriceRange | QuantityRange):
        return {f.name: part for f in fields(value) if (part := getattr(value, f.name)) is not None}
    return value


class _Refused(Exception):
    def __init__(self, sentence: str, inner: str = "") -> None:
        self.sentence, self.inner = sentence, inner

    def below(self, key: str) -> str:
        return f"{key}.{self.inner}" if self.inner else key


def _unknown() -> str:
    return f"There is no such filter. Use one of: {', '.join(_READERS)}."


def _listed(item: Callable[[str], str]) -> Callable[[object], tuple[str, ...]]:
    def read(value: object) -> tuple[str, ...]:
        if not isinstance(value, list | tuple) or not all(isinstance(part, str) for part in value):
            raise _Refused("Give a list of texts.")
        if len(value) > MAX_LISTED:
            raise _Refused(f"Give at most {MAX_LISTED:,} entries; there are {len(value):,}.")
        return tuple(sorted({item(part.strip()) for part in value if part.strip()}))

    return read


def _marketplace(text: str) -> str:
    if text not in MARKETPLACES:
        raise _Refused(
            f"{text!r:.40} is no Amazon marketplace id. amazon.de, for example, is A1PA6795UKMFR9."
        )
    return text


def _asin(text: str) -> str:
    if not _ASIN.fullmatch(text.upper()):
        raise _Refused(f"{text!r:.40} is no ASIN: ten letters and digits, such as B0C7GPRS41.")
    return text.upper()


def _sku(text: str) -> str:
    if len(text) > 120:
        raise _Refused(f"{text[:20]!r}… is longer than a SKU can be (120 characters).")
    return text


def _country(text: str) -> str:
    if not _COUNTRY.fullmatch(text.upper()):
        raise _Refused(f"{text!r:.40} is no country code: two letters, such as DE.")
    return text.upper()


def _choice(*allowed: str) -> Callable[[object], str]:
    def read(value: object) -> str:
        if value not in allowed:
            raise _Refused(f"Write {' or '.join(repr(a) for a in allowed)}, or leave it out.")
        return str(value)

    return read


def _number(value: object, inner: str, least: int, most: int) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
        raise _Refused(f"Give a whole number from {least:,} to {most:,}.", inner)
    return value


def _range(
    value: object, known: tuple[str, ...], low: str, high: str, most: int
) -> tuple[int | None, int | None]:
    if not isinstance(value, Mapping):
        raise _Refused(f"Give an object with {' and '.join(known)}.")
    for key in value:
        if key not in known:
            raise _Refused(f"There is no such part. Use {', '.join(known)}.", str(key))
    least = None if value.get(low) is None else _number(value[low], low, 0, most)
    greatest = None if value.get(high) is None else _number(value[high], high, 0, most)
    if least is None and greatest is None:
        raise _Refused(f"Give {low} or {high}, or leave the filter out.")
    if least is not None and greatest is not None and least > greatest:
        raise _Refused(f"It is smaller than {low}; no order could fit.", high)
    return least, greatest


def _price(value: object) -> PriceRange:
    least, greatest = _range(value, ("currency", "min_minor", "max_minor"), "min_minor", "max_minor", 10**12)
    currency = value.get("currency") if isinstance(value, Mapping) else None
    if not isinstance(currency, str) or not _CURRENCY.fullmatch(currency):
        raise _Refused("Give the currency as three letters, such as EUR.", "currency")
    return PriceRange(currency, least, greatest)


def _quantity(value: object) -> QuantityRange:
    return QuantityRange(*_range(value, ("min", "max"), "min", "max", 1_000_000))


_READERS: dict[str, Callable[[object], Any]] = {
    "marketplaces": _listed(_marketplace),
    "fulfilment": _choice("FBA", "FBM"),
    "include_asins": _listed(_asin),
    "exclude_asins": _listed(_asin),
    "include_skus": _listed(_sku),
    "exclude_skus": _listed(_sku),
    "price": _price,
    "quantity": _quantity,
    "business": _choice("only", "exclude"),
    "promotion": _choice("only", "exclude"),
    "replacements": _choice("include"),
    "returned": _choice("exclude"),
    "refunded": _choice("exclude"),
    "ship_countries": _listed(_country),
    "repeat_buyer_days": lambda value: _number(value, "", 1, 3_650),
}
