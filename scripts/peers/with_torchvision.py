"""Runs a script or `-m module` where torchvision is built for another PyTorch (its wheels are for CUDA), as long as none of its
operators are called: stable_worldmodel imports it for data that is not read here.

    python scripts/peers/with_torchvision.py SCRIPT ARGUMENTS…
"""

import runpy
import sys

import torch

try:
    import torchvision  # noqa: F401
except RuntimeError:  # its Python half wants operators that its binary half could not register
    library = torch.library.Library("torchvision", "DEF")
    for name in ("nms", "qnms"):
        library.define(f"{name}(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")

sys.argv = sys.argv[1:]
if sys.argv[0] == "-m":
    sys.argv = sys.argv[1:]
    runpy.run_module(sys.argv[0], run_name="__main__", alter_sys=True)
else:
    runpy.run_path(sys.argv[0], run_name="__main__")
