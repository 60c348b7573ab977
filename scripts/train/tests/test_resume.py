import os
import signal

import pytest
import torch

from jepilot_train import jepa, loop
from jepilot_train.errors import TrainError


@pytest.mark.parametrize("ema", [0.0, 0.9])
def test_an_interrupted_run_ends_with_the_same_weights(start, monkeypatch, ema):
    whole, _ = jepa.train(start(f"train.ema={ema}", work="whole"))
    rate, run = loop.Schedule.rate, start(f"train.ema={ema}", work="broken")

    def interrupt(schedule, step):
        if step == 6:
            os.kill(os.getpid(), signal.SIGINT)
        return rate(schedule, step)

    monkeypatch.setattr(loop.Schedule, "rate", interrupt)
    with pytest.raises(loop.Interrupted, match="step 7"):
        jepa.train(run)
    monkeypatch.undo()
    resumed, seconds = jepa.train(run)
    assert seconds > 0
    for name, weight in whole.state_dict().items():
        assert torch.equal(weight, resumed.state_dict()[name]), name


def test_a_folder_of_another_configuration_is_refused(start):
    jepa.train(start())
    with pytest.raises(TrainError, match="choose another --work"):
        jepa.train(start("loss.action=0.5"))
    jepa.train(start("metric.steps=1"))  # says nothing about the world model
