"""How likely it is that two profiles are one person's, and why.

Each piece of evidence is worth so many bits: the logarithm of how much more often it is met in two profiles of one
person than in those of two. Against them stands that the other could be anybody in the world. The score is the
probability that remains. Pieces that only repeat each other (a handle made of the name) are not counted twice.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from math import log2

from boost_collectors.cppa_user_tracker.matching.names import Agreement, Tokens, agreement, is_derived
from boost_collectors.cppa_user_tracker.matching.population import Population
from boost_collectors.cppa_user_tracker.matching.profiles import Profile, bare, names_of

# One in so many addresses, and accounts named elsewhere, is of somebody else after all.
_ADDRESS_BITS, _LINK_BITS = 8.0, 10.0
_SHARED_MAILBOX_BITS = 5.0
_TWO_ACCOUNTS_BITS = -4.0
_REPEATED_BITS = 2.0
_MOST_OF_HOST = 12.0
# Years of birth are popular, so that digits are worth less than they could be.
_TELLING_DIGITS, _BITS_OF_DIGIT, _MOST_OF_DIGITS = 2, 2.5, 9.5
_NAME_BITS = {Agreement.DIFFERENT: -6.6, Agreement.FAMILY: -5.0, Agreement.GIVEN: -1.2}
# How often one person's two names look like that.
_USUAL = {Agreement.EQUAL: 0.8, Agreement.TYPO: 0.03, Agreement.INITIALS: 0.1, Agreement.PART: 0.1}
_WAYS_TO_MISSPELL = 25
_CHANCE_OF_INITIAL = 0.08
_SHARE_OF_GATHERED = 0.25
_HANDLE_KEPT, _HOST_KEPT = 0.4, 0.3
# A name or a handle alone is never enough to merge by.
MOST_OF_ONE_KIND = 0.95


@dataclass(frozen=True, slots=True)
class Evidence:
    """One reason: its kind, what is shared, and how many bits it is worth (below nought: it speaks against)."""

    kind: str
    value: str
    bits: float


@dataclass(frozen=True, slots=True)
class Score:
    """The probability that two profiles are one person's, and the reasons, in the order of their weight."""

    value: float
    evidence: tuple[Evidence, ...]


def score(left: Profile, right: Profile, population: Population) -> Score:
    """How likely two profiles are one person's; the order of the two does not matter."""
    how, name = _best_agreement(left, right)
    found = [*_contacts(left, right, population), *_handles(left, right, how, population)]
    found += _names(how, name, population)
    if how in (Agreement.EQUAL, Agreement.TYPO) and not _is_strong(found):
        found += _hosts(left, right, population)
    if left.account and left.account == right.account:
        found.append(Evidence("two accounts", left.account, _TWO_ACCOUNTS_BITS))
    value = 1 / (1 + 2 ** (log2(population.world) - sum(piece.bits for piece in found)))
    if not _is_strong(found) and len({piece.kind for piece in found if piece.bits > _REPEATED_BITS}) < 2:
        value = min(value, MOST_OF_ONE_KIND)
    for profile in (left, right):
        if profile.gathered:
            value = min(value, 1 / (1 + _namesakes(profile, population)))
    ordered = sorted(found, key=lambda piece: (-abs(piece.bits), piece.kind, piece.value))
    return Score(round(value, 4), tuple(ordered))


def _namesakes(profile: Profile, population: Population) -> float:
    """How many others are likely to be mixed up in a profile that stands for a name."""
    if not profile.name:
        return float(population.people)
    chance = (
        population.chance_of_name(profile.name) if len(profile.name) > 1 else population.chance_of_word(profile.name[0])
    )
    return chance * population.people * _SHARE_OF_GATHERED


def _is_strong(found: list[Evidence]) -> bool:
    return any(piece.kind in ("address", "account") for piece in found)


def _contacts(left: Profile, right: Profile, population: Population) -> Iterator[Evidence]:
    bits = log2(population.world)
    addresses = sorted(set(left.addresses) & set(right.addresses))
    personal = [address for address in addresses if not population.is_shared(address)]
    links = sorted(set(left.links) & set(right.links))
    accounts = [link for link in links if link.startswith("github:")]
    if accounts:
        yield Evidence("account", accounts[0], bits + _LINK_BITS)
    if personal:
        yield Evidence("address", personal[0], bits + _ADDRESS_BITS)
    elif addresses:
        yield Evidence("shared mailbox", addresses[0], _SHARED_MAILBOX_BITS)
    elif links and not accounts:
        # The same picture by Gravatar: one of the two does not tell its address.
        yield Evidence("address", links[0], bits + _ADDRESS_BITS)


