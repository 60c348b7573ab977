"""Area resampling: each new pixel is the mean of what it covers, fractions of old pixels included."""

from collections.abc import Callable

import numpy as np
from scipy.sparse import csr_array


def weights(source: int, target: int) -> csr_array:
    """Share of each old pixel in each new one, [target,source]; rows sum to one."""
    edge, pixel = np.arange(target + 1) * (source / target), np.arange(source)
    overlap = np.minimum(edge[1:, None], pixel + 1) - np.maximum(edge[:-1, None], pixel)
    return csr_array((np.maximum(overlap, 0) * (target / source)).astype(np.float32))


def resampler(source: tuple[int, int], target: tuple[int, int]) -> Callable[[np.ndarray], np.ndarray]:
    """A function from pictures uint8 [H,W,3] of size `source` (height, width) to uint8 [h,w,3] of size `target`."""
    if source == target:
        return lambda picture: picture
    (height, width), (rows, columns) = source, target
    down, across = weights(height, rows), weights(width, columns)

    def resample(picture: np.ndarray) -> np.ndarray:
        lines = (down @ picture.reshape(height, -1)).reshape(rows, width, 3)
        turned = (across @ lines.swapaxes(0, 1).reshape(width, -1)).reshape(columns, rows, 3)
        return np.floor(turned.swapaxes(0, 1) + 0.5).astype(np.uint8)

    return resample
