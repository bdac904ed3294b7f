"""What a visitor of the public checker types. It is looked at and forgotten."""

import re
from typing import get_args

from django import forms

from amazon.regions import MARKETPLACES
from compliance.engine.types import BodyFormat, Draft, Purpose
from compliance.rulebook import MEDIA

LANGUAGES = {
    "en-US": "English", "de-DE": "German", "fr-FR": "French", "es-ES": "Spanish", "it-IT": "Italian",
    "nl-NL": "Dutch", "pl-PL": "Polish", "pt-BR": "Portuguese", "sv-SE": "Swedish", "ja-JP": "Japanese",
    "tr-TR": "Turkish", "ar-AE": "Arabic",
}  # fmt: skip
_STORES = sorted((m.country, f"{m.domain} ({m.country})") for m in MARKETPLACES.values())
_TAG = re.compile(r"</?[a-zA-Z][^<>]{0,500}>")
LONGEST = 60_000


class CheckForm(forms.Form):
    medium = forms.ChoiceField(choices=list(MEDIA.items()), initial="relay_email", label="What it is")
    purpose = forms.ChoiceField(
        choices=[(p, p.replace("_", " ").capitalize()) for p in get_args(Purpose)], initial="review_request",
        label="Why you write", help_text="The text must serve this purpose and no other.",
    )  # fmt: skip
    language = forms.ChoiceField(
        choices=list(LANGUAGES.items()), initial="en-US", label="The buyer's language"
    )
    marketplace = forms.ChoiceField(choices=_STORES, initial="US", label="Store")
    fulfilment = forms.ChoiceField(
        choices=[("FBM", "You ship it yourself"), ("FBA", "Amazon ships it")],
        initial="FBM",
        label="Who ships",
    )
    subject = forms.CharField(max_length=300, required=False)
    body = forms.CharField(
        max_length=LONGEST, strip=False, required=False, label="Your text", widget=forms.Textarea,
        error_messages={"max_length": f"Only the first {LONGEST:,} characters would be a long message; shorten the text."},
    )  # fmt: skip

    def clean_body(self) -> str:
        return str(self.cleaned_data["body"]).replace("\r\n", "\n")

    def draft(self) -> Draft:
        """As typed. Placeholders make it a template, tags in a mail make it HTML."""
        data = self.cleaned_data
        is_mail = data["medium"] == "relay_email"
        body_format: BodyFormat = "html" if is_mail and _TAG.search(data["body"]) else "text"
        return Draft(
            medium=data["medium"], purpose=data["purpose"], body=data["body"], language=data["language"],
            marketplace=data["marketplace"], fulfilment=data["fulfilment"], subject=data["subject"] if is_mail else "",
            body_format=body_format, stage="template" if "{{" in data["body"] + data["subject"] else "rendered",
        )  # fmt: skip
