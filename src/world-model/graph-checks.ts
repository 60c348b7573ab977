import { JepilotError } from '../errors.ts';
import { contextOf, type ModelManifest } from './manifest.ts';
import type { OnnxSession, ValueSignature } from './onnx-session.ts';

/** What a graph has to take and give. Strings are extents that the graph must leave open, `any` one that it may fix. */
export interface GraphSignature {
  readonly inputs: readonly ValueSignature[];
  readonly outputs: readonly ValueSignature[];
}

/** The graphs that a manifest may name. */
export const graphRoles = [
  'encoder',
  'step',
  'action',
  'window',
  'metric',
  'metricGoal',
  'probe',
  'prior',
  'ensemble',
  'gradient',
] as const satisfies readonly (keyof ModelManifest['graphs'])[];
export type GraphRole = (typeof graphRoles)[number];

/** The probe's state has whatever size the task gives it. */
const any = 'any';

const floats = (name: string, ...shape: readonly (number | string)[]): ValueSignature => ({
  name,
  type: 'float32',
  shape,
});

/** The signature that a graph must have to be what `manifest` says it is; null for those known by prefixes of names. */
export function expectedSignature(role: GraphRole, manifest: ModelManifest): GraphSignature | null {
  const { cameras, history, action, latentDim, metric, planning } = manifest;
  const [camera] = cameras;
  const width = action.dim * action.repeat;
  const latent = floats('latent', 'N', latentDim);
  const goal = floats('goal', 'N', latentDim);
  const embedding = floats('embedding', 'N', metric?.dim ?? 'E');
  switch (role) {
    case 'encoder': {
      const shape = ['B', history.frames, camera?.height ?? 'H', camera?.width ?? 'W', 3];
      return {
        inputs: [{ name: 'frames', type: 'uint8', shape }],
        outputs: [floats('latent', 'B', latentDim)],
      };
    }
    case 'step': {
      const rows = contextOf(manifest) === 1 ? (['N'] as const) : (['N', 'T'] as const);
      return {
        inputs: [floats('latent', ...rows, latentDim), floats('action', ...rows, width)],
        outputs: [floats('next', 'N', latentDim)],
      };
    }
    case 'action':
    case 'window':
      return null;
    case 'metric':
      return metric?.kind === 'pair'
        ? { inputs: [latent, goal], outputs: [floats('distance', 'N')] }
        : { inputs: [latent], outputs: [embedding] };
    case 'metricGoal':
      return { inputs: [latent], outputs: [embedding] };
    case 'probe':
      return { inputs: [latent], outputs: [floats('state', 'N', any)] };
    case 'prior':
      return { inputs: [latent, goal], outputs: [floats('mean', 'N', width), floats('std', 'N', width)] };
    case 'ensemble':
      return { inputs: [latent, floats('action', 'N', width)], outputs: [floats('disagreement', 'N')] };
    case 'gradient': {
      const plans = ['N', planning.horizon, width] as const;
      const one = ['latent', 'goal'].map((name) => floats(name, 1, latentDim));
      return {
        inputs: [...one, floats('actions', ...plans)],
        outputs: [floats('cost', 'N'), floats('gradient', ...plans)],
      };
    }
  }
}

/** Throws `bad-model` unless `session` takes and gives what `expected` says. */
export function checkSignature(session: OnnxSession, expected: GraphSignature): void {
  checkValues(session.label, 'input', session.inputs, expected.inputs);
  checkValues(session.label, 'output', session.outputs, expected.outputs);
}

function checkValues(
  file: string,
  side: 'input' | 'output',
  got: readonly ValueSignature[],
  expected: readonly ValueSignature[],
): void {
  const names = (values: readonly ValueSignature[]): string =>
    values.map(({ name }) => `'${name}'`).join(', ');
  const found = expected.map(({ name }) => got.find((value) => value.name === name));
  if (found.length !== got.length || found.includes(undefined)) {
    throw new JepilotError('bad-model', `${file}: expected ${side} ${names(expected)}, got ${names(got)}`);
  }
  expected.forEach((value, i) => {
    const actual = found[i]!;
    if (matches(actual, value)) return;
    throw new JepilotError(
      'bad-model',
      `${file}: ${side} '${value.name}' expected ${text(value)}, got ${text(actual)}`,
    );
  });
}

/** An extent that the graph leaves open fits all: what comes out is checked at every run. */
const matches = (actual: ValueSignature, expected: ValueSignature): boolean =>
  actual.type === expected.type &&
  actual.shape.length === expected.shape.length &&
  expected.shape.every((extent, i) => {
    const got = actual.shape[i];
    return typeof got !== 'number' || got === extent || extent === any;
  });

const text = ({ type, shape }: ValueSignature): string =>
  `${type} [${shape.map((n) => (n === '' ? '?' : n)).join(', ')}]`;
