"""Folding, sentences, phrases and links: what rules match on."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from compliance.engine import folding, links, phrases, sentences


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("FIVE-STAR", "five-star"),
        ("fivе-stаr", "five-star"),
        ("ｆｉｖｅ　５", "five 5"),
        ("g\u200bi\u00adf\u2060t", "gift"),
        ("five\u2011star \u2013", "five-star -"),
        ("Größe Łódź İstanbul", "grosse lodz istanbul"),
        ("𝐠𝐢𝐟𝐭 ɢɪꜰᴛ ﬁ", "gift gift fi"),
        ("ｶﾞｷﾞ ガギ", "ガギ ガギ"),
        ("cafe\u0301", "cafe"),
    ],
)
def test_disguises_fold_to_one_spelling(written, read):
    assert (
        folding.unspace(*folding.fold_with_map(written))[0]
        .replace("カ\u3099", "ガ")
        .replace("キ\u3099", "ギ")
        == read
    )


def test_letters_set_apart_are_closed_up():
    assert folding.unspace("please e d i t your r e v i e w", None)[0] == "please edit your review"
    assert folding.unspace("plan a b testing", None)[0] == "plan a b testing"


@given(st.text(max_size=200))
def test_folded_offsets_lead_back_in_order(text):
    folded, offsets = folding.fold_with_map(text)
    if offsets is None:
        assert len(folded) == len(text)
    else:
        assert len(offsets) == len(folded)
        assert offsets == sorted(offsets)


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("One. Two! Three?", ["One.", "Two!", "Three?"]),
        ("z. b. heute um 3. mai. gut.", ["z. b. heute um 3. mai.", "gut."]),
        ("評価です。ありがとう！", ["評価です。", "ありがとう！"]),
        ("a\nb", ["a", "b"]),
        ("see 2.5 mm at example.com now", ["see 2.5 mm at example.com now"]),
    ],
)
def test_sentences_end_where_a_reader_ends_them(text, parts):
    assert [text[a:b] for a, b in sentences.split(text, wraps=False)] == parts


def test_line_wrapped_in_plain_text_is_one_sentence():
    text = "this line was wrapped by the program that wrote it, at seventy\ncolumns or so"
    assert len(list(sentences.split(text, wraps=True))) == 1
    assert len(list(sentences.split(text, wraps=False))) == 2


def test_sentence_without_end_is_cut_and_nothing_of_it_is_lost():
    text = "word " * 3000
    spans = list(sentences.split(text, wraps=False))
    assert max(end - start for start, end in spans) <= sentences.LONGEST
    assert "".join(text[a:b] for a, b in spans).split() == text.split()


@pytest.mark.parametrize("language", phrases.LANGUAGES)
def test_phrase_data_reads_in_every_language(language):
    groups = {phrase.group for phrase in phrases.lexicon((language,)).phrases}
    for needed in (
        "shared.review",
        "shared.satisfied",
        "shared.neutral",
        "shared.no",
        "no-incentive.gift",
        "no-positive-only.praise",
    ):
        assert needed in groups


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.setattr(phrases, "FOLDER", tmp_path)
    for cached in (phrases.lexicon, phrases._layer, phrases._phrases, phrases._load):
        cached.cache_clear()
    yield tmp_path
    for cached in (phrases.lexicon, phrases._layer, phrases._phrases, phrases._load):
        cached.cache_clear()


def said(folder, written, sentence):
    (folder / "x.toml").write_text(f"[en]\ng = [{written!r}]\n")
    phrases._load.cache_clear(), phrases._phrases.cache_clear(), phrases.lexicon.cache_clear()
    tokens = phrases.TOKEN.findall(sentence)
    return [" ".join(tokens[a:b]) for _, a, b in phrases.lexicon(("en",)).find(tokens)]


@pytest.mark.parametrize(
    ("written", "sentence", "found"),
    [
        ("gift card", "a gift card here", ["gift card"]),
        ("gift card", "a gift cardigan", []),
        ("happ*", "so happily", ["happily"]),
        ("*frei*", "kostenfreie ware", ["kostenfreie"]),
        ("leave .. review", "leave us a short review", ["leave us a short review"]),
        ("leave .. review", "leave a b c d e review", []),
        ("(a|the|) review", "the review", ["the review", "review"]),
        ("earn # points", "earn 50 points", ["earn 50 points"]),
        ("earn # points", "earn many points", []),
        ("kart* podarunkow*", "karty podarunkowej", ["karty podarunkowej"]),
        ("kart* podarunkow*", "karty i podarunkowej", []),
        ("五 つ", "星五つ", ["五 つ"]),
    ],
)
def test_phrases_are_found_as_written(folder, written, sentence, found):
    assert sorted(said(folder, written, sentence)) == sorted(found)


def test_broken_phrase_is_named(folder):
    (folder / "x.toml").write_text('[en]\ng = [".. review"]\n')
    with pytest.raises(phrases.PhraseDataInvalid, match=r"x\.toml \[en\] '\.\. review'"):
        phrases.lexicon(("en",))


@pytest.mark.parametrize(
    ("url", "domain"),
    [
        ("https://www.amazon.co.uk/review", "amazon.co.uk"),
        ("https://amazon.com.evil.example/x", "evil.example"),
        ("https://www.amazon.com@evil.example/", "evil.example"),
        ("https://evil.example\\@amazon.com", "evil.example"),
        ("//evil.example/x", "evil.example"),
        ("https:/evil.example", "evil.example"),
        (" ht\ntps://evil.example", "evil.example"),
        ("HTTPS://EVIL.EXAMPLE.", "evil.example"),
        ("https://[bad", "?"),
        ("javascript:alert(1)", ""),
    ],
)
def test_address_is_read_as_a_browser_would(url, domain):
    assert links.parts(url)[2] == domain


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("go to www.acme.example now", ["www.acme.example"]),
        ("our shop acme-lamps.com, open daily", ["acme-lamps.com"]),
        ("(https://a.example/b).", ["https://a.example/b"]),
        ("see https ://a.example", ["https ://a.example"]),
        ("it is here.It works, see manual.pdf p.3 e.g. 2.5 mm", []),
        ("a@b.example", []),
    ],
)
def test_typed_addresses_are_found(text, found):
    assert [text[a:b] for a, b in links.typed(text)] == found


@pytest.mark.parametrize(
    "text", ["acme dot com", "acme (dot) com", "acme [.] com", "acme . com", "acme punkt de"]
)
def test_spelled_out_addresses_are_found(text):
    sentence = f"visit {text} today"
    assert [sentence[a:b] for a, b in links.spelled(sentence)] == [text]
