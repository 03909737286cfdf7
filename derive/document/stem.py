"""Names that differ where what they name differs: for labels of what is made from a user's data."""

from __future__ import annotations

import hashlib
import json
import re
from pathlib import Path
from typing import Any

DIGITS = 6


def data_stem(file: str, content: Any) -> str:
    """A file's name in letters and digits, and a digest of what it says: ``target-4f1c2a``.

    Two files of one name that say different things differ, and so do two names.
    """
    text = json.dumps(content, sort_keys=True, default=str)
    digest = hashlib.sha256(text.encode()).hexdigest()[:DIGITS]
    letters = re.sub(r"[^A-Za-z0-9]+", "-", Path(file).stem).strip("-")
    return f"{letters}-{digest}" if letters else digest
