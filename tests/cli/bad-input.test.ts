import { cpSync, mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { encodePng } from '#src/record/png.js';
import { jepilot, ROOT } from './jepilot.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'bad-input-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** A copy of the shipped model with something wrong. */
function brokenModel(name: string, damage: (path: (file: string) => string) => void): string {
  const copy = join(folder, name);
  cpSync(join(ROOT, 'models/two-room'), copy, { recursive: true });
  damage((file) => join(copy, file));
  return copy;
}

const editManifest =
  (change: (manifest: Record<string, unknown>) => void) => (path: (file: string) => string) => {
    const manifest = JSON.parse(readFileSync(path('manifest.json'), 'utf8')) as Record<string, unknown>;
    change(manifest);
    writeFileSync(path('manifest.json'), JSON.stringify(manifest));
  };

/** One line that starts with the program's name, holds no stack, and a non-zero exit. */
async function expectRefusal(args: string[], message: RegExp): Promise<void> {
  const { code, stderr, stdout } = await jepilot(...args);
  expect(stderr).toMatch(message);
  expect(stderr.trim().split('\n'), stderr).toHaveLength(1);
  expect(stderr).toMatch(/^jepilot: /);
  expect(stdout).toBe('');
  expect(code).toBe(1);
}

describe('bad input gets one line and a non-zero exit', () => {
  it.each([
    ['unknown command', ['fly'], /Unknown command: fly|Unknown argument: fly/],
    ['no command', [], /name a command/],
    ['unknown task', ['run', 'three-room'], /no task is called 'three-room'; known: two-room, reacher/],
    [
      'unknown planner',
      ['run', 'two-room', '--planner', 'magic'],
      /no planner or policy is called 'magic'; known: icem/,
    ],
    ['unknown flag', ['run', 'two-room', '--speed', '9'], /Unknown argument: speed/],
    ['unknown model', ['run', 'two-room', '--model', 'nothing'], /no model 'nothing'/],
    [
      'unknown track',
      ['eval', 'two-room', '--track', 'near'],
      /no track of task 'two-room' is called 'near'; known: compat, far/,
    ],
    ['unknown factor', ['run', 'two-room', '--set', 'wind=1', '--fast'], /no factor 'wind'; known: door/],
    [
      'factor out of range',
      ['run', 'two-room', '--set', 'door=2', '--fast'],
      /factor 'door' is 2; .* -0.35 to 0.35/,
    ],
    [
      'factor that is no number',
      ['run', 'two-room', '--set', 'door=left'],
      /--set door=left: expected factor=number/,
    ],
    [
      'objective that is none',
      ['run', 'two-room', '--objective', 'speed'],
      /--objective is speed; it takes metric, latent, or JSON/,
    ],
    [
      'no whole number',
      ['run', 'two-room', '--samples', '1.5'],
      /--samples is 1.5; it takes a whole number from 1/,
    ],
    [
      'wall time in virtual time',
      ['run', 'two-room', '--fast', '--rate', '20'],
      /--deadline and --rate .* --realtime/,
    ],
    [
      'model for another task',
      ['run', 'reacher', '--model', 'two-room'],
      /model 'two-room' is for task 'two-room'; this is task 'reacher'/,
    ],
    ['too many elites', ['eval', 'two-room', '--elites', '999', '--episodes', '1'], /'elites' is 999/],
    [
      'training on evaluation seeds',
      ['collect', 'two-room', '--episodes', '2', '--seed', '999999', '--out', 'x.h5'],
      /kept for evaluation/,
    ],
    [
      'unwritable folder',
      ['run', 'two-room', '--fast', '--out', '/proc/nowhere/run'],
      /cannot make the folder \/proc\/nowhere/,
    ],
    [
      'unwritable data set',
      ['collect', 'two-room', '--episodes', '2', '--out', '/proc/nowhere/x.h5'],
      /cannot make the folder/,
    ],
    [
      'unwritable result',
      ['eval', 'two-room', '--episodes', '1', '--json', '/nowhere/x.json'],
      /cannot write \/nowhere/,
    ],
    ['missing configuration', ['run', 'two-room', '--config', 'nothing.json'], /cannot read nothing.json/],
    [
      'missing goal picture',
      ['run', 'two-room', '--goal', 'nothing.png', '--fast'],
      /cannot read the goal picture nothing.png/,
    ],
    ['latency past the horizon', ['run', 'two-room', '--fast', '--latency', '500'], /horizon/],
  ])('%s', async (_, args, message) => {
    await expectRefusal(args, message);
  });

  it('a configuration with an unknown key', async () => {
    const file = join(folder, 'config.json');
    writeFileSync(file, '{"sampels": 3}');
    await expectRefusal(['run', 'two-room', '--config', file], /sampels/);
  });

  it('a goal picture of another size, and one that is cut', async () => {
    const file = join(folder, 'goal.png');
    writeFileSync(file, encodePng({ width: 8, height: 8, data: new Uint8Array(192) }));
    await expectRefusal(
      ['run', 'two-room', '--fast', '--goal', file, '--out', join(folder, 'g1')],
      /8×8; the camera needs 64×64/,
    );
    writeFileSync(file, encodePng({ width: 64, height: 64, data: new Uint8Array(64 * 64 * 3) }));
    truncateSync(file, 60);
    await expectRefusal(
      ['run', 'two-room', '--fast', '--goal', file, '--out', join(folder, 'g2')],
      /damaged|PNG/,
    );
  });

  it('a manifest with an unknown key', async () => {
    const model = brokenModel(
      'key',
      editManifest((m) => (m['colour'] = 'red')),
    );
    await expectRefusal(
      ['run', 'two-room', '--model', model, '--fast', '--out', join(folder, 'a')],
      /colour/,
    );
  });

  it('a manifest with a wrong checksum', async () => {
    const model = brokenModel(
      'checksum',
      editManifest((m) => ((m['graphs'] as { step: { sha256: string } }).step.sha256 = '0'.repeat(64))),
    );
    await expectRefusal(
      ['run', 'two-room', '--model', model, '--fast', '--out', join(folder, 'b')],
      /step\.onnx/,
    );
  });

  it('a truncated graph', async () => {
    const model = brokenModel('cut', (path) => truncateSync(path('encoder.onnx'), 1000));
    await expectRefusal(
      ['run', 'two-room', '--model', model, '--fast', '--out', join(folder, 'c')],
      /encoder\.onnx/,
    );
  });

  it('a manifest whose shapes the graphs do not have', async () => {
    const model = brokenModel(
      'shape',
      editManifest((m) => (m['latentDim'] = 7)),
    );
    await expectRefusal(['run', 'two-room', '--model', model, '--fast', '--out', join(folder, 'd')], /7/);
  });
});
