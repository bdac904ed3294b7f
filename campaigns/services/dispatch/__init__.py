"""Sending: a seller's turn (`turn`), the point of no return (`fence`), what came of it (`outcome`), many
sellers at once (`round`).
"""

from campaigns.services.dispatch.round import Round
from campaigns.services.dispatch.turn import Turn, take_turn

__all__ = ["Round", "Turn", "take_turn"]
