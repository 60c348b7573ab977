import { tasks } from '#envs/index.js';
import type { Task } from '../env/task.ts';
import { loadEntry } from './load-entry.ts';

/** A shipped task by name, or one of your own by the path of a module whose default export is a Task. */
export const loadTask = (nameOrPath: string): Promise<Task> =>
  loadEntry<Task>(
    {
      kind: 'task',
      entries: tasks,
      keys: ['name', 'scene', 'behaviour', 'actionSpec', 'tracks', 'observe', 'success'],
    },
    nameOrPath,
  );
