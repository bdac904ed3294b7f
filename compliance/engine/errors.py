class EngineError(Exception):
    """The text could not be checked."""


class DraftInvalid(EngineError):
    """A field of a draft cannot be what it is."""

    def __init__(self, field: str, value: object, remedy: str) -> None:
        super().__init__(f"{field}: {value!r:.80} is not possible here; {remedy}.")
        self.field = field


class TooLarge(EngineError):
    """The text is longer or deeper than a message may be."""

    def __init__(self, what: str, size: int, limit: int) -> None:
        super().__init__(f"{what} is {size}, and at most {limit} is checked; shorten the text.")
        self.what, self.size, self.limit = what, size, limit


class NotPreparable(EngineError):
    """The template holds more than plain placeholders, so it cannot be decided once for all messages."""


class PhraseDataInvalid(EngineError):
    """A phrase file breaks the format; the message names file, language and phrase."""
