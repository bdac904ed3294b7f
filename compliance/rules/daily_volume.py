"""Amazon's daily limit.

What it flags
A message beyond the selling account's limit of the day.

Why
Amazon takes five times the account's average daily orders plus 600 messages a day, whoever sends them.

Write instead
Nothing: the message goes out on the next day that has room. The gate counts each account's messages of the day in the
store's own time and holds what is over the limit; messages an order cannot do without keep a reserve.

Sources
Amazon UK seller forum, critical and non-critical messages; eDesk, how to avoid suspension (read 2026-11-23)."""

from collections.abc import Iterator

from compliance.engine.document import Document
from compliance.engine.sending import Sending
from compliance.engine.types import Draft, Finding, Rule, Severity


def _sent(sent_today: int | None, daily_limit: int | None) -> Draft:
    sending = Sending(sent_today=sent_today, daily_limit=daily_limit)
    return Draft("relay_email", "review_request", "", "en-US", "US", sending=sending)


class DailyVolume(Rule):
    slug, code, title = "daily-volume", "T7", "Amazon's daily limit"
    severity = Severity.BLOCK
    reads = frozenset({"sending"})
    flagged = (_sent(650, 650), _sent(700, 650))
    passed = (_sent(649, 650), _sent(None, 650), _sent(10, None))

    def check(self, document: Document) -> Iterator[Finding]:
        sending = document.draft.sending
        if sending is None or sending.sent_today is None or sending.daily_limit is None:
            return
        if sending.sent_today >= sending.daily_limit:
            message = f"{sending.sent_today:,} messages went out today; the account's limit is {sending.daily_limit:,}."
            yield self.finding(message, where="sending")
