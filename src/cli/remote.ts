import type { Task } from '../env/task.ts';
import { JepilotError } from '../errors.ts';
import { openpiAddress } from '../robot/openpi-address.ts';
import { openOpenpiLink } from '../robot/openpi-link.ts';
import { openpiPolicy } from '../robot/openpi-policy.ts';
import type { PlanningOverrides } from '../planning/settings.ts';
import type { OpenPlanning, PlanningChoice } from './planning.ts';

/** Seconds for a connection, and for a plan without a deadline of its own. */
const PATIENCE = 30;
/** Rows of a chunk to act on where the server does not say. */
const DEFAULT_INTERVAL = 5;

/** What a policy server is sent to be let in: never from the command line, which other users of the machine can read. */
const token = (): string | null => process.env['JEPILOT_TOKEN'] ?? null;

/** Asks the policy server at `address` how it wants to be used. `link` where there is none. */
export async function chooseRemote(address: string, overrides: PlanningOverrides): Promise<PlanningChoice> {
  const { url } = openpiAddress(address);
  const link = await openOpenpiLink({ url, token: token(), patience: PATIENCE });
  link.close();
  const horizon = link.metadata['action_horizon'];
  const usual = typeof horizon === 'number' && horizon >= 1 ? Math.floor(horizon) : DEFAULT_INTERVAL;
  return {
    planner: 'openpi',
    model: null,
    settings: null,
    replanInterval: overrides.replanInterval ?? usual,
    iterations: overrides.iterations ?? 1,
  };
}

/** Opens the policy of an openpi server for a robot of these actions. Search settings but `iterations` are the server's own. */
export async function openRemote(
  { actionSpec }: Pick<Task, 'actionSpec'>,
  address: string,
  { iterations }: PlanningOverrides = {},
): Promise<OpenPlanning> {
  const policy = await openpiPolicy({
    address: openpiAddress(address),
    token: token(),
    actionSpec,
    now: () => performance.now() / 1000,
    patience: PATIENCE,
    iterations: iterations ?? null,
  });
  return { policy, provider: null, [Symbol.asyncDispose]: () => policy[Symbol.asyncDispose]() };
}

/** Refuses what only a planner of our own could follow. */
export function checkRemote(policy: string, planner: string | undefined, model: string | undefined): void {
  const flag = planner !== undefined ? '--planner' : model !== undefined ? '--model' : null;
  if (flag !== null)
    throw new JepilotError(
      'invalid-value',
      `${flag} says who plans here; with --policy ${policy} the server does`,
    );
}
