"""What a deployment can set is written in one file, and nothing else reads the environment."""

import ast
import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
APPS = ("config", "accounts", "amazon", "orders", "compliance", "campaigns")


def names_the_settings_read() -> set[str]:
    tree = ast.parse((ROOT / "config" / "settings.py").read_text())
    calls = [
        node for node in ast.walk(tree) if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)
    ]
    ours = [
        call
        for call in calls
        if isinstance(call.func.value, ast.Name) and call.func.value.id == "env" and call.args
    ]
    return {call.args[0].value for call in ours}


def names_in_the_example() -> list[str]:
    return re.findall(r"^([A-Z0-9_]+)=", (ROOT / ".env.example").read_text(), re.MULTILINE)


def test_the_example_names_exactly_what_the_settings_read():
    assert sorted(names_in_the_example()) == sorted(names_the_settings_read())


#: Reading it elsewhere needs a reason.
READERS = {
    "config/env.py",
    "config/celery.py",  # says which settings to use, as wsgi.py does
    "config/wsgi.py",
    "accounts/services/template_schema.py",  # hands it to pg_dump
    "amazon/transport.py",  # certificates, where the machine keeps its own
    "campaigns/crashpoints.py",  # tests kill a process where they choose
}


def test_nothing_else_reads_the_environment():
    readers = set()
    for app in APPS:
        for path in (ROOT / app).rglob("*.py"):
            if re.search(r"os\.(environ|getenv)", path.read_text()):
                readers.add(str(path.relative_to(ROOT)))
    assert {reader for reader in readers if not reader.startswith("config/demo/")} <= READERS
