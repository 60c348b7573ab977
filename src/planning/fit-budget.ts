import type { PlanningSettings } from './settings.ts';

/** What plans with the settings at hand took, seconds. */
export interface PlanTime {
  /** What does not depend on the search: encoding, judging, talking to the worker. */
  readonly fixed: number;
  /** The search. */
  readonly search: number;
}

/** Share of the deadline that a plan is meant to take: machines are not equally fast all the time. */
const SHARE = 0.7;
/** Beyond this a search gains nothing (the published one takes 300 candidates 30 times). */
const most = { samples: 300, iterations: 30 } as const;
const leastIterations = 2;

/**
 * Fits samples × iterations to `deadline` seconds, from what the settings at hand take. More or less time is shared evenly
 * between the two, within what makes sense; elites keep their share of the samples. Searches that are given more than
 * they had stop as soon as their elites agree.
 */
export function fitBudget(
  settings: PlanningSettings,
  { fixed, search }: PlanTime,
  deadline: number,
): PlanningSettings {
  const { samples, iterations, elites } = settings;
  const factor = Math.max(0, SHARE * deadline - fixed) / search;
  const total = factor * samples * iterations;
  const fewest = Math.min(samples, 16);
  const even = Math.min(
    Math.max(samples, most.samples),
    Math.max(fewest, Math.round(samples * Math.sqrt(factor))),
  );
  // What one of the two can't take up, the other does.
  const wanted = Math.min(Math.max(iterations, most.iterations), Math.floor(total / even));
  const times = Math.max(wanted, Math.min(iterations, leastIterations));
  const count = times > wanted ? Math.max(fewest, Math.floor(total / times)) : even;
  return {
    ...settings,
    samples: count,
    iterations: times,
    elites: Math.max(1, Math.min(count, Math.round((elites * count) / samples))),
    ...(factor > 1 && { agreement: settings.agreement ?? 0.03 }),
  };
}
