import type { Observation } from '../env/observation.ts';
import { JepilotError } from '../errors.ts';
import { restrains } from '../safety/guard-state.ts';
import { resting } from '../safety/motion.ts';
import type { Plan } from '../planning/plan.ts';
import { countPlan, countTick } from './counters.ts';
import { decide, planAt } from './decision.ts';
import type { Ask } from './request.ts';
import { firstGap, flawOf, guarded } from './safety.ts';
import type { CoreConfig, CoreState, Stop } from './state.ts';
import type { Tick } from './tick.ts';
import { watch } from './vigilance.ts';

/**
 * What a person or program may tell a run. `hold` and `resume` pause it; `arm`, `start`, `reset`, `estop` and `clear`
 * are the guard's; `stop` ends the run.
 */
export type Command =
  | { readonly kind: 'hold' | 'resume' | 'arm' | 'start' | 'reset' | 'estop' | 'clear' }
  | { readonly kind: 'stop'; readonly reason: string };

/** What a link tells: a beat of the other end, a session that began, a link that broke. */
export type LinkSignal = 'beat' | 'up' | 'down';

/** All that can happen to the control core, and when (seconds since the run began; the last known time by default). */
export type CoreEvent = Happening & { readonly time?: number };

type Happening =
  | { readonly kind: 'link'; readonly signal: LinkSignal }
  | { readonly kind: 'observation'; readonly observation: Observation }
  | { readonly kind: 'asked'; readonly ask: Ask }
  | { readonly kind: 'plan'; readonly plan: Plan }
  | { readonly kind: 'failed'; readonly fatal: boolean; readonly error: unknown }
  | { readonly kind: 'tick' }
  | { readonly kind: 'command'; readonly command: Command }
  | { readonly kind: 'ended'; readonly stop: Stop };

/** Recoverable planning failures in a row that stop a run. */
export const failureLimit = 10;

/** Takes in an observation; one that is not newer than the last is ignored. */
function observe(config: CoreConfig, state: CoreState, observation: Observation): CoreState {
  const last = state.observations.at(-1);
  if (!last) {
    const first = { ...state, observations: [observation], nextStep: observation.step };
    return guarded(config, first, { kind: 'observation', time: state.time });
  }
  if (observation.step <= last.step) return state;
  if (observation.step > state.nextStep) {
    throw new JepilotError(
      'bad-state',
      `the robot reports step ${observation.step}, but was sent only ${state.nextStep} actions`,
    );
  }
  const observations = [...state.observations, observation].slice(-Math.max(1, config.window));
  return guarded(config, { ...state, observations }, { kind: 'observation', time: state.time });
}

const asked = (state: CoreState, { observedStep }: Ask): CoreState => ({
  ...state,
  flight: { observedStep, stale: false },
  requestedStep: observedStep,
  sent: state.sent.filter((row) => row.step >= observedStep),
});

/** Takes in a plan: skips the rows that are past, and drops it if nothing of it can act any more. */
function arrive(config: CoreConfig, state: CoreState, plan: Plan): CoreState {
  const flaw = flawOf(config, plan.actions);
  if (flaw !== null) return refuse(config, state, new JepilotError('shape-mismatch', flaw));
  const [rows = 0] = plan.actions.shape;
  const { flight, nextStep } = state;
  const observedStep = flight?.observedStep ?? plan.startStep - config.latency;
  const skipped = Math.min(rows, Math.max(0, nextStep - plan.startStep));
  const acting = planAt(state.plans, nextStep)?.plan.startStep ?? -Infinity;
  const dropped =
    skipped === rows ||
    plan.startStep < acting ||
    flight?.stale === true ||
    state.stop !== null ||
    restrains(state.guard);
  const others = state.plans.filter((other) => other.plan.startStep !== plan.startStep);
  const plans = [...others, { plan, rows, observedStep }].sort((a, b) => a.plan.startStep - b.plan.startStep);
  const seen = watch(config.vigilance ?? {}, state.watch, observedStep, plan.evidence);
  const arrived: CoreState = {
    ...state,
    // An alarmed core holds from here on, so that no plan finds the rows that it rests on.
    plans: seen.alarm ? [] : dropped ? state.plans : plans,
    flight: null,
    dueStep: flight?.stale === true ? null : observedStep + config.replanInterval,
    failuresInRow: 0,
    watch: seen,
    counters: countPlan(state.counters, skipped, dropped),
  };
  const gap =
    rows > 0 ? firstGap(config, state, { plan, rows, observedStep }) : { gap: Infinity, at: 'no row' };
  const tested = guarded(config, arrived, { kind: 'plan', time: state.time, ...gap });
  if (!seen.reached) return tested;
  return stopping(config, tested, { cause: 'reached', reason: 'the model says that the goal is reached' });
}

