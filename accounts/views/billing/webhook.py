"""Where Stripe rings. Answers at once; what it means is found out by a task."""

from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from accounts.access import public
from accounts.services.billing import inbox


@public
@csrf_exempt
@require_POST
def stripe_webhook(request: HttpRequest) -> HttpResponse:
    """200: stored, now or before. 400: not for us, and nothing is kept of it but a count."""
    try:
        inbox.receive(_body(request), request.headers.get("Stripe-Signature", ""))
    except inbox.RefusedEvent as refused:
        inbox.count_refused(refused.why)
        return HttpResponse(refused.why, status=400, content_type="text/plain")
    return HttpResponse("ok", content_type="text/plain")


def _body(request: HttpRequest) -> bytes:
    """Not read at all where it says it is too large, or does not say how large in a number."""
    said = request.headers.get("Content-Length") or "0"
    if not said.isdecimal() or len(said) > 18:
        raise inbox.RefusedEvent(inbox.Why.MALFORMED)
    if int(said) > inbox.LARGEST:
        raise inbox.RefusedEvent(inbox.Why.TOO_LARGE)
    return request.body
