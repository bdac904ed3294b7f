"""Every rule, in code order. The only place where a rule is registered; a code is never used again."""

from compliance.engine.types import Rule
from compliance.rules.accessibility_wcag import AccessibilityWcag
from compliance.rules.api_plain_text import ApiPlainText
from compliance.rules.attachment_kind import AttachmentKind
from compliance.rules.attachment_size_type import AttachmentSizeType
from compliance.rules.authenticated_mail import AuthenticatedMail
from compliance.rules.buyer_fatigue import BuyerFatigue
from compliance.rules.buyer_language import BuyerLanguage
from compliance.rules.channel_only_bsm import ChannelOnlyBsm
from compliance.rules.consent_germany import ConsentGermany
from compliance.rules.daily_volume import DailyVolume
from compliance.rules.font_sizes_3 import FontSizes3
from compliance.rules.html_ok import HtmlOk
from compliance.rules.image_80 import Image80
from compliance.rules.image_related_to_brand import ImageRelatedToBrand
from compliance.rules.images_https import ImagesHttps
from compliance.rules.linebreaks_2 import Linebreaks2
from compliance.rules.link_amazon_kind import LinkAmazonKind
from compliance.rules.link_external import LinkExternal
from compliance.rules.link_secure_working import LinkSecureWorking
from compliance.rules.logo_no_link import LogoNoLink
from compliance.rules.margins_20 import Margins20
from compliance.rules.no_alignment_override import NoAlignmentOverride
from compliance.rules.no_amazon_impersonation import NoAmazonImpersonation
from compliance.rules.no_cancel_request import NoCancelRequest
from compliance.rules.no_condition_on_satisfaction import NoConditionOnSatisfaction
from compliance.rules.no_diversion import NoDiversion
from compliance.rules.no_diverting_negatives import NoDivertingNegatives
from compliance.rules.no_email_address import NoEmailAddress
from compliance.rules.no_emoji import NoEmoji
from compliance.rules.no_font_overrides import NoFontOverrides
from compliance.rules.no_gif import NoGif
from compliance.rules.no_image_of_purchased_product import NoImageOfPurchasedProduct
from compliance.rules.no_incentive import NoIncentive
from compliance.rules.no_insiders import NoInsiders
from compliance.rules.no_marketing import NoMarketing
from compliance.rules.no_off_amazon_review import NoOffAmazonReview
from compliance.rules.no_opt_out_link import NoOptOutLink
from compliance.rules.no_order_or_shipping_confirmation import NoOrderOrShippingConfirmation
from compliance.rules.no_out_of_stock_news_as_critical import NoOutOfStockNewsAsCritical
from compliance.rules.no_personal_data_request import NoPersonalDataRequest
from compliance.rules.no_positive_only import NoPositiveOnly
from compliance.rules.no_pressure import NoPressure
from compliance.rules.no_review_change_or_removal import NoReviewChangeOrRemoval
from compliance.rules.no_scripted_review import NoScriptedReview
from compliance.rules.no_selective_audience import NoSelectiveAudience
from compliance.rules.no_sensitive_content import NoSensitiveContent
from compliance.rules.no_telephone_number import NoTelephoneNumber
from compliance.rules.no_tracking_pixel import NoTrackingPixel
from compliance.rules.not_thanks_or_help_only import NotThanksOrHelpOnly
from compliance.rules.one_request_per_order import OneRequestPerOrder
from compliance.rules.opt_out_respected import OptOutRespected
from compliance.rules.order_id_present import OrderIdPresent
from compliance.rules.order_state import OrderState
from compliance.rules.provider_adds_nothing import ProviderAddsNothing
from compliance.rules.purpose_permitted import PurposePermitted
from compliance.rules.recipient_is_this_buyer import RecipientIsThisBuyer
from compliance.rules.relay_recipient_only import RelayRecipientOnly
from compliance.rules.rendered_complete import RenderedComplete
from compliance.rules.restricted_account import RestrictedAccount
from compliance.rules.return_messages_narrow import ReturnMessagesNarrow
from compliance.rules.review_and_feedback_kept_apart import ReviewAndFeedbackKeptApart
from compliance.rules.seller_feedback_removal import SellerFeedbackRemoval
from compliance.rules.sender_approved import SenderApproved
from compliance.rules.sentence_understood import SentenceUnderstood
from compliance.rules.solicitation_window import SolicitationWindow
from compliance.rules.spelling_grammar import SpellingGrammar
from compliance.rules.subject_clean import SubjectClean
from compliance.rules.window_30_days import Window30Days

RULES: tuple[Rule, ...] = (
    LinkExternal(),  # C1
    LinkSecureWorking(),  # C2
    LinkAmazonKind(),  # C3
    AttachmentKind(),  # C4
    AttachmentSizeType(),  # C5
    LogoNoLink(),  # C6
    NoOptOutLink(),  # C7
    NoSensitiveContent(),  # C8
    NoTrackingPixel(),  # C9
    NoEmailAddress(),  # C10
    NoTelephoneNumber(),  # C11
    NoDiversion(),  # C12
    NoImageOfPurchasedProduct(),  # C13
    ImageRelatedToBrand(),  # C14
    NoPersonalDataRequest(),  # C15
    NoAmazonImpersonation(),  # C16
    RenderedComplete(),  # C17
    AccessibilityWcag(),  # D1
    NoEmoji(),  # D2
    NoGif(),  # D3
    Margins20(),  # D4
    Image80(),  # D5
    NoFontOverrides(),  # D6
    FontSizes3(),  # D7
    NoAlignmentOverride(),  # D8
    Linebreaks2(),  # D9
    ImagesHttps(),  # D10
    SpellingGrammar(),  # D11
    ApiPlainText(),  # D12
    SenderApproved(),  # F1
    RelayRecipientOnly(),  # F2
    AuthenticatedMail(),  # F3
    HtmlOk(),  # F4
    OptOutRespected(),  # F5
    RestrictedAccount(),  # F6
    ProviderAddsNothing(),  # F7
    ConsentGermany(),  # L1
    NoOrderOrShippingConfirmation(),  # P2
    NotThanksOrHelpOnly(),  # P3
    NoMarketing(),  # P4
    NoCancelRequest(),  # P5
    NoOutOfStockNewsAsCritical(),  # P6
    ReturnMessagesNarrow(),  # P7
    RecipientIsThisBuyer(),  # P8
    ChannelOnlyBsm(),  # P9
    NoIncentive(),  # R1
    NoPositiveOnly(),  # R2
    NoConditionOnSatisfaction(),  # R3
    NoDivertingNegatives(),  # R4
    NoReviewChangeOrRemoval(),  # R5
    SellerFeedbackRemoval(),  # R6
    NoScriptedReview(),  # R7
    NoInsiders(),  # R8
    NoSelectiveAudience(),  # R9
    NoPressure(),  # R10
    ReviewAndFeedbackKeptApart(),  # R11
    NoOffAmazonReview(),  # R12
    Window30Days(),  # T1
    SolicitationWindow(),  # T2
    OneRequestPerOrder(),  # T3
    OrderIdPresent(),  # T4
    BuyerLanguage(),  # T5
    SubjectClean(),  # T6
    DailyVolume(),  # T7
    BuyerFatigue(),  # T8
    OrderState(),  # T9
    PurposePermitted(),  # P1, which looks at what the others found
    SentenceUnderstood(),  # U1, the last: it looks at what the others found
)
