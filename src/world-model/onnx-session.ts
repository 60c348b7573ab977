import { availableParallelism } from 'node:os';
import type { InferenceSession } from 'onnxruntime-node';
import { JepilotError } from '../errors.ts';
import { tensor, type Tensor } from '../tensor.ts';
import { firstLine, type Runtime } from './onnx-runtime.ts';

/** An execution provider that this runtime knows how to use. */
export type ProviderName = 'cpu' | 'webgpu' | 'cuda';

/** Where graphs run. */
export interface Engine {
  readonly runtime: Runtime;
  readonly provider: ProviderName;
  /** Threads inside one operator. */
  readonly threads: number;
}

/** All cores but one: in real time the clock needs one. */
export const defaultThreads = (): number => Math.max(1, availableParallelism() - 1);

/** What a graph takes: float32, or indices (int32), or pictures (uint8). */
export interface Feed {
  readonly shape: readonly number[];
  readonly data: Float32Array | Int32Array | Uint8Array;
}

/** A named tensor of a graph: element type and shape, with a string for a dynamic extent. */
export interface ValueSignature {
  readonly name: string;
  readonly type: string;
  readonly shape: readonly (number | string)[];
}

/** One ONNX graph, loaded. Owns a native session: dispose it. Outputs own their memory. */
export class OnnxSession implements AsyncDisposable {
  /** The file or part that error lines name. */
  readonly label: string;
  readonly inputs: readonly ValueSignature[];
  readonly outputs: readonly ValueSignature[];
  readonly #runtime: Runtime;
  readonly #provider: ProviderName;
  readonly #session: InferenceSession;

  private constructor(label: string, { runtime, provider }: Engine, session: InferenceSession) {
    this.#provider = provider;
    this.label = label;
    this.inputs = session.inputMetadata.map(signature);
    this.outputs = session.outputMetadata.map(signature);
    this.#runtime = runtime;
    this.#session = session;
  }

  /** Loads a serialised graph. Bytes that are no ONNX graph, or no valid one, are a `bad-model` error. */
  static async open(engine: Engine, bytes: Uint8Array, label: string): Promise<OnnxSession> {
    try {
      const session = await engine.runtime.InferenceSession.create(bytes, {
        executionProviders: [engine.provider],
        intraOpNumThreads: engine.threads,
        interOpNumThreads: 1,
        logSeverityLevel: 3,
      });
      return new OnnxSession(label, engine, session);
    } catch (cause) {
      throw new JepilotError('bad-model', `${label} does not load: ${firstLine(cause)}`, { cause });
    }
  }

  /** One run. Blocks the event loop until it is done: ONNX Runtime computes on the calling thread. */
  async run(feeds: Readonly<Record<string, Feed>>): Promise<Readonly<Record<string, Tensor>>> {
    const native = Object.fromEntries(
      Object.entries(feeds).map(([name, feed]) => [name, this.#toNative(feed)]),
    );
    const results = await this.#session.run(native).catch((cause: unknown) => {
      throw this.#failure(cause);
    });
    return Object.fromEntries(
      Object.entries(results).map(([name, value]) => [name, tensor(value.dims, value.data as Float32Array)]),
    );
  }

  /** One run of a graph with one output, which must come out with `shape`, else `bad-model`. */
  async runOne(feeds: Readonly<Record<string, Feed>>, shape: readonly number[]): Promise<Tensor> {
    const name = this.outputs[0]?.name ?? '';
    return this.#checked(await this.run(feeds), name, shape);
  }

  /** One run whose outputs must come out with `shapes`, by name, else `bad-model`. */
  async runAll<K extends string>(
    feeds: Readonly<Record<string, Feed>>,
    shapes: Readonly<Record<K, readonly number[]>>,
  ): Promise<Readonly<Record<K, Tensor>>> {
    const results = await this.run(feeds);
    const checked = (Object.keys(shapes) as K[]).map((name) => [
      name,
      this.#checked(results, name, shapes[name]),
    ]);
    return Object.fromEntries(checked) as Record<K, Tensor>;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#session.release();
  }

  #checked(results: Readonly<Record<string, Tensor>>, name: string, shape: readonly number[]): Tensor {
    const result = results[name];
    if (result?.shape.join() === shape.join()) return result;
    throw new JepilotError(
      'bad-model',
      `${this.label}: output '${name}' expected [${shape.join(', ')}], got [${result?.shape.join(', ') ?? ''}]`,
    );
  }

  /** On a GPU a run that fails means that the device is lost; on the CPU, that the graph or the feeds are wrong. */
  #failure(cause: unknown): unknown {
    if (this.#provider === 'cpu') return cause;
    return new JepilotError(
      'provider',
      `${this.label}: execution provider '${this.#provider}' failed in mid-run: ${firstLine(cause)}`,
      { cause },
    );
  }

  #toNative({ shape, data }: Feed): InstanceType<Runtime['Tensor']> {
    const { Tensor: Native } = this.#runtime;
    if (data instanceof Float32Array) return new Native('float32', data, shape);
    if (data instanceof Int32Array) return new Native('int32', data, shape);
    return new Native('uint8', data, shape);
  }
}

const signature = (value: InferenceSession.ValueMetadata): ValueSignature =>
  value.isTensor
    ? { name: value.name, type: value.type, shape: value.shape }
    : { name: value.name, type: 'not a tensor', shape: [] };
