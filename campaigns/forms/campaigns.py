"""A campaign as a form: when, to which orders, what. Filters travel as flat fields and come out in their stored shape."""

from decimal import Decimal
from operator import attrgetter
from typing import Any

from django import forms

from amazon.regions import MARKETPLACES
from campaigns.domain import filters as domain
from campaigns.domain.vocabulary import ASKS, Channel
from campaigns.models import Campaign, Template
from campaigns.models.campaign import TRIGGER_CHOICES
from orders.money import decimals, minor

_DAYS = [(1, "Mon"), (2, "Tue"), (3, "Wed"), (4, "Thu"), (5, "Fri"), (6, "Sat"), (7, "Sun")]
_LISTS = ("include_asins", "exclude_asins", "include_skus", "exclude_skus")
_DAY = 24


def _listed(label: str, help_text: str) -> forms.CharField:
    widget = forms.Textarea(attrs={"rows": 2})
    return forms.CharField(required=False, label=label, widget=widget, help_text=help_text, max_length=20_000)


_EVERYONE = (
    "Amazon wants everyone asked for an opinion or no one, and who sent something back may be displeased. Leaving them out is "
    "therefore never silent: a person looks at the choice, reads your reason, and each order left out says so."
)


class CampaignForm(forms.Form):
    revision = forms.IntegerField(widget=forms.HiddenInput)
    name = forms.CharField(max_length=120, help_text="Only you see it.")
    trigger = forms.ChoiceField(choices=TRIGGER_CHOICES, label="After")
    delay = forms.IntegerField(min_value=0, max_value=8760, label="How long")
    delay_unit = forms.ChoiceField(choices=[("days", "Days"), ("hours", "Hours")], label="Days or hours")
    window_days = forms.TypedMultipleChoiceField(
        choices=_DAYS, coerce=int, widget=forms.CheckboxSelectMultiple, label="On these days"
    )
    window_from = forms.TimeField(
        label="From", widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M")
    )
    window_until = forms.TimeField(
        label="Until", widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M")
    )
    window_clock = forms.ChoiceField(choices=Campaign.Clock.choices, label="On whose clock")
    priority = forms.IntegerField(
        min_value=-100, max_value=100, help_text="Where two campaigns want one order, the higher gets it."
    )
    template = forms.ModelChoiceField(queryset=Template.objects.none(), required=False, label="Text",
        help_text="Needed before it can be switched on.",
    )  # fmt: skip
    when_no_language = forms.ChoiceField(
        choices=Campaign.NoLanguage.choices, label="Where the text does not speak the buyer's language"
    )
    on_amazon_de = forms.ChoiceField(
        choices=Campaign.OnAmazonDe.choices, label="On amazon.de",
        help_text="German courts count a mail that asks for a rating as advertising, which needs the buyer's consent. "
        "Amazon sends its own request itself. No legal advice.",
    )  # fmt: skip
    marketplaces = forms.MultipleChoiceField(
        choices=[(m.id, m.domain) for m in sorted(MARKETPLACES.values(), key=attrgetter("domain"))],
        required=False, widget=forms.SelectMultiple(attrs={"size": 5}), help_text="None chosen: all of them.",
    )  # fmt: skip
    fulfilment = forms.ChoiceField(
        required=False, choices=[("", "FBA and FBM"), ("FBA", "Only FBA"), ("FBM", "Only FBM")]
    )
    include_asins = _listed("Only these ASINs", "One a line. Empty: every product, new ones too.")
    exclude_asins = _listed("Not these ASINs", "One a line.")
    include_skus = _listed("Only these SKUs", "One a line. Empty: every product.")
    exclude_skus = _listed("Not these SKUs", "One a line.")
    price_min = forms.DecimalField(
        required=False, min_value=0, max_digits=12, decimal_places=2, label="Total at least"
    )
    price_max = forms.DecimalField(
        required=False, min_value=0, max_digits=12, decimal_places=2, label="Total at most"
    )
    price_currency = forms.ChoiceField(
        required=False, label="In this currency",
        choices=[("", "–"), *((c, c) for c in sorted({m.currency for m in MARKETPLACES.values()}))],
    )  # fmt: skip
    quantity_min = forms.IntegerField(required=False, min_value=1, label="Units at least")
    quantity_max = forms.IntegerField(required=False, min_value=1, label="Units at most")
    business = forms.ChoiceField(
        required=False,
        choices=[("", "All"), ("only", "Only business"), ("exclude", "No business")],
        label="Business orders",
    )
    promotion = forms.ChoiceField(
        required=False,
        choices=[("", "All"), ("only", "Only with one"), ("exclude", "None with one")],
        label="Promotions",
    )
    replacements = forms.BooleanField(required=False, label="Also replacements of earlier orders")
    skip_returned = forms.BooleanField(
        required=False, label="Leave out returned orders",
        help_text="Off: who sent the product back is written to like everybody else.",
    )  # fmt: skip
    skip_refunded = forms.BooleanField(
        required=False, label="Leave out refunded orders",
        help_text="Off: who got the money back is written to like everybody else.",
    )  # fmt: skip
    repeat_buyer_days = forms.IntegerField(
        required=False, min_value=1, max_value=730, label="Not the same buyer again within (days)",
        help_text="Only where Amazon tells who the buyer is.",
    )  # fmt: skip
    note = forms.CharField(
        required=False, max_length=300, label="Why these orders", widget=forms.Textarea(attrs={"rows": 2}),
        help_text="Where a request for an opinion leaves somebody out, a person decides, and reads your reason.",
    )  # fmt: skip

    #: Title, what to know, and the fields row by row.
    GROUPS = (
        ("What", "", (("name",), ("template", "when_no_language"), ("on_amazon_de",), ("priority",))),
        ("When", "", (("delay", "delay_unit", "trigger"), ("window_days",), ("window_from", "window_until", "window_clock"))),
        ("Which orders", "An order must fit every line you fill in; an empty line sets no limit.", (
            ("marketplaces", "fulfilment"), ("include_asins", "exclude_asins"), ("include_skus", "exclude_skus"),
            ("price_min", "price_max", "price_currency"), ("quantity_min", "quantity_max"),
            ("business", "promotion", "repeat_buyer_days"), ("replacements",),
        )),
        ("Returns and refunds", _EVERYONE, (("skip_returned", "skip_refunded"), ("note",))),
    )  # fmt: skip

    def __init__(self, *args: Any, campaign: Campaign, **kwargs: Any) -> None:
        kwargs["initial"] = _initial(campaign)
        super().__init__(*args, **kwargs)
        if campaign.channel == Channel.SOLICITATION:
            del self.fields["template"], self.fields["when_no_language"]
        else:
            choices = Template.objects.filter(channel=campaign.channel, archived_at__isnull=True)
            self.fields["template"].queryset = choices  # type: ignore[attr-defined]
        if campaign.channel == Channel.SOLICITATION or campaign.purpose not in ASKS:
            del self.fields["on_amazon_de"]
        if campaign.purpose not in ASKS:
            del self.fields["note"]

    @property
    def groups(self) -> list[dict[str, Any]]:
        return [
            {
                "title": title,
                "text": "" if text == _EVERYONE and "note" not in self.fields else text,
                "rows": [[self[n] for n in row if n in self.fields] for row in rows],
            }
            for title, text, rows in self.GROUPS
        ]

    def field_of(self, name: str) -> str | None:
        """The field to mend for a problem with the campaign's `name`; None: the form as a whole."""
        return _field_of(name.removeprefix("filters."), self.fields)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if (
            data.get("window_from")
            and data.get("window_until")
            and data["window_from"] >= data["window_until"]
        ):
            self.add_error("window_until", "The window must close after it opens, on the same day.")
        try:
            data["filters"] = domain.dump(domain.parse(_stored(data)))
        except domain.FiltersInvalid as invalid:
            for problem in invalid.problems:
                self.add_error(_field_of(problem.field, self.fields), problem.sentence)
        return data

    def changes(self) -> dict[str, Any]:
        """The campaign's columns as typed."""
        data = self.cleaned_data
        hours = data["delay"] * (_DAY if data["delay_unit"] == "days" else 1)
        plain = (
            "name",
            "trigger",
            "window_from",
            "window_until",
            "window_clock",
            "priority",
            "template",
            "when_no_language",
            "on_amazon_de",
            "note",
        )
        kept = {name: data[name] for name in plain if name in self.fields}
        return {
            **kept,
            "window_days": sorted(data["window_days"]),
            "delay_hours": hours,
            "filters": data["filters"],
        }


