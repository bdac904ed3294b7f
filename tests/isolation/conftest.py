from tests.support.web import _static_files_folder  # noqa: F401
