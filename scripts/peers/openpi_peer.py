"""The unmodified openpi-client against a running `jepilot serve two-room`: whole episodes through openpi's own runtime,
reconnection, the server's errors, a wrong token. Prints what it measured and exits with 1 where anything fails."""

import argparse
import sys
import time

import numpy as np
import websockets.exceptions
from openpi_client import action_chunk_broker, websocket_client_policy
from openpi_client.runtime import environment as environment_interface
from openpi_client.runtime import runtime
from openpi_client.runtime.agents import policy_agent

from simulator import Simulator, picture

FIRST_SEED = 1_000_000


class TwoRoom(environment_interface.Environment):
    """An episode per reset; its goal travels with each observation, as a picture."""

    def __init__(self, simulator: Simulator, seed: int, budget: int):
        self._simulator, self._seed, self._budget = simulator, seed, budget
        self._steps, self._shown, self.successes, self.episodes = 0, None, 0, 0

    def reset(self) -> None:
        self._shown = self._simulator.reset(self._seed + self.episodes, "compat")
        self._goal = picture(self._shown["goal"])
        self._steps = 0

    def is_episode_complete(self) -> bool:
        done = self._shown["success"] or self._shown["last"] or self._steps >= self._budget
        if done:
            self.episodes += 1
            self.successes += bool(self._shown["success"])
        return done

    def get_observation(self) -> dict:
        return {
            "observation/image": picture(self._shown),
            "observation/state": np.asarray(self._shown["state"]),
            "goal/image": self._goal,
            "episode": self.episodes,
            "prompt": "reach the goal",
        }

    def apply_action(self, action: dict) -> None:
        self._shown = self._simulator.step(action["actions"])
        self._steps += 1


class Timed:
    """A policy that notes how long each answer took, in milliseconds: at the client, and by the server's own account."""

    def __init__(self, policy):
        self._policy, self.client, self.server = policy, [], []

    def infer(self, observation: dict) -> dict:
        began = time.perf_counter()
        reply = self._policy.infer(observation)
        self.client.append(1000 * (time.perf_counter() - began))
        self.server.append(reply["server_timing"]["infer_ms"])
        return reply

    def reset(self) -> None:
        self._policy.reset()


def play(policy, simulator: Simulator, seed: int, episodes: int, horizon: int) -> tuple[int, Timed]:
    world, timed = TwoRoom(simulator, seed, 50), Timed(policy)
    broker = action_chunk_broker.ActionChunkBroker(timed, action_horizon=horizon)
    runtime.Runtime(world, policy_agent.PolicyAgent(broker), [], num_episodes=episodes).run()
    return world.successes, timed


def check(holds: bool, what: str) -> None:
    print(("ok      " if holds else "FAILED  ") + what)
    if not holds:
        sys.exit(1)


def refuses(policy, observation: dict, wanted: str) -> None:
    """The server says why, then hangs up; and the client says so each time from then on."""
    try:
        policy.infer(observation)
        said = "nothing"
    except RuntimeError as error:
        said = str(error)
    check(wanted in said, f"a server error reaches the client: {said.splitlines()[-1][:110]}")
    try:
        policy.infer(observation)
        check(False, "a call after an error fails")
    except websockets.exceptions.ConnectionClosed:
        check(True, "a call after an error fails as a closed connection")


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--token", required=True)
    parser.add_argument("--episodes", type=int, default=20)
    arguments = parser.parse_args()

    def connect(key=arguments.token, path=""):
        if path:
            return websocket_client_policy.WebsocketClientPolicy(f"ws://127.0.0.1:{arguments.port}{path}", api_key=key)
        return websocket_client_policy.WebsocketClientPolicy("127.0.0.1", arguments.port, api_key=key)

    simulator = Simulator("two-room")
    policy = connect()
    metadata = policy.get_server_metadata()
    check(metadata["task"] == "two-room", f"metadata: {metadata['task']}, {metadata['planner']}, horizon {metadata['action_horizon']}")
    horizon = metadata["action_horizon"]
    half = arguments.episodes // 2
    together, timed = play(policy, simulator, FIRST_SEED, half, horizon)
    apart = 0
    for seed in range(FIRST_SEED + half, FIRST_SEED + arguments.episodes):
        fresh = connect(path="/v1/realtime/robot/openpi")
        reached, again = play(fresh, simulator, seed, 1, horizon)
        fresh._ws.close()  # openpi-client leaves its socket open for as long as the process lives
        apart += reached
        timed.client += again.client
        timed.server += again.server
    check(together + apart >= 0.8 * arguments.episodes,
          f"episodes that reached the goal: {together} of {half} on one connection, {apart} of {arguments.episodes - half} on one each")

    image = np.zeros((64, 64, 3), np.uint8)
    refuses(policy, {"observation/image": np.zeros((32, 32, 3), np.uint8)}, "shape-mismatch")
    refuses(connect(), {"observation/image": image, "state": np.array([np.nan]), "goal/seed": 1}, "not finite")
    refuses(connect(), {"observation/image": image}, "needs a goal")
    reached, _ = play(connect(), simulator, FIRST_SEED, 1, horizon)
    check(reached == 1, "a new connection after errors plays on")
    try:
        connect(key="a wrong token of some length")
        check(False, "a wrong token is refused")
    except websockets.exceptions.InvalidStatus as error:
        check(error.response.status_code == 401, "a wrong token is refused with 401")

    overhead = np.array(timed.client) - np.array(timed.server)
    for name, values in (("answer at the client", timed.client), ("of that, not the server's planning", overhead)):
        p50, p99 = np.percentile(values, [50, 99])
        print(f"{name}: p50 {p50:.1f} ms, p99 {p99:.1f} ms, n {len(values)}")
    simulator.close()


main()
