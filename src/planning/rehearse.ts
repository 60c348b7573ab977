import type { Observation } from '../env/observation.ts';
import { zeros } from '../tensor.ts';
import type { ModelManifest } from '../world-model/manifest.ts';
import type { PlanEvidence } from './plan.ts';
import type { Policy } from './policy.ts';

/** Plans until the compiler has seen what it needs; the first ones take several times as long as the rest. */
const TIMES = 8;

/** A black picture of each camera. */
const blank = ({ cameras }: ModelManifest): Observation => ({
  step: 0,
  time: 0,
  images: Object.fromEntries(
    cameras.map(({ name, width, height }) => [
      name,
      { width, height, data: new Uint8Array(3 * width * height) },
    ]),
  ),
  state: new Float32Array(0),
});

/** Plans a few times for nothing, so that a robot's first plan is as fast as its last. `reset` forgets all of it. */
export async function rehearse(policy: Policy, manifest: ModelManifest, iterations: number): Promise<void> {
  await timedPlans(policy, manifest, iterations, TIMES);
}

/** Plans `count` times for nothing, one model step apart, and tells what each took. */
export async function timedPlans(
  policy: Policy,
  manifest: ModelManifest,
  iterations: number,
  count: number,
): Promise<readonly PlanEvidence[]> {
  const observation = blank(manifest);
  const none = zeros([0, manifest.action.dim]);
  await policy.reset({ seed: 0, goal: { kind: 'observation', value: observation } });
  const plans: PlanEvidence[] = [];
  for (let i = 0; i < count; i++) {
    const step = i * manifest.action.repeat;
    const executed = i === 0 ? none : zeros([manifest.action.repeat, manifest.action.dim]);
    const observations = [{ ...observation, step }];
    plans.push(
      (await policy.plan({ observations, executed, committed: none, budget: { iterations } })).evidence,
    );
  }
  return plans;
}
