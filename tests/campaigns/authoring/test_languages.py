import pytest

from campaigns.domain.languages import choose_language


@pytest.mark.parametrize(
    ("available", "wanted", "expected"),
    [
        (["en", "de"], "de-DE", "de"),
        (["pt-BR", "pt"], "pt-BR", "pt-BR"),
        (["pt-BR"], "pt-PT", "pt-BR"),
        (["en", "de"], "fr-FR", None),
        ([], "en", None),
        (["en_US"], "en-us", "en_US"),
    ],
)
def test_the_closest_language_is_chosen_and_never_a_foreign_one(available, wanted, expected):
    assert choose_language(available, wanted) == expected
