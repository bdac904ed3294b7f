"""Plans and payment: buying, changing, what Stripe rings about, and what follows for each seller.

`stripe_api` is the only place that speaks to Stripe. No transaction is open while it does.
"""
