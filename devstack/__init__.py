"""One machine as an installation: servers from wheels, the sandbox as Amazon, the product's processes.

It starts the product by command and never imports it; the product does not know it exists.
"""
