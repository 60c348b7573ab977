import type { ProviderName } from './onnx-session.ts';

/** The arithmetic of a rollout's large products. */
export type PrecisionName = 'fp32' | 'int8' | 'fp16';

/** Which arithmetic to plan with; `auto` takes the fastest that ranks plans as float32 does. */
export type PrecisionPreference = 'auto' | PrecisionName;
export const precisionPreferences: readonly PrecisionPreference[] = ['auto', 'fp32', 'int8', 'fp16'];

/** How alike plans are ranked, over a probe batch: 1 is the same. */
export interface RankingCheck {
  /** Spearman's correlation of the costs, mean over the probe's problems. */
  readonly rankCorrelation: number;
  /** Share of the elites that are elites in float32 too. */
  readonly eliteOverlap: number;
  /** Time in float32 over time in this precision. */
  readonly speedup: number;
}

/** The engine's account of its arithmetic. */
export interface PrecisionReport {
  readonly used: PrecisionName;
  /** What the check of the precision in use found; null for float32, which is the measure. */
  readonly check: RankingCheck | null;
  readonly rejected: readonly { readonly name: PrecisionName; readonly reason: string }[];
}

/** Below these a precision ranks plans too differently to be used; a speed-up below the last is not worth it. */
export const required: RankingCheck = { rankCorrelation: 0.99, eliteOverlap: 0.8, speedup: 1.1 };

/** The reduced precision that a provider is built for. */
export const reducedOf = (provider: ProviderName): 'int8' | 'fp16' => (provider === 'cpu' ? 'int8' : 'fp16');

/** Why a precision is of no use on a provider; null where it is. */
export function unfit(precision: PrecisionName, provider: ProviderName): string | null {
  if (precision === 'fp32' || precision === reducedOf(provider)) return null;
  return precision === 'fp16'
    ? "the CPU has no 16-bit float products; take 'int8' or 'fp32'"
    : `8-bit products run on the CPU only; on '${provider}' take 'fp16' or 'fp32'`;
}

/** Why a precision that was checked must not be used; null where it may. `explicit`: the user asked for no other. */
export function shortcoming(check: RankingCheck, explicit: boolean): string | null {
  const { rankCorrelation, eliteOverlap, speedup } = check;
  if (!(rankCorrelation >= required.rankCorrelation) || !(eliteOverlap >= required.eliteOverlap)) {
    return (
      `it ranks plans otherwise than float32: rank correlation ${rankCorrelation.toFixed(3)} ` +
      `(needs ${required.rankCorrelation}), elite overlap ${eliteOverlap.toFixed(2)} (needs ${required.eliteOverlap})`
    );
  }
  if (explicit || speedup >= required.speedup) return null;
  return `no gain on this machine: ${speedup.toFixed(2)} times the speed of float32`;
}
