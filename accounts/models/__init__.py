from accounts.models.agency import Agency
from accounts.models.audit import AuditEntry
from accounts.models.billing import (
    BillingAccount,
    BillingInvoice,
    BillingNotice,
    PlanChange,
    PlanPrice,
    RefusedWebhook,
    SellerEntitlement,
    SellerUsage,
    StripeCustomer,
    StripeEvent,
    Subscription,
)
from accounts.models.connection import Connection, OAuthState
from accounts.models.due import SellerDue
from accounts.models.installation import Installation
from accounts.models.membership import Invitation, Membership
from accounts.models.seller import Seller, SellerDomain
from accounts.models.user import User

__all__ = [
    "Agency",
    "AuditEntry",
    "BillingAccount",
    "BillingInvoice",
    "BillingNotice",
    "Connection",
    "Installation",
    "Invitation",
    "Membership",
    "OAuthState",
    "PlanChange",
    "PlanPrice",
    "RefusedWebhook",
    "Seller",
    "SellerDomain",
    "SellerDue",
    "SellerEntitlement",
    "SellerUsage",
    "StripeCustomer",
    "StripeEvent",
    "Subscription",
    "User",
]
