import loadMujoco, { type MainModule } from '@mujoco/mujoco';

export type Mujoco = MainModule;

let loading: Promise<Mujoco> | undefined;

/** The MuJoCo WASM module: single-threaded build, one instance per thread, loaded on first use. */
export const mujoco = (): Promise<Mujoco> => (loading ??= loadMujoco());
