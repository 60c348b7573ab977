import { JepilotError } from '#src/errors.js';
import type { PolicyKind } from '#src/planning/policy-kind.js';
import { rngOf, type Rng } from '#src/rng.js';
import { zeros } from '#src/tensor.js';
import { startStepOf, unsearched } from './unsearched.ts';

/**
 * Uniform raw actions: the floor that a planner has to beat. The action of a control step depends on the seed and
 * the step only, so that replanning and latency change nothing.
 */
export const random: PolicyKind = {
  name: 'random',
  about: 'uniform random actions, the floor that a planner has to beat',
  create({ actionSpec: { dim, minimum, maximum }, rows }) {
    let rng: Rng | null = null;
    let plans = 0;
    return {
      name: 'random',
      window: 1,
      async reset({ seed }) {
        rng = rngOf('random', seed);
        plans = 0;
      },
      async setGoal() {},
      async plan(request) {
        if (!rng) throw new JepilotError('bad-state', 'plan() came before reset(): there is no seed yet');
        const startStep = startStepOf(request);
        const actions = zeros([rows, dim]);
        for (let row = 0; row < rows; row++) {
          const chance = rng.fork(startStep + row);
          for (let j = 0; j < dim; j++) actions.data[row * dim + j] = chance.uniform(minimum[j], maximum[j]);
        }
        return unsearched(++plans, startStep, actions);
      },
      async [Symbol.asyncDispose]() {},
    };
  },
};
