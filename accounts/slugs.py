"""Names for addresses."""

from django.db import models
from django.utils.text import slugify


def free_slug(model: type[models.Model], name: str) -> str:
    """A slug that no row has: `acme`, else `acme-2`. Another may take it meanwhile: the unique constraint
    decides."""
    stem = slugify(name)[:36].strip("-_").replace("_", "-") or model._meta.model_name or "new"
    taken = set(model._default_manager.filter(slug__startswith=stem).values_list("slug", flat=True))
    return next(
        slug for n in range(1, len(taken) + 2) if (slug := stem if n == 1 else f"{stem}-{n}") not in taken
    )
