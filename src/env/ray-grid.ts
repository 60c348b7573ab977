/** A pinhole camera's rays, one through each pixel centre; turned into the world only when the camera has turned. */
export class RayGrid {
  readonly columns: number;
  readonly rows: number;
  readonly count: number;
  readonly #rays: Float64Array;
  readonly #directions: Float64Array;
  #pose = new Float64Array(9);

  /** @param fovy - vertical field of view, degrees */
  constructor(columns: number, rows: number, fovy: number) {
    this.columns = columns;
    this.rows = rows;
    this.count = columns * rows;
    this.#rays = pinholeRays(columns, rows, fovy);
    this.#directions = new Float64Array(3 * this.count);
  }

  /** Unit directions in the world, [rows, columns, 3], of a camera with rotation `pose` [9]; valid until the next call. */
  directions(pose: Float64Array): Float64Array {
    if (pose.some((value, i) => value !== this.#pose[i])) {
      rotate(this.#rays, pose, this.#directions);
      this.#pose = pose.slice();
    }
    return this.#directions;
  }
}

/** Cosine of the angle between neighbouring normals below which they belong to different faces. */
const CREASE = 0.9;

/**
 * Pixels next to one that shows another geom or another face, as indices into [rows, columns].
 * @param geoms - geom of each pixel
 * @param normals - surface normal of each pixel, [rows, columns, 3]
 */
export function edgePixels(
  geoms: Int32Array,
  normals: Float64Array,
  columns: number,
  rows: number,
): number[] {
  const edge = new Uint8Array(columns * rows);
  const compare = (a: number, b: number): void => {
    const cosine =
      normals[3 * a]! * normals[3 * b]! +
      normals[3 * a + 1]! * normals[3 * b + 1]! +
      normals[3 * a + 2]! * normals[3 * b + 2]!;
    const same = geoms[a] === geoms[b] && (geoms[a]! < 0 || cosine > CREASE);
    if (!same) edge[a] = edge[b] = 1;
  };
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      const at = row * columns + column;
      if (column + 1 < columns) compare(at, at + 1);
      if (row + 1 < rows) compare(at, at + columns);
      if (row + 1 < rows && column + 1 < columns) compare(at, at + columns + 1);
      if (row + 1 < rows && column > 0) compare(at, at + columns - 1);
    }
  }
  return Array.from(edge.keys()).filter((at) => edge[at] === 1);
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

export function unit([x, y, z]: readonly [number, number, number]): [number, number, number] {
  const length = Math.hypot(x, y, z);
  return [x / length, y / length, z / length];
}
