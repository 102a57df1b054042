"""How common names, handles and hosts are among the stored people: what a coincidence is likely to be."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

from boost_collectors.cppa_user_tracker.matching.names import Tokens
from boost_collectors.cppa_user_tracker.matching.profiles import Profile, key_hash, names_of

# However few people are stored, there are more outside: in a small database a rare name is not yet a fingerprint.
_SMALLEST_WORLD = 100_000
_OTHER_WORDS, _WEIGHT_OF_OTHERS = 5_000, 20
# First and last names go together (by language) more often than chance would have it.
_TOGETHER = 10
# So many profiles one person may well have under one name or handle.
_OF_ONE_PERSON = 8
# What is the chance that a stranger has a given handle, by its length.
_HANDLES = {3: 1e-3, 4: 3e-4, 5: 1e-4, 6: 3e-5, 7: 1e-5, 8: 3e-6, 9: 1e-6}
_LONG_HANDLE = 3e-7


@dataclass(slots=True)
class Population:
    """Counts over all people. The others are told by the hash of a key. ``common``: how many profiles have a name or
    a handle that many have; ``rivals``: how many accounts of one platform bear a name; ``shared``: addresses of
    mailboxes that several people use."""

    people: int = 0
    addresses: int = 0
    words: Counter[str] = field(default_factory=Counter)
    hosts: Counter[str] = field(default_factory=Counter)
    common: Mapping[int, int] = field(default_factory=dict)
    rivals: Mapping[int, int] = field(default_factory=dict)
    shared: frozenset[int] = frozenset()

    def add(self, profile: Profile) -> None:
        """Count a person's profile in."""
        self.people += 1
        for name in names_of(profile):
            self.words.update(name)
        self.addresses += len(profile.addresses)
        self.hosts.update(address.rpartition("@")[2] for address in profile.addresses)

    @property
    def world(self) -> int:
        """How many people there are to choose from."""
        return max(self.people, _SMALLEST_WORLD)

    def chance_of_word(self, word: str) -> float:
        """The chance that a stranger's name has this word."""
        return (self.words[word] + _WEIGHT_OF_OTHERS) / (self.people + _WEIGHT_OF_OTHERS * _OTHER_WORDS)

    def chance_of_name(self, name: Tokens) -> float:
        """The chance that a stranger bears this full name."""
        chance = float(_TOGETHER)
        for word in name:
            chance *= self.chance_of_word(word)
        key = key_hash("name", " ".join(sorted(name)))
        others = max(self.common.get(key, 0) - _OF_ONE_PERSON, self.rivals.get(key, 0) - 1)
        return min(0.5, max(chance, others / self.world))

    def chance_of_handle(self, handle: str) -> float:
        """The chance that a stranger goes by this handle."""
        others = max(0, self.common.get(key_hash("handle", handle), 0) - _OF_ONE_PERSON)
        as_word = self.chance_of_word(handle) if handle in self.words else 0.0
        return max(_HANDLES.get(len(handle), _LONG_HANDLE), others / self.world, as_word)

    def chance_of_host(self, host: str) -> float:
        """The chance that a stranger's address is at this host."""
        return (self.hosts[host] + 1) / (self.addresses + 1)

    def is_shared(self, address: str) -> bool:
        """True if several people use the mailbox."""
        return key_hash("address", address) in self.shared
