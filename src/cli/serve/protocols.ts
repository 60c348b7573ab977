import { openpi } from '../../serve/openpi.ts';
import { robotProtocol } from '../../serve/robot/protocol.ts';
import type { ServeProtocol } from '../../serve/protocol.ts';

/** What `jepilot serve` speaks. */
export const protocols: readonly ServeProtocol[] = [openpi, robotProtocol];
