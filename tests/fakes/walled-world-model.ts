import { extent, slice, tensor, type Tensor } from '#src/tensor.js';
import { GAIN, LinearWorldModel } from './linear-world-model.ts';

type Point = readonly [number, number];

/** Where the wall stands; no sum of full steps rounds to it. */
const WALL_X = 1.05;

/** A wall across the straight way: at WALL_X, from y = -`half` to `half`. */
export interface Wall {
  readonly half: number;
}

/** Whether a step would run into the wall. */
export const blocked = ({ half }: Wall, [x, y]: Point, [nextX, nextY]: Point): boolean => {
  if (x < WALL_X === nextX < WALL_X) return false;
  const crossing = y + ((WALL_X - x) / (nextX - x)) * (nextY - y);
  return Math.abs(crossing) <= half;
};

/** The linear world with a wall in it that stops what runs into it. Its time to go knows nothing of the wall. */
export class WalledWorldModel extends LinearWorldModel {
  readonly wall: Wall;

  constructor(wall: Wall, manifest = new LinearWorldModel().manifest) {
    super(manifest);
    this.wall = wall;
  }

  override async predict(latents: Tensor, actions: Tensor): Promise<Tensor> {
    const next = latents.data.slice();
    for (let n = 0; n < extent(latents, 0); n++) {
      const { data } = slice(actions, n, n + 1);
      let at: Point = [next[2 * n]!, next[2 * n + 1]!];
      for (let i = 0; i < data.length; i += 2) {
        const to: Point = [at[0] + GAIN * data[i]!, at[1] + GAIN * data[i + 1]!];
        if (!blocked(this.wall, at, to)) at = to;
      }
      next.set(at, 2 * n);
    }
    return tensor(latents.shape, next);
  }
}
