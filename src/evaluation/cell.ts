import type { PlanningOverrides, PlanningSettings } from '../planning/settings.ts';
import { hashSpec } from '../spec.ts';
import type { PrecisionPreference } from '../world-model/precision.ts';
import type { ProviderPreference } from '../world-model/provider.ts';
import type { TrackSpec } from './track-spec.ts';

/** One combination of a suite as a user says it: plain data that travels to whoever plays it. */
export interface CellRequest {
  /** A task's name, or the path of a module. */
  readonly task: string;
  readonly track: TrackSpec;
  /** A planner or policy; the model's own by default. */
  readonly planner?: string;
  /** A model's name or folder; the task's own by default. */
  readonly model?: string;
  /** Address of somebody else's policy, in place of planner and model. */
  readonly policy?: string;
  readonly overrides: PlanningOverrides;
  /** Control steps from an observation to the actions planned from it. */
  readonly latency: number;
  /** Factors that differ from their defaults. */
  readonly variation: Readonly<Record<string, number>>;
  readonly provider: ProviderPreference;
  readonly threads: number;
  /** Arithmetic of the search; `fp32` where it is left out. */
  readonly precision?: PrecisionPreference;
  /** Play each episode to the end of its budget. */
  readonly toEnd: boolean;
}

/** Everything that decides a cell's results, and nothing else: its hash names them. */
export interface Cell {
  readonly task: string;
  readonly track: TrackSpec;
  readonly planner: string;
  /** Null for a policy that needs none. The checksum is that of the manifest, which holds those of the graphs. */
  readonly model: { readonly name: string; readonly checksum: string } | null;
  readonly policy: string | null;
  readonly settings: PlanningSettings | null;
  readonly replanInterval: number;
  readonly iterations: number;
  readonly latency: number;
  readonly variation: Readonly<Record<string, number>>;
  readonly toEnd: boolean;
  readonly provider: string | null;
  readonly threads: number;
  /** Where it is not float32. */
  readonly precision?: string;
  readonly version: string;
}

/** What a curve is drawn against. */
export interface Axis {
  readonly kind: 'distance' | 'latency' | 'factor' | 'compute';
  /** The factor's name, where it is one. */
  readonly name: string;
  readonly value: number;
}

/** A settled cell with what tables and plots say of it. */
export interface PlannedCell {
  readonly id: string;
  readonly cell: Cell;
  readonly request: CellRequest;
  /** The planner as tables name it. */
  readonly label: string;
  /** Models that differ in their training seed alone share a family. */
  readonly family: string | null;
  /** The table and the forest plot show it. */
  readonly isMain: boolean;
  /** Curves that it is a point of. */
  readonly axes: readonly Axis[];
  /** Factors outside the model's training data, in words. */
  readonly outside: readonly string[];
  readonly seed: number;
  readonly episodes: number;
  /** Seconds per control step. */
  readonly controlPeriod: number;
  /** Unit of distances. */
  readonly distanceUnit: string;
}

export const cellId = (cell: Cell): string => hashSpec(cell);

/** The name of one episode: equal names, equal results. */
export const episodeId = (cell: string, seed: number): string => hashSpec([cell, seed]);

/** What cells must share for their episodes to be pairs: the same starts and goals in the same scenes. */
export const sceneKey = ({ task, track, variation }: Pick<Cell, 'task' | 'track' | 'variation'>): string =>
  hashSpec({ task, track, variation });