/** A flawed plan is refused whole, and the old one stays; too many in a row make the guard hold. */
function refuse(config: CoreConfig, state: CoreState, error: JepilotError): CoreState {
  const counters = {
    ...state.counters,
    plans: state.counters.plans + 1,
    refused: state.counters.refused + 1,
  };
  return guarded(config, fail(config, { ...state, counters }, false, error), {
    kind: 'refused',
    time: state.time,
  });
}

function fail(config: CoreConfig, state: CoreState, fatal: boolean, error: unknown): CoreState {
  // What was asked for before a hold is nobody's failure any more.
  if (state.flight?.stale && !fatal) return { ...state, flight: null, dueStep: null };
  const failuresInRow = state.failuresInRow + 1;
  const counters = { ...state.counters, failures: state.counters.failures + 1 };
  const failed = { ...state, flight: null, dueStep: null, failuresInRow, counters };
  if (!fatal && failuresInRow < failureLimit) return failed;
  const reason = fatal ? 'planning failed for good' : `planning failed ${failuresInRow} times in a row`;
  return stopping(config, failed, { cause: 'failed', reason, error });
}

/** The first stop counts; later ones change nothing. */
const stopping = (config: CoreConfig, state: CoreState, stop: Stop): CoreState =>
  state.stop
    ? state
    : guarded(config, { ...state, phase: 'stopping', stop }, { kind: 'stop', time: state.time });

/** A hold forgets the plans: they rest on rows that will not be sent. */
function command(config: CoreConfig, state: CoreState, order: Command): CoreState {
  const { time } = state;
  if (order.kind === 'stop') return stopping(config, state, { cause: 'commanded', reason: order.reason });
  const names = { hold: 'pause', resume: 'start' } as const;
  const name = order.kind === 'hold' || order.kind === 'resume' ? names[order.kind] : order.kind;
  return guarded(config, state, { kind: 'command', time, command: name });
}

function signalled(config: CoreConfig, state: CoreState, signal: LinkSignal): CoreState {
  const { time } = state;
  return guarded(
    config,
    state,
    signal === 'beat' ? { kind: 'beat', time } : { kind: 'link', time, up: signal === 'up' },
  );
}

function act(config: CoreConfig, before: CoreState): [CoreState, Tick | null] {
  if (before.phase === 'stopped') return [before, null];
  const { time } = before;
  const state = guarded(config, before, { kind: 'check', time });
  const { nextStep: step, motion: from, observations } = state;
  const decided = observations.length > 0 ? decide(config, state, step, from) : null;
  if (!decided) return [state.stop ? { ...state, phase: 'stopped' } : state, null];
  const { motion, ...decision } = decided;
  const tick: Tick = { ...decision, time };
  const acting = planAt(state.plans, step)?.plan.startStep ?? -Infinity;
  const acted: CoreState = {
    ...state,
    // A stop lasts until the ramp to rest is over.
    phase: state.stop && resting(config.actionSpec, motion) ? 'stopped' : state.phase,
    nextStep: step + 1,
    sent: [...state.sent, { step, action: tick.sent }],
    motion,
    acted: state.acted || tick.planId !== null,
    plans: state.plans.filter(({ plan }) => plan.startStep >= acting),
    counters: countTick(state.counters, tick),
  };
  return [tick.source === 'hold' ? acted : rowSent(config, acted, tick), tick];
}

const rowSent = (config: CoreConfig, state: CoreState, { clamps = [] }: Tick): CoreState => {
  const clamped = clamps.some((kind) => kind !== 'acceleration');
  return guarded(config, state, { kind: 'row', time: state.time, clamped });
};

/**
 * The control core: one event in, the next state and perhaps a tick out. Pure; real time and virtual time drive the same
 * one. Rows address absolute control steps, so lateness skips rows and never shifts them. Steps count the ticks sent.
 * A stop takes one more tick, a hold (more where acceleration is limited and the robot has to slow down first); then the
 * phase is `stopped` and no tick follows. Throws `bad-state` if the robot reports a step that it was never sent.
 */
export function reduce(config: CoreConfig, before: CoreState, event: CoreEvent): [CoreState, Tick | null] {
  const time = Math.max(before.time, event.time ?? before.time);
  const state = time === before.time ? before : { ...before, time };
  switch (event.kind) {
    case 'link':
      return [signalled(config, state, event.signal), null];
    case 'observation':
      return [observe(config, state, event.observation), null];
    case 'asked':
      return [asked(state, event.ask), null];
    case 'plan':
      return [arrive(config, state, event.plan), null];
    case 'failed':
      return [fail(config, state, event.fatal, event.error), null];
    case 'command':
      return [command(config, state, event.command), null];
    case 'ended':
      return [{ ...state, phase: 'stopped', stop: state.stop ?? event.stop }, null];
    case 'tick':
      return act(config, state);
  }
}
