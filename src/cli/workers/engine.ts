import { parentPort } from 'node:worker_threads';
import { serveEngine } from '../../planning/engine-host.ts';
import { loadWorldModel } from '../../world-model/onnx-world-model.ts';
import { findModelPolicy, loadPlanner } from '../planners.ts';

if (!parentPort) throw new Error('the planning engine runs in a worker; start it with openEngine()');
serveEngine(parentPort, {
  load: ({ model, ...options }, exclude) => loadWorldModel(model, { ...options, exclude }),
  findPlanner: loadPlanner,
  findModelPolicy,
  now: () => performance.now() / 1000,
});
