import type { Tick } from '../control/tick.ts';
import type { Image, Observation } from '../env/observation.ts';
import type { PlanEvidence } from '../planning/plan.ts';
import type { ActionSpec } from '../spec.ts';
import { NdArray } from './ndarray.ts';
import type { MessageOf } from './robot-messages.ts';
import type { WireFrame } from './robot-values.ts';

const pictureOf = ({ width, height, data }: Image): NdArray => new NdArray('|u1', [height, width, 3], data);

export const frameOf = ({ step, time, state, images }: Observation): WireFrame => ({
  step,
  time,
  state: new NdArray('<f4', [state.length], state),
  images: Object.fromEntries(Object.entries(images).map(([name, image]) => [name, pictureOf(image)])),
});

function imageOf({ shape: [height = 0, width = 0], data }: NdArray): Image {
  return {
    width,
    height,
    data: data instanceof Uint8Array ? data : Uint8Array.from(data as ArrayLike<number>),
  };
}

export const floatsOf = ({ data }: NdArray): Float32Array =>
  data instanceof Float32Array ? data : Float32Array.from(data as ArrayLike<number>, Number);

export const observationOf = ({ step, time, state, images }: WireFrame): Observation => ({
  step,
  time,
  state: floatsOf(state),
  images: Object.fromEntries(Object.entries(images).map(([name, image]) => [name, imageOf(image)])),
});

type WireTick = MessageOf<'ticks'>['ticks'][number];

const vectorOf = (values: Float32Array): NdArray => new NdArray('<f4', [values.length], values);

export const tickToWire = (tick: Tick): WireTick => ({
  step: tick.step,
  time: tick.time,
  planned: tick.planned && vectorOf(tick.planned),
  sent: vectorOf(tick.sent),
  source: tick.source,
  reason: tick.reason ?? null,
  planId: tick.planId,
  age: tick.age,
  clamps: [...(tick.clamps ?? [])],
});

export const tickOf = ({ planned, sent, reason, clamps, ...tick }: WireTick): Tick => ({
  ...tick,
  planned: planned && floatsOf(planned),
  sent: floatsOf(sent),
  ...(reason !== null && { reason }),
  clamped: clamps.length > 0,
  clamps,
});

type WireAction = MessageOf<'hello'>['action'];

export const actionOf = ({ dim, minimum, maximum, names, mode }: ActionSpec): WireAction => ({
  dim,
  minimum: [...minimum],
  maximum: [...maximum],
  names: [...names],
  mode,
});

type WireEvidence = MessageOf<'chunk'>['evidence'];
type Timing = MessageOf<'chunk'>['timing'];

/** JSON-like numbers only: what is not finite is not known. */
const known = (value: number | null): number | null =>
  value !== null && Number.isFinite(value) ? value : null;

export function evidenceToWire(evidence: PlanEvidence): WireEvidence {
  const { costs, imaginedTimeToGo, evaluations, iterations, cut } = evidence;
  return {
    costs: costs.filter(Number.isFinite).slice(-1000),
    imaginedTimeToGo: imaginedTimeToGo.filter(Number.isFinite).slice(0, 1000),
    eliteSpread: known(evidence.eliteSpread),
    timeToGo: known(evidence.timeToGo),
    surprise: known(evidence.surprise),
    disagreement: known(evidence.disagreement),
    evaluations,
    iterations,
    cut,
  };
}

export const evidenceOf = (
  evidence: WireEvidence,
  { queueMs, encodeMs, searchMs, planMs }: Timing,
): PlanEvidence => ({
  ...evidence,
  queueMs,
  encodeMs,
  searchMs,
  totalMs: planMs,
});
