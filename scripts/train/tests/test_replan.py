import json

import pytest

from jepilot_train.errors import TrainError
from jepilot_train.replan import replan
from jepilot_train.stages import run_stages


@pytest.fixture
def model(start, tmp_path):
    run_stages(start(), "all", tmp_path / "dot", ["dot.toml"])
    return tmp_path / "dot"


def test_planning_follows_the_configuration_and_nothing_else(model, tmp_path):
    source, before = tmp_path / "dot.toml", json.loads((model / "manifest.json").read_text())
    source.write_text(source.read_text().replace("horizon = 3", "horizon = 2\nsamples = 7"))
    replan(source, model)
    after = json.loads((model / "manifest.json").read_text())
    assert (after["planning"]["horizon"], after["planning"]["samples"]) == (2, 7)
    assert {k: v for k, v in after.items() if k != "planning"} == {k: v for k, v in before.items() if k != "planning"}


def test_another_objective_or_model_is_refused(model, tmp_path):
    source = tmp_path / "dot.toml"
    text = source.read_text()
    source.write_text(text + 'objective = { kind = "latent", over = "sum" }\n')
    with pytest.raises(TrainError, match="another objective"):
        replan(source, model)
    source.write_text(text.replace('name = "dot"', 'name = "dash"'))
    with pytest.raises(TrainError, match="of model 'dot'"):
        replan(source, model)
    with pytest.raises(TrainError, match="cannot read"):
        replan(source, tmp_path)
