"""Lists of arms: what a block holds, what a seed decides, what nobody can read off."""

from collections import Counter
from contextlib import nullcontext
from decimal import Decimal
from fractions import Fraction
from itertools import islice, pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trialwright.design.randomisation import Minimisation, PermutedBlocks, _that_add_up
from trialwright.errors import InputError

SEEDS = st.binary(min_size=32, max_size=32)
RATIOS = st.lists(st.integers(1, 4), min_size=2, max_size=4).map(
    lambda shares: tuple((f"arm {place}", share) for place, share in enumerate(shares))
)
THREE_TO_ONE = (("active", 3), ("vehicle", 1))
EVEN = (("a", 1), ("b", 1))


@st.composite
def blocks(draw) -> PermutedBlocks:
    """Permuted blocks of any ratio, with one to three sizes."""
    ratio = draw(RATIOS)
    times = draw(st.sets(st.integers(1, 4), min_size=1, max_size=3))
    whole = sum(share for _, share in ratio)
    return PermutedBlocks(ratio, tuple(whole * time for time in times), draw(SEEDS))


def sizes_of(found: PermutedBlocks, stratum: str, number: int) -> list[int]:
    """The sizes of the first blocks, read off a list as whoever knows them all would."""
    return [len(block) for block in islice(found.blocks(stratum), number)]


