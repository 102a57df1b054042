"""What a text means, as numbers: the mean of its tokens' vectors in a model that a package of PyPI ships.

No network, no GPU, a few milliseconds for a batch. Only the files of the package ``wordllama`` are used: importing it
would set up logging for the whole process.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
from safetensors.numpy import load_file
from tokenizers import Tokenizer

PACKAGE = "wordllama"
TOKENIZER = "tokenizers/l2_supercat_tokenizer_config.json"
WEIGHTS = "weights/l2_supercat_256.safetensors"
DIMENSION = 256


class Embedder:
    """A model in memory: 33 MB, shared by all who ask for it."""

    def __init__(self, tokenizer: Tokenizer, vectors: np.ndarray[Any, np.dtype[np.float32]]) -> None:
        self._tokenizer, self._vectors = tokenizer, vectors

    def embed(self, texts: Sequence[str]) -> list[list[float]]:
        """A vector of length one for each text; of length nought for one without any token."""
        return [
            self._mean(encoded.ids) for encoded in self._tokenizer.encode_batch_fast(texts, add_special_tokens=False)
        ]

    def _mean(self, tokens: Sequence[int]) -> list[float]:
        if not tokens:
            return [0.0] * DIMENSION
        total = self._vectors[tokens].sum(axis=0)
        length = float(np.linalg.norm(total))
        return (total / length if length else total).tolist()  # type: ignore[no-any-return]


@cache
def shipped_embedder() -> Embedder:
    """The model of the package. Raises ImportError, saying how to install it, when it is missing."""
    spec = find_spec(PACKAGE)
    if spec is None or not spec.submodule_search_locations:
        raise ImportError(f"the package {PACKAGE} is missing; install it: pip install {PACKAGE}")
    folder = Path(next(iter(spec.submodule_search_locations)))
    tokenizer = Tokenizer.from_file(str(folder / TOKENIZER))
    tokenizer.no_padding()
    tokenizer.no_truncation()
    return Embedder(tokenizer, load_file(folder / WEIGHTS)["embedding.weight"].astype(np.float32))
