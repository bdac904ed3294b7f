from accounts.models.agency import Agency
from accounts.models.audit import AuditEntry
from accounts.models.connection import Connection, OAuthState
from accounts.models.due import SellerDue
from accounts.models.installation import Installation
from accounts.models.membership import Invitation, Membership
from accounts.models.seller import Seller, SellerDomain
from accounts.models.user import User

__all__ = [
    "Agency",
    "AuditEntry",
    "Connection",
    "Installation",
    "Invitation",
    "Membership",
    "OAuthState",
    "Seller",
    "SellerDomain",
    "SellerDue",
    "User",
]
