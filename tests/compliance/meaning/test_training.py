"""What is learned is small, the same each time, and read back as it was written."""

import numpy as np
import pytest

from compliance.meaning import corpus, features, model, report

training = pytest.importorskip("compliance.meaning.training", reason="scikit-learn is in the dev group")

senses = pytest.importorskip("compliance.meaning.senses", reason="the words' places are in the dev group")


@pytest.fixture(scope="module")
def sample():
    return [one for one in corpus.read() if one.language in ("en", "ja")][::6]


@pytest.fixture(scope="module")
def learned(sample):
    return model.to_bytes(training.learn(sample, words()))


def words():
    """Few, for placing all takes a minute."""
    return senses.senses(("en",), 2000)


def test_the_same_sentences_give_the_same_file_to_the_last_byte(sample, learned):
    assert model.to_bytes(training.learn(list(sample), words())) == learned


def test_a_model_read_back_answers_as_before(sample, learned):
    read = model.from_bytes(learned)
    pieces = corpus.pieces(sample[0].text, sample[0].language)
    assert read.reading(pieces) == model.from_bytes(model.to_bytes(read)).reading(pieces)


def test_a_file_cut_short_or_of_another_format_is_refused(learned):
    for broken in (learned[:-7], b"", b"{}\n", learned.replace(b'"format":3', b'"format":9')):
        with pytest.raises(model.ModelUnreadable):
            model.from_bytes(broken)


def test_the_products_model_is_small_and_says_what_it_was_learned_from():
    assert model.FILE.stat().st_size <= 8_000_000
    assert "sentences" in model.model().learned_from


def test_the_products_model_tells_most_of_what_was_kept_aside():
    """A floor, far below what is measured (docs/decisions): that the file fits the features as they are now."""
    aside = [one for one in corpus.read() if one.is_aside]
    right = sum(
        (read.suspicion > 0.5) == (read.labelled.label != "permitted")
        for read in report.read_aside(model.model(), aside)
    )
    assert right / len(aside) > 0.75


def test_word_order_and_questions_are_seen():
    assert features.pieces(" a b ").words.tolist() != features.pieces(" b a ").words.tolist()
    assert features.pieces(" a b ").letters.tolist() != features.pieces(" a b ? ").letters.tolist()


def test_a_word_of_no_sentence_is_read_by_its_like_in_another_language(sample):
    """`Geschenk` stands where `gift` does, and `Abend` does not."""
    placed = senses.senses(("en", "de"), 12_000)
    assert _likeness(placed, ("gift", "en"), ("geschenk", "de")) > 0.5
    assert _likeness(placed, ("gift", "en"), ("abend", "de")) < 0.3


def _likeness(placed, *words):
    rows = [
        model.known_stems(placed.keys, features.pieces(f" {word} ", (), language).stems)
        for word, language in words
    ]
    one, other = (placed.places[row[0]] / np.linalg.norm(placed.places[row[0]]) for row in rows)
    return float(one @ other)
