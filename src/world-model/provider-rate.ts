import { rngOf } from '../rng.ts';
import { sizeOf, tensor, type Tensor } from '../tensor.ts';
import { GraphBuilder } from './onnx-graph.ts';
import { loadRuntime } from './onnx-runtime.ts';
import { OnnxSession, defaultThreads, type Engine } from './onnx-session.ts';

/** GFLOP/s. */
export type Rate = number;

/** Seconds since some moment; passed in, for time is no business of the kernel's. */
export type Seconds = () => number;
/** The process's own monotonic clock. */
export const stopwatch: Seconds = () => performance.now() / 1000;

/** A stack of matrix products: `layers` times [rows, width] by [width, width]. */
interface Load {
  readonly rows: number;
  readonly width: number;
  readonly layers: number;
}

/** About what a rollout of a small predictor asks for. */
const rollout: Load = { rows: 256, width: 512, layers: 6 };
/** Large enough for a core to reach its peak. */
const peak: Load = { rows: 1024, width: 512, layers: 2 };

/**
 * How fast a provider runs a small rollout. Stops after one run where that alone took long (a software adapter).
 * Throws where the provider can't be opened.
 */
export const probeRate = async (engine: Engine, seconds: Seconds = stopwatch): Promise<Rate> =>
  measure(engine, rollout, 0.03, seconds);

/** What matrix products reach on the CPU with `threads` threads, measured for `budget` seconds. */
export async function measureGflops(
  budget: number,
  threads: number = defaultThreads(),
  seconds: Seconds = stopwatch,
): Promise<Rate> {
  return measure({ runtime: await loadRuntime(), provider: 'cpu', threads }, peak, budget, seconds);
}

/** The rate of the fastest of the runs that start within `budget` seconds, after one that warms up. */
async function measure(engine: Engine, load: Load, budget: number, seconds: Seconds): Promise<Rate> {
  const session = await OnnxSession.open(engine, loadGraph(load), 'the rate probe');
  try {
    const feeds = { x: random([load.rows, load.width]) };
    await session.run(feeds);
    const begin = seconds();
    let fastest = Infinity;
    for (let start = begin; fastest === Infinity || start - begin < budget;) {
      await session.run(feeds);
      const end = seconds();
      fastest = Math.min(fastest, end - start);
      start = end;
    }
    return (2e-9 * load.rows * load.width ** 2 * load.layers) / fastest;
  } finally {
    await session[Symbol.asyncDispose]();
  }
}

function loadGraph({ rows, width, layers }: Load): Uint8Array {
  const g = new GraphBuilder();
  let x = g.input('x', 'float32', [rows, width]);
  const weight = g.floats([width, width], random([width, width]).data);
  for (let i = 0; i < layers; i++) x = g.op('Relu', [g.op('MatMul', [x, weight])]);
  g.output('y', x, [rows, width]);
  return g.toBytes();
}

/** Uniform values small enough that no layer overflows. */
function random(shape: readonly number[]): Tensor {
  const rng = rngOf('provider-rate');
  return tensor(
    shape,
    Float32Array.from({ length: sizeOf(shape) }, () => rng.uniform(-0.05, 0.05)),
  );
}
