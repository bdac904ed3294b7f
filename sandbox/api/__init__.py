"""One module per Amazon API. Importing this package registers every operation."""

from . import catalog as catalog
from . import finances as finances
from . import messaging as messaging
from . import notifications as notifications
from . import orders as orders
from . import orders_v0 as orders_v0
from . import reports as reports
from . import sellers as sellers
from . import solicitations as solicitations
from . import tokens as tokens
from . import uploads as uploads
