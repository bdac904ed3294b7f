"""Pages in tests."""

import pytest


@pytest.fixture(autouse=True)
def _static_files_folder(settings, tmp_path_factory):
    """WhiteNoise warns of a folder that only a deployment makes."""
    settings.STATIC_ROOT = tmp_path_factory.getbasetemp()
