import { JepilotError } from '../errors.ts';
import { firstLine, loadRuntime, type Runtime } from './onnx-runtime.ts';
import { defaultThreads, type Engine, type ProviderName } from './onnx-session.ts';
import { missingLibrary } from './provider-libraries.ts';
import { probeRate, type Rate } from './provider-rate.ts';
import type { ProviderReport } from './world-model.ts';

export { defaultThreads };

/** Which execution provider to run on; `auto` takes the fastest that is really there. */
export type ProviderPreference = 'auto' | ProviderName;
export const providerPreferences: readonly ProviderPreference[] = ['auto', 'cpu', 'webgpu', 'cuda'];

/** Where graphs will run, and why not elsewhere. */
export interface Provider {
  readonly engine: Engine;
  readonly report: ProviderReport;
}

type Rejected = ProviderReport['rejected'][number];

/**
 * Chooses an execution provider. `auto` measures each one that is installed and opens, and takes the fastest;
 * a software Vulkan driver answers as WebGPU and loses there. An explicit preference that isn't available is a
 * `provider` error that says why.
 */
export async function openProvider(
  preference: ProviderPreference,
  threads: number = defaultThreads(),
  exclude: readonly string[] = [],
): Promise<Provider> {
  const runtime = await loadRuntime();
  if (preference === 'auto') return fastest(runtime, threads, exclude);
  const engine: Engine = { runtime, provider: preference, threads };
  if (preference !== 'cpu') {
    const missing = preference === 'cuda' ? missingLibrary(preference) : null;
    const rate = missing ?? (await tryRate(engine));
    if (typeof rate === 'string') {
      throw new JepilotError('provider', `execution provider '${preference}' is not available: ${rate}`);
    }
  }
  const others = (['cpu', 'webgpu', 'cuda'] as const).filter((name) => name !== preference);
  const rejected = others.map((name) => ({ name, reason: `'${preference}' was asked for` }));
  return { engine, report: { used: preference, rejected } };
}

async function fastest(runtime: Runtime, threads: number, exclude: readonly string[]): Promise<Provider> {
  const rejected: Rejected[] = [];
  const measured: { engine: Engine; rate: Rate }[] = [];
  for (const provider of ['cuda', 'webgpu'] as const) {
    const engine: Engine = { runtime, provider, threads };
    const failed = exclude.includes(provider) ? 'it failed in mid-run' : null;
    const rate = failed ?? missingLibrary(provider) ?? (await tryRate(engine));
    if (typeof rate === 'string') rejected.push({ name: provider, reason: rate });
    else measured.push({ engine, rate });
  }
  const cpu: Engine = { runtime, provider: 'cpu', threads };
  if (measured.length === 0) return { engine: cpu, report: { used: 'cpu', rejected } };
  measured.push({ engine: cpu, rate: await probeRate(cpu) });
  measured.sort((a, b) => b.rate - a.rate);
  const [best, ...others] = measured;
  const used = best!.engine.provider;
  for (const { engine, rate } of others) {
    const reason = `slower: ${rate.toFixed(1)} GFLOP/s against ${best!.rate.toFixed(1)} of '${used}'`;
    rejected.push({ name: engine.provider, reason });
  }
  return { engine: best!.engine, report: { used, rejected } };
}

/** The rate of a provider, or why it can't be had. */
async function tryRate(engine: Engine): Promise<Rate | string> {
  try {
    return await probeRate(engine);
  } catch (error) {
    return firstLine(error instanceof Error && error.cause ? error.cause : error);
  }
}
