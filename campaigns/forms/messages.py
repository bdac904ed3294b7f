"""A message written by hand, and an entry of the do-not-write list."""

from typing import Any

from django import forms

from amazon import messaging as amazon
from campaigns.domain.vocabulary import Channel, Purpose
from campaigns.forms.texts import LANGUAGES
from campaigns.services.one_off import Words

_WRITABLE = {name: kind for name, kind in amazon.TYPES.items() if kind.text}


class OneOffForm(forms.Form):
    channel = forms.ChoiceField(
        choices=[
            (Channel.MESSAGING, Channel.MESSAGING.title),
            (Channel.RELAY_EMAIL, Channel.RELAY_EMAIL.title),
        ],
        help_text="Amazon decides order by order which of its types it offers; e-mail needs the buyer's relay address.",
    )
    purpose = forms.ChoiceField(
        choices=[(p.value, p.value.replace("_", " ").capitalize()) for p in Purpose],
        help_text="The permitted reason you write for.",
    )
    message_type = forms.ChoiceField(
        required=False,
        label="Type of Amazon message",
        choices=[("", "None: it is an e-mail"), *((name, kind.purpose) for name, kind in _WRITABLE.items())],
        help_text="For an Amazon message only.",
    )
    language = forms.ChoiceField(choices=list(LANGUAGES.items()))
    subject = forms.CharField(max_length=300, required=False, help_text="For e-mail only.")
    body = forms.CharField(label="Text", widget=forms.Textarea(attrs={"rows": 10}), max_length=8000)

    ROWS = (("channel", "message_type"), ("purpose", "language"), ("subject",), ("body",))

    @property
    def rows(self) -> list[list[forms.BoundField]]:
        return [[self[name] for name in row] for row in self.ROWS]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        is_amazon = data.get("channel") == Channel.MESSAGING
        if is_amazon and "message_type" in data and not data["message_type"]:
            self.add_error("message_type", "Choose what the Amazon message is about.")
        return data

    def words(self) -> Words:
        data = self.cleaned_data
        return Words(
            data["body"].replace("\r\n", "\n"),
            data["language"],
            subject=data["subject"] if data["channel"] == Channel.RELAY_EMAIL else "",
            message_type=data["message_type"] if data["channel"] == Channel.MESSAGING else "",
        )


class SuppressionForm(forms.Form):
    order_id = forms.CharField(label="Order number", max_length=40)
    with_buyer = forms.BooleanField(
        required=False, initial=True, label="Also every other order of this buyer, where the buyer is known"
    )
    note = forms.CharField(
        max_length=300, required=False, help_text="Why, for your team. No buyer data, please."
    )

    def clean_order_id(self) -> str:
        value: Any = self.cleaned_data["order_id"]
        return str(value).strip().upper()
