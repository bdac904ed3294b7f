"""The names that children are handed. Pure: config/settings.py is the other end."""

import base64
import re
import secrets
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from urllib.parse import quote, urlsplit, urlunsplit

from devstack import files
from devstack.console import Trouble

# What a shell may hold for a real installation: a demo or test that picked it up would speak to the real one.
_OF_REAL_INSTALLATIONS = re.compile(r"AMAZON_|STRIPE_|RELAY_|SANDBOX_|EMAIL_|PG[A-Z]+$")

# The sandbox knows the application by these; they open nothing else.
_DEMO_APPLICATION = {
    "AMAZON_LWA_CLIENT_ID": "amzn1.application-oa2-client.permitted-demo",
    "AMAZON_LWA_CLIENT_SECRET": "amzn1.oa2-cs.v1.permitted-demo",
    "AMAZON_APPLICATION_ID": "amzn1.sp.solution.permitted-demo",
}


@dataclass(frozen=True)
class Secrets:
    """Made once for a folder of data and kept beside it: what was sealed yesterday must open today."""

    secret_key: str
    sealing_keys: str
    postgres_password: str
    valkey_password: str


def load_secrets(path: Path) -> Secrets:
    stored = files.read(path)
    if stored is None:
        made = _new_secrets()
        files.write_private(path, asdict(made))
        return made
    try:
        return Secrets(**stored)
    except TypeError:
        raise Trouble(f"{path} is not as this version writes it: `./run demo --fresh` begins anew") from None


def _new_secrets() -> Secrets:
    sealing = base64.b64encode(secrets.token_bytes(32)).decode()
    return Secrets(secrets.token_urlsafe(50), f"k1:{sealing}", secrets.token_hex(16), secrets.token_hex(16))


def inherited(environ: Mapping[str, str]) -> dict[str, str]:
    """The person's environment without what points at a real installation."""
    return {name: value for name, value in environ.items() if not _OF_REAL_INSTALLATIONS.match(name)}


def postgres_url(password: str, port: int, name: str = "permitted", user: str = "permitted") -> str:
    account = f"{quote(user, safe='')}:{quote(password, safe='')}"
    return f"postgresql://{account}@127.0.0.1:{port}/{quote(name, safe='')}"


def valkey_url(password: str, port: int, database: int) -> str:
    return f"redis://:{quote(password, safe='')}@127.0.0.1:{port}/{database}"


def cache_url_beside(broker_url: str) -> str:
    """The broker's server, database 1. Raises Trouble where the broker is no Redis or Valkey."""
    parts = urlsplit(broker_url)
    if parts.scheme not in {"redis", "rediss"}:
        raise Trouble("BROKER_URL is not a redis:// address, so set CACHE_URL (redis://…) as well")
    return urlunsplit(parts._replace(path="/1"))


def of_product(kept: Secrets, site_url: str, media: Path, debug: bool = True) -> dict[str, str]:
    """What every command of the product is handed, besides the servers' addresses."""
    return _DEMO_APPLICATION | {
        "DJANGO_SETTINGS_MODULE": "config.settings",
        "DEBUG": "1" if debug else "0",
        "RAMP_EVERY": "5s",  # nobody watches a demo for the hours that a new text's steps take
        "SECURE_SSL_REDIRECT": "0",  # everything here is plain http on the loopback address
        "SECRET_KEY": kept.secret_key,
        "SEALING_KEYS": kept.sealing_keys,
        "SITE_URL": site_url,
        "MEDIA_ROOT": str(media),
    }


def of_sandbox(http_port: int, smtp_port: int) -> dict[str, str]:
    """Where Amazon, its mail relay and Stripe are, when the sandbox plays them."""
    base = f"http://127.0.0.1:{http_port}"
    return {
        "SANDBOX_URL": base,
        "AMAZON_BASE_URL": base,
        "AMAZON_TOKEN_URL": f"{base}/auth/o2/token",
        "AMAZON_CONSENT_URL": f"{base}/apps/authorize/consent",
        "RELAY_SMTP_URL": f"smtp://127.0.0.1:{smtp_port}",
        "STRIPE_SECRET_KEY": "sk_test_permitted_demo",
        "STRIPE_WEBHOOK_SECRET": "whsec_permitted_demo",
        "STRIPE_BASE_URL": f"{base}/stripe",
    }
