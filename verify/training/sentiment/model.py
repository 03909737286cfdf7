"""Two layers of LSTM; the last layer's state at the sentence's end gives one logit.

torch's own initial weights, U(-1/sqrt(N), 1/sqrt(N)), but for the first layer's input weights, which
are U(-1/sqrt(D), 1/sqrt(D)) with D the embedding's dimension (as in the paper's run). Dropout 0.5
between the layers and before the decoder. The embedding is frozen.
"""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence

from derive.arrays import Array

DROPOUT = 0.5
TRUNCATED = ("weight_hh_l0", "weight_ih_l1", "weight_hh_l1")
"""Recurrent weights of both layers and input weights of the second, stacked over gates (4N, N)."""
MATRICES = ("weight_ih_l0", *TRUNCATED)


class SentimentNetwork(nn.Module):
    """``size`` units a layer; ``embedding`` (words, D); initial weights from ``seed`` alone."""

    def __init__(self, embedding: NDArray[np.float32], size: int, seed: int) -> None:
        super().__init__()
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(seed)
            self.lstm = nn.LSTM(embedding.shape[1], size, 2, batch_first=True, dropout=DROPOUT)
            self.decoder = nn.Linear(size, 1)
            bound = embedding.shape[1] ** -0.5
            nn.init.uniform_(self.lstm.get_parameter("weight_ih_l0"), -bound, bound)
        self.dropout = nn.Dropout(DROPOUT)
        self.embedding = nn.Embedding.from_pretrained(torch.from_numpy(embedding), freeze=True)

    def forward(self, words: torch.Tensor, lengths: torch.Tensor) -> torch.Tensor:
        """Logits (batch,) of padded sentences (batch, length), the longest first or not."""
        packed = pack_padded_sequence(
            self.embedding(words), lengths.cpu(), batch_first=True, enforce_sorted=False
        )
        _, (state, _) = self.lstm(packed)
        logits: torch.Tensor = self.decoder(self.dropout(state[-1])).squeeze(1)
        return logits

    def matrices(self) -> dict[str, Array]:
        """Copies of the stacked weights by torch's names."""
        return {name: getattr(self.lstm, name).detach().double().cpu().numpy() for name in MATRICES}
