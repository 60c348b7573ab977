import type { ActionType, RobotProfile } from './schema.ts';

/** What a profile's keys say against each other, each with the key to look at. */
export interface Contradiction {
  readonly path: readonly (string | number)[];
  readonly message: string;
}

/** How each kind of message names its numbers. */
const placeOf = {
  'std_msgs/Float64MultiArray': 'index',
  'trajectory_msgs/JointTrajectory': 'joint',
  'sensor_msgs/JointState': 'joint',
  'geometry_msgs/Twist': 'path',
  'geometry_msgs/TwistStamped': 'path',
} as const satisfies Record<ActionType, string>;

const twistPaths = ['linear.x', 'linear.y', 'linear.z', 'angular.x', 'angular.y', 'angular.z'];

/** Empty for a profile that can be used. */
export const contradictionsOf = (profile: RobotProfile): Contradiction[] => [
  ...cameraFaults(profile),
  ...stateFaults(profile),
  ...actionFaults(profile),
  ...duplicates(profile),
];

function cameraFaults({ cameras }: RobotProfile): Contradiction[] {
  return cameras.flatMap(({ source, crop, type, order }, i) => {
    const faults: Contradiction[] = [];
    if (crop && !source)
      faults.push({ path: ['cameras', i, 'crop'], message: 'needs source, the size it is cut from' });
    if (crop && source && (crop.x + crop.width > source.width || crop.y + crop.height > source.height)) {
      const message = `reaches ${crop.x + crop.width}x${crop.y + crop.height}; the source is ${source.width}x${source.height}`;
      faults.push({ path: ['cameras', i, 'crop'], message });
    }
    if (type === 'sensor_msgs/Image' && order === 'bgr')
      faults.push({ path: ['cameras', i, 'order'], message: 'raw pictures say their own encoding' });
    return faults;
  });
}

function stateFaults({ state }: RobotProfile): Contradiction[] {
  return state.flatMap(({ type, values }, i) =>
    values.flatMap((value, k) => {
      const path = ['state', i, 'values', k];
      const wanted = type === 'sensor_msgs/JointState' ? 'joint' : /Array$/.test(type) ? 'index' : 'path';
      return misplaced(path, value, wanted, type);
    }),
  );
}

function actionFaults({ action, state }: RobotProfile): Contradiction[] {
  const { type, mode, values } = action;
  const measures = state.flatMap((source) => source.values.map((value) => value.name));
  const faults = values.flatMap((value, k) => {
    const path = ['action', 'values', k];
    const found = misplaced(path, value, placeOf[type], type);
    if (placeOf[type] === 'path' && value.path !== undefined && !twistPaths.includes(value.path))
      found.push({ path: [...path, 'path'], message: `a twist has ${twistPaths.join(', ')}` });
    if (!(value.minimum < value.maximum))
      found.push({ path: [...path, 'minimum'], message: `is ${value.minimum}, not below ${value.maximum}` });
    if (mode !== 'position' && (value.minimum > 0 || value.maximum < 0))
      found.push({ path: [...path, 'minimum'], message: `0, which holds in ${mode} mode, is out of bounds` });
    if (mode === 'position' && value.measured === undefined)
      found.push({ path, message: 'position mode needs measured: the state value that a command sets' });
    if (mode === 'position' && value.speed === undefined)
      found.push({ path, message: 'position mode needs speed: a target may be no further than it allows' });
    if (value.range && (mode !== 'velocity' || value.measured === undefined))
      found.push({ path: [...path, 'range'], message: 'is of a velocity that names what is measured' });
    if (value.slew !== undefined && mode !== 'effort')
      found.push({ path: [...path, 'slew'], message: `is of an effort, not of a ${mode}` });
    if (value.measured !== undefined && !measures.includes(value.measured))
      found.push({ path: [...path, 'measured'], message: `no state value is called '${value.measured}'` });
    return found;
  });
  if (mode !== 'velocity' && placeOf[type] === 'path')
    faults.push({ path: ['action', 'mode'], message: `a twist is a velocity, not ${mode}` });
  return faults;
}

function misplaced(
  path: readonly (string | number)[],
  value: Partial<Record<'joint' | 'index' | 'path', unknown>>,
  wanted: 'joint' | 'index' | 'path',
  type: string,
): Contradiction[] {
  const given = (['joint', 'index', 'path'] as const).filter((key) => value[key] !== undefined);
  if (given.length === 1 && given[0] === wanted) return [];
  return [{ path, message: `${type} needs ${wanted}; got ${given.join(' and ') || 'none'}` }];
}

/** The same name, or the same place in a message, twice. */
function duplicates({ cameras, state, action }: RobotProfile): Contradiction[] {
  const placeText = ({ joint, index, path }: { joint?: unknown; index?: unknown; path?: unknown }) =>
    JSON.stringify([joint, index, path]);
  const values = state.flatMap((source) => source.values.map((value) => value.name));
  const lists: [string[], (string | number)[], string][] = [
    [cameras.map(({ name }) => name), ['cameras'], 'two cameras have one name'],
    [values, ['state'], 'two state values have one name'],
    [action.values.map(({ name }) => name), ['action', 'values'], 'two values have one name'],
    [action.values.map(placeText), ['action', 'values'], 'two values have one place'],
    [
      [...new Set(allTopics({ cameras, state })), action.topic],
      ['action', 'topic'],
      'the robot is read from this topic',
    ],
  ];
  return lists
    .filter(([names]) => new Set(names).size < names.length)
    .map(([, path, message]) => ({ path, message }));
}

const allTopics = ({ cameras, state }: Pick<RobotProfile, 'cameras' | 'state'>): string[] => [
  ...cameras.map((camera) => camera.topic),
  ...state.map((source) => source.topic),
];
