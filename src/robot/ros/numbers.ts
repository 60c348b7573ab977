import { JepilotError } from '../../errors.ts';
import { fromWire } from '../profile/mapping.ts';
import type { StateProfile, StateValue } from '../profile/schema.ts';
import { fieldAt } from './types.ts';

/** Longer lists are no robot's. */
const LONGEST = 4096;

/**
 * The numbers that a state message carries, in our units and the profile's order. Throws `invalid-value` that names
 * topic and value where one is missing or not finite: a robot whose state is unknown is not driven.
 */
export function readState(source: StateProfile, message: unknown): number[] {
  return source.values.map((value) => {
    const wire = locate(value, message);
    const number = typeof wire === 'number' ? fromWire(wire, value) : NaN;
    if (Number.isFinite(number)) return number;
    const got = wire === undefined ? 'nothing' : JSON.stringify(wire).slice(0, 40);
    throw new JepilotError(
      'invalid-value',
      `${source.topic} has no number for '${value.name}' (${placeText(value)}); got ${got}`,
    );
  });
}

const placeText = ({ joint, field, index, path }: StateValue): string =>
  joint !== undefined ? `${field} of joint '${joint}'` : index !== undefined ? `data[${index}]` : path!;

function locate({ joint, field, index, path }: StateValue, message: unknown): unknown {
  if (joint !== undefined) return ofJoint(message, joint, field);
  if (index !== undefined) return listAt(message, 'data')?.[index];
  return path === undefined ? undefined : path.split('.').reduce(fieldAt, message);
}

/** By name: publishers order joints as they like, and may leave lists empty. */
function ofJoint(message: unknown, joint: string, field: string): unknown {
  const at = listAt(message, 'name')?.indexOf(joint) ?? -1;
  return at < 0 ? undefined : listAt(message, field)?.[at];
}

export function listAt(message: unknown, key: string): readonly unknown[] | undefined {
  const list = fieldAt(message, key);
  return Array.isArray(list) && list.length <= LONGEST ? (list as unknown[]) : undefined;
}
