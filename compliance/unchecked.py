"""What of Amazon's rules no program here decides, and why: said once, for the rulebook and for the people who review."""

import dataclasses


@dataclasses.dataclass(frozen=True, slots=True)
class Unchecked:
    """`rule` is the slug of the rule it belongs to; `instead` says who or what looks at it."""

    rule: str
    what: str
    why: str
    instead: str


UNCHECKED: tuple[Unchecked, ...] = (
    Unchecked(
        "link-secure-working",
        "Whether a link still works",
        "Amazon answers programs with errors, so a page that opens for people looks dead to us.",
        "Whoever reviews the text opens it once.",
    ),
    Unchecked(
        "attachment-kind",
        "What stands inside an attached file",
        "A file is checked for its kind, type and size; its pages are not read.",
        "Whoever reviews the text reads every page; the file may hold no offers, links or other languages.",
    ),
    Unchecked(
        "logo-no-link",
        "An address drawn inside a picture",
        "Pictures are not read.",
        "Whoever reviews the text looks at each picture.",
    ),
    Unchecked(
        "no-sensitive-content",
        "What a picture shows",
        "Pictures are not read; only their names and texts are.",
        "Whoever reviews the text looks at each picture.",
    ),
    Unchecked(
        "no-image-of-purchased-product",
        "A picture of the product that comes from another place than Amazon's",
        "Only the address of a picture tells us, not what it shows.",
        "Whoever reviews the text looks at each picture.",
    ),
    Unchecked(
        "no-diversion",
        "A code to scan inside a picture",
        "Pictures are not read.",
        "Whoever reviews the text looks at each picture.",
    ),
    Unchecked(
        "accessibility-wcag",
        "Reading order, texts for pictures that say the wrong thing, words drawn as pictures",
        "A program sees that a text is there, not whether it is right.",
        "Whoever reviews the text.",
    ),
    Unchecked(
        "spelling-grammar",
        "Grammar, style, and spelling in Japanese",
        "A wrong finding on a right sentence costs more trust than a missed slip; Japanese has no spelling to look up.",
        "A native reader, once for each language.",
    ),
    Unchecked(
        "one-request-per-order",
        "Messages that other tools on the same account have sent",
        "Amazon shows its own request by no longer offering it; mail sent by others shows nowhere.",
        "Use one tool for requests.",
    ),
    Unchecked(
        "daily-volume",
        "Messages that other tools send on the same account",
        "They count towards the same limit, and Amazon tells nobody how many there were.",
        "The limit leaves a reserve.",
    ),
    Unchecked(
        "opt-out-respected",
        "Who has opted out and was never written to",
        "Amazon keeps no list that anyone may read; the notice that comes back is the only sign.",
        "After the first notice the buyer is on the do-not-write list.",
    ),
    Unchecked(
        "sender-approved",
        "Whether Seller Central lists the sender's address",
        "There is no interface to ask; a refusal by the relay is the only sign.",
        "The seller, on the connection's page; the first refusal holds the account's mail.",
    ),
    Unchecked(
        "restricted-account",
        "Whether Amazon has restricted the account's messages",
        "Amazon tells it by mail to the account's own address only.",
        "The seller reports it.",
    ),
    Unchecked(
        "no-insiders",
        "Whether a buyer belongs to the seller's people",
        "Amazon gives an alias for each buyer, not a name.",
        "The seller puts such orders on the do-not-write list.",
    ),
    Unchecked(
        "consent-germany",
        "Whether a buyer has consented",
        "Consent is given to the seller, outside Amazon.",
        "The seller, who must be able to prove it.",
    ),
)
