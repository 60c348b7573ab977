import { holdReasons, type Tick } from '../control/tick.ts';
import type { Environment, TimeStep } from '../env/environment.ts';
import type { Image } from '../env/observation.ts';
import { JepilotError } from '../errors.ts';
import { observationOf, type Recording } from '../record/recording.ts';
import { SimulatedRobot } from '../robot/simulated-robot.ts';

/** One control step of a replay beside the recording of it. */
export interface ReplayedStep {
  readonly step: number;
  /** Largest difference between a state value and the recorded one, in its own unit. */
  readonly stateError: number;
  /** Pixels that differ; null where no picture was recorded. */
  readonly pixels: number | null;
  /** In the task's unit. */
  readonly distance: number;
}

export interface OpenLoopResult {
  readonly steps: readonly ReplayedStep[];
  /** Every state value and every pixel is the recorded one. */
  readonly identical: boolean;
  /** First step that differs; null for none. */
  readonly divergesAt: number | null;
  readonly maxStateError: number;
  /** Reached at any step of the replay. */
  readonly success: boolean;
}

/**
 * Sends the recorded actions to the simulator from the recorded start, whatever it shows, and compares what it shows with
 * what was recorded. Throws JepilotError('bad-file') where the recording has no start or lacks actions.
 */
export function replayOpenLoop(environment: Environment, recording: Recording): OpenLoopResult {
  const ticks = ticksOf(recording);
  const { robot, drawn } = restart(environment, recording);
  const shown: TimeStep[] = [];
  robot.timeStep$.subscribe((timeStep) => shown.push(timeStep));
  ticks.forEach((tick) => robot.send(tick));
  robot.stop();
  // What the episode would show today is not what the recorded start looks like, unless both are the same.
  const seen = drawn ? shown : shown.slice(1);
  const steps = seen.map((timeStep) => compare(recording, timeStep));
  const differing = steps.find(({ stateError, pixels }) => stateError > 0 || (pixels ?? 0) > 0);
  return {
    steps,
    identical: differing === undefined,
    divergesAt: differing?.step ?? null,
    maxStateError: Math.max(0, ...steps.map(({ stateError }) => stateError)),
    success: seen.some(({ success }) => success),
  };
}

/** The ticks that were executed, one a step from step 0 on, as far as an observation shows what became of them. */
function ticksOf({ path, sent, frames }: Recording): Tick[] {
  const last = frames.at(-1)?.step ?? 0;
  const executed = sent.filter(({ step }) => step < last).sort((a, b) => a.step - b.step);
  return executed.map(({ step, values, source = 'plan', reason }, i) => {
    if (step !== i)
      throw new JepilotError(
        'bad-file',
        `${path} lacks the action of step ${i}: it can't be replayed in open loop`,
      );
    const known = holdReasons.find((each) => each === reason);
    const origin = {
      planned: null,
      planId: null,
      age: null,
      clamped: false,
      ...(known && { reason: known }),
    };
    return { step, time: 0, sent: Float32Array.from(values), source, ...origin };
  });
}

/** The robot in its recorded start: the seed draws the scene, the recorded state is the rest; `drawn` if both agree. */
function restart(
  environment: Environment,
  { path, run }: Recording,
): { robot: SimulatedRobot; drawn: boolean } {
  if (!run.episode || !run.start)
    throw new JepilotError(
      'bad-file',
      `${path} has no start: only a simulated run can be replayed in open loop`,
    );
  const robot = new SimulatedRobot(environment, run.episode, { brakes: run.brakes ?? false });
  const { physics, step, met } = run.start;
  const drawn = environment.snapshot();
  if (drawn.physics.length !== physics.length) {
    const message = `${path} starts from a state of ${physics.length} values; task '${run.task}' now has ${drawn.physics.length}`;
    throw new JepilotError('shape-mismatch', message);
  }
  environment.restore({ physics: Float64Array.from(physics), step, met, episode: drawn.episode });
  return { robot, drawn: physics.every((value, i) => value === drawn.physics[i]) };
}

function compare(recording: Recording, { observation, distance }: TimeStep): ReplayedStep {
  const { step, state } = observation;
  const frame = recording.frames.find((other) => other.step === step);
  if (!frame) return { step, stateError: 0, pixels: null, distance };
  const errors = Array.from(state, (value, i) => Math.abs(value - (frame.state[i] ?? NaN)));
  const pictures = Object.keys(frame.images).length > 0 ? observationOf(recording, frame).images : {};
  const pixels = Object.entries(pictures).map(([camera, image]) =>
    differing(image, observation.images[camera]),
  );
  return {
    step,
    stateError: Math.max(0, ...errors),
    pixels: pixels.length > 0 ? pixels.reduce((a, b) => a + b, 0) : null,
    distance,
  };
}

function differing(one: Image, other: Image | undefined): number {
  const pixels = one.width * one.height;
  if (other?.width !== one.width || other.height !== one.height) return pixels;
  let count = 0;
  for (let i = 0; i < pixels; i++) {
    const at = 3 * i;
    const same = [0, 1, 2].every((c) => one.data[at + c] === other.data[at + c]);
    if (!same) count += 1;
  }
  return count;
}
