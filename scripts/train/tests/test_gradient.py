import pytest
import torch

from jepilot_train import ensemble, metric, predictor
from jepilot_train.config import Ensemble, Metric, Predictor
from jepilot_train.folded import fold_product
from jepilot_train.gradient import trace, with_gradient
from jepilot_train.plan_cost import PlanCost

D, A, H = 5, 4, 3
OBJECTIVE = {"kind": "weighted", "terms": [[1.0, {"kind": "metric", "over": "sum"}], [2.0, {"kind": "latent", "over": "terminal"}],
                                           [0.5, {"kind": "disagreement"}], [0.1, {"kind": "actionChange"}]]}


@pytest.fixture
def plan_cost():
    torch.manual_seed(0)
    step = predictor.Predictor(Predictor(width=8, hidden=16, depth=1, action_code=4), D, A).eval()
    for weight in step.parameters():
        weight.data += 0.2 * torch.randn_like(weight)
    head = metric.create(Metric(kind="product", hidden=(8,), goal_hidden=(16,), dim=6), D)
    members = ensemble.Ensemble(Ensemble(members=2, hidden=(8,)), D, A)
    return PlanCost(OBJECTIVE, step, head, members, 2).requires_grad_(False)


def test_the_gradient_is_that_of_the_cost(plan_cost):
    plan_cost = plan_cost.double()
    z, g, plans = torch.randn(1, D).double(), torch.randn(1, D).double(), torch.randn(4, H, A).double()
    value, gradient = with_gradient(plan_cost, z, g, plans)
    way = torch.randn_like(plans)
    ahead, behind = (plan_cost(z, g, plans + s * 1e-5 * way) for s in (1, -1))
    assert torch.allclose(value, plan_cost(z, g, plans))
    assert torch.allclose((gradient * way).sum((1, 2)), (ahead - behind) / 2e-5, rtol=1e-4, atol=1e-8)


def test_the_traced_operations_serve_any_number_of_plans(plan_cost):
    module, inputs = trace(plan_cost, D, A, H)
    assert list(inputs) == ["latent", "goal", "actions"]
    z, g = torch.randn(1, D), torch.randn(1, D)
    for count in (1, H, 7):
        plans = torch.randn(count, H, A)
        for got, expected in zip(module(z, g, plans), with_gradient(plan_cost, z, g, plans)):
            assert torch.allclose(got, expected, atol=1e-6)


def test_a_folded_product_is_one_inner_product(plan_cost):
    head, z, g = plan_cost.metric, torch.randn(7, D), torch.randn(7, D)
    head.bias.data.fill_(-0.7)
    first, second = (net(x) for net, x in zip(fold_product(head), (z, g)))
    assert first.shape == second.shape == (7, 7) and (first[:, -1] == 1).all()
    assert torch.allclose(torch.nn.functional.softplus((first * second).sum(1)), head(z, g), atol=1e-6)
