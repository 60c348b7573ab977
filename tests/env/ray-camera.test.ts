import { describe, expect, it } from 'vitest';
import { mujoco } from '#src/env/mujoco.js';
import { Physics } from '#src/env/physics.js';
import { RayCamera } from '#src/env/ray-camera.js';
import { edgePixels } from '#src/env/ray-grid.js';

/** A red square on a white floor, seen from straight above: every pixel can be computed by hand. */
const SCENE = `<mujoco><worldbody>
  <camera name="top" pos="0 0 2" fovy="53.13010235415598"/>
  <geom name="floor" type="plane" size="9 9 .1" rgba="1 1 1 1"/>
  <geom name="box" type="box" pos="0.5 0.5 0.5" size="0.25 0.25 0.5" rgba="1 0 0 1"/>
</worldbody></mujoco>`;

const UP = { from: [0, 0, 1] as const, intensity: 1 };

async function withCamera<T>(
  spec: { width: number; height: number; supersample?: number; antialias?: number },
  look: (c: RayCamera, p: Physics) => T,
) {
  using physics = new Physics(await mujoco(), SCENE);
  using camera = new RayCamera(physics, { name: 'top', ...spec }, UP);
  return look(camera, physics);
}

describe('ray camera', () => {
  it('puts +x right and +y up, and shades a face that meets the light in its own colour', async () => {
    const image = await withCamera({ width: 8, height: 8 }, (c) => c.render());
    const pixel = (column: number, row: number) => [
      ...image.data.subarray(3 * (8 * row + column), 3 * (8 * row + column) + 3),
    ];
    // The top face at height 1 spans 0.25..0.75 of a half-width of 0.5 · 1: columns 6 and 7, rows 0 and 1.
    expect(pixel(6, 1)).toEqual([255, 0, 0]);
    expect(pixel(7, 0)).toEqual([255, 0, 0]);
    expect(pixel(0, 7)).toEqual([255, 255, 255]);
    expect(pixel(1, 1)).toEqual([255, 255, 255]);
  });

  it('measures depth along the ray and names the geom that it hits', async () => {
    const { depth, ids, box } = await withCamera({ width: 9, height: 9 }, (c, p) => ({
      depth: c.depth(),
      ids: c.segmentation(),
      box: p.mj.mj_name2id(p.model, p.mj.mjtObj.mjOBJ_GEOM.value, 'box'),
    }));
    expect(depth[4 * 9 + 4]).toBeCloseTo(2, 6);
    expect(ids[1 * 9 + 7]).toBe(box);
    expect(depth[1 * 9 + 7]!).toBeCloseTo(Math.hypot(1, (6 / 9) * 0.5, (6 / 9) * 0.5), 5);
  });

  it('averages rays when supersampling, and renders any size', async () => {
    const fine = await withCamera({ width: 5, height: 3, supersample: 2 }, (c) => c.render());
    expect(fine.data).toHaveLength(45);
    const edge = await withCamera({ width: 7, height: 7, supersample: 2 }, (c) => c.render());
    const values = new Set(Array.from({ length: 49 }, (_, i) => edge.data[3 * i + 1]));
    expect([...values].some((v) => v! > 0 && v! < 255)).toBe(true);
  });

  it('refines edges to what supersampling everything shows, and leaves the rest as it is', async () => {
    const size = { width: 16, height: 16 };
    const [plain, all, edges] = [
      await withCamera(size, (c) => c.render().data),
      await withCamera({ ...size, supersample: 2 }, (c) => c.render().data),
      await withCamera({ ...size, antialias: 2 }, (c) => c.render().data),
    ];
    expect([...edges]).toEqual([...all]);
    expect([...edges]).not.toEqual([...plain]);
  });

  it('takes a crease between two faces of one box for an edge', () => {
    const up = [0, 0, 1];
    const side = [1, 0, 0];
    const normals = Float64Array.from([up, up, side, side].flat());
    expect(edgePixels(Int32Array.of(5, 5, 5, 5), normals, 4, 1)).toEqual([1, 2]);
    expect(edgePixels(Int32Array.of(5, 5, 7, 7), Float64Array.from([up, up, up, up].flat()), 4, 1)).toEqual([
      1, 2,
    ]);
    expect(edgePixels(Int32Array.of(-1, -1, -1, -1), new Float64Array(12), 4, 1)).toEqual([]);
  });

  it('refuses a camera that the scene does not have', async () => {
    using physics = new Physics(await mujoco(), SCENE);
    expect(() => new RayCamera(physics, { name: 'side', width: 4, height: 4 })).toThrow(/no camera 'side'/);
  });

  it('says what is wrong with a scene', async () => {
    const mj = await mujoco();
    expect(() => new Physics(mj, '<mujoco><worldbody><geom type="blob"/></worldbody></mujoco>')).toThrow(
      /MuJoCo rejects/,
    );
  });
});
