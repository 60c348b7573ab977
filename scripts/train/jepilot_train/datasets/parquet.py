"""Columns of Parquet files."""

from pathlib import Path

import numpy as np
import pyarrow as pa
from pyarrow import compute, parquet

from ..errors import TrainError
from .columns import missing, numbers


def read(path: Path, names: list[str]) -> pa.Table:
    """The named columns of a file."""
    try:
        there = parquet.read_schema(path).names
        for name in names:
            if name not in there:
                raise missing(name, path, there)
        return parquet.ParquetFile(path).read(columns=names).select(names)
    except FileNotFoundError:
        raise TrainError(f"no data file {path}") from None
    except (OSError, pa.ArrowException) as error:
        raise TrainError(f"{path} is not a whole Parquet file: {str(error).partition(chr(10))[0]}") from None


def integers(table: pa.Table, name: str, path: Path) -> np.ndarray:
    """int64 [T]."""
    values = table[name]
    if not pa.types.is_integer(values.type) or values.null_count:
        raise TrainError(f"{path}: column '{name}' must hold integers, got {values.type} with {values.null_count} nulls")
    return values.to_numpy().astype(np.int64)


def vectors(table: pa.Table, name: str, path: Path) -> np.ndarray:
    """A column of numbers, or of lists of equally many: float32 [T,d]."""
    values = table[name].combine_chunks()
    kind, count, lengths = values.type, len(values), {1}
    if isinstance(values, pa.ExtensionArray):
        values = values.storage
    if pa.types.is_list(values.type) or pa.types.is_large_list(values.type) or pa.types.is_fixed_size_list(values.type):
        lengths = set(compute.unique(compute.list_value_length(values)).to_pylist())
        values = values.flatten()
    if len(lengths) != 1 or None in lengths or not count or len(values) != count * max(lengths):
        raise TrainError(f"{path}: column '{name}' must hold equally many numbers in each row, got {kind} of lengths {sorted(map(str, lengths))}")
    return numbers(values.to_numpy(zero_copy_only=False).reshape(count, -1), name, path)
