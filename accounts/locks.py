"""The classes of our advisory locks, each with the ids of what it locks. One place, for two kinds of work with one number
wait for each other without a reason: planning must not wait until Stripe answers."""

from enum import IntEnum, unique


@unique
class Lock(IntEnum):
    SELLER = 7_301  # making and removing it
    PLAN = 7_302  # by seller
    ORDERS = 7_303  # by seller
    BILLING = 7_304  # by billing account; held while Stripe is asked
    DESK = 7_305  # by reviewer
