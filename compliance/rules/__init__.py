"""Every rule, in code order. The only place where a rule is registered; a code is never used again."""

from compliance.engine.types import Rule
from compliance.rules.link_external import LinkExternal
from compliance.rules.no_condition_on_satisfaction import NoConditionOnSatisfaction
from compliance.rules.no_email_address import NoEmailAddress
from compliance.rules.no_emoji import NoEmoji
from compliance.rules.no_incentive import NoIncentive
from compliance.rules.no_positive_only import NoPositiveOnly
from compliance.rules.no_selective_audience import NoSelectiveAudience
from compliance.rules.no_telephone_number import NoTelephoneNumber
from compliance.rules.order_id_present import OrderIdPresent
from compliance.rules.rendered_complete import RenderedComplete

RULES: tuple[Rule, ...] = (
    LinkExternal(),  # C1
    NoEmailAddress(),  # C10
    NoTelephoneNumber(),  # C11
    RenderedComplete(),  # C17
    NoEmoji(),  # D2
    NoIncentive(),  # R1
    NoPositiveOnly(),  # R2
    NoConditionOnSatisfaction(),  # R3
    NoSelectiveAudience(),  # R9
    OrderIdPresent(),  # T4
)
