import type { Task } from '#src/env/task.js';
import { armReach } from './arm-reach/task.ts';
import { cartPole } from './cart-pole/task.ts';
import { cube } from './cube/task.ts';
import { pointMaze } from './point-maze/task.ts';
import { pushT } from './push-t/task.ts';
import { reacher } from './reacher/task.ts';
import { twoRoom } from './two-room/task.ts';

/** Every task that is shipped. A new one is a folder and a line here. */
export const tasks: readonly Task[] = [twoRoom, reacher, pushT, pointMaze, cube, armReach, cartPole];
