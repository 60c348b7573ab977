import { serveEngine } from '../../planning/engine-host.ts';
import type { Port } from '../../rpc.ts';
import { mujocoEnvironment } from '../../env/mujoco-environment.ts';
import { showGoal } from '../../env/scene-goal.ts';
import { loadWorldModel } from '../../world-model/onnx-world-model.ts';
import { findModelPolicy, loadPlanner } from '../planners.ts';
import { loadTask } from '../tasks.ts';

if (!process.send) throw new Error('this is the planning engine of jepilot serve, which starts it itself');

const parent: Port = {
  postMessage: (message) => void process.send?.(message),
  on: (event, listener) => process.on(event, listener),
  off: (event, listener) => {
    process.off(event, listener);
    // Either listener keeps the channel, and with it this process, alive.
    process.removeAllListeners('disconnect');
  },
};

// A Ctrl-C reaches the whole process group; the server ends its engines by itself, after their plans.
process.on('SIGINT', () => undefined);
process.on('SIGTERM', () => undefined);
// Without a server there is nothing to plan for. It comes between runs of the model, when ending is safe.
process.on('disconnect', () => process.exit());

serveEngine(parent, {
  load: ({ model, ...options }, exclude) => loadWorldModel(model, { ...options, exclude }),
  findPlanner: loadPlanner,
  findModelPolicy,
  now: () => performance.now() / 1000,
  async showGoal({ task: name, goal }) {
    const task = await loadTask(name);
    using environment = await mujocoEnvironment(task);
    return showGoal(task, environment, goal);
  },
});
