import type { GuardConfig, GuardState } from './guard-state.ts';

/** What a robot still lacks before it may be armed, in words; empty if nothing. */
export function lackingFor({ limits, supervised }: GuardConfig, state: GuardState, time: number): string[] {
  const { selfTest } = state;
  const lacking = supervised ? [...steadiness(state, limits.arming, time)] : [];
  if (!supervised) return lacking;
  if (!selfTest) return [...lacking, 'no self-test plan has finished'];
  if (selfTest.gap <= limits.firstPoint) return lacking;
  const gap = Number(selfTest.gap.toPrecision(3));
  return [
    ...lacking,
    `the first row is ${gap} away from the present command at ${selfTest.at}; it may be ${limits.firstPoint}`,
  ];
}

function* steadiness(state: GuardState, arming: number, time: number): Generator<string> {
  if (!state.linkUp) yield 'no planning end is connected';
  for (const [what, from, last] of [
    ['beats', state.beatsFrom, state.beatAt],
    ['observations', state.observationsFrom, state.observedAt],
  ] as const) {
    const silent = last === null || time - last > arming / 2;
    const steady = from === null || silent ? 0 : time - from;
    if (steady < arming - 1e-9) yield `${what} have been on time for ${steady.toFixed(1)} s of ${arming} s`;
  }
}
