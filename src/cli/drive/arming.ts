import { filter, firstValueFrom, map, merge, type Observable, timer } from 'rxjs';
import type { Command } from '../../control/core.ts';
import type { CoreState } from '../../control/state.ts';
import { JepilotError } from '../../errors.ts';
import type { RosbridgeRobot } from '../../robot/rosbridge/rosbridge-robot.ts';

/** Seconds that may pass until a robot is ready. */
const PATIENCE = 10;

/**
 * Arms and starts a robot that is being held: once a command has come back from its own topic, and the guard has seen
 * beats and observations on time and a first plan that begins where the robot is. Throws `link` or `bad-state` with what
 * is still lacking.
 */
export async function armAndStart(
  robot: RosbridgeRobot,
  state$: Observable<CoreState>,
  order: (command: Command) => void,
  live: boolean,
): Promise<void> {
  let lacking: readonly string[] = [];
  const ready$ = state$.pipe(
    filter(({ guard }) => {
      if (guard.mode === 'armed' || guard.mode === 'running') return true;
      ({ lacking } = guard);
      return false;
    }),
    map(() => true),
  );
  const ask = setInterval(() => {
    if (!live || robot.proven) order({ kind: 'arm' });
  }, 100);
  const over$ = timer(PATIENCE * 1000).pipe(map(() => false));
  const armed = await firstValueFrom(merge(ready$, over$), { defaultValue: null }).finally(() =>
    clearInterval(ask),
  );
  if (armed === null) return; // the run has ended, and says why
  if (armed) {
    order({ kind: 'start' });
    return;
  }
  if (live && !robot.proven) {
    const what = 'no command came back from the robot’s own topic: the bridge refuses it in silence';
    throw new JepilotError('link', `${what}; its log says why (a wrong type or name, most often)`);
  }
  throw new JepilotError(
    'bad-state',
    `not armed after ${PATIENCE} s: ${lacking.join('; ') || 'no plan yet'}`,
  );
}
