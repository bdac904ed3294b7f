"""Roles and what each may do: the one table. Pure.

A permission is a verb on a noun. Every URL declares the one it needs (`accounts.access.requires`); a test
walks them all.
"""

from enum import StrEnum


class Place(StrEnum):
    SELLER = "seller"
    AGENCY = "agency"
    OPERATOR = "operator"


class Permission(StrEnum):
    # in a seller
    VIEW = "view"  # orders, campaigns, messages, figures
    WRITE = "write"  # texts and campaigns, submit, ask; not switch on
    SWITCH = "switch"  # activate, pause, end, send by hand, settle an uncertain message
    IMPORT = "import"  # upload order files, sync now
    CONNECT = "connect"  # Amazon's authorisation, sender address, caps
    MEMBERS = "members"  # invite, change roles
    SETTINGS = "settings"
    BILLING = "billing"  # plan, card, invoices; in a seller and in an agency
    # in an agency
    AGENCY_VIEW = "agency_view"
    AGENCY_MANAGE = "agency_manage"
    # the operator's staff
    REVIEW = "review"
    REVIEW_LEAD = "review_lead"
    OPERATE = "operate"


class Role(StrEnum):
    SELLER_OWNER = "seller_owner"
    SELLER_MANAGER = "seller_manager"
    SELLER_AUTHOR = "seller_author"
    SELLER_VIEWER = "seller_viewer"
    AGENCY_OWNER = "agency_owner"
    AGENCY_MANAGER = "agency_manager"
    AGENCY_ANALYST = "agency_analyst"
    REVIEWER = "reviewer"
    LEAD_REVIEWER = "lead_reviewer"
    SUPPORT = "support"
    OPERATOR_ADMIN = "operator_admin"

    @property
    def title(self) -> str:  # type: ignore[override]  # for people; str.title is never meant
        return self.value.replace("seller_", "").replace("agency_", "agency ").replace("_", " ").capitalize()

    @property
    def place(self) -> Place:
        prefix = self.value.split("_")[0]
        return Place(prefix) if prefix in {"seller", "agency"} else Place.OPERATOR


P = Permission
_SELLER_ALL = frozenset({P.VIEW, P.WRITE, P.SWITCH, P.IMPORT, P.CONNECT, P.MEMBERS, P.SETTINGS, P.BILLING})
_SELLER_MANAGER = _SELLER_ALL - {P.MEMBERS}

#: What a role may do inside a seller (for agency roles: inside each seller they reach).
IN_SELLER: dict[Role, frozenset[Permission]] = {
    Role.SELLER_OWNER: _SELLER_ALL,
    Role.SELLER_MANAGER: _SELLER_MANAGER,
    Role.SELLER_AUTHOR: frozenset({P.VIEW, P.WRITE}),
    Role.SELLER_VIEWER: frozenset({P.VIEW}),
    Role.AGENCY_OWNER: _SELLER_ALL,
    Role.AGENCY_MANAGER: _SELLER_MANAGER,
    Role.AGENCY_ANALYST: frozenset({P.VIEW}),
    Role.SUPPORT: frozenset({P.VIEW}),
}
IN_AGENCY: dict[Role, frozenset[Permission]] = {
    Role.AGENCY_OWNER: frozenset({P.AGENCY_VIEW, P.AGENCY_MANAGE, P.MEMBERS, P.BILLING}),
    Role.AGENCY_MANAGER: frozenset({P.AGENCY_VIEW}),
    Role.AGENCY_ANALYST: frozenset({P.AGENCY_VIEW}),
    Role.SUPPORT: frozenset({P.AGENCY_VIEW}),
}
AS_OPERATOR: dict[Role, frozenset[Permission]] = {
    Role.REVIEWER: frozenset({P.REVIEW}),
    Role.LEAD_REVIEWER: frozenset({P.REVIEW, P.REVIEW_LEAD}),
    Role.OPERATOR_ADMIN: frozenset({P.OPERATE}),
}

#: Whom a role may invite: never above itself.
MAY_INVITE: dict[Role, frozenset[Role]] = {
    Role.SELLER_OWNER: frozenset(
        {Role.SELLER_OWNER, Role.SELLER_MANAGER, Role.SELLER_AUTHOR, Role.SELLER_VIEWER}
    ),
    Role.AGENCY_OWNER: frozenset(
        {Role.AGENCY_OWNER, Role.AGENCY_MANAGER, Role.AGENCY_ANALYST}
        | {Role.SELLER_MANAGER, Role.SELLER_AUTHOR, Role.SELLER_VIEWER}
    ),
    Role.OPERATOR_ADMIN: frozenset({Role.REVIEWER, Role.LEAD_REVIEWER, Role.SUPPORT}),
}