def _best_agreement(left: Profile, right: Profile) -> tuple[Agreement, Tokens]:
    """How the names of two profiles stand to each other at best, and the name both have (as far as they have it)."""
    best: Agreement = Agreement.UNKNOWN
    shared: Tokens = ()
    if not (names_of(left) or names_of(right)):
        return best, shared  # single words are handles
    order = list(Agreement)
    for one in _given(left):
        for other in _given(right):
            how = agreement(one, other)
            if best is Agreement.UNKNOWN or (how is not Agreement.UNKNOWN and order.index(how) < order.index(best)):
                best, shared = how, min((one, other), key=lambda name: (len(name), name))
    return best, shared


def _given(profile: Profile) -> list[Tokens]:
    return names_of(profile) or [profile.name]


def _names(how: Agreement, name: Tokens, population: Population) -> Iterator[Evidence]:
    if how in _NAME_BITS:
        kind = "family names differ" if how is Agreement.GIVEN else "names differ"
        yield Evidence(kind, " ".join(name), _NAME_BITS[how])
    elif how is not Agreement.UNKNOWN:
        bits = log2(_USUAL[how] / _chance(how, name, population))
        kind = "name" if how is Agreement.EQUAL else f"name, {how}"
        yield Evidence(kind, " ".join(name), round(bits, 2))


def _chance(how: Agreement, name: Tokens, population: Population) -> float:
    """The chance that a stranger's name agrees as well."""
    if len(name) == 1:
        return max(population.chance_of_word(name[0]), 1e-3)
    chance = population.chance_of_name(name)
    if how is Agreement.TYPO:
        return min(0.5, chance * _WAYS_TO_MISSPELL)
    if how is Agreement.INITIALS:
        rarest = (
            min(population.chance_of_word(word) for word in name if len(word) > 1)
            if any(len(word) > 1 for word in name)
            else 0.5
        )
        return max(chance, rarest * _CHANCE_OF_INITIAL)
    return chance


def _handles(left: Profile, right: Profile, how: Agreement, population: Population) -> Iterator[Evidence]:
    """The rarest handle that both go by; one made of the name that both bear says hardly more than the name."""
    names = [*names_of(left), *names_of(right)]
    said = {bare(address.partition("@")[0]) for address in {*left.addresses} & {*right.addresses}}
    shared = sorted({*left.handles} & {*right.handles} - said)
    own = [handle for handle in shared if not any(is_derived(handle, each) for each in names)]
    if own:
        chance, handle = min((population.chance_of_handle(handle), handle) for handle in own)
        yield Evidence("handle", handle, round(log2(_HANDLE_KEPT / chance), 2))
    elif shared and how not in (Agreement.UNKNOWN, *_NAME_BITS):
        yield _made_of_both_names(shared)
    elif shared:
        yield _of_the_name(shared[0], names, population)
    elif how is Agreement.UNKNOWN:
        yield from _spelled_out(left, right, population)


def _made_of_both_names(handles: list[str]) -> Evidence:
    """A handle made of the name that both bear: only a number in it, that both chose, is more than the name."""
    digits, handle = max((len(handle) - len(handle.rstrip("0123456789")), handle) for handle in handles)
    if digits < _TELLING_DIGITS:
        return Evidence("handle made of the name", handle, _REPEATED_BITS)
    return Evidence("handle with a number", handle, min(_MOST_OF_DIGITS, _REPEATED_BITS + _BITS_OF_DIGIT * digits))


def _of_the_name(handle: str, names: list[Tokens], population: Population) -> Evidence:
    """Both go by a handle that is made of the name of one: worth as much as what of the name is in it."""
    made_of = next(name for name in names if is_derived(handle, name))
    return Evidence("handle", handle, _bits_of_handle(handle, made_of, population))


def _spelled_out(left: Profile, right: Profile, population: Population) -> Iterator[Evidence]:
    """One goes by the other's full name written as one word."""
    for one, other in ((left, right), (right, left)):
        for name in names_of(one):
            found = sorted(handle for handle in other.handles if handle == "".join(name))
            if found:
                yield Evidence("name as handle", found[0], _bits_of_handle(found[0], name, population))
                return


def _bits_of_handle(handle: str, name: Tokens, population: Population) -> float:
    whole = len(handle.rstrip("0123456789")) >= len("".join(name))
    chance = population.chance_of_name(name) if whole else max(population.chance_of_word(w) for w in name) * 0.1
    return round(log2(_HANDLE_KEPT / max(chance, population.chance_of_handle(handle))), 2)


def _hosts(left: Profile, right: Profile, population: Population) -> Iterator[Evidence]:
    """Addresses at one host: hardly a coincidence when the name is the same and the host is small."""
    hosts = [{address.rpartition("@")[2] for address in profile.addresses} for profile in (left, right)]
    shared = hosts[0] & hosts[1]
    if shared:
        chance, host = min((population.chance_of_host(host), host) for host in shared)
        bits = min(_MOST_OF_HOST, log2(_HOST_KEPT / chance))
        if bits > 0:
            yield Evidence("host", host, round(bits, 2))
