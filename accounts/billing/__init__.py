"""What is sold, what a subscription permits, and how use is counted. Pure: tables and arithmetic, no Django, no Stripe."""
