/** Version of ROS behind a bridge. */
export type RosVersion = 1 | 2;

/** `sensor_msgs/Image` as that version spells it. */
export const typeName = (ros: RosVersion, type: string): string =>
  ros === 1 ? type : type.replace('/', '/msg/');

/** Any spelling as the short one, so that two can be compared. */
export const shortTypeName = (type: string): string => type.replace('/msg/', '/');

/** Seconds as that version writes a time or duration. */
export function rosTime(ros: RosVersion, seconds: number): Record<string, number> {
  const whole = Math.floor(seconds);
  const nano = Math.min(999_999_999, Math.round((seconds - whole) * 1e9));
  return ros === 1 ? { secs: whole, nsecs: nano } : { sec: whole, nanosec: nano };
}

/** A time of either version in seconds; null for what is none, or is zero, which means that nobody stamped it. */
export function secondsOf(time: unknown): number | null {
  if (typeof time !== 'object' || time === null) return null;
  const { sec, nanosec, secs, nsecs } = time as Record<string, unknown>;
  const [whole, nano] = [sec ?? secs, nanosec ?? nsecs];
  if (typeof whole !== 'number' || typeof nano !== 'number') return null;
  const seconds = whole + nano * 1e-9;
  return Number.isFinite(seconds) && seconds > 0 ? seconds : null;
}

/** ROS 1 servers fill `seq` in themselves; ROS 2 has none. The stamp is always sent: left out, it arrives as zero. */
export const header = (ros: RosVersion, seconds: number, frame: string): Record<string, unknown> => ({
  stamp: rosTime(ros, seconds),
  frame_id: frame,
});

/** The stamp of a message's header, in seconds; null where it has none. */
export function stampOf(message: unknown): number | null {
  const head = fieldAt(message, 'header');
  return secondsOf(fieldAt(head, 'stamp'));
}

/** A message's own field; undefined where there is none. Never one that every object inherits. */
export function fieldAt(message: unknown, key: string): unknown {
  if (typeof message !== 'object' || message === null || !Object.hasOwn(message, key)) return undefined;
  return (message as Record<string, unknown>)[key];
}
