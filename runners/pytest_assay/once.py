"""Answers that are made once per session, by the process of pytest-xdist that asks first."""

import fcntl
import hashlib
import json
import os
from pathlib import Path
from typing import Any, Callable


class Once:
    """Keeps answers as JSON files in a directory that all processes of a session share. Later processes wait for the
    first."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.known: dict[str, Any] = {}

    def get(self, kind: str, name: str, make: Callable[[], Any]) -> Any:
        key = f"{kind}-{hashlib.sha256(name.encode(errors='surrogateescape')).hexdigest()[:16]}"
        if key not in self.known:
            self.known[key] = self.shared(self.directory / f"{key}.json", make)
        return self.known[key]

    @staticmethod
    def shared(path: Path, make: Callable[[], Any]) -> Any:
        with open(path.with_suffix(".lock"), "w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not path.exists():
                part = path.with_suffix(".part")
                part.write_text(json.dumps(make()))
                os.replace(part, path)
            return json.loads(path.read_text())
