import { foxglove } from '../../serve/foxglove.ts';
import { openpi } from '../../serve/openpi.ts';
import { robotProtocol } from '../../serve/robot/protocol.ts';
import type { ServeProtocol } from '../../serve/protocol.ts';

/** What `jepilot serve` speaks. */
export const protocols: readonly ServeProtocol[] = [
  openpi,
  robotProtocol,
  foxglove(() => BigInt(Date.now()) * 1_000_000n),
];
