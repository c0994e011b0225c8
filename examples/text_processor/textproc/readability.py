"""How hard a text is to read."""

from textproc.tokenizer import sentences, words

VOWELS = ["a", "e", "i", "o", "u", "y"]


def syllable_count(word):
    """The groups of successive vowels, without a silent e at the end; at least 1."""
    count = 0
    previous_is_vowel = False
    for character in word:
        if is_vowel(character) and not previous_is_vowel:
            count += 1
        previous_is_vowel = is_vowel(character)
    if word.endswith("e") and not word.endswith("le") and count > 1:
        count -= 1
    return max(count, 1)


def is_vowel(character):
    return character in VOWELS


def average_sentence_length(text):
    """Words per sentence; 0.0 for a text without words."""
    if len(words(text)) == 0:
        return 0.0
    return len(words(text)) / len(sentences(text))


def average_syllables(text):
    """Syllables per word; 0.0 for a text without words."""
    if len(words(text)) == 0:
        return 0.0
    total = 0
    for word in words(text):
        total += syllable_count(word)
    return total / len(words(text))


def reading_ease(text):
    """The Flesch reading ease: about 100 is very easy, 0 very hard; 0.0 for a text without words."""
    if len(words(text)) == 0:
        return 0.0
    return 206.835 - 1.015 * average_sentence_length(text) - 84.6 * average_syllables(text)


def school_grade(text):
    """The Flesch-Kincaid grade: years of school needed to follow the text; 0.0 for a text without words."""
    if len(words(text)) == 0:
        return 0.0
    return 0.39 * average_sentence_length(text) + 11.8 * average_syllables(text) - 15.59
