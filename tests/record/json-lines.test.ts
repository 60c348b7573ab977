import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { JepilotError } from '#src/errors.js';
import { JsonLines, rowsOf, toJson } from '#src/record/json-lines.js';
import { tensor } from '#src/tensor.js';

describe('toJson', () => {
  it('says numbers that JSON has no word for', () => {
    const value = { a: NaN, b: [Infinity, 1], c: Float32Array.of(-Infinity, NaN, 2) };
    expect(JSON.parse(toJson(value))).toEqual({ a: 'NaN', b: ['Infinity', 1], c: ['-Infinity', 'NaN', 2] });
  });

  it('writes float32 numbers in their shortest form, without losing a bit', () => {
    expect(toJson(Float32Array.of(0.1, -0.2, 3))).toBe('[0.1,-0.2,3]');
    const values = Float32Array.from({ length: 500 }, (_, i) => Math.sin(i) * 10 ** ((i % 60) - 30));
    expect(Float32Array.from(JSON.parse(toJson(values)) as number[])).toEqual(values);
  });

  it('keeps the other typed arrays, strings and nulls', () => {
    expect(toJson({ a: Uint8Array.of(1, 2), b: 'NaN', c: null })).toBe('{"a":[1,2],"b":"NaN","c":null}');
  });
});

describe('rowsOf', () => {
  it('gives the rows of a matrix', () => {
    expect(toJson(rowsOf(tensor([2, 2], Float32Array.of(1, 2, 3, 4))))).toBe('[[1,2],[3,4]]');
    expect(rowsOf(tensor([0, 2], new Float32Array(0)))).toEqual([]);
  });
});

describe('JsonLines', () => {
  let folder: string;
  beforeEach(() => void (folder = mkdtempSync(join(tmpdir(), 'jepilot-lines-'))));
  afterEach(() => rmSync(folder, { recursive: true }));

  it('writes a value a line', () => {
    const path = join(folder, 'a.jsonl');
    const lines = new JsonLines(path);
    lines.write({ a: 1 });
    lines.write({ b: 'two\nlines' });
    lines.close();
    lines.close();
    expect(readFileSync(path, 'utf8')).toBe('{"a":1}\n{"b":"two\\nlines"}\n');
  });

  it('hands on whole lines only, long before it is closed', () => {
    const path = join(folder, 'a.jsonl');
    using lines = new JsonLines(path);
    for (let i = 0; i < 1000; i++) lines.write({ i, text: 'x'.repeat(20) });
    const text = readFileSync(path, 'utf8');
    expect(text.endsWith('}\n')).toBe(true);
    const seen = text.trimEnd().split('\n').length;
    expect(seen).toBeGreaterThan(850);
    lines.flush();
    expect(readFileSync(path, 'utf8').trimEnd().split('\n')).toHaveLength(1000);
  });

  it('says where it cannot write', () => {
    const path = join(folder, 'none', 'a.jsonl');
    expect(() => new JsonLines(path)).toThrow(new RegExp(`cannot write ${path}: .*ENOENT`));
  });

  it('outlives a full disk, and tells of it when closed', () => {
    const lines = new JsonLines('/dev/full');
    lines.write({ a: 1 });
    expect(() => lines.flush()).not.toThrow();
    expect(() => lines.write({ b: 2 })).not.toThrow();
    try {
      lines.close();
      expect.unreachable();
    } catch (thrown) {
      expect(thrown).toBeInstanceOf(JepilotError);
      expect((thrown as JepilotError).code).toBe('io');
      expect((thrown as JepilotError).message).toContain('1 later lines are lost');
    }
  });
});
