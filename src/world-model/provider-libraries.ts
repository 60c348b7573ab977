import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { delimiter, dirname, join } from 'node:path';
import type { ProviderName } from './onnx-session.ts';

/** What of the machine the search for libraries looks at. */
export interface LibraryPlaces {
  readonly platform: string;
  readonly arch: string;
  /** `LD_LIBRARY_PATH`. */
  readonly libraryPath: string;
  readonly exists: (path: string) => boolean;
}

export const thisMachine: LibraryPlaces = {
  platform: process.platform,
  arch: process.arch,
  libraryPath: process.env['LD_LIBRARY_PATH'] ?? '',
  exists: existsSync,
};

const vulkanFolders = [
  '/usr/lib/x86_64-linux-gnu',
  '/usr/lib/aarch64-linux-gnu',
  '/usr/lib64',
  '/usr/lib',
  '/usr/local/lib',
  '/run/opengl-driver/lib',
];

/**
 * Why a provider can't work here, as far as files tell; null when it may be tried. Looking spares the user the
 * native side's complaints on stderr. (ONNX Runtime's own list says `bundled: false` of CUDA even where it is installed.)
 */
export function missingLibrary(provider: ProviderName, places: LibraryPlaces = thisMachine): string | null {
  if (provider === 'cuda') return missingCuda(places);
  return provider === 'webgpu' ? missingVulkan(places) : null;
}

function missingCuda({ platform, arch, exists }: LibraryPlaces): string | null {
  if (platform !== 'linux' || arch !== 'x64') return `no CUDA build for ${platform}/${arch}`;
  const root = dirname(dirname(createRequire(import.meta.url).resolve('onnxruntime-node')));
  const library = 'libonnxruntime_providers_cuda.so';
  return exists(join(root, 'bin', 'napi-v6', platform, arch, library))
    ? null
    : `${library} is not installed (npm i onnxruntime-node --onnxruntime-node-install=cuda12)`;
}

/** On Linux, WebGPU speaks to the GPU through Vulkan. */
function missingVulkan({ platform, libraryPath, exists }: LibraryPlaces): string | null {
  if (platform !== 'linux') return null;
  const folders = [...libraryPath.split(delimiter).filter(Boolean), ...vulkanFolders];
  return folders.some((folder) => exists(join(folder, 'libvulkan.so.1')))
    ? null
    : 'no Vulkan driver (libvulkan.so.1 is not in the library folders)';
}
