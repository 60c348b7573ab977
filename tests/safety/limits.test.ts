import { describe, expect, it } from 'vitest';
import { defaultLimits, SafetyLimits, tighten } from '../../src/safety/limits.ts';

describe('tighten', () => {
  it('takes what is safer: shorter silences, longer arming, a wider margin', () => {
    const wanted = { hardSilence: 0.4, arming: 2, margin: 0.1 };
    expect(tighten(defaultLimits, wanted, 'arm.yaml')).toEqual({ ...defaultLimits, ...wanted });
  });

  it('refuses what is looser by name, unless a person knows', () => {
    expect(() => tighten(defaultLimits, { hardSilence: 2 }, 'arm.yaml')).toThrow(
      "arm.yaml: safety limit 'hardSilence' is 2; a profile may only tighten it: at most 0.5",
    );
    expect(() => tighten(defaultLimits, { margin: 0 }, 'arm.yaml')).toThrow('at least 0.02');
    expect(tighten(defaultLimits, { hardSilence: 2 }, 'arm.yaml', true).hardSilence).toBe(2);
  });

  it('refuses limits that contradict each other', () => {
    expect(() => tighten(defaultLimits, { hardSilence: 0.2 }, 'arm.yaml')).toThrow(
      'need heartbeat < beatSilence < hardSilence; they are 0.1, 0.25, 0.2',
    );
  });

  it('has a schema that knows no other keys', () => {
    expect(SafetyLimits.safeParse({ hardStale: 1 }).success).toBe(false);
  });
});
