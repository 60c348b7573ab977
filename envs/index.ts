import type { Task } from '#src/env/task.js';
import { reacher } from './reacher/task.ts';
import { twoRoom } from './two-room/task.ts';

/** Every task that is shipped. A new one is a folder and a line here. */
export const tasks: readonly Task[] = [twoRoom, reacher];
