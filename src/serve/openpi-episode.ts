import { createHash } from 'node:crypto';
import type { Observation } from '../env/observation.ts';
import { JepilotError } from '../errors.ts';
import type { PlanRequest } from '../planning/policy.ts';
import { concat, slice, zeros, type Tensor } from '../tensor.ts';
import type { OpenpiRequest } from './openpi-request.ts';
import type { GoalRequest, PlanningSession, ServedPlan } from './sessions.ts';

/** Equal for goals that are the same. */
function identityOf(goal: GoalRequest): string {
  const hash = createHash('sha256').update(goal.kind);
  if (goal.kind === 'observation') for (const { data } of Object.values(goal.value.images)) hash.update(data);
  else if (goal.kind === 'latent') hash.update(goal.value.data);
  else if (goal.kind === 'state') hash.update(goal.value);
  else hash.update(JSON.stringify(goal));
  return hash.digest('hex');
}

interface Episode {
  readonly name: string | number | null;
  goal: string;
  /** Of the last observation; null before the first one. */
  step: number | null;
  /** Rows [R, a] of the last answer, from its observation on. */
  rows: Tensor;
}

/**
 * What the protocol does not carry, kept on the server's side: which episode an observation belongs to, its control
 * step, and what was executed since the last one. A client that says nothing is taken to have executed
 * `replanInterval` rows of each chunk, which is the `action_horizon` that the metadata asks for.
 */
export class OpenpiEpisodes {
  readonly #session: PlanningSession;
  #episode: Episode | null = null;

  constructor(session: PlanningSession) {
    this.#session = session;
  }

  /** The next observation begins an episode. */
  end(): void {
    this.#episode = null;
  }

  /** Plans; the answer's rows [R, a] begin at the observation, committed ones first. `planning` is called once episode and goal are in place. */
  async plan(request: OpenpiRequest, planning: () => void): Promise<{ rows: Tensor; served: ServedPlan }> {
    const episode = await this.#enter(request);
    planning();
    const { actionSpec, iterations } = this.#session.info;
    const { step, executed } = this.#since(episode, request);
    const committed = request.committed ?? zeros([0, actionSpec.dim]);
    const plan: PlanRequest = {
      observations: this.#observations(request, step),
      executed,
      committed,
      budget: { iterations: request.iterations ?? iterations },
    };
    const served = await this.#session.plan(plan);
    const rows = concat([committed, served.plan.actions]);
    episode.step = step;
    episode.rows = rows;
    return { rows, served };
  }

  async #enter({ episode: name, goal, seed }: OpenpiRequest): Promise<Episode> {
    const current = this.#episode;
    const begins = !current || (name !== null && name !== current.name);
    if (!begins && !goal) return current;
    if (!goal)
      throw new JepilotError(
        'invalid-value',
        'the first observation of an episode needs a goal: goal/image, goal/state, goal/latent, goal/seed or goal/recording',
      );
    const identity = identityOf(goal);
    if (!begins) {
      if (identity !== current.goal) await this.#session.setGoal(goal, 'now');
      current.goal = identity;
      return current;
    }
    this.#episode = null;
    await this.#session.reset({ seed, goal });
    return (this.#episode = { name, goal: identity, step: null, rows: zeros([0, this.#dim]) });
  }

  get #dim(): number {
    return this.#session.info.actionSpec.dim;
  }

  /** The step of an observation, and the rows [n, a] executed since the last one. */
  #since(episode: Episode, { step, executed }: OpenpiRequest): { step: number; executed: Tensor } {
    const { replanInterval } = this.#session.info;
    if (episode.step === null) return { step: step ?? 0, executed: zeros([0, this.#dim]) };
    const known = executed !== null && typeof executed !== 'number' ? executed : null;
    const told = typeof executed === 'number' ? executed : (known?.shape[0] ?? null);
    const passed = step === null ? (told ?? replanInterval) : step - episode.step;
    if (passed < 0)
      throw new JepilotError(
        'out-of-range',
        `step ${step ?? 0} comes after step ${episode.step} of the same episode`,
      );
    const rows = known ?? slice(episode.rows, 0, Math.min(passed, episode.rows.shape[0] ?? 0));
    return { step: episode.step + passed, executed: rows };
  }

  #observations({ images, state }: OpenpiRequest, step: number): Observation[] {
    const { controlPeriod } = this.#session.info;
    const depth = Math.max(...Object.values(images).map((pictures) => pictures.length));
    return Array.from({ length: depth }, (_, i) => {
      const at = step - (depth - 1 - i);
      const shown = Object.entries(images).map(([name, pictures]) => {
        const picture = pictures[Math.max(0, i - (depth - pictures.length))];
        if (!picture) throw new JepilotError('invalid-value', `camera '${name}' has no picture`);
        return [name, picture] as const;
      });
      return { step: at, time: at * controlPeriod, images: Object.fromEntries(shown), state };
    });
  }
}