def _initial(campaign: Campaign) -> dict[str, Any]:
    stored = campaign.filters
    in_days = campaign.delay_hours % _DAY == 0
    price, quantity = stored.get("price", {}), stored.get("quantity", {})
    columns = (
        "revision",
        "name",
        "trigger",
        "window_days",
        "window_from",
        "window_until",
        "window_clock",
        "priority",
        "template",
        "when_no_language",
        "on_amazon_de",
        "note",
    )
    return {
        **{name: getattr(campaign, name) for name in columns},
        **{name: stored.get(name, "") for name in ("marketplaces", "fulfilment", "business", "promotion", "repeat_buyer_days")},
        **{name: "\n".join(stored.get(name, [])) for name in _LISTS},
        "delay": campaign.delay_hours // _DAY if in_days else campaign.delay_hours,
        "delay_unit": "days" if in_days else "hours",
        "price_currency": price.get("currency", ""),
        **{f"price_{end}": _major(price, end) for end in ("min", "max") if f"{end}_minor" in price},
        **{f"quantity_{end}": quantity.get(end) for end in ("min", "max")},
        "replacements": stored.get("replacements") == "include",
        "skip_returned": stored.get("returned") == "exclude",
        "skip_refunded": stored.get("refunded") == "exclude",
    }  # fmt: skip


