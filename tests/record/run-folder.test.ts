import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { JepilotError } from '#src/errors.js';
import { RunFolder, runId, writeWhole } from '#src/record/run-folder.js';
import { completeRun } from '#src/record/summary.js';
import { sampleTrace } from './sample-run.ts';

let place: string;
beforeEach(() => void (place = mkdtempSync(join(tmpdir(), 'jepilot-run-'))));
afterEach(() => rmSync(place, { recursive: true }));

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
  it('leaves configuration, result and report', () => {
    const path = join(place, 'runs', 'one');
    const trace = sampleTrace();
    const folder = new RunFolder(path, trace.config);
    folder.finish(completeRun(trace));
    expect(readdirSync(path).sort()).toEqual(['config.json', 'report.html', 'result.json']);
    expect(folder.recording).toBe(join(path, 'run.mcap'));
    expect(JSON.parse(readFileSync(join(path, 'config.json'), 'utf8'))).toEqual(trace.config);
    expect(JSON.parse(readFileSync(join(path, 'result.json'), 'utf8'))).toMatchObject({
      success: true,
      steps: 12,
    });
  });

  it('keeps the configuration of a run that is cut short', () => {
    const path = join(place, 'one');
    new RunFolder(path, { a: 1 });
    expect(readdirSync(path)).toEqual(['config.json']);
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
