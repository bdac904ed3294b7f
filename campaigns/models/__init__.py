from campaigns.models.campaign import Campaign
from campaigns.models.ledger import DayLedger, PlanCursor, Suppression
from campaigns.models.message import Message, MessageEvent
from campaigns.models.template import Template, TemplateAttachment, TemplateText, TemplateVersion

__all__ = [
    "Campaign",
    "DayLedger",
    "Message",
    "MessageEvent",
    "PlanCursor",
    "Suppression",
    "Template",
    "TemplateAttachment",
    "TemplateText",
    "TemplateVersion",
]
