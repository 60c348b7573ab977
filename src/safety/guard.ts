import { lackingFor } from './arming.ts';
import type {
  GuardCommand,
  GuardConfig,
  GuardEvent,
  GuardReason,
  GuardState,
  SafetyMode,
} from './guard-state.ts';

/** A silence is over by a hair at its limit: sums of periods are not exact. */
const HAIR = 1e-9;

const silentFor = (time: number, since: number | null, limit: number): boolean =>
  since !== null && time - since > limit + HAIR;

const enter = (state: GuardState, mode: SafetyMode, reason: GuardReason | null, time: number): GuardState =>
  state.mode === mode && state.reason === reason
    ? state
    : { ...state, mode, reason, since: state.mode === mode ? state.since : time };

/** A mode that only a person leads out of; what was asked for before is void. */
const latch = (
  state: GuardState,
  mode: 'stopped' | 'estop',
  cause: GuardState['cause'],
  time: number,
): GuardState =>
  state.mode === mode || state.mode === 'estop'
    ? state
    : {
        ...enter(state, mode, mode === 'estop' ? 'emergency-stop' : 'stopped', time),
        cause,
        epoch: state.epoch + 1,
        paused: false,
      };

/** Back to where nothing moves until a person arms. Latched modes stay: they need `clear` first. */
function idle(state: GuardState, time: number): GuardState {
  const fresh: GuardState = {
    ...state,
    epoch: state.epoch + 1,
    rowAt: null,
    selfTest: null,
    refusedInRow: 0,
    clampedAt: [],
    paused: false,
    lacking: [],
  };
  return latched(state) ? fresh : enter(fresh, 'idle', 'not-armed', time);
}

export const latched = ({ mode }: GuardState): boolean => mode === 'stopped' || mode === 'estop';

/** Why a started robot has to hold now; null if nothing is wrong. */
function fault(
  { limits, period, supervised }: GuardConfig,
  state: GuardState,
  time: number,
): GuardReason | null {
  if (state.paused) return 'commanded';
  if (supervised && (!state.linkUp || silentFor(time, state.beatAt, limits.beatSilence)))
    return 'link-silent';
  if (supervised && silentFor(time, state.observedAt, Math.max(limits.observationSilence, 2 * period)))
    return 'sensors-silent';
  if (state.refusedInRow >= limits.refusals) return 'refused';
  const clamped = state.clampedAt.filter((at) => time - at < limits.clampWindow).length;
  if (limits.clampShare < 1 && clamped > (limits.clampShare * limits.clampWindow) / period) return 'clamping';
  if (supervised && silentFor(time, state.rowAt, limits.rowSilence + period)) return 'rows-silent';
  return null;
}

/** Judges all silences: before every control step, and after whatever may have ended one. */
function judge(config: GuardConfig, state: GuardState, time: number): GuardState {
  const { limits, supervised } = config;
  const { mode } = state;
  if (mode === 'armed') {
    const silent = !state.linkUp || silentFor(time, state.beatAt, limits.beatSilence);
    return supervised && silent ? idle(state, time) : state;
  }
  if (mode !== 'running' && mode !== 'holding') return state;
  if (supervised && silentFor(time, state.beatAt, limits.hardSilence))
    return latch(state, 'stopped', 'link-silent', time);
  const reason = fault(config, state, time);
  return enter(state, reason ? 'holding' : 'running', reason, time);
}

function command(config: GuardConfig, state: GuardState, order: GuardCommand, time: number): GuardState {
  const { mode } = state;
  switch (order) {
    case 'estop':
      return latch(state, 'estop', 'commanded', time);
    case 'reset':
      return idle(state, time);
    case 'clear':
      return latched(state)
        ? idle({ ...state, mode: 'idle', reason: 'not-armed', cause: null, since: time }, time)
        : state;
    case 'arm': {
      if (mode !== 'idle') return state;
      const lacking = lackingFor(config, state, time);
      return lacking.length > 0
        ? { ...state, lacking }
        : enter({ ...state, lacking }, 'armed', 'not-armed', time);
    }
    case 'start':
      if (mode === 'armed') return { ...enter(state, 'running', null, time), rowAt: null, clampedAt: [] };
      return mode === 'holding' && state.paused ? judge(config, { ...state, paused: false }, time) : state;
    case 'pause':
      return mode === 'running' || mode === 'holding'
        ? judge(config, { ...state, paused: true }, time)
        : state;
  }
}

/** On time: since when; late: from now on. */
const steady = (time: number, last: number | null, from: number | null, limit: number): number =>
  last === null || from === null || silentFor(time, last, limit) ? time : from;

function beat(config: GuardConfig, state: GuardState, time: number): GuardState {
  const { beatAt, beatsFrom } = state;
  if (!state.linkUp) return state; // of a session that is over
  const from = steady(time, beatAt, beatsFrom, config.limits.beatSilence);
  const judged = judge(config, state, time); // a silence that ends now may have been too long already
  return judge(config, { ...judged, beatAt: time, beatsFrom: from }, time);
}

function observation(config: GuardConfig, state: GuardState, time: number): GuardState {
  const limit = Math.max(config.limits.observationAge, 2 * config.period);
  const observationsFrom = steady(time, state.observedAt, state.observationsFrom, limit);
  return { ...state, observedAt: time, observationsFrom };
}

/** A session is new: nothing of the last one counts, and nothing resumes. A broken link holds at once. */
function link(config: GuardConfig, state: GuardState, up: boolean, time: number): GuardState {
  if (!up) return judge(config, { ...state, linkUp: false, beatsFrom: null }, time);
  return { ...idle(state, time), linkUp: true, beatAt: null, beatsFrom: null };
}

function row({ limits }: GuardConfig, state: GuardState, time: number, clamped: boolean): GuardState {
  const recent = state.clampedAt.filter((at) => time - at < limits.clampWindow);
  return { ...state, rowAt: time, clampedAt: clamped ? [...recent, time] : recent };
}

/**
 * The safety state machine (drawn in `docs/safety.md`): an event in, the next state out. Pure. Nothing but a person's
 * `arm` and `start` leads from stillness to motion; nothing but `clear` leads out of `stopped` and `estop`; a new
 * session, a reset or a clear is a new epoch.
 */
export function guard(config: GuardConfig, state: GuardState, event: GuardEvent): GuardState {
  const { time } = event;
  switch (event.kind) {
    case 'beat':
      return beat(config, state, time);
    case 'observation':
      return observation(config, state, time);
    case 'link':
      return link(config, state, event.up, time);
    case 'plan':
      return { ...state, refusedInRow: 0, selfTest: { gap: event.gap, at: event.at } };
    case 'refused':
      return { ...state, refusedInRow: state.refusedInRow + 1 };
    case 'check':
      return judge(config, state, time);
    case 'row':
      return row(config, state, time, event.clamped);
    case 'command':
      return command(config, state, event.command, time);
    case 'stop':
      return latch(state, 'stopped', 'ended', time);
  }
}
