"""Which of a text's languages a buyer gets. Pure."""

from collections.abc import Collection


def choose_language(available: Collection[str], wanted: str) -> str | None:
    """The closest of the `available` BCP 47 tags to the buyer's: that very one, else the same language, else None."""
    by_tag = {_norm(tag): tag for tag in sorted(available)}
    tag = _norm(wanted)
    if tag in by_tag:
        return by_tag[tag]
    primary = tag.split("-")[0]
    if primary in by_tag:
        return by_tag[primary]
    return next((own for norm, own in by_tag.items() if norm.split("-")[0] == primary), None)


def _norm(tag: str) -> str:
    return tag.replace("_", "-").lower()