@given(blocks(), st.text(max_size=8))
def test_every_block_holds_the_ratio(found, stratum):
    """At the end of every block each arm was given exactly in the ratio."""
    whole = sum(share for _, share in found.ratio)
    end = 0
    for size in sizes_of(found, stratum, 6):
        block = found.arms(stratum, end + size)[end:]
        assert Counter(block) == {arm: share * size // whole for arm, share in found.ratio}
        end += size


@given(blocks(), st.text(max_size=8), st.integers(1, 60))
def test_a_list_of_known_length_ends_with_a_whole_block(found, stratum, length):
    """Where blocks can add up to the length of a list, its arms are in the ratio; beyond it the list goes on."""
    sizes = set(found.sizes)
    sums = {0}
    for _ in range(length):
        sums |= {done + size for done in sums for size in sizes if done + size <= length}
    arms = found.arms(stratum, length + 5, length)
    if length in sums:
        whole = sum(share for _, share in found.ratio)
        assert Counter(arms[:length]) == {arm: share * length // whole for arm, share in found.ratio}
    assert len(arms) == length + 5


@given(SEEDS)
def test_a_cohort_of_eight_has_six_and_two(seed):
    """At 3:1 in blocks of four and eight every cohort of eight has six and two, in one block or in two."""
    arms = PermutedBlocks(THREE_TO_ONE, (4, 8), seed).arms("cohort 1", 8, 8)

    assert Counter(arms) == {"active": 6, "vehicle": 2}


@given(blocks(), st.text(max_size=8), st.integers(1, 60))
def test_a_seed_decides_the_list(found, stratum, number):
    """The same secret gives the same list however much of it is asked for, one arm at a time or at once."""
    again = PermutedBlocks(found.ratio, found.sizes, found.seed)

    assert again.arms(stratum, number) == found.arms(stratum, number + 7)[:number]
    assert again.arm(stratum, number - 1) == found.arms(stratum, number)[-1]


def test_the_list_of_a_seed_is_the_same_for_ever():
    """A sealed file of today gives this list in every later version, on every machine."""
    found = PermutedBlocks((("a", 3), ("p", 1)), (4, 8), bytes(range(32)))

    assert "".join(found.arms("cohort 1", 24)) == "paaaaapaapapaaaaapaaaaap"
    assert "".join(found.arms("cohort 2", 24)) == "ppaaaaaaaapaaapapaaaaapa"


def test_block_sizes_are_mixed():
    """Each size is drawn about as often as the others, whatever came before."""
    found = PermutedBlocks(THREE_TO_ONE, (4, 8, 12), bytes(range(32)))
    sizes = sizes_of(found, "all", 3000)

    assert set(Counter(sizes)) == {4, 8, 12}
    assert all(900 < count < 1100 for count in Counter(sizes).values())
    assert all(250 < count < 420 for count in Counter(pairwise(sizes)).values())


def test_every_order_of_a_block_is_as_likely():
    """Over many secrets the vehicle of a block of four stands in each place about as often."""
    places = Counter(
        PermutedBlocks(THREE_TO_ONE, (4,), seed.to_bytes(32)).arms("all", 4).index("vehicle") for seed in range(4000)
    )

    assert all(900 < count < 1100 for count in places.values()), places


def test_strata_are_independent():
    """The next arm of one stratum says nothing of that of another: over many secrets they agree as chance has it."""
    agree = sum(
        (found := PermutedBlocks(EVEN, (2, 4), seed.to_bytes(32))).arm("site 01", 0) == found.arm("site 02", 0)
        for seed in range(4000)
    )

    assert 1850 < agree < 2150


@given(SEEDS, SEEDS)
def test_another_seed_is_another_list(one, two):
    """Two secrets do not share a list of sixty."""
    first, second = (PermutedBlocks(THREE_TO_ONE, (4, 8), seed).arms("all", 60) for seed in (one, two))

    assert (first == second) == (one == two)


def test_all_that_is_wrong_is_said_at_once():
    """A ratio of one arm, a size that does not fit and a short seed are named together."""
    with pytest.raises(InputError, match=r"32 bytes.*two arms.*sizes 5 are no multiples of 3"):
        PermutedBlocks((("only", 3),), (3, 5), b"short")
    with pytest.raises(InputError, match="at least one block size"):
        PermutedBlocks(EVEN, (), bytes(32))
    with pytest.raises(InputError, match=r"32 bytes.*two arms.*preference of 0\.4"):
        Minimisation((("only", 1),), Decimal("0.4"), b"")


@pytest.mark.parametrize(
    "found", [PermutedBlocks(EVEN, (2,), bytes(32)), Minimisation(EVEN, Decimal("0.8"), bytes(32))]
)
def test_nothing_of_the_secret_is_printed(found):
    """Printing the source of a list shows neither seed nor sizes nor arms."""
    assert repr(found) == str(found) == f"{type(found).__name__}()"


FACTORS = st.lists(st.tuples(st.sampled_from("fm"), st.sampled_from("123")), min_size=1, max_size=60)


def minimised(found: Minimisation, subjects) -> list[tuple[str, dict[str, str]]]:
    """Allocate subjects one after the other."""
    before: list[tuple[str, dict[str, str]]] = []
    for sex, site in subjects:
        factors = {"sex": sex, "site": site}
        before.append((found.arm(factors, before), factors))
    return before


def imbalance(ratio, before, candidate: str, factors) -> Fraction:
    """Pocock and Simon's sum of ranges if the candidate were given, written out anew."""
    total = Fraction(0)
    for name, value in factors.items():
        shares = {
            arm: Fraction(sum(a == arm and f[name] == value for a, f in [*before, (candidate, factors)]), share)
            for arm, share in ratio
        }
        total += max(shares.values()) - min(shares.values())
    return total


@given(SEEDS, RATIOS, FACTORS)
def test_minimisation_takes_an_arm_of_least_imbalance(seed, ratio, subjects):
    """With preference 1 each subject comes to an arm that leaves the least imbalance over its factors."""
    before = minimised(Minimisation(ratio, Decimal(1), seed), subjects)
    for place, (arm, factors) in enumerate(before):
        due = {name: imbalance(ratio, before[:place], name, factors) for name, _ in ratio}
        assert due[arm] == min(due.values())


def test_minimisation_balances_every_factor():
    """With a preference of 0.8 the arms differ little within each sex and each site, and less than by lot."""
    subjects = [("fm"[n * 7 % 3 % 2], "123"[n * 5 % 7 % 3]) for n in range(200)]
    widest = 0
    for seed in range(20):
        before = minimised(Minimisation(EVEN, Decimal("0.8"), seed.to_bytes(32)), subjects)
        for name in ("sex", "site"):
            for value in {factors[name] for _, factors in before}:
                counts = Counter(arm for arm, factors in before if factors[name] == value)
                widest = max(widest, abs(counts["a"] - counts["b"]))

    assert widest <= 12  # by lot the standard deviation is 10 where 100 subjects share a value


def test_minimisation_cannot_be_foretold():
    """The arm that balances best is taken about as often as the preference says."""
    before = [("a", {"sex": "f"})]
    taken = sum(
        Minimisation(EVEN, Decimal("0.8"), seed.to_bytes(32)).arm({"sex": "f"}, before) == "b" for seed in range(4000)
    )

    assert 3100 < taken < 3300


def test_the_minimised_arms_of_a_seed_are_the_same_for_ever():
    """A sealed file of today minimises to these arms in every later version, on every machine."""
    subjects = [("fm"[n * 7 % 3 % 2], "123"[n * 5 % 7 % 3]) for n in range(40)]
    found = Minimisation((("a", 2), ("b", 1), ("p", 1)), Decimal("0.6"), bytes(range(32)))

    assert "".join(arm for arm, _ in minimised(found, subjects)) == "apbaapaaaabbabppbappapaabapapbaabbapbaab"


@pytest.mark.parametrize(("preference", "lawful"), [("0.49", False), ("0.5", True), ("1", True), ("1.01", False)])
def test_a_preference_lies_from_a_half_to_one(preference, *, lawful):
    """Below a half an arm would be avoided for balancing best, and above one there is no probability."""
    fault = nullcontext() if lawful else pytest.raises(InputError, match=f"a preference of {preference}")
    with fault:
        Minimisation(EVEN, Decimal(preference), bytes(32))


def test_what_is_wrong_is_said_word_for_word():
    """The faults of blocks and of a minimisation are said in these words."""
    with pytest.raises(InputError) as blocks_fault:
        PermutedBlocks((("only", 3),), (4, 5), b"short")
    with pytest.raises(InputError) as no_size:
        PermutedBlocks(EVEN, (), bytes(32))
    with pytest.raises(InputError) as minimisation_fault:
        Minimisation((("only", 1),), Decimal("0.4"), b"")

    assert str(blocks_fault.value) == (
        "permuted blocks: the seed must have 32 bytes; name at least two arms; "
        "block sizes 4, 5 are no multiples of 3, the sum of the ratio"
    )
    assert str(no_size.value) == "permuted blocks: name at least one block size"
    assert str(minimisation_fault.value) == (
        "minimisation: the seed must have 32 bytes; name at least two arms; a preference of 0.4; it lies from 0.5 to 1"
    )


@pytest.mark.parametrize(
    ("sizes", "left", "fitting"),
    [
        ([4, 8], 12, [4, 8]),
        ([4, 8], 8, [4, 8]),
        ([4, 8], 4, [4]),
        ([4, 8], 6, []),
        ([6, 8], 10, []),
        ([6, 8], 12, [6]),
        ([6, 8], 14, [6, 8]),
        ([1, 2], 1, [1]),
        ([1, 2], 2, [1, 2]),
        ([4, 8], 0, []),
        ([4, 8], -3, []),
    ],
)
def test_a_block_leaves_what_blocks_can_fill(sizes, left, fitting):
    """Those sizes fit after which blocks can still fill exactly what is left of the list."""
    assert _that_add_up(sizes, left) == fitting


@pytest.mark.parametrize("size", [0, -4, 2, 6])
def test_a_block_holds_the_ratio_at_least_once(size):
    """A block of no subject, of less than the ratio, or of one and a half times it is refused."""
    with pytest.raises(InputError, match=f"block sizes {size} are no multiples of 4"):
        PermutedBlocks(THREE_TO_ONE, (4, size), bytes(32))


def test_minimisation_keeps_an_uneven_ratio():
    """Three to one stays three to one over many subjects."""
    subjects = [("fm"[n % 2], "123"[n % 3]) for n in range(400)]
    before = minimised(Minimisation(THREE_TO_ONE, Decimal("0.8"), bytes(range(32))), subjects)

    assert 285 <= Counter(arm for arm, _ in before)["active"] <= 315


@given(SEEDS, FACTORS)
def test_a_seed_decides_minimisation(seed, subjects):
    """The same secret and the same subjects give the same arms."""
    made = [minimised(Minimisation(THREE_TO_ONE, Decimal("0.8"), seed), subjects) for _ in range(2)]

    assert made[0] == made[1]
