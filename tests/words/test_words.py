"""Words in B, B' on m, w: text, rows, LaTeX, errors, and the chain of THEORY 2."""

import dataclasses

import pytest
from hypothesis import given
from hypothesis import strategies as st

from derive import OuterProduct, Word
from derive.words.words import chain_word

TRANSPOSED = {"B": "B'", "B'": "B", "w": "w'", "m": "m'", "w'": "w", "m'": "m"}

words = st.builds(Word, st.lists(st.sampled_from(["B", "B'"]), max_size=8).map(tuple), st.sampled_from("wm"))


@given(words)
def test_printed_word_is_read_back(word):
    assert Word.parse(str(word)) == word
    assert Word.parse(f"  {word}\t") == word


@given(words)
def test_row_is_the_transpose_and_transposing_twice_gives_the_column(word):
    assert word.row == tuple(TRANSPOSED[token] for token in reversed(word.column))
    assert tuple(TRANSPOSED[token] for token in reversed(word.row)) == word.column


@given(words, words)
def test_equal_words_are_one_key_and_different_words_print_differently(left, right):
    assert (left == right) == (str(left) == str(right))
    assert len({left, right}) == (1 if left == right else 2)
    if left == right:
        assert hash(left) == hash(right)


@given(words, words)
def test_outer_product_is_column_times_row(left, right):
    product = OuterProduct(left, right)
    assert str(product).split() == [*left.column, *right.row]
    assert product.json() == {"left": str(left), "right": " ".join(right.row)}
    assert product.latex().split() == [*left.latex().split(), *product.latex().split()[len(left.column) :]]
    assert len({product, OuterProduct(left, right)}) == 1


def test_first_weight_change_as_printed_in_eq_11():
    product = OuterProduct(Word.parse("B' w"), Word.parse("B m"))
    assert str(product) == "B' w m' B'"
    assert product.json() == {"left": "B' w", "right": "m' B'"}
    assert product.latex() == r"B^{\top} w m^{\top} B^{\top}"
    assert product._repr_latex_() == r"$B^{\top} w m^{\top} B^{\top}$"
    assert repr(product) == """OuterProduct(Word.parse("B' w"), Word.parse("B m"))"""


def test_latex_takes_other_names():
    names = {"B": "X", "B'": "Y", "w": "p", "m": "q"}
    assert Word.parse("B' B m").latex(names) == "Y X q"


def test_sympy_prints_words_by_their_own_latex():
    sympy = pytest.importorskip("sympy")
    assert sympy.latex(Word.parse("B' w")) == r"B^{\top} w"


@pytest.mark.parametrize(
    ("text", "token"),
    [("C m", "C"), ("B B'' w", "B''"), ("B x", "x"), ("B' B", "B"), ("w'", "w'"), ("m B w", "m"), ("", "")],
)
def test_unknown_token_is_named(text, token):
    with pytest.raises(ValueError, match="unknown") as error:
        Word.parse(text)
    assert repr(token) in str(error.value)


def test_words_cannot_be_changed():
    word = Word.parse("B m")
    with pytest.raises(dataclasses.FrozenInstanceError):
        word.vector = "w"
    with pytest.raises(dataclasses.FrozenInstanceError):
        OuterProduct(word, word).left = word


@pytest.mark.parametrize("index", range(8))
def test_chain_words_obey_their_recursion(index):
    """THEORY 2: a_0 = B^T w, b_0 = B m, a_{n+1} = B^T b_n, b_{n+1} = B a_n."""
    if index == 0:
        assert str(chain_word("a", 0)) == "B' w"
        assert str(chain_word("b", 0)) == "B m"
    else:
        assert str(chain_word("a", index)) == f"B' {chain_word('b', index - 1)}"
        assert str(chain_word("b", index)) == f"B {chain_word('a', index - 1)}"
