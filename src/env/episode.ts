import { JepilotError } from '../errors.ts';
import type { Rng } from '../rng.ts';
import type { Physics } from './physics.ts';
import { stepTask } from './step-task.ts';
import type { Configuration, Task, Track, Variation } from './task.ts';

/** Training data never uses seeds from here on; evaluation starts here. */
export const FIRST_EVALUATION_SEED = 1_000_000;

const ATTEMPTS = 200;
/** Longest stretch of behaviour that precedes the start of a `trajectory` episode, in control steps. */
const LEAD = 50;

/**
 * Draws an episode's goal and leaves `physics` at its start. Pairs that start solved, and illegal ones, are
 * redrawn. Everything comes from `rng`.
 */
export function drawEpisode(
  task: Task,
  track: Track,
  physics: Physics,
  variation: Variation,
  rng: Rng,
): Configuration {
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const goal = drawOnce(task, track, physics, variation, rng.fork(attempt));
    const legal = (c: Configuration) => task.legal?.(c, physics, variation) ?? true;
    if (legal(goal) && legal(physics.qpos()) && !task.success(physics, goal)) return goal;
  }
  throw new JepilotError(
    'bad-state',
    `no legal pair in ${ATTEMPTS} draws of track '${track.name}' of task '${task.name}'`,
  );
}

function drawOnce(task: Task, track: Track, physics: Physics, variation: Variation, rng: Rng): Configuration {
  if (track.kind === 'pair') {
    const { start, goal, velocity } = track.draw(physics, variation, rng);
    physics.setConfiguration(start, velocity);
    return goal;
  }
  task.initialize(physics, variation, rng);
  const behaviour = task.behaviour(variation, rng);
  const advance = (steps: number) => {
    for (let i = 0; i < steps; i++) stepTask(task, physics, behaviour.act(physics));
  };
  advance(rng.integer(LEAD));
  const start = physics.state();
  advance(track.offset);
  const goal = physics.qpos();
  physics.setState(start);
  return goal;
}
