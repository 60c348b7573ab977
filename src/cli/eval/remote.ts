import type { Task } from '../../env/task.ts';
import { JepilotError } from '../../errors.ts';
import type { OpenPlanning } from '../planning.ts';

/** Opens somebody else's policy at `ws://HOST:PORT`. */
export async function openRemote(task: Task, address: string): Promise<OpenPlanning> {
  throw new JepilotError('invalid-value', `policy ${address} for task '${task.name}' cannot be opened yet`);
}
