import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';

const ROOT = resolve(import.meta.dirname, '..');

/** Every TypeScript source of a folder, as paths from the root. */
const sources = (folder: string): string[] =>
  readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts') && !name.endsWith('.d.ts'))
    .map((name) => join(folder, name));

/** The files of the project that a file imports, as paths from the root; `types` includes type-only imports. */
function importsOf(file: string, types: boolean): string[] {
  const text = readFileSync(join(ROOT, file), 'utf8');
  const statements = text.matchAll(/^(?:import|export)\s+(type\s)?[^;]*?from\s+'([^']+)'/gms);
  return [...statements].flatMap(([, typeOnly, target]) => {
    if (typeOnly && !types) return [];
    if (target!.startsWith('.')) return [relative(ROOT, resolve(ROOT, dirname(file), target!))];
    if (target!.startsWith('#')) return [target!.slice(1).replace(/\.js$/, '.ts')];
    return [];
  });
}

const kernel = sources('src');
const rooms = [...sources('envs'), ...sources('policies')];
const roomOf = (file: string): string =>
  file
    .split('/')
    .slice(0, file.startsWith('envs/') ? 2 : 1)
    .join('/');

describe('architecture', () => {
  it('finds the sources', () => {
    expect(kernel.length).toBeGreaterThan(50);
    expect(rooms.length).toBeGreaterThan(5);
  });

  it('src imports no room, except in src/cli, which composes', () => {
    const wrong = kernel
      .filter((file) => !file.startsWith('src/cli/'))
      .flatMap((file) =>
        importsOf(file, true)
          .filter((target) => !target.startsWith('src/'))
          .map((t) => `${file} → ${t}`),
      );
    expect(wrong).toEqual([]);
  });

  it('nothing but src/cli imports src/cli', () => {
    const wrong = [...kernel, ...rooms]
      .filter((file) => !file.startsWith('src/cli/'))
      .flatMap((file) =>
        importsOf(file, true)
          .filter((t) => t.startsWith('src/cli/'))
          .map((t) => `${file} → ${t}`),
      );
    expect(wrong).toEqual([]);
  });

  it('tasks do not import each other', () => {
    const wrong = rooms
      .filter((file) => file.startsWith('envs/') && file !== 'envs/index.ts')
      .flatMap((file) =>
        importsOf(file, true)
          .filter((t) => !t.startsWith('src/') && roomOf(t) !== roomOf(file))
          .map((t) => `${file} → ${t}`),
      );
    expect(wrong).toEqual([]);
  });

  it('every import leads to a file', () => {
    const files = new Set([...kernel, ...rooms]);
    const lost = [...files].flatMap((file) =>
      importsOf(file, true)
        .filter((t) => !files.has(t))
        .map((t) => `${file} → ${t}`),
    );
    expect(lost).toEqual([]);
  });

  it('has no cycles of imports at run time', () => {
    const graph = new Map([...kernel, ...rooms].map((file) => [file, importsOf(file, false)]));
    const done = new Set<string>();
    const visit = (file: string, path: readonly string[]): void => {
      if (path.includes(file))
        throw new Error(`cycle: ${[...path.slice(path.indexOf(file)), file].join(' → ')}`);
      if (done.has(file)) return;
      for (const target of graph.get(file) ?? []) visit(target, [...path, file]);
      done.add(file);
    };
    for (const file of graph.keys()) visit(file, []);
    expect(done.size).toBe(graph.size);
  });

  it('contracts import contracts only', () => {
    const contracts = [
      'src/env/task.ts',
      'src/env/environment.ts',
      'src/env/observation.ts',
      'src/planning/plan.ts',
      'src/planning/planner.ts',
      'src/planning/policy.ts',
      'src/world-model/world-model.ts',
      'src/robot/robot.ts',
      'src/serve/context.ts',
      'src/serve/events.ts',
      'src/serve/protocol.ts',
      'src/serve/sessions.ts',
    ];
    const values = contracts.flatMap((file) => importsOf(file, false).map((t) => `${file} → ${t}`));
    expect(values).toEqual([]);
  });
});
