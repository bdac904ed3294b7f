"""Files of texts, handed back as they were attached: saved, never opened in the page's own place."""

import uuid

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_GET

from accounts.access import requires
from accounts.roles import Permission
from campaigns.models import TemplateAttachment
from campaigns.services import attachments


@require_GET
@requires(Permission.VIEW)
def download_file(request: HttpRequest, text: uuid.UUID, file: int) -> HttpResponse:
    """Of any version, so that a file that was sent can still be read."""
    kept = get_object_or_404(TemplateAttachment, pk=file, version__template__public_id=text)
    try:
        content = attachments.path_of(kept).read_bytes()  # at most 10 MB
    except OSError:
        return _gone(request, kept)
    answer = HttpResponse(content, content_type=attachments.safe_type(kept.content_type))
    answer["Content-Disposition"] = content_disposition_header(True, kept.file_name) or "attachment"
    # A buyer's paper: no shared cache keeps it, and whoever opens it in the browser after all runs nothing.
    answer["Cache-Control"] = "private, no-store"
    answer["Content-Security-Policy"] = "sandbox; default-src 'none'"
    return answer


def _gone(request: HttpRequest, kept: TemplateAttachment) -> HttpResponse:
    messages.error(
        request,
        f"{kept.file_name} is not on the disk any more; messages with it are held. Take it off and attach it again.",
    )
    return redirect("template_edit", seller=request.seller.slug, text=kept.version.template.public_id)  # type: ignore[attr-defined]