def _major(price: dict[str, Any], end: str) -> Decimal:
    return Decimal(price[f"{end}_minor"]).scaleb(-decimals(price.get("currency", "")))


def _stored(data: dict[str, Any]) -> dict[str, Any]:
    """The stored shape of what was typed; empty fields set no limit."""
    lists = {
        name: [line.strip() for line in (data.get(name) or "").splitlines() if line.strip()]
        for name in _LISTS
    }
    price = {
        f"{end}_minor": minor(str(data[f"price_{end}"]), (data.get("price_currency") or "").upper())
        for end in ("min", "max")
        if data.get(f"price_{end}") is not None
    }
    quantity = {
        end: data[f"quantity_{end}"] for end in ("min", "max") if data.get(f"quantity_{end}") is not None
    }
    found = {
        **lists,
        **{
            name: data.get(name)
            for name in ("marketplaces", "fulfilment", "business", "promotion", "repeat_buyer_days")
        },
        "price": {"currency": (data.get("price_currency") or "").upper(), **price} if price else None,
        "quantity": quantity or None,
        "replacements": "include" if data.get("replacements") else None,
        "returned": "exclude" if data.get("skip_returned") else None,
        "refunded": "exclude" if data.get("skip_refunded") else None,
    }
    return {name: value for name, value in found.items() if value}


#: Where a part of the stored filters is typed, where the names differ.
_FIELDS = {
    "price.currency": "price_currency", "price.min_minor": "price_min", "price.max_minor": "price_max",
    "quantity.min": "quantity_min", "quantity.max": "quantity_max", "price": "price_currency",
    "quantity": "quantity_min", "returned": "skip_returned", "refunded": "skip_refunded", "delay_hours": "delay",
}  # fmt: skip


def _field_of(name: str, fields: dict[str, Any]) -> str | None:
    field = _FIELDS.get(name, name)
    return field if field in fields else None
