"""The review desk's pages. Thin: reading is in selectors, deciding in services, who may do what in compliance/desk/permits.py."""
