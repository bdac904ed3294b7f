"""What an author types about a text. Forms keep it as typed; services decide."""

from typing import Any

from django import forms

from amazon import messaging as amazon
from campaigns.domain.vocabulary import Channel, Purpose
from campaigns.models import Template
from campaigns.services.templates import TextInput
from campaigns.starters.texts import all_starters

LANGUAGES = {
    "en": "English", "de": "German", "fr": "French", "es": "Spanish", "it": "Italian", "nl": "Dutch",
    "pl": "Polish", "pt": "Portuguese", "sv": "Swedish", "ja": "Japanese", "tr": "Turkish",
}  # fmt: skip


class NewTemplateForm(forms.Form):
    name = forms.CharField(max_length=120, help_text="Only you see it.")
    starter = forms.ChoiceField(
        required=False, label="Begin with", help_text="Starters pass the rules; change what you like.",
        choices=[("", "An empty text"), *((s.key, s.name) for s in all_starters())],
    )  # fmt: skip
    channel = forms.ChoiceField(
        choices=[
            (Channel.RELAY_EMAIL, Channel.RELAY_EMAIL.title),
            (Channel.MESSAGING, Channel.MESSAGING.title),
        ],
        help_text="E-mail reaches buyers of orders you ship yourself. Of its own messages Amazon offers a type or not, "
        "order by order.",
        required=False,
    )
    purpose = forms.ChoiceField(
        choices=[(p.value, p.value.replace("_", " ").capitalize()) for p in Purpose], required=False,
        help_text="The permitted reason you write for. The text must serve it and nothing else.",
    )  # fmt: skip
    message_type = forms.ChoiceField(
        required=False,
        label="Type of Amazon message",
        choices=[
            ("", "None: it is an e-mail"),
            *((name, kind.purpose) for name, kind in amazon.TYPES.items()),
        ],
    )

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if data.get("starter"):
            return data
        if data.get("channel") == Channel.MESSAGING and not data.get("message_type"):
            self.add_error("message_type", "Choose which of Amazon's message types this text is for.")
        return data


class TextForm(forms.Form):
    """One language of a text."""

    language = forms.ChoiceField(choices=list(LANGUAGES.items()), widget=forms.HiddenInput)
    subject = forms.CharField(max_length=300, required=False)
    body = forms.CharField(
        required=False, label="Text", widget=forms.Textarea, strip=False, max_length=20_000
    )

    @property
    def language_name(self) -> str:
        code = self["language"].value() or "en"
        return LANGUAGES.get(code, code)

    def as_input(self, template: Template) -> TextInput:
        data = self.cleaned_data
        return TextInput(
            data["language"], data["subject"], data["body"].replace("\r\n", "\n"), body_format_of(template)
        )


class AttachmentForm(forms.Form):
    file = forms.FileField(help_text="PDF, PNG, JPEG, DOCX or text, at most 10 MB.")
    kind = forms.ChoiceField(
        choices=[
            ("invoice", "Invoice"),
            ("warranty", "Warranty papers"),
            ("instructions", "Instructions"),
            ("other", "Something else"),
        ]
    )


#: Nobody's form has more languages than there are; a crafted one is cut off rather than looked at.
TextFormSet = forms.formset_factory(
    TextForm, extra=0, can_delete=True, max_num=len(LANGUAGES), absolute_max=len(LANGUAGES)
)


def body_format_of(template: Template) -> str:
    """Mail may hold a little HTML; Amazon's typed messages are plain."""
    return "html" if template.channel == Channel.RELAY_EMAIL else "text"
