"""Reading a data set: our own HDF5, any HDF5 in the layout of stable-worldmodel, or a LeRobot v3.0 folder."""

from pathlib import Path

from ..config import Data
from ..data import Episodes
from ..errors import TrainError
from . import hdf5


def load(path: Path, settings: Data = Data(), task: str = "") -> Episodes:
    """All episodes in memory. `task` names the task of data that does not say it itself."""
    if path.is_dir():
        return _lerobot().load(path, settings, task)
    if not path.is_file():
        raise TrainError(f"no data file {path}")
    return hdf5.load(path, settings, task)


def _lerobot():
    """The reader of LeRobot folders, whose libraries are an extra."""
    try:
        from . import lerobot
    except ImportError as error:
        raise TrainError(f"reading a LeRobot folder needs {error.name}: install the extra 'lerobot', as `uv run --extra lerobot "
                         "jepilot-train ...` or `pip install 'jepilot-train[lerobot]'` does") from None
    return lerobot
