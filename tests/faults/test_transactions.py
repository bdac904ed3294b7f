"""No transaction is open while the network is: asked of the database itself, from inside a channel."""

from campaigns.models import Message
from campaigns.services.dispatch import take_turn
from tests.campaigns.sending.helpers import Remembering
from tests.faults.world import World


def test_the_claim_is_committed_before_the_channel_and_the_fence_before_the_wire(world: World) -> None:
    world.due("solicitation", 2)
    channel = Remembering()
    take_turn(world.seller, channel, 10)  # type: ignore[arg-type]
    assert channel.had_transaction == [False] * 4
    assert set(Message.objects.values_list("state", flat=True)) == {"sent"}
