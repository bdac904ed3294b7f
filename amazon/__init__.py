"""How we speak to Amazon: regions, tokens, one shared limiter, one classifier of errors. No tables, no
Django.

The way through one call is `client.Client`; what Amazon offers is one file per API (`orders`,
`solicitations`, ...).
"""
