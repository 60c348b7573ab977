import numpy as np
import pytest

from jepilot_train.datasets.area import resampler

PICTURE = np.random.default_rng(0).integers(0, 256, (12, 18, 3), np.uint8)


def test_whole_factors_give_the_mean_of_each_block():
    got = resampler((12, 18), (4, 3))(PICTURE)
    assert np.abs(got - PICTURE.reshape(4, 3, 3, 6, 3).mean((1, 3))).max() <= 0.501


def test_fractions_of_a_pixel_count_as_such():
    line = np.array([30, 90, 240], np.uint8)[None, :, None].repeat(3, 2)
    assert resampler((1, 3), (1, 2))(line)[0, :, 0].tolist() == [50, 190]
    assert resampler((3, 1), (2, 1))(line.swapaxes(0, 1))[:, 0, 0].tolist() == [50, 190]


@pytest.mark.parametrize("size", [(5, 7), (1, 1), (31, 40)])
def test_brightness_stays(size):
    got = resampler((12, 18), size)(PICTURE)
    assert got.shape == (*size, 3) and got.mean((0, 1)) == pytest.approx(PICTURE.mean((0, 1)), abs=0.6)


def test_the_same_size_changes_nothing():
    assert resampler((12, 18), (12, 18))(PICTURE) is PICTURE
