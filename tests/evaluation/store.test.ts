import { appendFileSync, mkdtempSync, readFileSync, rmSync, truncateSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { RecordStore } from '#src/evaluation/store.js';

interface Entry {
  id: string;
  value: number;
}
let folder: string;
let path: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'store-'));
  path = join(folder, 'records.jsonl');
  using store = new RecordStore<Entry>(path);
  for (const value of [1, 2, 3]) store.append({ id: `r${value}`, value });
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe('RecordStore', () => {
  it('finds again what was appended, and takes the same record once', () => {
    using store = new RecordStore<Entry>(path);
    expect(store.kept).toMatchObject({ cut: 0, records: [{ value: 1 }, { value: 2 }, { value: 3 }] });
    expect(store.append({ id: 'r2', value: 99 })).toBe(false);
    expect(store.get('r2')?.value).toBe(2);
  });

  it.each([1, 5, 21])('repairs a file whose last %i bytes are missing, to the last whole record', (bytes) => {
    truncateSync(path, readFileSync(path).length - bytes);
    {
      using store = new RecordStore<Entry>(path);
      expect(store.records.map(({ id }) => id)).toEqual(['r1', 'r2']);
      expect(store.kept.cut).toBe(22 - bytes);
      store.append({ id: 'r3', value: 3 });
    }
    using again = new RecordStore<Entry>(path);
    expect(again.kept).toMatchObject({ cut: 0, records: { length: 3 } });
  });

  it('drops what follows a line that is no record', () => {
    appendFileSync(path, '{"id": "half\n{"id":"r4","value":4}\n');
    using store = new RecordStore<Entry>(path);
    expect(store.records).toHaveLength(3);
  });

  it('says where it can’t be', () => {
    expect(() => new RecordStore('/nowhere/records.jsonl')).toThrow(/cannot open \/nowhere\/records\.jsonl/);
  });
});
