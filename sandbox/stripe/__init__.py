"""A stand-in for Stripe Billing on one machine, below `/stripe`: API, checkout, portal, invoices and signed webhooks.

Made from the shapes and texts of Stripe's published client, API version 2026-10-28 (read 2026-11-25); it was never held against
Stripe itself. It takes test keys only.
Time is the sandbox's clock: moving it renews, fails, retries and ends subscriptions, each thing at its own moment.
Faults and what can be set: `settings.py`; controls over HTTP: `control.py`; what it looks like inside: the page `/stripe/`.
"""
