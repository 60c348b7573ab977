import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fromWire, toWire, wireAction } from '../../../src/robot/profile/mapping.ts';
import { RobotProfile, actionTypes } from '../../../src/robot/profile/schema.ts';
import { commandMessage, commandNumbers } from '../../../src/robot/ros/commands.ts';
import { messageFault } from '../../../src/robot/ros-simulation/message-shapes.ts';
import { lineProfile } from './line-profile.ts';

const scale = fc.oneof(
  fc.double({ min: 0.01, max: 1000, noNaN: true }),
  fc.double({ min: -1000, max: -0.01, noNaN: true }),
);
const unit = fc.record({ scale, offset: fc.double({ min: -100, max: 100, noNaN: true }) });
const paths = ['linear.x', 'linear.y', 'linear.z', 'angular.x', 'angular.y', 'angular.z'];

/** A velocity robot of 1 to 6 values on any type of command topic of either ROS. */
const profiles = fc
  .record({
    ros: fc.constantFrom(1 as const, 2 as const),
    type: fc.constantFrom(...actionTypes),
    values: fc.array(
      fc.record({
        unit,
        low: fc.double({ min: -5, max: -0.1, noNaN: true }),
        high: fc.double({ min: 0.1, max: 5, noNaN: true }),
      }),
      { minLength: 1, maxLength: 6 },
    ),
    order: fc.shuffledSubarray([0, 1, 2, 3, 4, 5], { minLength: 6 }),
  })
  .map(({ ros, type, values, order }) =>
    RobotProfile.parse({
      ...lineProfile(),
      ros,
      state: [],
      action: {
        topic: '/command',
        type,
        mode: 'velocity',
        values: values.map(({ unit, low, high }, i) => {
          const place = /Array/.test(type)
            ? { index: order[i] }
            : /Twist/.test(type)
              ? { path: paths[order[i]!] }
              : { joint: `j${order[i]}` };
          return { name: `v${i}`, ...place, ...unit, minimum: low, maximum: high };
        }),
      },
    }),
  );
const anyNumbers = fc.array(fc.float(), { minLength: 6, maxLength: 6 });

describe('the mapping of a profile', () => {
  it('leads back to where it came from', () => {
    fc.assert(
      fc.property(unit, fc.double({ min: -1e3, max: 1e3, noNaN: true }), (of, value) => {
        expect(fromWire(toWire(value, of), of)).toBeCloseTo(value, 6);
      }),
    );
  });

  it('never lets a command out of the limits, in the robot’s own units, whatever is planned', () => {
    fc.assert(
      fc.property(profiles, anyNumbers, (profile, numbers) => {
        const { values } = profile.action;
        const action = Float32Array.from(values, (_, i) => numbers[i]!);
        if (!action.every(Number.isFinite)) {
          expect(() => wireAction(profile, action)).toThrow(/out|wire/);
          return;
        }
        wireAction(profile, action).forEach((wire, i) => {
          const ends = [toWire(values[i]!.minimum, values[i]!), toWire(values[i]!.maximum, values[i]!)];
          expect(wire).toBeGreaterThanOrEqual(Math.min(...ends));
          expect(wire).toBeLessThanOrEqual(Math.max(...ends));
        });
      }),
    );
  });

  it('writes messages that ROS takes and from which each number is read back in its place', () => {
    fc.assert(
      fc.property(profiles, (profile) => {
        const action = Float32Array.from(profile.action.values, ({ maximum }, i) => maximum * (i + 1) * 0.1);
        const message: unknown = JSON.parse(
          JSON.stringify(commandMessage(profile, action, { stamp: 1e9 + 0.25, period: 0.02 })),
        );
        expect(messageFault(profile.ros, profile.action.type, message)).toBeNull();
        expect(messageFault(profile.ros === 1 ? 2 : 1, profile.action.type, message) === null).toBe(
          !/Joint|Stamped/.test(profile.action.type),
        );
        expect(commandNumbers(profile.action, message)).toEqual(wireAction(profile, action));
      }),
    );
  });

  it('refuses an action of another length', () => {
    expect(() => wireAction(lineProfile(), new Float32Array(2))).toThrow(
      'action has 2 values; the robot needs 1',
    );
  });
});
