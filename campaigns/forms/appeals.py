"""What an author says to the desk."""

from typing import Any

from django import forms

from compliance.models import Appeal

WORDS_AT_MOST = 2000
_WITHOUT_WORDS = "Say in a sentence why it is permitted; another person reads it."


class AppealForm(forms.Form):
    """`can_be_changed`: there is a newer draft than what was decided on, so “I changed it” can be said."""

    kind = forms.ChoiceField(
        label="What do you ask for?",
        choices=[
            (Appeal.Kind.DISPUTE, "I dispute it: look at the very same text again"),
            (Appeal.Kind.CHANGED, "I changed it: look at my newest draft instead"),
        ],
        widget=forms.RadioSelect,
        initial=Appeal.Kind.DISPUTE,
    )
    words = forms.CharField(
        label="Why it is permitted, or what you changed",
        widget=forms.Textarea(attrs={"rows": 5}),
        max_length=WORDS_AT_MOST,
        required=False,
        help_text="Another person than the one who decided reads it. A sentence or two are enough.",
    )

    def __init__(self, *args: Any, can_be_changed: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not can_be_changed:
            self.fields["kind"] = forms.CharField(
                widget=forms.HiddenInput, initial=Appeal.Kind.DISPUTE, required=False
            )
            words = self.fields["words"]
            words.label, words.required = "Why it is permitted", True
            words.error_messages["required"] = _WITHOUT_WORDS

    def clean_kind(self) -> Appeal.Kind:
        return Appeal.Kind(self.cleaned_data["kind"] or Appeal.Kind.DISPUTE)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if data.get("kind") == Appeal.Kind.DISPUTE and "words" in data and not data["words"].strip():
            self.add_error("words", _WITHOUT_WORDS)
        return data
