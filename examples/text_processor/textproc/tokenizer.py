"""Cuts a text into words and sentences."""

SENTENCE_ENDS = ".!?"


def words(text):
    """The words of a text in lower case, in order.

    A word is a run of letters and digits; an apostrophe between two of them belongs to the word.
    """
    found = []
    word = ""
    for position in range(len(text)):
        character = text[position]
        if is_word_character(text, position):
            word = word + character.lower()
        elif word != "":
            found.append(word)
            word = ""
    if word != "":
        found.append(word)
    return found


def is_word_character(text, position):
    """Whether the character at this position is part of a word."""
    if text[position].isalnum():
        return True
    if text[position] == "'" and 0 < position < len(text) - 1:
        return text[position - 1].isalnum() and text[position + 1].isalnum()
    return False


def sentences(text):
    """The sentences of a text in order, without white space around them.

    A sentence ends with one or more of . ! ? and then white space or the end of the text.
    """
    found = []
    rest = text.strip()
    while rest != "":
        end = end_of_sentence(rest)
        found.append(rest[:end])
        rest = rest[end:].strip()
    return found


def end_of_sentence(text):
    """The position after the first sentence of the text."""
    for position in range(1, len(text)):
        if text[position - 1] in SENTENCE_ENDS and text[position].isspace():
            return position
    return len(text)
