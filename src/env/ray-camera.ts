import { JepilotError } from '../errors.ts';
import type { Mujoco } from './mujoco.ts';
import type { CameraSpec, Image } from './observation.ts';
import type { Physics } from './physics.ts';
import { edgePixels, RayGrid, unit } from './ray-grid.ts';

const SKY = [0.75, 0.85, 0.95] as const;
const AMBIENT = 0.45;

/** Pixels that are refined in one call; MuJoCo wants buffers of exactly the number of rays. */
const EDGES = 128;

/** The one light of every picture. */
export interface Light {
  /** Where the light comes from (need not be normalised), world frame. */
  readonly from: readonly [number, number, number];
  /** Scales the whole picture; 1 is normal. */
  readonly intensity: number;
}

export const DEFAULT_LIGHT: Light = { from: [0.4, -0.3, 1], intensity: 1 };

/** What a fixed number of rays hits. The views are live: valid until the next cast. */
class Hits implements Disposable {
  readonly count: number;
  readonly buffers;

  constructor(mj: Mujoco, count: number) {
    this.count = count;
    this.buffers = {
      geoms: new mj.IntBuffer(count),
      distances: new mj.DoubleBuffer(count),
      normals: new mj.DoubleBuffer(3 * count),
    };
  }

  readonly geoms = (): Int32Array => this.buffers.geoms.GetView() as Int32Array;
  readonly distances = (): Float64Array => this.buffers.distances.GetView() as Float64Array;
  readonly normals = (): Float64Array => this.buffers.normals.GetView() as Float64Array;

  [Symbol.dispose](): void {
    for (const buffer of Object.values(this.buffers)) buffer.delete();
  }
}

/**
 * A pinhole camera on `mj_multiRay`: geom colours under one directional light with Lambert shading, no OpenGL.
 * 64×64 takes about 1.4 ms. It has no shadows, textures or reflections. Owns WASM buffers: dispose once.
 */
export class RayCamera implements Disposable {
  readonly spec: CameraSpec;
  readonly #physics: Physics;
  readonly #light: Light;
  readonly #camera: number;
  readonly #grid: RayGrid;
  /** Finer rays for the edges; null without `antialias`. */
  readonly #fine: RayGrid | null;
  readonly #hits: Hits;
  readonly #fineHits: Hits | null;

  constructor(physics: Physics, spec: CameraSpec, light: Light = DEFAULT_LIGHT) {
    const { mj, model } = physics;
    this.spec = spec;
    this.#physics = physics;
    this.#light = light;
    this.#camera = mj.mj_name2id(model, mj.mjtObj.mjOBJ_CAMERA.value, spec.name);
    if (this.#camera < 0) throw new JepilotError('unknown-name', `the scene has no camera '${spec.name}'`);
    const { width, height, supersample = 1, antialias = 1 } = spec;
    const fovy = (model.cam_fovy as Float64Array)[this.#camera] ?? 45;
    this.#grid = new RayGrid(width * supersample, height * supersample, fovy);
    this.#fine = antialias > 1 ? new RayGrid(width * antialias, height * antialias, fovy) : null;
    this.#hits = new Hits(mj, this.#grid.count);
    this.#fineHits = this.#fine && new Hits(mj, EDGES * antialias * antialias);
  }

  /** The picture of the scene as it stands. */
  render(): Image {
    const { width, height, supersample = 1 } = this.spec;
    this.#look();
    const shades = this.#shade(this.#hits);
    const picture = supersample === 1 ? shades : pool(shades, width, height, supersample);
    if (this.#fine && this.#fineHits) {
      const { geoms, normals } = this.#hits;
      const edges = edgePixels(geoms(), normals(), this.#grid.columns, this.#grid.rows);
      for (let at = 0; at < edges.length; at += EDGES)
        this.#refine(this.#fine, this.#fineHits, edges.slice(at, at + EDGES), picture);
    }
    return { width, height, data: toBytes(picture) };
  }

  /** Distance along each ray in metres, [rows, columns]; Infinity where nothing is hit. */
  depth(): Float32Array {
    this.#look();
    return Float32Array.from(this.#hits.distances(), (d) => (d < 0 ? Infinity : d));
  }

  /** The geom id that each ray hits, [rows, columns]; -1 for the sky. */
  segmentation(): Int32Array {
    this.#look();
    return Int32Array.from(this.#hits.geoms());
  }

  #look(): void {
    this.#cast(this.#grid.directions(this.#pose()), this.#hits);
  }

  /** Replaces the pixels at `edges`, at most EDGES, by the mean of finer rays through them, in place. */
  #refine(fine: RayGrid, hits: Hits, edges: readonly number[], picture: Float32Array): void {
    const { width, antialias: per = 1 } = this.spec;
    const all = fine.directions(this.#pose());
    const directions = new Float64Array(3 * hits.count).fill(1); // unused rays need a direction too
    let to = 0;
    for (const pixel of edges) {
      const corner = per * (Math.floor(pixel / width) * fine.columns + (pixel % width));
      for (let k = 0; k < per * per; k++, to += 3) {
        const from = 3 * (corner + Math.floor(k / per) * fine.columns + (k % per));
        directions.set(all.subarray(from, from + 3), to);
      }
    }
    this.#cast(directions, hits);
    const shades = this.#shade(hits);
    edges.forEach((pixel, i) => {
      for (let c = 0; c < 3; c++) {
        let sum = 0;
        for (let k = 0; k < per * per; k++) sum += shades[3 * (i * per * per + k) + c]!;
        picture[3 * pixel + c] = sum / (per * per);
      }
    });
  }

  #pose(): Float64Array {
    const at = 9 * this.#camera;
    return (this.#physics.data.cam_xmat as Float64Array).slice(at, at + 9);
  }

  #cast(directions: Float64Array, { buffers, count }: Hits): void {
    const { mj, model, data } = this.#physics;
    const at = 3 * this.#camera;
    const origin = Array.from((data.cam_xpos as Float64Array).subarray(at, at + 3));
    mj.mj_multiRay(
      model,
      data,
      origin,
      directions as unknown as number[],
      null as unknown as number[],
      true,
      -1,
      buffers.geoms,
      buffers.distances,
      buffers.normals,
      count,
      1e10,
    );
  }

  /** Linear colours in [0, 255] of what the rays hit, [count, 3]. */
  #shade(hits: Hits): Float32Array {
    const { model } = this.#physics;
    const [geoms, normals, count] = [hits.geoms(), hits.normals(), hits.count];
    const rgba = model.geom_rgba as Float32Array;
    const [lx, ly, lz] = unit(this.#light.from);
    const out = new Float32Array(3 * count);
    const gain = 255 * this.#light.intensity;
    for (let i = 0; i < count; i++) {
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
    this.#hits[Symbol.dispose]();
    this.#fineHits?.[Symbol.dispose]();
  }
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
