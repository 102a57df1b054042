"""The points that one client holds: a lease per bucket, spent request by request by all of its threads."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime
from threading import Lock

from boost_collectors.core.github.ledger import Lease, Ledger, Settlement
from boost_collectors.core.github.quota import Bucket, Limit


@dataclass(slots=True)
class _Held:
    lease: Lease
    left: int
    seen: Limit | None = None

    def settlement(self) -> Settlement:
        return Settlement(self.lease, self.left, self.seen)


class _Slot:
    """One bucket's lease, and the lock under which it is spent and replaced."""

    def __init__(self) -> None:
        self.lock = Lock()
        self.held: _Held | None = None


@dataclass(frozen=True, slots=True)
class Grant:
    """Leave to send one request of about ``cost`` points in the name of ``owner``."""

    owner: str
    bucket: Bucket
    cost: int
    lease: int


class Wallet:
    """Spends leases of the ledger. Thread-safe; the ledger is asked once a block."""

    def __init__(self, ledger: Ledger, clock: Callable[[], datetime]) -> None:
        self._ledger = ledger
        self._clock = clock
        self._slots = {bucket: _Slot() for bucket in Bucket}

    def take(self, bucket: Bucket, owners: Collection[str], cost: int) -> Grant:
        """Leave to spend ``cost`` points now. Raises RateLimited when none of the owners has that many."""
        slot = self._slots[bucket]
        with slot.lock:
            held = slot.held
            if held is None or not self._good(held, owners, cost):
                slot.held = None
                settled = () if held is None else (held.settlement(),)
                lease = self._ledger.lease(bucket, owners, cost, settled)
                held = slot.held = _Held(lease, lease.points)
            held.left -= cost
            return Grant(held.lease.owner, bucket, cost, held.lease.number)

    def spent(self, grant: Grant, cost: int, seen: Limit | None) -> None:
        """A granted request really cost ``cost`` points; ``seen`` is what the server said is left."""
        slot = self._slots[grant.bucket]
        with slot.lock:
            held = slot.held
            if held is None or held.lease.number != grant.lease:
                return
            held.left += grant.cost - cost
            if seen is not None:
                held.seen = seen if held.seen is None else _lower(held.seen, seen)

    def give_up(self, bucket: Bucket | None, owner: str) -> None:
        """Give back what is held of this owner's bucket (None: of all buckets)."""
        for slot in self._slots.values() if bucket is None else (self._slots[bucket],):
            with slot.lock:
                if slot.held is not None and slot.held.lease.owner == owner:
                    self._ledger.settle(slot.held.settlement())
                    slot.held = None

    def held(self, bucket: Bucket) -> int:
        """Points of the bucket that are held and not spent."""
        held = self._slots[bucket].held
        return max(held.left, 0) if held is not None and self._clock() < held.lease.ends_at else 0

    def close(self) -> None:
        """Give back everything."""
        for slot in self._slots.values():
            with slot.lock:
                if slot.held is not None:
                    self._ledger.settle(slot.held.settlement())
                    slot.held = None

    def _good(self, held: _Held, owners: Collection[str], cost: int) -> bool:
        return held.left >= cost and held.lease.owner in owners and self._clock() < held.lease.ends_at


def _lower(one: Limit, other: Limit) -> Limit:
    """The later window's word, within one window the lower one."""
    if one.reset_at != other.reset_at:
        return max(one, other, key=lambda limit: limit.reset_at)
    return min(one, other, key=lambda limit: limit.remaining)
