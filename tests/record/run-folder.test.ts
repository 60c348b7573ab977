import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { JepilotError } from '#src/errors.js';
import { RunFolder, runId, writeWhole } from '#src/record/run-folder.js';
import { completeRun } from '#src/record/summary.js';
import { tensor } from '#src/tensor.js';
import { evidence, sampleTrace, tick } from './sample-run.ts';

let place: string;
beforeEach(() => void (place = mkdtempSync(join(tmpdir(), 'jepilot-run-'))));
afterEach(() => rmSync(place, { recursive: true }));

const plan = {
  id: 0,
  actions: tensor([2, 2], Float32Array.of(0.1, NaN, 3, 4)),
  startStep: 1,
  evidence: evidence(12),
};
const linesOf = (path: string) =>
  readFileSync(path, 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>);

function failure(act: () => unknown): JepilotError {
  try {
    act();
  } catch (thrown) {
    if (thrown instanceof JepilotError) return thrown;
    throw thrown;
  }
  throw new Error('nothing was thrown');
}

describe('RunFolder', () => {
  it('leaves configuration, ticks, plans, result and report', () => {
    const path = join(place, 'runs', 'one');
    const trace = sampleTrace();
    using folder = new RunFolder(path, trace.config);
    folder.plan(plan, 0);
    for (const each of trace.ticks) folder.tick(each);
    folder.finish(completeRun(trace));
    expect(readdirSync(path).sort()).toEqual([
      'config.json',
      'plans.jsonl',
      'report.html',
      'result.json',
      'ticks.jsonl',
    ]);
    expect(JSON.parse(readFileSync(join(path, 'config.json'), 'utf8'))).toEqual(trace.config);
    expect(JSON.parse(readFileSync(join(path, 'result.json'), 'utf8'))).toMatchObject({
      success: true,
      steps: 12,
    });
    expect(linesOf(join(path, 'ticks.jsonl'))).toHaveLength(12);
    expect(linesOf(join(path, 'ticks.jsonl'))[1]).toMatchObject({
      step: 1,
      sent: [0.1, -0.2],
      source: 'plan',
      planId: 0,
    });
    const [line] = linesOf(join(path, 'plans.jsonl'));
    expect(line).toMatchObject({
      id: 0,
      step: 0,
      startStep: 1,
      actions: [
        [0.1, 'NaN'],
        [3, 4],
      ],
    });
    expect(line!['evidence']).toMatchObject({ timeToGo: 12, costs: [9, 7, 6.5] });
  });

  it('keeps configuration and ticks of a run that is cut short', () => {
    const path = join(place, 'one');
    {
      using folder = new RunFolder(path, { a: 1 });
      folder.tick(tick(0, 'hold'));
    }
    expect(readdirSync(path).sort()).toEqual(['config.json', 'plans.jsonl', 'ticks.jsonl']);
    expect(linesOf(join(path, 'ticks.jsonl'))[0]).toMatchObject({
      source: 'hold',
      reason: 'no-plan-yet',
      planned: null,
    });
  });

  it('says at once where it cannot be made', () => {
    const file = join(place, 'file');
    writeFileSync(file, '');
    const { code, message } = failure(() => new RunFolder(join(file, 'one'), {}));
    expect(code).toBe('io');
    expect(message).toContain(join(file, 'one'));
    expect(message).toContain('ENOTDIR');
  });

  it('overwrites no other run', () => {
    writeFileSync(join(place, 'result.json'), '{}');
    const { code, message } = failure(() => new RunFolder(place, {}));
    expect(code).toBe('io');
    expect(message).toContain(`${place} is not empty`);
  });
});

describe('writeWhole', () => {
  it('leaves no half file behind', () => {
    const path = join(place, 'none', 'a.gif');
    expect(failure(() => writeWhole(path, 'x')).message).toContain(`cannot write ${path}`);
    writeWhole(join(place, 'a.gif'), Uint8Array.of(1, 2));
    expect(readdirSync(place)).toEqual(['a.gif']);
  });
});

describe('runId', () => {
  it('sorts by time and is a file name everywhere', () => {
    expect(runId('2026-03-01T12:30:05.123Z', 'two-room', 3)).toBe('2026-03-01T12-30-05-two-room-seed3');
  });
});
