"""What people type about places, members and connections."""

from operator import attrgetter
from typing import Any
from zoneinfo import available_timezones

from django import forms
from django.core.exceptions import ValidationError
from django.http import HttpRequest, QueryDict

from accounts.models import Connection, User
from accounts.roles import Role
from accounts.services.places import Where, roles_to_give
from amazon.regions import MARKETPLACES

_PLACES = (z for z in available_timezones() if "/" in z and not z.startswith(("Etc/", "SystemV/")))
_ZONES = [*sorted(_PLACES), "UTC"]


#: What each role is for, as the invitation's choice says it; what it may do exactly is accounts/roles.py.
ROLE_WORDS: dict[Role, str] = {
    Role.SELLER_OWNER: "everything, people too",
    Role.SELLER_MANAGER: "everything but people",
    Role.SELLER_AUTHOR: "writes texts and campaigns, cannot switch on",
    Role.SELLER_VIEWER: "looks, changes nothing",
    Role.AGENCY_OWNER: "all sellers, and people",
    Role.AGENCY_MANAGER: "runs the sellers assigned to them",
    Role.AGENCY_ANALYST: "looks at sellers, changes nothing",
}


class SellerForm(forms.Form):
    name = forms.CharField(max_length=120, label="Business name")
    timezone = forms.ChoiceField(
        label="Time zone",
        choices=[(z, z) for z in _ZONES],
        initial="Europe/Berlin",
        help_text="Times on the pages are shown in it.",
    )


class AgencyForm(forms.Form):
    name = forms.CharField(max_length=120, label="Agency name")


class InviteForm(forms.Form):
    email = forms.EmailField(label="E-mail address")
    role = forms.ChoiceField()

    def __init__(self, *args: Any, inviter: User, where: Where, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [
            (role.value, f"{role.title}: {ROLE_WORDS[role]}") for role in roles_to_give(inviter, where)
        ]
        self.fields["role"] = forms.ChoiceField(choices=choices)


class ConnectForm(forms.Form):
    marketplace = forms.ChoiceField(
        label="Your main Amazon store",
        choices=[
            (m.id, f"{m.domain} ({m.country})")
            for m in sorted(MARKETPLACES.values(), key=attrgetter("domain"))
        ],
        initial="ATVPDKIKX0DER",
        help_text="One connection serves all stores of its region: America, Europe or the Far East.",
    )


class ConnectionForm(forms.ModelForm):  # type: ignore[type-arg]
    class Meta:
        model = Connection
        fields = ("sender_address", "daily_cap")
        labels = {"sender_address": "Sender of relay mail", "daily_cap": "Messages a day, at most"}  # noqa: RUF012
        help_texts = {  # noqa: RUF012
            "sender_address": "The address you approved in Seller Central under Messaging Permissions; Amazon refuses "
            "any other. Empty: no relay mail.",
            "daily_cap": "Empty: Amazon's own measure, five times your average daily orders plus 600.",
        }


def posted(request: HttpRequest) -> QueryDict | None:
    """What a form is bound to: an empty post too, so that it is answered with what is missing."""
    return request.POST if request.method == "POST" else None


def add_errors(form: forms.Form, problem: ValidationError) -> None:
    """A service's refusal, on the fields it names; what names no field of the form goes to the top."""
    if not hasattr(problem, "error_dict"):
        form.add_error(None, problem)
        return
    for field, errors in problem.error_dict.items():
        form.add_error(field if field in form.fields else None, ValidationError(errors))


def role_from(value: str) -> Role:
    """Raises ValidationError for a role that does not exist."""
    try:
        return Role(value)
    except ValueError:
        raise ValidationError({"role": f"“{value}” is not a role. Choose one from the list."}) from None
