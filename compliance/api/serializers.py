"""A text as the API takes it, and what it answers."""

from typing import Any, get_args

from rest_framework import serializers

from compliance.engine.document import SIZE_LIMIT
from compliance.engine.types import (
    Attachment,
    BodyFormat,
    Draft,
    DraftStage,
    Fulfilment,
    Medium,
    Outcome,
    Purpose,
)

#: Texts in one request.
AT_ONCE = 50


class AttachmentSerializer(serializers.Serializer[Any]):
    filename = serializers.CharField(max_length=255)
    content_type = serializers.CharField(max_length=100)
    size_bytes = serializers.IntegerField(min_value=0, max_value=1 << 40)
    kind = serializers.ChoiceField(("invoice", "warranty", "instructions", "other"), default="other")


class DraftSerializer(serializers.Serializer[Any]):
    """One text. Texts are taken as they are, spaces and line breaks included, so that offsets fit."""

    id = serializers.CharField(
        max_length=100, required=False, help_text="Yours; it comes back with the answer."
    )
    medium = serializers.ChoiceField(get_args(Medium), help_text="How it reaches the buyer.")
    purpose = serializers.ChoiceField(get_args(Purpose), help_text="The permitted reason you write for.")
    language = serializers.RegexField(
        r"^[A-Za-z]{2,3}([-_][A-Za-z0-9]{2,8}){0,3}$",
        max_length=35,
        help_text="The buyer's, as a BCP 47 tag: en-US, de-DE.",
    )
    marketplace = serializers.RegexField(r"^[A-Z]{2}$", help_text="The store, two letters: US, UK, DE, JP.")
    body = serializers.CharField(
        allow_blank=True, trim_whitespace=False, max_length=SIZE_LIMIT, help_text="The text, or its HTML."
    )
    subject = serializers.CharField(
        allow_blank=True, trim_whitespace=False, max_length=1_000, default="", help_text="Of a mail."
    )
    body_format = serializers.ChoiceField(
        get_args(BodyFormat), default="text", help_text="How the body is written."
    )
    stage = serializers.ChoiceField(
        get_args(DraftStage), default="rendered",
        help_text="rendered: as it would go out. template: with placeholders such as {{ order_id }}.",
    )  # fmt: skip
    fulfilment = serializers.ChoiceField(
        get_args(Fulfilment), default="FBM", help_text="FBM: you ship. FBA: Amazon ships."
    )
    api_type = serializers.CharField(
        allow_blank=True,
        max_length=60,
        default="",
        help_text="Of a Messaging API text: confirmOrderDetails, warranty …",
    )
    order_id = serializers.CharField(
        allow_blank=True, max_length=40, default="", help_text="Of a rendered text."
    )
    product_titles = serializers.ListField(
        child=serializers.CharField(max_length=1_000), max_length=50, default=list,
        help_text="Of the order's items; a title is not held against the text's own words.",
    )  # fmt: skip
    attachments: Any = serializers.ListSerializer(
        child=AttachmentSerializer(),
        max_length=20,
        default=list,
        help_text="Each with filename, content_type, size_bytes and kind: invoice, warranty, instructions or other.",
    )

    def to_draft(self) -> Draft:
        return draft_of(self.validated_data)


class BatchSerializer(serializers.Serializer[Any]):
    """Several texts, all checked or none: one that cannot be read is answered with what is wrong with it."""

    drafts: Any = serializers.ListSerializer(child=DraftSerializer(), min_length=1, max_length=AT_ONCE)


class FixSerializer(serializers.Serializer[Any]):
    """A rewrite that is safe: put `text` in place of the characters from `start` to `end`."""

    text = serializers.CharField(allow_blank=True)
    label = serializers.CharField()  # type: ignore[assignment]  # a field of that name, as the framework allows
    start = serializers.IntegerField(
        min_value=0, help_text="It may take away more than the finding's own words."
    )
    end = serializers.IntegerField(min_value=0, help_text="The same as start where something is put in.")


class FindingSerializer(serializers.Serializer[Any]):
    """What a rule saw. Offsets count characters (Unicode code points) from 0; `end` is the first one after."""

    rule = serializers.CharField(help_text="The rule's name; its page is /rules/<rule>/.")
    code = serializers.CharField(help_text="The rule's short name: D2.")
    outcome = serializers.ChoiceField(
        [o.value for o in Outcome if o is not Outcome.PASS], help_text="What this finding asks for."
    )
    where = serializers.ChoiceField(
        ("subject", "body", "attachment", "targeting", "sending"), help_text="What it is about."
    )
    start = serializers.IntegerField(
        min_value=0, help_text="In the subject's or body's source; 0 to 0 for an absence."
    )
    end = serializers.IntegerField(min_value=0, help_text="The first character after the words.")
    visible_start = serializers.IntegerField(
        min_value=0, allow_null=True, help_text="In what the buyer sees of it."
    )
    visible_end = serializers.IntegerField(
        min_value=0, allow_null=True, help_text="Null where nothing of it is visible."
    )
    text = serializers.CharField(allow_blank=True, help_text="The words.")
    message = serializers.CharField(help_text="One sentence: what is wrong, and what to write.")
    fix = FixSerializer(
        allow_null=True,
        help_text="A rewrite that is safe: put its text from its start to its end. Null where there is none.",
    )


class AnswerSerializer(serializers.Serializer[Any]):
    """pass: may go out. review: a person must decide. block: must not go out. Advice holds nothing."""

    id = serializers.CharField(required=False)
    outcome = serializers.ChoiceField(("pass", "review", "block"))
    findings = FindingSerializer(many=True)
    pack = serializers.CharField(help_text="The rules' version; the same pack gives the same answer.")


class BatchAnswerSerializer(serializers.Serializer[Any]):
    """In the order of the drafts."""

    pack = serializers.CharField()
    answers = AnswerSerializer(many=True)


def draft_of(data: dict[str, Any]) -> Draft:
    fields = {
        name: value for name, value in data.items() if name not in ("id", "attachments", "product_titles")
    }
    return Draft(
        **fields, product_titles=tuple(data["product_titles"]),
        attachments=tuple(Attachment(**one) for one in data["attachments"]),
    )  # fmt: skip
