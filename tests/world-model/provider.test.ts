import { describe, expect, it } from 'vitest';
import { loadRuntime } from '#src/world-model/onnx-runtime.js';
import { missingLibrary } from '#src/world-model/provider-libraries.js';
import { measureGflops } from '#src/world-model/provider-rate.js';
import { openProvider } from '#src/world-model/provider.js';

const linux = { platform: 'linux', arch: 'x64', libraryPath: '/opt/vulkan', exists: () => false };

describe('openProvider', () => {
  it('takes the CPU when asked to, without probing', async () => {
    const { engine, report } = await openProvider('cpu', 1);
    expect(engine).toMatchObject({ provider: 'cpu', threads: 1 });
    expect(report.used).toBe('cpu');
    expect(report.rejected.map(({ name }) => name)).toEqual(['webgpu', 'cuda']);
  });

  it('accounts for every other provider when it chooses by itself', async () => {
    const { report } = await openProvider('auto', 1);
    expect([report.used, ...report.rejected.map(({ name }) => name)].sort()).toEqual([
      'cpu',
      'cuda',
      'webgpu',
    ]);
    for (const { reason } of report.rejected) expect(reason).toMatch(/\S/);
  });

  it.skipIf(missingLibrary('cuda') === null)('says why CUDA can not be had', async () => {
    await expect(openProvider('cuda', 1)).rejects.toMatchObject({
      code: 'provider',
      message: expect.stringMatching(/^execution provider 'cuda' is not available: .*cuda/) as string,
    });
  });

  it.skipIf(missingLibrary('webgpu') === null)('says why WebGPU can not be had', async () => {
    await expect(openProvider('webgpu', 1)).rejects.toThrow(
      /^execution provider 'webgpu' is not available: Failed to get a WebGPU adapter/,
    );
  });
});

describe('libraries', () => {
  it('are looked for where the system looks', () => {
    expect(missingLibrary('webgpu', linux)).toMatch(/libvulkan/);
    expect(
      missingLibrary('webgpu', { ...linux, exists: (path) => path === '/opt/vulkan/libvulkan.so.1' }),
    ).toBeNull();
    expect(missingLibrary('webgpu', { ...linux, platform: 'darwin' })).toBeNull();
    expect(
      missingLibrary('cuda', { ...linux, exists: (path) => path.endsWith('providers_cuda.so') }),
    ).toBeNull();
    expect(missingLibrary('cuda', { ...linux, platform: 'darwin' })).toBe('no CUDA build for darwin/x64');
    expect(missingLibrary('cpu', linux)).toBeNull();
  });
});

describe('loadRuntime', () => {
  it('names the remedy when ONNX Runtime is not installed', async () => {
    const missing = loadRuntime(() => Promise.reject(new Error("Cannot find package 'onnxruntime-node'")));
    await expect(missing).rejects.toMatchObject({
      code: 'provider',
      message: expect.stringContaining('ONNXRUNTIME_NODE_INSTALL=skip npm i onnxruntime-node') as string,
    });
  });
});

describe('measureGflops', () => {
  it('finds a rate that a core can have', async () => {
    const rate = await measureGflops(0.05, 1);
    expect(rate).toBeGreaterThan(0.5);
    expect(rate).toBeLessThan(5000);
  });
});
