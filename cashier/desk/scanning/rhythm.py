"""What no hand types: keys that follow each other faster than fingers, in one go, ended by Enter or Tab.

Measured: scanners leave 1 to 15 ms between two keys, slow radio ones 25 ms. The fastest typists need 60 to 120 ms;
where the next finger rolls on before the last one left its key, pairs come within 35 ms, seldom less, and never a
whole number in a row with Enter. A busy machine delays a key of a scan now and then: one gap in four may be longer.

A short code could also be a few keys that fingers roll over, so it has to be faster still: not one gap longer than
what two fingers of one hand need, and none late.
"""

from __future__ import annotations

from dataclasses import dataclass, field

_GAPS_FOR_A_LATE_ONE = 4
_SHORT_GAP_MS = 16
"""Two polls of a keyboard by cable; three keys in a row are never pressed so fast, Enter being one of them."""
_SHORT_MIN = 2
_PAUSE_FACTOR = 2


@dataclass(frozen=True, kw_only=True)
class Rhythm:
    """How a scanner types: at most ``key_gap_ms`` between keys, at least ``length_min`` characters.

    Fewer are a scan only where they come faster than any hand could press them, one after the other.
    """

    key_gap_ms: int = 30
    length_min: int = 6

    @property
    def pause_ms(self) -> int:
        """After this long without a key, something new begins."""
        return self.key_gap_ms * _PAUSE_FACTOR


@dataclass(kw_only=True)
class Burst:
    """Keys in one go, with when each came (milliseconds of any clock)."""

    rhythm: Rhythm
    times: list[int] = field(default_factory=list)

    def goes_on_at(self, now: int) -> bool:
        """Tell whether a key at ``now`` belongs to the keys before it. A clock that went back begins anew."""
        return bool(self.times) and 0 <= now - self.times[-1] <= self.rhythm.pause_ms

    def is_scan_ended_at(self, now: int) -> bool:
        """Tell whether Enter or Tab at ``now`` makes this a scan."""
        if len(self.times) < _SHORT_MIN or not self.goes_on_at(now):
            return False
        ends = [*self.times[1:], now]
        gaps = [after - before for before, after in zip(self.times, ends, strict=True)]
        if len(self.times) < self.rhythm.length_min:
            return max(gaps) <= min(_SHORT_GAP_MS, self.rhythm.key_gap_ms)
        late = sum(gap > self.rhythm.key_gap_ms for gap in gaps)
        return late * _GAPS_FOR_A_LATE_ONE <= len(gaps)
