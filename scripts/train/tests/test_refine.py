import torch

from jepilot_train.model import WorldModel
from jepilot_train.refine import refine


def world_of(run) -> WorldModel:
    torch.manual_seed(0)
    return WorldModel(run.config, 16, 16, run.action_dim).eval().requires_grad_(False)


def error(world, run, z) -> float:
    """Of the second step of a free rollout, on held-out frames."""
    at = run.data.frames_of(run.held_out)[:-4]
    actions = torch.from_numpy(run.actions[at[:, None] + range(4)]).unflatten(1, (2, 2)).flatten(2)
    predicted = world.predictor.rollout(torch.from_numpy(z[at]), actions)[:, 1]
    return (predicted - torch.from_numpy(z[at + 4])).square().mean().item()


def test_the_predictor_learns_on_and_ends_frozen(start, episodes):
    run = start("encoder.latent=2", "refine.steps=300", "refine.batch=64", "refine.learning_rate=1e-2", "predictor.dropout=0.0")
    world = world_of(run)
    before = error(world, run, episodes.state)
    encoder = [p.clone() for p in world.encoder.parameters()]
    seconds = refine(run, world, episodes.state)
    assert seconds > 0 and error(world, run, episodes.state) < 0.2 * before
    assert all(torch.equal(a, b) for a, b in zip(encoder, world.encoder.parameters()))
    assert not world.predictor.training and not any(p.requires_grad for p in world.parameters())


def test_it_is_loaded_where_it_was_done_before_and_off_by_default(start, episodes):
    run = start("encoder.latent=2", "refine.steps=20", "refine.batch=16")
    first, again, none = world_of(run), world_of(run), world_of(run)
    refine(run, first, episodes.state)
    refine(run, again, episodes.state)
    assert error(first, run, episodes.state) == error(again, run, episodes.state)
    run = start("encoder.latent=2")
    assert refine(run, none, episodes.state) == 0.0
