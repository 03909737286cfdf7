"""The type of most arrays: numpy's, of double precision."""

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
