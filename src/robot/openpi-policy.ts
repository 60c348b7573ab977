import type { Image, Observation } from '../env/observation.ts';
import { JepilotError } from '../errors.ts';
import type { Plan } from '../planning/plan.ts';
import type { Goal, PlanRequest, Policy } from '../planning/policy.ts';
import type { ActionSpec } from '../spec.ts';
import { extent, slice, type Tensor } from '../tensor.ts';
import type { WireMap, WireValue } from '../wire/msgpack.ts';
import { NdArray, ndarrayFrom, tensorFrom } from '../wire/ndarray.ts';
import { evidenceOf } from '../wire/openpi-evidence.ts';
import type { OpenpiAddress } from './openpi-address.ts';
import { openOpenpiLink, type OpenpiLink } from './openpi-link.ts';

export interface OpenpiPolicyOptions {
  readonly address: OpenpiAddress;
  readonly token: string | null;
  readonly actionSpec: ActionSpec;
  /** Seconds of a monotonic clock. */
  readonly now: () => number;
  /** Seconds for a connection, and for a plan whose request names no budget in seconds. */
  readonly patience: number;
  /** Iterations of a search on a server of ours; its own number where it is null. */
  readonly iterations: number | null;
}

interface Episode {
  readonly number: number;
  readonly seed: number;
  goal: Goal;
  /** Goals are told to the server when they are new, and after each reconnection. */
  told: boolean;
  plans: number;
}

const imageOf = ({ width, height, data }: Image): NdArray => new NdArray('|u1', [height, width, 3], data);

/** u8 [3, H, W] */
function channelsFirst({ width, height, data }: Image): NdArray {
  const pixels = width * height;
  const out = new Uint8Array(data.length);
  for (let i = 0; i < pixels; i++)
    for (let channel = 0; channel < 3; channel++) out[channel * pixels + i] = data[3 * i + channel]!;
  return new NdArray('|u1', [3, height, width], out);
}

const firstImage = ({ images }: Observation): Image => {
  const [image] = Object.values(images);
  if (image) return image;
  throw new JepilotError('invalid-value', 'an openpi server needs a picture; the observation has none');
};

/** u8 [T, H, W, 3] of the latest observations; one alone as [H, W, 3]. */
function windowOf(observations: readonly Observation[]): NdArray {
  const images = observations.map(firstImage);
  const [first] = images;
  if (images.length === 1 && first) return imageOf(first);
  const { width = 0, height = 0 } = first ?? {};
  const data = new Uint8Array(images.length * 3 * width * height);
  images.forEach((image, i) => data.set(image.data, i * 3 * width * height));
  return new NdArray('|u1', [images.length, height, width, 3], data);
}

const goalKeys = (goal: Goal): Record<string, WireValue> =>
  goal.kind === 'latent'
    ? { 'goal/latent': ndarrayFrom(goal.value) }
    : { 'goal/image': imageOf(firstImage(goal.value)) };

/**
 * A policy server that speaks openpi's protocol, as a policy: its chunk's rows begin at the observation, so those that
 * pass before a plan can act are left out. A server of ours is told what was executed and committed besides, and answers
 * as if it were here. A lost connection is `link`; the next plan connects anew.
 */
export async function openpiPolicy(options: OpenpiPolicyOptions): Promise<Policy> {
  const { address, actionSpec, now, patience, iterations } = options;
  let link: OpenpiLink = await connect(options);
  const ours = link.metadata['server'] === 'jepilot';
  const { window } = link.metadata;
  let episode: Episode | null = null;
  let episodes = 0;

  async function linked(current: Episode): Promise<OpenpiLink> {
    if (link.open) return link;
    current.told = false;
    return (link = await connect(options));
  }

  const message = (current: Episode, request: PlanRequest, present: Observation): WireMap => ({
    [address.image]: ours
      ? windowOf(request.observations)
      : address.layout === 'chw'
        ? channelsFirst(firstImage(present))
        : imageOf(firstImage(present)),
    ...(present.state.every(Number.isFinite) && {
      [address.state]: ndarrayFrom({ shape: [present.state.length], data: present.state }),
    }),
    ...(address.prompt !== null && { prompt: address.prompt }),
    ...(ours && {
      episode: current.number,
      seed: current.seed,
      step: present.step,
      executed: ndarrayFrom(request.executed),
      committed: ndarrayFrom(request.committed),
      ...(iterations !== null && { iterations }),
      ...(!current.told && goalKeys(current.goal)),
    }),
  });

  async function plan(request: PlanRequest): Promise<Plan> {
    const began = now();
    const present = request.observations.at(-1);
    if (!episode || !present)
      throw new JepilotError('bad-state', 'plan() came before reset(), or without an observation');
    const current = episode;
    const server = await linked(current);
    const { goal } = current;
    const reply = await server.infer(message(current, request, present), request.budget.seconds ?? patience);
    current.told ||= current.goal === goal;
    const rows = rowsOf(reply['actions'], actionSpec, address.url);
    const committed = extent(request.committed, 0);
    if (extent(rows, 0) <= committed)
      throw new JepilotError(
        'bad-message',
        `policy server ${address.url} sent ${extent(rows, 0)} rows; ${committed} are committed, so none is left to choose`,
      );
    const evidence = evidenceOf(reply['plan'], 1000 * (now() - began));
    const actions = slice(rows, committed, extent(rows, 0));
    return { id: ++current.plans, actions, startStep: present.step + committed, evidence };
  }

  return {
    name: 'openpi',
    window: typeof window === 'number' && window > 0 ? window : 1,
    plan,
    async reset({ seed, goal }) {
      episode = { number: ++episodes, seed, goal, told: false, plans: 0 };
    },
    async setGoal(goal) {
      if (!episode) throw new JepilotError('bad-state', 'setGoal() came before reset()');
      Object.assign(episode, { goal, told: false });
    },
    async [Symbol.asyncDispose]() {
      link.close();
    },
  };
}

const connect = ({ address: { url }, token, patience }: OpenpiPolicyOptions): Promise<OpenpiLink> =>
  openOpenpiLink({ url, token, patience });

/** Rows [H, a] of a reply, checked: nothing of a chunk is used that has another shape, or values that are not finite. */
function rowsOf(value: WireValue | undefined, { dim }: ActionSpec, url: string): Tensor {
  if (!(value instanceof NdArray))
    throw new JepilotError('bad-message', `policy server ${url} sent no ndarray 'actions'`);
  const [count = 0, width] = value.shape;
  if (value.shape.length !== 2 || width !== dim || count === 0)
    throw new JepilotError(
      'shape-mismatch',
      `policy server ${url} sent actions [${value.shape.join(', ')}]; the robot takes [n, ${dim}]`,
    );
  const tensor = tensorFrom(value);
  if (tensor.data.every(Number.isFinite)) return tensor;
  throw new JepilotError('invalid-value', `policy server ${url} sent actions that are not finite`);
}
