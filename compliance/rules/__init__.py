"""Every rule, in code order. The only place where a rule is registered."""

from compliance.engine.types import Rule

RULES: tuple[Rule, ...] = ()
