"""Spellings that mean the same."""

import re
import unicodedata


def folded(text: str) -> str:
    """Lower case, without accents, outer spaces, and with inner spaces and hyphens as underscores: for comparing."""
    stripped = "".join(c for c in unicodedata.normalize("NFKD", text.strip()) if not unicodedata.combining(c))
    return re.sub(r"[\s\-]+", "_", stripped.casefold())
