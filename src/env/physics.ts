import type { MjData, MjModel } from '@mujoco/mujoco';
import { JepilotError, reasonOf } from '../errors.ts';
import type { Mujoco } from './mujoco.ts';

/**
 * One compiled scene and its state. MuJoCo's arrays are live views that detach when WASM memory grows, so everything
 * that leaves here is a copy. Owns WASM handles: dispose exactly once.
 */
export class Physics implements Disposable {
  readonly mj: Mujoco;
  readonly model: MjModel;
  readonly data: MjData;
  /** Seconds per physics step. */
  readonly timestep: number;
  readonly #signature: number;
  readonly #joints = new Map<string, { qpos: number; qvel: number }>();

  constructor(mj: Mujoco, scene: string) {
    this.mj = mj;
    try {
      this.model = mj.MjModel.from_xml_string(scene);
    } catch (cause) {
      throw new JepilotError('invalid-value', `MuJoCo rejects the scene: ${reasonOf(cause)}`, { cause });
    }
    this.data = new mj.MjData(this.model);
    this.timestep = this.model.opt.timestep;
    this.#signature = mj.mjtState.mjSTATE_INTEGRATION.value;
    this.forward();
  }

  get time(): number {
    return this.data.time;
  }

  /** Generalised positions, [nq], as a copy. */
  qpos(): Float64Array {
    return Float64Array.from(this.data.qpos as Float64Array);
  }

  qvel(): Float64Array {
    return Float64Array.from(this.data.qvel as Float64Array);
  }

  /** Puts the scene at rest in a configuration [nq] and updates everything that follows from it. */
  setConfiguration(qpos: Float64Array, qvel?: Float64Array): void {
    if (qpos.length !== this.model.nq) {
      throw new JepilotError(
        'shape-mismatch',
        `configuration has ${qpos.length} values; the scene has ${this.model.nq}`,
      );
    }
    this.mj.mj_resetData(this.model, this.data);
    (this.data.qpos as Float64Array).set(qpos);
    if (qvel) (this.data.qvel as Float64Array).set(qvel);
    this.forward();
  }

  setControl(action: Float32Array): void {
    (this.data.ctrl as Float64Array).set(action);
  }

  /** Position and velocity of a one-dimensional joint. */
  joint(name: string): { position: number; velocity: number } {
    const { qpos, qvel } = this.#address(name);
    return {
      position: (this.data.qpos as Float64Array)[qpos] ?? NaN,
      velocity: (this.data.qvel as Float64Array)[qvel] ?? NaN,
    };
  }

  /** Where a joint's value stands in a configuration. */
  index(name: string): number {
    return this.#address(name).qpos;
  }

  hasJoint(name: string): boolean {
    return this.mj.mj_name2id(this.model, this.mj.mjtObj.mjOBJ_JOINT.value, name) >= 0;
  }

  setJoint(name: string, position: number, velocity = 0): void {
    const { qpos, qvel } = this.#address(name);
    (this.data.qpos as Float64Array)[qpos] = position;
    (this.data.qvel as Float64Array)[qvel] = velocity;
  }

  forward(): void {
    this.mj.mj_forward(this.model, this.data);
  }

  /** Advances by `substeps` physics steps; throws when the simulation diverges. */
  step(substeps: number): void {
    for (let i = 0; i < substeps; i++) this.mj.mj_step(this.model, this.data);
    for (const value of this.data.qpos as Float64Array) {
      if (!Number.isFinite(value))
        throw new JepilotError('bad-state', `the simulation diverged at ${this.time} s`);
    }
  }

  /** Everything that MuJoCo integrates (mjSTATE_INTEGRATION). */
  state(): Float64Array {
    const size = this.mj.mj_stateSize(this.model, this.#signature);
    const buffer = new this.mj.DoubleBuffer(size);
    try {
      this.mj.mj_getState(this.model, this.data, buffer, this.#signature);
      return Float64Array.from(buffer.GetView() as Float64Array);
    } finally {
      buffer.delete();
    }
  }

  /** Restores a `state()` bit for bit, contact warm start included, with positions and cameras up to date. */
  setState(state: Float64Array): void {
    const set = () => {
      this.mj.mj_setState(this.model, this.data, state as unknown as number[], this.#signature);
    };
    set();
    this.forward();
    set(); // the forward pass has just overwritten the solver's warm start
  }

  #address(name: string): { qpos: number; qvel: number } {
    const known = this.#joints.get(name);
    if (known) return known;
    const id = this.mj.mj_name2id(this.model, this.mj.mjtObj.mjOBJ_JOINT.value, name);
    if (id < 0) throw new JepilotError('unknown-name', `the scene has no joint '${name}'`);
    const found = {
      qpos: (this.model.jnt_qposadr as Int32Array)[id] ?? 0,
      qvel: (this.model.jnt_dofadr as Int32Array)[id] ?? 0,
    };
    this.#joints.set(name, found);
    return found;
  }

  [Symbol.dispose](): void {
    this.data.delete();
    this.model.delete();
  }
}
