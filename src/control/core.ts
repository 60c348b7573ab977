import type { Observation } from '../env/observation.ts';
import { JepilotError } from '../errors.ts';
import type { Plan } from '../planning/plan.ts';
import { countPlan, countTick } from './counters.ts';
import { decide, planAt } from './decision.ts';
import type { Ask } from './request.ts';
import type { CoreConfig, CoreState, Stop } from './state.ts';
import type { Tick } from './tick.ts';
import { watch } from './vigilance.ts';

/** What a person or program may tell a run. */
export type Command =
  | { readonly kind: 'hold' }
  | { readonly kind: 'resume' }
  | { readonly kind: 'stop'; readonly reason: string };

/** All that can happen to the control core. */
export type CoreEvent =
  | { readonly kind: 'observation'; readonly observation: Observation }
  | { readonly kind: 'asked'; readonly ask: Ask }
  | { readonly kind: 'plan'; readonly plan: Plan }
  | { readonly kind: 'failed'; readonly fatal: boolean; readonly error: unknown }
  | { readonly kind: 'tick'; readonly time: number }
  | { readonly kind: 'command'; readonly command: Command }
  | { readonly kind: 'ended'; readonly stop: Stop };

/** Recoverable planning failures in a row that stop a run. */
export const failureLimit = 10;

/** Takes in an observation; one that is not newer than the last is ignored. */
function observe(config: CoreConfig, state: CoreState, observation: Observation): CoreState {
  const last = state.observations.at(-1);
  if (!last) return { ...state, observations: [observation], nextStep: observation.step };
  if (observation.step <= last.step) return state;
  if (observation.step > state.nextStep) {
    throw new JepilotError(
      'bad-state',
      `the robot reports step ${observation.step}, but was sent only ${state.nextStep} actions`,
    );
  }
  const observations = [...state.observations, observation].slice(-Math.max(1, config.window));
  return { ...state, observations };
}

const asked = (state: CoreState, { observedStep }: Ask): CoreState => ({
  ...state,
  flight: { observedStep, stale: false },
  requestedStep: observedStep,
  sent: state.sent.filter((row) => row.step >= observedStep),
});

/** Takes in a plan: skips the rows that are past, and drops it if nothing of it can act any more. */
function arrive(config: CoreConfig, state: CoreState, plan: Plan): CoreState {
  const [rows = 0, dim] = plan.actions.shape;
  if (dim !== config.actionSpec.dim) {
    const message = `plan has rows of ${dim ?? 0} values; the robot needs ${config.actionSpec.dim}`;
    return fail(state, true, new JepilotError('shape-mismatch', message));
  }
  const { flight, nextStep } = state;
  const observedStep = flight?.observedStep ?? plan.startStep - config.latency;
  const skipped = Math.min(rows, Math.max(0, nextStep - plan.startStep));
  const acting = planAt(state.plans, nextStep)?.plan.startStep ?? -Infinity;
  const dropped =
    skipped === rows || plan.startStep < acting || flight?.stale === true || state.phase !== 'running';
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
  if (!seen.reached) return arrived;
  return stopping(arrived, { cause: 'reached', reason: 'the model says that the goal is reached' });
}

function fail(state: CoreState, fatal: boolean, error: unknown): CoreState {
  const failuresInRow = state.failuresInRow + 1;
  const counters = { ...state.counters, failures: state.counters.failures + 1 };
  const failed = { ...state, flight: null, dueStep: null, failuresInRow, counters };
  if (!fatal && failuresInRow < failureLimit) return failed;
  const reason = fatal ? 'planning failed for good' : `planning failed ${failuresInRow} times in a row`;
  return stopping(failed, { cause: 'failed', reason, error });
}

/** The first stop counts; later ones change nothing. */
const stopping = (state: CoreState, stop: Stop): CoreState =>
  state.stop ? state : { ...state, phase: 'stopping', stop };

/** A hold forgets the plans: they rest on rows that will not be sent. */
function command(state: CoreState, order: Command): CoreState {
  if (order.kind === 'stop') return stopping(state, { cause: 'commanded', reason: order.reason });
  if (state.stop) return state;
  if (order.kind === 'resume') return { ...state, phase: 'running' };
  const flight = state.flight && { ...state.flight, stale: true };
  return { ...state, phase: 'held', plans: [], acted: false, dueStep: null, flight };
}

function act(config: CoreConfig, state: CoreState, time: number): [CoreState, Tick | null] {
  if (state.phase === 'stopped') return [state, null];
  const next: CoreState = state.phase === 'stopping' ? { ...state, phase: 'stopped' } : state;
  const { nextStep: step, lastSent, observations } = state;
  const decision = observations.length > 0 ? decide(config, state, step, lastSent) : null;
  if (!decision) return [next, null];
  const tick: Tick = { ...decision, time };
  const acting = planAt(state.plans, step)?.plan.startStep ?? -Infinity;
  return [
    {
      ...next,
      nextStep: step + 1,
      sent: [...state.sent, { step, action: tick.sent }],
      lastSent: tick.sent,
      acted: state.acted || tick.planId !== null,
      plans: state.plans.filter(({ plan }) => plan.startStep >= acting),
      counters: countTick(state.counters, tick),
    },
    tick,
  ];
}

/**
 * The control core: one event in, the next state and perhaps a tick out. Pure; real time and virtual time drive the same
 * one. Rows address absolute control steps, so lateness skips rows and never shifts them. Steps count the ticks sent.
 * A stop takes one more tick, a hold; then the phase is `stopped` and no tick follows. Throws `bad-state` if the robot
 * reports a step that it was never sent.
 */
export function reduce(config: CoreConfig, state: CoreState, event: CoreEvent): [CoreState, Tick | null] {
  switch (event.kind) {
    case 'observation':
      return [observe(config, state, event.observation), null];
    case 'asked':
      return [asked(state, event.ask), null];
    case 'plan':
      return [arrive(config, state, event.plan), null];
    case 'failed':
      return [fail(state, event.fatal, event.error), null];
    case 'command':
      return [command(state, event.command), null];
    case 'ended':
      return [{ ...state, phase: 'stopped', stop: state.stop ?? event.stop }, null];
    case 'tick':
      return act(config, state, event.time);
  }
}
