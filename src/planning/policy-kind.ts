import type { Task } from '../env/task.ts';
import type { ActionSpec } from '../spec.ts';
import type { Policy } from './policy.ts';
import type { PlanningOverrides } from './settings.ts';

/** Where a policy without a world model is to act. */
export interface PolicySetting {
  readonly actionSpec: ActionSpec;
  /** Control steps that a plan should last, counted from its start. */
  readonly rows: number;
}

/** A policy that needs no world model (random, zero, …), as a list holds it and a user names it. */
export interface PolicyKind {
  readonly name: string;
  readonly about: string;
  create(setting: PolicySetting): Policy;
}

/** Where a policy that sees the simulator's true state is to act. */
export interface PrivilegedSetting extends PolicySetting {
  readonly task: Task;
  /** What the user asks of a search, where there is one. */
  readonly overrides: PlanningOverrides;
}

/** A policy for comparison that sees the true state: a ceiling, of no use to a robot. */
export interface PrivilegedKind {
  readonly name: string;
  readonly about: string;
  /** Control steps between its plans, where the user says nothing. */
  readonly replanInterval: number;
  /** Iterations of a search, where the user says nothing; 1 where there is none. */
  readonly iterations: number;
  /** Throws where the task lacks what it needs. */
  create(setting: PrivilegedSetting): Policy;
}
