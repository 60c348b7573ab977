"""LeWorldModel checkpoints (arXiv 2603.19312) of an unmodified stable_worldmodel, to model folders."""
