import { JepilotError } from '../errors.ts';
import type { CameraSpec, Image } from './observation.ts';
import type { Physics } from './physics.ts';

const SKY = [0.75, 0.85, 0.95] as const;
const AMBIENT = 0.45;

/** The one light of every picture. */
export interface Light {
  /** Where the light comes from (need not be normalised), world frame. */
  readonly from: readonly [number, number, number];
  /** Scales the whole picture; 1 is normal. */
  readonly intensity: number;
}

export const DEFAULT_LIGHT: Light = { from: [0.4, -0.3, 1], intensity: 1 };

/**
 * A pinhole camera on `mj_multiRay`: geom colours under one directional light with Lambert shading, no OpenGL.
 * 64×64 takes about 1.4 ms. It has no shadows, textures or reflections. Owns WASM buffers: dispose once.
 */
export class RayCamera implements Disposable {
  readonly spec: CameraSpec;
  readonly #physics: Physics;
  readonly #light: Light;
  readonly #camera: number;
  readonly #columns: number;
  readonly #rows: number;
  readonly #rays: Float64Array;
  readonly #directions: Float64Array;
  #pose = new Float64Array(9);
  readonly #geoms;
  readonly #distances;
  readonly #normals;

  constructor(physics: Physics, spec: CameraSpec, light: Light = DEFAULT_LIGHT) {
    const { mj, model } = physics;
    this.spec = spec;
    this.#physics = physics;
    this.#light = light;
    this.#camera = mj.mj_name2id(model, mj.mjtObj.mjOBJ_CAMERA.value, spec.name);
    if (this.#camera < 0) throw new JepilotError('unknown-name', `the scene has no camera '${spec.name}'`);
    const per = spec.supersample ?? 1;
    this.#columns = spec.width * per;
    this.#rows = spec.height * per;
    const count = this.#columns * this.#rows;
    const fovy = (model.cam_fovy as Float64Array)[this.#camera] ?? 45;
    this.#rays = pinholeRays(this.#columns, this.#rows, fovy);
    this.#directions = new Float64Array(3 * count);
    this.#geoms = new mj.IntBuffer(count);
    this.#distances = new mj.DoubleBuffer(count);
    this.#normals = new mj.DoubleBuffer(3 * count);
  }

  /** The picture of the scene as it stands. */
  render(): Image {
    this.#cast();
    const shades = this.#shade();
    const { width, height, supersample: per = 1 } = this.spec;
    return { width, height, data: per === 1 ? toBytes(shades) : toBytes(pool(shades, width, height, per)) };
  }

  /** Distance along each ray in metres, [rows, columns]; Infinity where nothing is hit. */
  depth(): Float32Array {
    this.#cast();
    return Float32Array.from(this.#distances.GetView() as Float64Array, (d) => (d < 0 ? Infinity : d));
  }

  /** The geom id that each ray hits, [rows, columns]; -1 for the sky. */
  segmentation(): Int32Array {
    this.#cast();
    return Int32Array.from(this.#geoms.GetView() as Int32Array);
  }

  #cast(): void {
    const { mj, model, data } = this.#physics;
    const at = 3 * this.#camera;
    const origin = Array.from((data.cam_xpos as Float64Array).subarray(at, at + 3));
    const pose = (data.cam_xmat as Float64Array).slice(3 * at, 3 * at + 9);
    if (pose.some((value, i) => value !== this.#pose[i])) {
      rotate(this.#rays, pose, this.#directions);
      this.#pose = pose;
    }
    mj.mj_multiRay(
      model,
      data,
      origin,
      this.#directions as unknown as number[],
      null as unknown as number[],
      true,
      -1,
      this.#geoms,
      this.#distances,
      this.#normals,
      this.#columns * this.#rows,
      1e10,
    );
  }

  /** Linear colours in [0, 255], [rows, columns, 3]. */
  #shade(): Float32Array {
    const { model } = this.#physics;
    const geoms = this.#geoms.GetView() as Int32Array;
    const normals = this.#normals.GetView() as Float64Array;
    const rgba = model.geom_rgba as Float32Array;
    const [lx, ly, lz] = unit(this.#light.from);
    const out = new Float32Array(3 * geoms.length);
    const gain = 255 * this.#light.intensity;
    for (let i = 0; i < geoms.length; i++) {
      const geom = geoms[i] ?? -1;
      const facing = normals[3 * i]! * lx + normals[3 * i + 1]! * ly + normals[3 * i + 2]! * lz;
      const shade = geom < 0 ? 1 : AMBIENT + (1 - AMBIENT) * Math.max(0, facing);
      for (let c = 0; c < 3; c++) {
        const colour = geom < 0 ? SKY[c]! : rgba[4 * geom + c]!;
        out[3 * i + c] = gain * shade * colour;
      }
    }
    return out;
  }

  [Symbol.dispose](): void {
    this.#geoms.delete();
    this.#distances.delete();
    this.#normals.delete();
  }
}

/** Unit directions through the pixel centres in the camera's frame (x right, y up, looking along -z), row by row. */
function pinholeRays(columns: number, rows: number, fovyDegrees: number): Float64Array {
  const half = Math.tan((fovyDegrees * Math.PI) / 360);
  const rays = new Float64Array(3 * columns * rows);
  for (let r = 0; r < rows; r++) {
    for (let c = 0; c < columns; c++) {
      const x = ((2 * c + 1) / columns - 1) * half * (columns / rows);
      const y = (1 - (2 * r + 1) / rows) * half;
      rays.set(unit([x, y, -1]), 3 * (r * columns + c));
    }
  }
  return rays;
}

function rotate(rays: Float64Array, m: Float64Array, out: Float64Array): void {
  for (let i = 0; i < rays.length; i += 3) {
    const x = rays[i]!;
    const y = rays[i + 1]!;
    const z = rays[i + 2]!;
    for (let axis = 0; axis < 3; axis++) {
      out[i + axis] = m[3 * axis]! * x + m[3 * axis + 1]! * y + m[3 * axis + 2]! * z;
    }
  }
}

function unit([x, y, z]: readonly [number, number, number]): [number, number, number] {
  const length = Math.hypot(x, y, z);
  return [x / length, y / length, z / length];
}

/** Averages `per`×`per` blocks. */
function pool(shades: Float32Array, width: number, height: number, per: number): Float32Array {
  const out = new Float32Array(3 * width * height);
  const columns = width * per;
  for (let r = 0; r < height * per; r++) {
    for (let c = 0; c < columns; c++) {
      const to = 3 * (Math.floor(r / per) * width + Math.floor(c / per));
      const from = 3 * (r * columns + c);
      for (let k = 0; k < 3; k++) out[to + k]! += shades[from + k]! / (per * per);
    }
  }
  return out;
}

const toBytes = (shades: Float32Array): Uint8Array => new Uint8Array(Uint8ClampedArray.from(shades).buffer);
