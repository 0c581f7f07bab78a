"""Names of people: title before, name and titles after are three things (domain.md, "Identity").

Nobody's letters change case here: a name typed in capitals stays so, and titles have cases of their own.
"""

import re
import unicodedata

from flask_babel import gettext

from app.shared.text import squash, without_accents

NAME_LENGTH = 120

_CURLY = re.compile("[’‘ʼ`´]")
_EDGES = " ,;"
_BETWEEN_TITLES = re.compile(r"[,;]")
# "S. Kom." and "Sp. PD" are one title each, typed with a space.
_OPENS_TITLE = re.compile(r"(?:[A-Za-z]|[A-Za-z]\.Tr|Sp|Dipl|Cert)\.$")
# Titles that stand before a name, and those that may follow one without a comma. "M." and "A." are names cut short.
_LEADING = re.compile(
    r"(?:(?:Drs|Dra|Dr|Ir|Prof|Hj|H|K\.?H|drg|drh|apt|Ns)(?:\.|(?=\s))|\(?H\.\s?C\.?\)|H\.C\.)\s*", re.IGNORECASE
)
_TRAILING = re.compile(r"(?:[SM]\.[A-Z][A-Za-z]*\.?|A\.?\s?Md\b.*|Ph\.?D\.?|Sp\.[A-Z]+\.?|[SM]\.Tr\b.*)$")
_SEPARATORS = re.compile(r"[\s.,;:/\\_\-‐‑–—]+")
_ADDRESS = re.compile(
    r"https?:|www\.|://|@|\b[\w-]{2,}\.(?:com|net|org|info|xyz|(?:go|co|ac|or|my|web)\.id)\b", re.IGNORECASE
)


def full_name(title_before: str | None, name: str | None, title_after: str | None) -> str:
    """Return the name as printed: Drs. H. Raja Ismail, M.T."""
    before = squash(title_before).strip(_EDGES)
    head = " ".join(part for part in (before, clean_name(name)) if part)
    return ", ".join(part for part in (head, clean_titles_after(title_after)) if part)


def clean_name(name: str | None) -> str:
    """Return the name as stored: one line, straight apostrophes, no commas at the ends."""
    return squash(_CURLY.sub("'", squash(name)).strip(_EDGES))


def clean_titles_after(titles: str | None) -> str:
    """Return trailing titles with a comma and a space between: "S.Kom.,M.T" and "S.Kom. M.T" → "S.Kom., M.T"."""
    if not titles:
        return ""
    parts = (_split_titles(part) for part in _BETWEEN_TITLES.split(squash(titles)))
    return ", ".join(title for part in parts for title in part)


def split_titles(text: str | None) -> tuple[str, str, str]:
    """Take "Drs. H. Raja Ismail, M.T." apart: title before, name, titles after. What is no title for certain stays in the name."""
    head, _comma, after = squash(text).strip(_EDGES).partition(",")
    end = 0
    while (title := _LEADING.match(head, end)) and head[title.end() :].strip(_EDGES):
        end = title.end()
    words = head[end:].split()
    last = len(words)
    while last > 1 and _TRAILING.match(words[last - 1]):
        last -= 1
    titles = ", ".join(part for part in (" ".join(words[last:]), after) if part.strip(_EDGES))
    return squash(head[:end]).strip(_EDGES), clean_name(" ".join(words[:last])), clean_titles_after(titles)


def without_titles(text: str | None) -> tuple[str, str, str]:
    """As split_titles, for a field that asks for the name alone: "Aminah, Siti" is not taken for a name with a title."""
    before, name, after = split_titles(text)
    shouted = name.isupper()
    if all("." in word or (word.isupper() and not shouted) for word in after.replace(",", " ").split()):
        return before, name, after
    return "", clean_name(text), ""


def sort_key(name: str | None, limit: int | None = None) -> str:
    """Return the form by which names are sorted and searched: no case, accents or punctuation, single spaces.

    What is stored is cut at `limit`: ligatures grow when they are taken apart, one letter "ﷺ" becomes eighteen.
    """
    spaced = _SEPARATORS.sub(" ", without_accents(name or "").casefold())
    kept = "".join(letter for letter in spaced if letter.isalnum() or letter == " ")
    return " ".join(kept.split())[:limit].rstrip()


def name_key(name: str | None, limit: int | None = None) -> str:
    """Return the form by which two names are the same: "Siti Nur'aini", "SITI NURAINI" and "Siti-Nuraini" agree."""
    return sort_key(name, limit).replace(" ", "")


def initials(name: str | None) -> str:
    """Return one or two capitals for a badge: first and last word."""
    words = sort_key(name).split()
    letters = [word[0] for word in (words[:1] + words[1:][-1:])]
    return "".join(letters).upper()


def name_problem(name: str | None) -> str | None:
    """Return what is wrong with a name and how to mend it, or None. One word is a valid name."""
    text = (name or "").strip()
    if not text:
        return gettext("Type the name.")
    if any(unicodedata.category(letter) in ("Cc", "Cs") for letter in text):
        return gettext("The name holds characters that cannot be printed; type it again.")
    if len(text) > NAME_LENGTH:
        return gettext(
            "A name has at most %(most)d characters; %(typed)d were typed.", most=NAME_LENGTH, typed=len(text)
        )
    if _ADDRESS.search(text):
        return gettext("Type a name here, not a web or e-mail address.")
    if not any(letter.isalpha() for letter in text):
        return gettext("A name is written in letters.")
    strange = sorted({letter for letter in text if not _belongs_in_name(letter)})
    if strange:
        return gettext(
            "A name holds letters, spaces, dots, commas, apostrophes and hyphens; take out %(strange)s.",
            strange=" ".join(strange),
        )
    return None


def _belongs_in_name(letter: str) -> bool:
    return letter.isspace() or letter in ".,'’‘`ʼ-‐‑–/()" or unicodedata.category(letter)[0] in "LM"


def _split_titles(part: str) -> list[str]:
    titles: list[str] = []
    for word in part.split():
        if titles and not _starts_title(titles[-1].rpartition(" ")[2], word):
            titles[-1] = f"{titles[-1]} {word}"
        else:
            titles.append(word)
    return titles


def _starts_title(previous: str, word: str) -> bool:
    if _OPENS_TITLE.match(previous):
        return False
    return _looks_whole(previous) and _looks_whole(word)


def _looks_whole(word: str) -> bool:
    return word[0].isupper() and ("." in word or word.isupper())
