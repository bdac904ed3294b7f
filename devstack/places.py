"""Where things lie in the checkout. `.dev` holds everything that the commands make, and nothing else does."""

from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
DEV = ROOT / ".dev"
DEMO_LOCK = DEV / "demo.lock"
DEMO_ENV = DEV / "env.json"
DEMO_LOGINS = DEV / "demo.json"
PORTS = DEV / "ports.json"


def private_folder(path: Path) -> Path:
    """Made for our eyes only: it will hold passwords and the demo's data."""
    path.mkdir(mode=0o700, parents=True, exist_ok=True)
    return path
