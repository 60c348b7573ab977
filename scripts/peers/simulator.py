"""A task of JEPilot, stepped from Python: a Node process that speaks one JSON line per call."""

import base64
import json
import subprocess
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parents[2]

SIMULATOR = """
import { createInterface } from 'node:readline';
import { mujocoEnvironment } from './dist/src/env/mujoco-environment.js';
import { tasks } from './dist/envs/index.js';
const environment = await mujocoEnvironment(tasks.find((task) => task.name === process.argv[1]));
const camera = environment.cameras[0];
const base64 = (array) => Buffer.from(array.buffer, array.byteOffset, array.byteLength).toString('base64');
const show = ({ images, state }) => ({
  image: base64(images[camera.name].data), shape: [camera.height, camera.width, 3], state: [...state],
});
const timeStep = (t) => ({ ...show(t.observation), last: t.kind === 'last', success: t.success, distance: t.distance });
for await (const line of createInterface({ input: process.stdin })) {
  const call = JSON.parse(line);
  let answer;
  if (call.seed !== undefined) {
    const first = environment.reset({ seed: call.seed, track: call.track, variation: {} });
    answer = { ...timeStep(first), goal: show(environment.render(environment.goal())) };
  } else answer = timeStep(environment.step(Float32Array.from(call.action)));
  process.stdout.write(JSON.stringify(answer) + '\\n');
}
"""


def picture(shown: dict) -> np.ndarray:
    return np.frombuffer(base64.b64decode(shown["image"]), np.uint8).reshape(shown["shape"])


class Simulator:
    def __init__(self, task: str):
        command = ["node", "--input-type=module", "--eval", SIMULATOR, task]
        self._node = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def reset(self, seed: int, track: str) -> dict:
        return self._call({"seed": seed, "track": track})

    def step(self, action: np.ndarray) -> dict:
        return self._call({"action": [float(value) for value in action]})

    def close(self) -> None:
        self._node.stdin.close()
        self._node.wait(timeout=10)

    def _call(self, message: dict) -> dict:
        self._node.stdin.write(json.dumps(message) + "\n")
        self._node.stdin.flush()
        return json.loads(self._node.stdout.readline())
