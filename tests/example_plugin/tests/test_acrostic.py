"""The whole test of a writer."""

from biban_acrostic.writer import AcrosticWriter

from assistant.api.testing import check_writer


def test_acrostic_writer() -> None:
    check_writer(AcrosticWriter())
