"""The house as a whole: it can be imported, its lock names no machine, its layers hold."""

import importlib
import pkgutil
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
APPS = ("config", "accounts", "amazon", "orders", "compliance", "campaigns")


def modules() -> list[str]:
    found = []
    for app in APPS:
        package = importlib.import_module(app)
        found += [module.name for module in pkgutil.walk_packages(package.__path__, f"{app}.")]
    return [name for name in found if ".migrations." not in name]


@pytest.mark.parametrize("name", modules())
def test_every_module_can_be_imported(name):
    importlib.import_module(name)


def test_the_lock_names_no_host():
    lock = (ROOT / "requirements.lock").read_text()
    assert "://" not in lock
    assert not re.search(r"^\s*--?(index-url|extra-index-url|find-links|i|f)\b", lock, re.MULTILINE)


def test_every_locked_package_has_a_hash():
    packages = re.split(r"\n(?=\S)", (ROOT / "requirements.lock").read_text())
    assert not [
        text.split()[0]
        for text in packages
        if re.match(r"[\w.-]+(\[.*?\])?==", text) and "--hash=sha256:" not in text
    ]


def test_no_app_imports_one_above_it():
    """import-linter's contracts, as CI runs them."""
    command = Path(sys.executable).with_name("lint-imports")
    if not command.exists() or "importlinter" not in (ROOT / "pyproject.toml").read_text():
        pytest.skip("import-linter is not set up here")
    done = subprocess.run([command], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


def test_amazons_half_knows_no_django():
    """The package can be used, and tested, without the product around it."""
    code = "import sys, amazon.client, amazon.consent, amazon.orders; sys.exit('django' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=False).returncode == 0


def test_nothing_is_missing_from_the_migrations(db):
    from django.core.management import call_command

    call_command("makemigrations", check=True, dry_run=True, verbosity=0)


def test_the_door_is_executable():
    assert shutil.which(str(ROOT / "run")), "./run is missing or not executable"
