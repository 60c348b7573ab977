import type { Machine } from '../../evaluation/expand.ts';
import type { OpenLoopResult } from '../../evaluation/open-loop/result.ts';
import type { Suite } from '../../evaluation/suite.ts';

/** Every open-loop track of a suite. */
export async function openLoopOf(_suite: Suite, _machine: Machine): Promise<OpenLoopResult[]> {
  return [];
}
