"""Every rule, in code order. The only place where a rule is registered; a code is never used again."""

from compliance.engine.types import Rule
from compliance.rules.attachment_kind import AttachmentKind
from compliance.rules.attachment_size_type import AttachmentSizeType
from compliance.rules.link_external import LinkExternal
from compliance.rules.no_condition_on_satisfaction import NoConditionOnSatisfaction
from compliance.rules.no_diversion import NoDiversion
from compliance.rules.no_diverting_negatives import NoDivertingNegatives
from compliance.rules.no_email_address import NoEmailAddress
from compliance.rules.no_emoji import NoEmoji
from compliance.rules.no_incentive import NoIncentive
from compliance.rules.no_marketing import NoMarketing
from compliance.rules.no_order_or_shipping_confirmation import NoOrderOrShippingConfirmation
from compliance.rules.no_positive_only import NoPositiveOnly
from compliance.rules.no_review_change_or_removal import NoReviewChangeOrRemoval
from compliance.rules.no_selective_audience import NoSelectiveAudience
from compliance.rules.no_telephone_number import NoTelephoneNumber
from compliance.rules.not_thanks_or_help_only import NotThanksOrHelpOnly
from compliance.rules.order_id_present import OrderIdPresent
from compliance.rules.rendered_complete import RenderedComplete
from compliance.rules.seller_feedback_removal import SellerFeedbackRemoval
from compliance.rules.subject_clean import SubjectClean

RULES: tuple[Rule, ...] = (
    LinkExternal(),  # C1
    AttachmentKind(),  # C4
    AttachmentSizeType(),  # C5
    NoEmailAddress(),  # C10
    NoTelephoneNumber(),  # C11
    NoDiversion(),  # C12
    RenderedComplete(),  # C17
    NoEmoji(),  # D2
    NoOrderOrShippingConfirmation(),  # P2
    NotThanksOrHelpOnly(),  # P3
    NoMarketing(),  # P4
    NoIncentive(),  # R1
    NoPositiveOnly(),  # R2
    NoConditionOnSatisfaction(),  # R3
    NoDivertingNegatives(),  # R4
    NoReviewChangeOrRemoval(),  # R5
    SellerFeedbackRemoval(),  # R6
    NoSelectiveAudience(),  # R9
    OrderIdPresent(),  # T4
    SubjectClean(),  # T6
)
