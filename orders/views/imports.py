"""Uploading an order file and watching it being read."""

from typing import cast

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from accounts.access import requires
from accounts.forms import posted
from accounts.models import User
from accounts.paging import page_of
from accounts.roles import Permission
from orders import selectors
from orders.forms import ImportForm
from orders.models import OrderImport
from orders.services import imports


@require_http_methods(["GET", "POST"])
@requires(Permission.VIEW, write=Permission.IMPORT)
def list_imports(request: HttpRequest) -> HttpResponse:
    form = ImportForm(posted(request), request.FILES if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        upload = form.cleaned_data["file"]
        try:
            taken = imports.accept_upload(upload, upload.name, cast(User, request.user))
            messages.success(request, f"{taken.file_name} is being read. You may leave this page.")
            return redirect("order_import", seller=request.seller.slug, order_import=taken.pk)  # type: ignore[attr-defined]
        except imports.UploadRefused as refusal:
            form.add_error("file", str(refusal))
    page = page_of(OrderImport.objects.all(), "created_at", request.GET)
    return render(
        request, "orders/imports.html", {"form": form, "page": page}, status=422 if form.errors else 200
    )


@require_GET
@requires(Permission.VIEW)
@never_cache
def one_import(request: HttpRequest, order_import: int) -> HttpResponse:
    run = get_object_or_404(OrderImport, pk=order_import)
    context = {
        "run": run,
        "percent": selectors.import_progress(run),
        "problems": selectors.import_problems(run),
    }
    return render(request, "orders/import.html", context)
