import { filter, firstValueFrom, map, race, timer } from 'rxjs';
import type { Clock } from '../../control/clock.ts';
import type { RobotProfile } from '../profile/schema.ts';
import { stateNames } from '../profile/mapping.ts';
import { type BridgeConnection, topicsOf } from './connection.ts';
import type { RosbridgeRobot } from './rosbridge-robot.ts';
import type { TopicReport } from './topic-watch.ts';

/** One thing that was looked at. What is `wrong` forbids arming; a `note` is worth a thought. */
export interface Check {
  readonly name: string;
  readonly verdict: 'good' | 'note' | 'wrong';
  readonly detail: string;
}

/** Seconds of data on time that a robot must show before it may move. */
export const STEADY = 1;

/** Topics that the bridge knows, with their types; null where no rosapi answers within a second. */
async function knownTopics(connection: BridgeConnection): Promise<Map<string, string> | null> {
  const answer = connection.answer$.pipe(
    filter((given) => given.id === id),
    map(({ result, values }) => (result ? topicsOf(values) : null)),
  );
  const known = firstValueFrom(race(answer, timer(1000).pipe(map(() => null))));
  const id = connection.call('/rosapi/topics');
  return known;
}

/**
 * Listens for some seconds and tells what is there: the bridge, the topics with their rates and ages, the state, who else
 * commands. Sends nothing that moves.
 */
export async function preflight(
  robot: RosbridgeRobot,
  connection: BridgeConnection,
  profile: RobotProfile,
  clock: Clock,
  seconds: number,
): Promise<Check[]> {
  const known = await knownTopics(connection);
  const before = robot.report();
  await firstValueFrom(clock.ticks$(seconds).pipe(filter(({ index }) => index >= 1)));
  const { topics, answerSeconds, foreign } = robot.report();
  const quick = answerSeconds.toSorted((a, b) => a - b)[Math.floor(answerSeconds.length / 2)];
  return [
    quick === undefined
      ? wrong('bridge', `no answer to ${profile.heartbeat.service}: it may hear nothing`)
      : good('bridge', `answers within ${ms(quick)} (median of ${answerSeconds.length})`),
    ...topics.map((topic, i) =>
      topicCheck(topic, topic.messages - (before.topics[i]?.messages ?? 0), profile),
    ),
    stateCheck(robot, profile),
    commandCheck(profile, known, foreign),
    ...(profile.emergencyStop ? [stopCheck(robot, profile.emergencyStop.topic, known)] : []),
  ];
}

const good = (name: string, detail: string): Check => ({ name, verdict: 'good', detail });
const note = (name: string, detail: string): Check => ({ name, verdict: 'note', detail });
const wrong = (name: string, detail: string): Check => ({ name, verdict: 'wrong', detail });
const ms = (seconds: number): string => `${(seconds * 1000).toPrecision(3)} ms`;

function topicCheck(report: TopicReport, lately: number, { rate, cameras }: RobotProfile): Check {
  const { topic, type, hz, age, maxAge, refused, fault, messages } = report;
  const why = fault === null ? '' : `; ${refused} refused: ${fault}`;
  if (messages === 0)
    return wrong(topic, `nothing arrives (${type}): is it published, and is that its type?`);
  if (age === null) return wrong(topic, `${messages} messages, none usable${why}`);
  if (lately === 0 || age > maxAge)
    return wrong(topic, `the last message is ${ms(age)} old; ${ms(maxAge)} are allowed${why}`);
  const camera = cameras.find((found) => found.topic === topic);
  const size = camera ? ` → '${camera.name}' ${camera.size.width}x${camera.size.height}` : '';
  const text = `${hz?.toFixed(1) ?? '?'} Hz, ${ms(age)} old${size}${why}`;
  if (refused > 0) return note(topic, text);
  return hz !== null && hz < 0.8 * rate
    ? note(topic, `${text}; slower than the ${rate} Hz of control`)
    : good(topic, text);
}

function stateCheck(robot: RosbridgeRobot, profile: RobotProfile): Check {
  const { state } = robot;
  const names = stateNames(profile);
  if (!state) return wrong('state', `unknown; the profile wants ${names.join(', ')}`);
  const values = names.map((name, i) => `${name}=${Number((state[i] ?? NaN).toPrecision(4))}`);
  if (names.length === 0) return good('state', 'the profile names none');
  const outside = profile.action.values.filter(({ measured, minimum, maximum }) => {
    const value = measured === undefined ? undefined : state[names.indexOf(measured)];
    return value !== undefined && !(value >= minimum && value <= maximum);
  });
  if (profile.action.mode !== 'position' || outside.length === 0) return good('state', values.join(' '));
  return wrong('state', `${values.join(' ')}: out of bounds: ${outside.map(({ name }) => name).join(', ')}`);
}

function commandCheck(
  { action }: RobotProfile,
  known: ReadonlyMap<string, string> | null,
  foreign: number,
): Check {
  const { topic, type, values, mode } = action;
  const ranges = values.map(({ name, minimum, maximum }) => `${name} ${minimum} to ${maximum}`).join(', ');
  if (foreign > 0) return wrong(topic, `somebody else commands it: ${foreign} messages`);
  const found = known?.get(topic);
  if (found !== undefined && found !== type)
    return wrong(topic, `is ${found}; the profile says ${type}: every command would be refused in silence`);
  if (known && found === undefined) return note(topic, `nobody knows it yet: does a controller listen?`);
  const seen = found === undefined ? '; no rosapi to ask for its type' : '';
  return good(topic, `${type}, ${mode}: ${ranges}${seen}`);
}

function stopCheck(robot: RosbridgeRobot, topic: string, known: ReadonlyMap<string, string> | null): Check {
  if (robot.condition$.value.kind === 'emergency') return wrong(topic, 'the emergency stop is pressed');
  if (known && !known.has(topic))
    return note(topic, 'nobody knows it: no emergency stop will come from here');
  return good(topic, 'not pressed');
}
