"""Notes for the next reviewer. They follow the seller; the seller never sees them."""

from django.db import transaction
from django.utils import timezone

from accounts.models import User
from accounts.services import audit
from compliance.errors import NoteEmpty, NotYourNote, OwnSeller
from compliance.models import Case, SellerNote
from compliance.services import holding


@transaction.atomic
def add(case: Case, text: str, *, author: User) -> SellerNote:
    """Raises NoteEmpty, or OwnSeller: nobody writes about a seller they belong to, and none reads what is written of theirs."""
    if holding.belongs_to(author, case):
        raise OwnSeller(case.title)
    if not text.strip():
        raise NoteEmpty
    audit.record("seller.noted", actor=author, seller=case.seller, target=str(case.public_id))
    return SellerNote.objects.create(seller=case.seller, case=case, author=author, text=text.strip()[:2000])


@transaction.atomic
def retract(note_id: int, *, user: User, is_lead: bool) -> SellerNote:
    """Shown no longer; kept for the record. Raises NotYourNote: one's own, or any as a lead; and OwnSeller, as `add` does."""
    rows = SellerNote.objects.select_for_update(of=("self",)).select_related("case__seller")
    note = rows.get(pk=note_id)
    if note.case is not None and holding.belongs_to(user, note.case):
        raise OwnSeller(note.case.title)
    if note.author_id != user.pk and not is_lead:
        raise NotYourNote
    if note.retracted_at is None:
        note.retracted_at = timezone.now()
        note.save(update_fields=["retracted_at"])
        audit.record("seller.note_retracted", actor=user, seller=note.seller, target=str(note.pk))
    return note
