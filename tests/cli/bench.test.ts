import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { casesOf, type BenchRequest } from '#src/cli/bench/cases.js';
import { measure } from '#src/cli/bench/measure.js';
import { comparison, readEarlier, reportOf } from '#src/cli/bench/report.js';
import { productsOf } from '#src/world-model/arithmetic.js';
import { decodeGraph } from '#src/world-model/onnx-inline.js';
import { stepGraph } from '../fakes/tiny-graphs.ts';
import { writeTinyModel } from '../fakes/tiny-model.ts';
import { drift, push } from '../fakes/tiny-world.ts';

const never = new AbortController().signal;
const effort = { seconds: 1, plans: 4 };

async function requestFor(folder: string, manifest: BenchRequest['models'][number]['manifest']) {
  const request: BenchRequest = {
    models: [{ folder, manifest }],
    overrides: {},
    provider: 'cpu',
    precisions: ['fp32'],
    threads: 1,
    allThreads: 2,
    robots: [3],
    scaling: false,
  };
  return request;
}

describe('bench', () => {
  it('counts the products of a graph: two operations for each weight', () => {
    expect(productsOf(decodeGraph('step.onnx', stepGraph(drift, push)))).toBe(2 * (4 * 4 + 6 * 4));
  });

  it('times the model’s own set-up, the published one, and robots together', async () => {
    await using written = await writeTinyModel({ metric: 'embedding', horizon: 5 });
    const cases = casesOf(await requestFor(written.folder, written.manifest));
    expect(cases.map(({ settings, robots, default: own }) => [settings.samples, robots, own])).toEqual([
      [16, 1, true],
      [300, 1, false],
      [16, 3, false],
    ]);
    const [alone, together] = [
      await measure(cases[0]!, effort, never),
      await measure(cases[2]!, effort, never),
    ];
    expect(alone).toMatchObject({
      model: 'tiny',
      samples: 16,
      horizon: 5,
      iterations: 3,
      default: true,
      plans: 4,
    });
    // Three populations of sixteen plans of five steps, and the mean at the end.
    expect((alone.evaluationsPerSecond * alone.p50) / 1000).toBeCloseTo(5 * (3 * 16 + 1));
    expect(alone.gemmShare).toBeCloseTo(alone.gflops / alone.gemmGflops);
    expect(alone.p50).toBeLessThanOrEqual(alone.p95);
    expect(together).toMatchObject({ robots: 3, plans: 12 });
    expect(together.batchRatio).toBeGreaterThan(0);
  });

  it('sets a report beside an earlier one, and refuses what is none', async () => {
    await using written = await writeTinyModel({ metric: null });
    const [first] = casesOf(await requestFor(written.folder, written.manifest));
    const row = await measure(first!, effort, never);
    const folder = mkdtempSync(join(tmpdir(), 'jepilot-bench-'));
    try {
      const path = join(folder, 'then.json');
      const report = reportOf([row], [], '2026-01-01');
      writeFileSync(path, JSON.stringify({ ...report, rows: [{ ...row, p50: 2 * row.p50 }] }));
      expect(comparison(report, readEarlier(path)).join('\n')).toMatch(/tiny cem 16×5×3 fp32.*\(0\.50×\)/);
      writeFileSync(path, '{"rows": []}');
      expect(() => readEarlier(path)).toThrow(/no report of jepilot bench: 'machine'/);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
