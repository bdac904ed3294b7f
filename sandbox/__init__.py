"""A faithful Amazon for one machine: sign-in, Selling Partner API, a world of orders and the mail relay; and Stripe.

Nothing of the product is imported here and the product imports nothing from here.
"""
