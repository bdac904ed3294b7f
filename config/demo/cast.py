"""Who is in the demo: people, three sellers, and what they send. Data only."""

from dataclasses import dataclass

from accounts.roles import Role

PASSWORD = "permitted-demo-2026"  # noqa: S105 (a demo on loopback; printed for everyone to use)
AGENCY = ("Northlight Commerce", "northlight")
OWNER = "ada@northlight.example"
REVIEWER, LEAD = "rita@permitted.example", "lena@permitted.example"


@dataclass(frozen=True)
class CastSeller:
    slug: str
    name: str
    timezone: str
    region: str
    marketplaces: tuple[str, ...]
    selling_partner_id: str
    #: Share of orders fulfilled by Amazon.
    fba: float
    sender: str


@dataclass(frozen=True)
class CastPerson:
    email: str
    name: str
    role: Role
    #: A seller's slug, the agency's, or empty for the operator's staff.
    place: str
    what: str


SELLERS = (
    CastSeller(
        "marlow",
        "Marlow Kitchen",
        "America/New_York",
        "NA",
        ("ATVPDKIKX0DER",),
        "A1MARLOWKITCHEN",
        0.7,
        "orders@marlow-kitchen.example",
    ),
    CastSeller(
        "lindner",
        "Lindner Haushalt",
        "Europe/Berlin",
        "EU",
        ("A1PA6795UKMFR9",),
        "A2LINDNERHAUS",
        0.6,
        "service@lindner-haushalt.example",
    ),
    CastSeller(
        "felt-oak",
        "Felt & Oak",
        "Europe/London",
        "EU",
        ("A1F83G8C2ARO7P",),
        "A3FELTANDOAK",
        0.0,
        "hello@felt-and-oak.example",
    ),
)
PEOPLE = (
    CastPerson(
        "ada@northlight.example",
        "Ada Winter",
        Role.AGENCY_OWNER,
        "northlight",
        "agency owner: all three sellers",
    ),
    CastPerson(
        "mara@marlow.example", "Mara Marlow", Role.SELLER_OWNER, "marlow", "a seller alone in the portal"
    ),
    CastPerson(
        "jonas@northlight.example",
        "Jonas Feld",
        Role.AGENCY_ANALYST,
        "northlight",
        "agency analyst: sees, changes nothing",
    ),
    CastPerson(REVIEWER, "Rita Voss", Role.REVIEWER, "", "compliance reviewer: the desk at /review/"),
    CastPerson(LEAD, "Lena Brandt", Role.LEAD_REVIEWER, "", "lead reviewer: corrects, hears the escalated"),
    CastPerson("olga@permitted.example", "Olga Berg", Role.OPERATOR_ADMIN, "", "operator"),
)
