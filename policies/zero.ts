import type { PolicyKind } from '#src/planning/policy-kind.js';
import { holdAction } from '#src/spec.js';
import { zeros } from '#src/tensor.js';
import { startStepOf, unsearched } from './unsearched.ts';

/** Holds: tells how many episodes are solved by doing nothing. A position robot repeats its last command. */
export const zero: PolicyKind = {
  name: 'zero',
  about: 'holds still, which shows what doing nothing is worth',
  create({ actionSpec, rows }) {
    let last: Float32Array | null = null;
    let plans = 0;
    return {
      name: 'zero',
      window: 1,
      async reset() {
        last = null;
        plans = 0;
      },
      async setGoal() {},
      async plan(request) {
        for (const { data } of [request.executed, request.committed]) {
          if (data.length > 0) last = data.slice(-actionSpec.dim);
        }
        const hold = holdAction(actionSpec, last);
        const actions = zeros([rows, actionSpec.dim]);
        for (let row = 0; row < rows; row++) actions.data.set(hold, row * actionSpec.dim);
        return unsearched(++plans, startStepOf(request), actions);
      },
      async [Symbol.asyncDispose]() {},
    };
  },
};
