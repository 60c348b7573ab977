import { JepilotError } from '../../errors.ts';
import { actionSpecOf } from '../../robot/profile/mapping.ts';
import type { RobotProfile } from '../../robot/profile/schema.ts';
import type { ModelManifest } from '../../world-model/manifest.ts';
import { readManifest } from '../../world-model/model-files.ts';
import { modelFolder } from '../models.ts';
import { openRemote } from '../remote.ts';
import { modelFreePolicy } from '../planners.ts';
import {
  choosePlanning,
  openModelInWorker,
  type OpenPlanning,
  type PlanningChoice,
  type PlanningRequest,
} from '../planning.ts';

/** Settles who plans for a robot that is known by its profile. Opens nothing. */
export async function chooseForRobot(
  profile: RobotProfile,
  request: PlanningRequest,
): Promise<PlanningChoice> {
  const target = {
    name: profile.name,
    actionSpec: actionSpecOf(profile),
    cameras: profile.cameras.map(({ name, size }) => ({ name, ...size })),
  };
  if (request.policy !== undefined) return choosePlanning(target, request);
  const free = request.planner === undefined ? undefined : modelFreePolicy(request.planner);
  if (free?.sees === 'simulator') {
    const message = `policy '${free.kind.name}' sees the simulator's state; a robot has none: use --planner icem`;
    throw new JepilotError('invalid-value', message);
  }
  if (free) return choosePlanning(target, request);
  const wanted = request.model ?? profile.model;
  if (wanted === undefined)
    throw new JepilotError(
      'invalid-value',
      `profile '${profile.name}' names no model: name one with --model`,
    );
  const folder = await modelFolder(profile.name, wanted);
  const manifest = await readManifest(folder);
  checkFits(profile, manifest);
  return choosePlanning({ ...target, name: manifest.task }, { ...request, model: folder });
}

/** A model plans for a robot whose actions and pictures are the ones that it was trained on. */
function checkFits({ name, action, cameras }: RobotProfile, manifest: ModelManifest): void {
  const got = action.values.length;
  if (got !== manifest.action.dim) {
    const wanted = `model '${manifest.name}' has ${manifest.action.dim} actions`;
    throw new JepilotError('bad-model', `${wanted}; profile '${name}' names ${got} in action.values`);
  }
  for (const wanted of manifest.cameras) {
    const found = cameras.find((camera) => camera.name === wanted.name)?.size;
    if (found?.width === wanted.width && found.height === wanted.height) continue;
    const size = found
      ? `of ${found.width}x${found.height}`
      : `only ${cameras.map((c) => c.name).join(', ')}`;
    throw new JepilotError(
      'bad-model',
      `model '${manifest.name}' needs camera '${wanted.name}' of ${wanted.width}x${wanted.height}; profile '${name}' has ${size}`,
    );
  }
}

/** Opens what was settled. */
export async function openForRobot(
  profile: RobotProfile,
  request: PlanningRequest,
  choice: PlanningChoice,
): Promise<OpenPlanning> {
  const actionSpec = actionSpecOf(profile);
  if (request.policy !== undefined) return openRemote({ actionSpec }, request.policy, request.overrides);
  if (choice.model) return openModelInWorker({ actionSpec }, request, choice);
  const free = modelFreePolicy(choice.planner);
  if (free?.sees !== 'robot')
    throw new JepilotError('bad-state', `policy '${choice.planner}' is for no robot`);
  const policy = free.kind.create({ actionSpec, rows: 2 * choice.replanInterval });
  return { policy, provider: null, [Symbol.asyncDispose]: () => policy[Symbol.asyncDispose]() };
}
