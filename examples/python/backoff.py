"""How long to wait before another try."""

import asyncio
import random


class Backoff:
    """Waits that double up to `longest` seconds, each drawn from 0 to that, so that those who lost the
    same server do not come back together."""

    def __init__(self, first: float = 0.5, longest: float = 5.0):
        self._first = first
        self._longest = longest
        self._failures = 0

    def reset(self) -> None:
        self._failures = 0

    async def wait(self) -> None:
        most = min(self._longest, self._first * 2 ** min(self._failures, 20))
        self._failures += 1
        await asyncio.sleep(random.uniform(0, most))
