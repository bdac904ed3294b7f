"""The labelled sentences are sound, and translations of one another are never parted."""

import json
from collections import defaultdict

import pytest

from compliance.engine.phrases import LANGUAGES
from compliance.meaning import corpus


@pytest.fixture(scope="module")
def sentences():
    return corpus.read()


def test_there_are_eight_thousand_sentences_and_five_hundred_a_language(sentences):
    counts = defaultdict(int)
    for one in sentences:
        counts[one.language] += 1
    assert len(sentences) >= 8_000
    assert {language: counts[language] for language in LANGUAGES if counts[language] < 500} == {}


def test_about_a_fifth_is_kept_aside_in_every_language(sentences):
    shares = defaultdict(list)
    for one in sentences:
        shares[one.language].append(one.is_aside)
    assert {lang: sum(s) / len(s) for lang, s in shares.items() if not 0.1 < sum(s) / len(s) < 0.3} == {}


def test_parallel_groups_never_straddle_the_split(tmp_path):
    """The same round of the same hand, told in three languages, one of them a line shorter."""
    told = {
        "es": ["Hola:", "Gracias por su compra.", "Gracias de nuevo.", "Hola otra vez:", "Gracias."],
        "it": ["Ciao,", "Grazie dell'acquisto.", "Grazie ancora.", "Ciao di nuovo,", "Grazie."],
        "pt": ["Olá,", "Obrigado pela compra.", "Olá de novo,", "Obrigado."],
    }
    for language, texts in told.items():
        rows = [{"text": t, "role": "greeting" if t.endswith((":", ",")) else "thanks"} for t in texts]
        write(tmp_path / language / "elm.jsonl", [row | {"label": "permitted", "rule": ""} for row in rows])
    sides = defaultdict(set)
    for one in corpus.read(tmp_path):
        sides[one.group].add(one.is_aside)
    assert len(sides) == 4
    assert all(len(side) == 1 for side in sides.values())


def test_a_hand_with_one_language_is_split_by_text(tmp_path):
    write(tmp_path / "en" / "ash.jsonl", [row("One."), row("Two.")])
    assert [one.group for one in corpus.read(tmp_path)] == ["One.", "Two."]


@pytest.mark.parametrize(
    ("broken", "said"),
    [
        ({"role": "song"}, "role is 'song'"),
        ({"label": "fine"}, "label is 'fine'"),
        ({"text": " "}, "text is empty"),
        ({"rule": "no-incentive"}, "a permitted sentence has no rule"),
        ({"label": "forbidden"}, "any other names one"),
    ],
)
def test_an_unsound_line_is_refused_with_its_place(tmp_path, broken, said):
    write(tmp_path / "en" / "ash.jsonl", [row("One."), row("Two.") | broken])
    with pytest.raises(corpus.SentenceInvalid, match=r"en/ash.jsonl, line 2") as refused:
        corpus.read(tmp_path)
    assert said in str(refused.value)


def row(text):
    return {"text": text, "role": "news", "label": "permitted", "rule": ""}


def write(path, rows):
    path.parent.mkdir(exist_ok=True)
    path.write_text("".join(json.dumps(one) + "\n" for one in rows), "utf-8")
