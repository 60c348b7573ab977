import type { ActionSpec } from '../spec.ts';
import type { Policy } from './policy.ts';

/** Where a policy without a world model is to act. */
export interface PolicySetting {
  readonly actionSpec: ActionSpec;
  /** Control steps that a plan should last, counted from its start. */
  readonly rows: number;
}

/** A policy that needs no world model (random, zero, expert, …), as a list holds it and a user names it. */
export interface PolicyKind {
  readonly name: string;
  readonly about: string;
  create(setting: PolicySetting): Policy;
}
