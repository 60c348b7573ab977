"""Writes LeWM checkpoints as stable_worldmodel does: the whole model, and weights beside the config.json that builds it.

    python scripts/peers/lewm_checkpoints.py FOLDER --action 10

Classes and `save_pretrained` are those of the unmodified package; the weights are random, of the published architecture.
"""

import argparse
from pathlib import Path

import torch
from jepilot_train.lewm import checkpoint
from omegaconf import OmegaConf
from stable_worldmodel.wm.utils import save_pretrained

MODULES = "stable_worldmodel.wm.lewm.module"


def projector() -> dict:
    norm = {"_target_": "hydra.utils.get_class", "path": "torch.nn.BatchNorm1d"}
    return {"_target_": f"{MODULES}.MLP", "input_dim": 192, "hidden_dim": 2048, "output_dim": 192, "norm_fn": norm}


def config(action: int) -> dict:
    """What hydra builds `checkpoint.untrained` from."""
    vit = {"_target_": "transformers.ViTConfig", "hidden_size": 192, "num_hidden_layers": 12, "num_attention_heads": 3,
           "intermediate_size": 768, "image_size": 224, "patch_size": 14}
    return {
        "_target_": "stable_worldmodel.wm.lewm.LeWM",
        "encoder": {"_target_": "transformers.ViTModel", "config": vit, "add_pooling_layer": False},
        "predictor": {"_target_": f"{MODULES}.Predictor", "num_frames": 3, "depth": 6, "heads": 16, "dim_head": 64,
                      "mlp_dim": 2048, "input_dim": 192, "hidden_dim": 192, "dropout": 0.1},
        "action_encoder": {"_target_": f"{MODULES}.Embedder", "input_dim": action, "smoothed_dim": 10, "emb_dim": 192},
        "projector": projector(),
        "pred_proj": projector(),
    }


def main() -> None:
    p = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    p.add_argument("folder", type=Path)
    p.add_argument("--action", type=int, required=True, help="values of a model action: frame skip times the robot's")
    options = p.parse_args()
    model = checkpoint.untrained(options.action, 0)
    options.folder.mkdir(parents=True, exist_ok=True)
    torch.save(model, options.folder / "whole_object.ckpt")
    save_pretrained(model, "weights", OmegaConf.create(config(options.action)), cache_dir=str(options.folder))
    print(*sorted(str(path.relative_to(options.folder)) for path in options.folder.rglob("*") if path.is_file()), sep="\n")


if __name__ == "__main__":
    main()
