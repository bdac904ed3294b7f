"""No telephone numbers.

What it flags
A telephone or fax number in the text or in a tel: link. Order ids, tracking, tax, article and serial
numbers, dates and sizes are told apart by their shape and by the words before them.

Why
Buyer and seller talk through Amazon's Buyer-Seller Messaging only. A carrier's or maker's number in a
message about a delivery or a warranty may be needed: there a person decides.

Write instead
"You can reply to this message."

Sources
ZonGuru help, may I ask for a review (read 2026-11-23). eComEngine, what can I include in my e-mails, for
the exception (read 2026-11-23)."""

from collections.abc import Iterator

import phonenumbers
import regex

from compliance.engine.document import Document, View
from compliance.engine.types import Draft, Finding, Outcome, Remedy, Rule, Severity

_CANDIDATE = regex.compile(r"(?<![\w@/.,#:-])(?:\+\s?|00)?\(?\d[\d ()./-]{5,22}\d(?![\w@]|[.,/-]\d)")
_BEFORE = 40
_CALLING = regex.compile(
    r"(?:\b(?:tel|phone|call|calling|ring|dial|hotline|fax|sms|text|whatsapp|mobile|cell|telefon\w*|fon|ruf\w*|anruf\w*|"
    r"handy|mobil\w*|telephone|appel\w*|joindre|portable|llam\w*|telefono|movil|chiam\w*|cellulare|bel|bellen|"
    r"telefoon\w*|zadzwo\w*|dzwon\w*|telefonu|komork\w*|lig\w*|telefone|celular|ring\w*|ara\w*|telefonla|cep)\b"
    r"|電話|フリーダイヤル|☎|✆)"
)
_COUNTING = regex.compile(
    r"\b(?:tracking|track|parcel|shipment|order|vat|ust\w*|tax|iban|account|konto\w*|ean|upc|isbn|gtin|asin|sku|serial|"
    r"serien\w*|model\w*|part|ref|reference|invoice|rechnung\w*|facture|factura|fattura|faktur\w*|nota|cnpj|nip|siret|"
    r"siren|hrb|batch|lot|charge\w*|article|artikel\w*|item|code|licen[cs]e|key|sendung\w*|colis|envio|seguimiento|"
    r"spedizione|partita|iva|przesylk\w*|kargo|takip|numer|pesel|regon|kvk|btw|org|abn|gst|postcode|zip|plz)\b|追跡|伝票|注文|問い?合わ?せ番号|管理番号|型番|品番|登録番号"
)
_DATE = regex.compile(r"(?<!\d)(?:\d{4}[-./]\d{1,2}[-./]\d{1,2}|\d{1,2}[-./]\d{1,2}[-./]\d{4})(?!\d)")
_HOURS = regex.compile(r"(?<!\d)[0-2]?\d[.:][0-5]\d\s?(?:-|to|bis|a|à|do)\s?[0-2]?\d[.:][0-5]\d(?!\d)")
_REGIONS = {"UK": "GB"}
_MAY_NEED_ONE = frozenset({"warranty", "delivery_scheduling", "home_services"})


class NoTelephoneNumber(Rule):
    slug, code, title = "no-telephone-number", "C11", "No telephone number"
    severity = Severity.BLOCK
    remedy = Remedy.LINK
    profiles = frozenset({"relay_email", "messaging_api"})
    flagged = (
        "Call us on 0800 123 4567.",
        "Our number: +1 (415) 555-0132",
        Draft("relay_email", "review_request", "Tel. 030 / 901820", "de-DE", "DE"),
        Draft("relay_email", "review_request", "お電話: 03-1234-5678", "ja-JP", "JP"),
        Draft("relay_email", "warranty", "The maker's hotline: +49 30 901820", "en", "DE"),
        Draft(
            "relay_email", "invoice", '<a href="tel:+14155550132">Call</a>', "en-US", "US", body_format="html"
        ),
    )
    passed = (
        "Order 112-4830917-2265401 of 2026-11-23.",
        "Tracking number 1234 5678 9012, EAN 4006381333931.",
        "The frame is 200 x 90 x 40 cm and cost 1 299.00.",
        "VAT number 123 456 789 is on the invoice.",
        "The fitter can come on Monday, 10.00-14.00.",
        Draft("relay_email", "invoice", "USt-IdNr. 123456789, Rechnung 2026-004711", "de-DE", "DE"),
    )

    def check(self, document: Document) -> Iterator[Finding]:
        draft = document.draft
        outcome = Outcome.REVIEW if draft.purpose in _MAY_NEED_ONE else Outcome.BLOCK
        for view in document.views:
            yield from self._in(
                view, _REGIONS.get(draft.marketplace.upper(), draft.marketplace.upper()), outcome
            )
        for link in document.links:
            if link.scheme in ("tel", "sms", "callto"):
                message = "A link that dials a number is a telephone number."
                yield self.finding(message, text=link.url, start=link.start, end=link.end, outcome=outcome)

    def _in(self, view: View, region: str, outcome: Outcome) -> Iterator[Finding]:
        for match, start, end in view.find(_CANDIDATE, masked=True):
            if _is_telephone(match, region):
                message = f"{match[0].strip()} is a telephone number; say “reply to this message” instead."
                yield self.seen(message, view, start, end, outcome=outcome)


def _is_telephone(match: "regex.Match[str]", region: str) -> bool:
    digits = sum(char.isdigit() for char in match[0])
    if not 7 <= digits <= 15 or _DATE.search(match[0]) or _HOURS.fullmatch(match[0].strip()):
        return False
    before = match.string[max(0, match.start() - _BEFORE) : match.start()].rpartition("\n")[2]
    calling, counting = _last(_CALLING, before), _last(_COUNTING, before)
    if counting > calling:
        return False
    return calling >= 0 or (digits >= 9 and _reads_like_one(match[0], region))


def _last(pattern: "regex.Pattern[str]", text: str) -> int:
    return max((match.start() for match in pattern.finditer(text)), default=-1)


def _reads_like_one(text: str, region: str) -> bool:
    """Without a word that says so: international, or a valid number written in groups."""
    international = text.lstrip("( ").startswith(("+", "00"))
    try:
        number = phonenumbers.parse(text, region)
    except phonenumbers.NumberParseException:
        return False
    if international:
        return phonenumbers.is_possible_number(number)
    return any(sign in text for sign in " -/()") and phonenumbers.is_valid_number(number)
