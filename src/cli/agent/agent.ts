import { FIRST_EVALUATION_SEED } from '../../env/episode.ts';
import type { Vigilance } from '../../control/vigilance.ts';
import type { Environment } from '../../env/environment.ts';
import { mujocoEnvironment } from '../../env/mujoco-environment.ts';
import type { Observation } from '../../env/observation.ts';
import { standardTrack, type Task } from '../../env/task.ts';
import { JepilotError } from '../../errors.ts';
import type { PlanningOverrides } from '../../planning/settings.ts';
import { JsonLines } from '../../record/json-lines.ts';
import { RemotePlanner } from '../../robot/remote/remote-planner.ts';
import type { SafetyLimits } from '../../safety/limits.ts';
import { actionOf } from '../../wire/robot-conversions.ts';
import { ROBOT_MAX_PAYLOAD, ROBOT_SUBPROTOCOL } from '../../wire/robot-messages.ts';
import { Listener } from '../../wire/listen.ts';
import { dial, realPulse } from '../../wire/web-socket-channel.ts';
import { goalOf } from '../run/goal.ts';
import { warmUp } from '../run/warm-up.ts';
import { playAgent } from './episode.ts';
import { obey, readOrders } from './operator.ts';
import { recordEpisode } from './recording.ts';
import { AgentReport, type AgentResult } from './report.ts';
import { Supervisor } from './supervisor.ts';

/** What an agent was told; all of it settled. */
export interface AgentOptions {
  /** Where the planning end is; null where it comes to the robot. */
  readonly server: string | null;
  /** Port on which the robot waits for a planning end, where `server` is null. */
  readonly listen: number;
  readonly robot: string;
  readonly token: string | undefined;
  readonly ca: string | undefined;
  readonly seed: number | undefined;
  readonly episodes: number;
  readonly track: string | undefined;
  readonly set: Readonly<Record<string, number>>;
  /** Pictures to be reached one after another; the episode's own goal where there are none. */
  readonly goals: readonly string[];
  /** End when the model takes the last goal for reached. */
  readonly untilReached: boolean;
  /** Hold while the model is surprised or unsure beyond its calibrated limits. */
  readonly guard: boolean;
  readonly settings: PlanningOverrides;
  readonly latency: number;
  readonly rate: number | undefined;
  readonly deadline: number | undefined;
  readonly toEnd: boolean;
  readonly limits: SafetyLimits;
  readonly planTimeout: number;
  readonly reconnect: number | undefined;
  readonly operator: boolean;
  readonly remoteOrders: boolean;
  /** File for changes of the envelope, a JSON line each. */
  readonly events: string | undefined;
  /** Folder to record episodes to. */
  readonly record: string | undefined;
  readonly command: string;
  readonly signal: AbortSignal;
  /** A second interruption. */
  readonly emergency: AbortSignal;
}

/** Seconds that the planning end may take to open a session: it may have to start an engine. */
const PATIENCE = 60;

const wire = { subprotocol: ROBOT_SUBPROTOCOL, maxPayload: ROBOT_MAX_PAYLOAD };

const openPlanner = (
  task: Task,
  period: number,
  options: AgentOptions,
  listener: Listener | null,
): Promise<RemotePlanner> =>
  RemotePlanner.open({
    connect: () =>
      listener?.accept() ??
      dial({ ...wire, url: options.server ?? '', token: options.token, ca: options.ca, timeout: 5 }),
    robot: {
      robot: options.robot,
      task: task.name,
      action: actionOf(task.actionSpec),
      controlPeriod: period,
      heartbeat: options.limits.heartbeat,
      settings: options.settings,
    },
    pulse: realPulse,
    timeout: PATIENCE,
    planTimeout: options.planTimeout,
    // Who waits for a planning end waits for the next one too.
    reconnect: options.reconnect ?? (listener ? 0.5 : undefined),
  });

/** What is to be reached, the first one first. */
function goalsOf(
  environment: Environment,
  files: readonly string[],
): readonly [Observation, ...Observation[]] {
  const [first, ...rest] = files;
  return [goalOf(environment, first), ...rest.map((file) => goalOf(environment, file))];
}

/** The model's calibrated limits, as the planning end told them. */
function vigilanceOf({ welcome }: RemotePlanner): Vigilance {
  const { surprise, disagreement } = welcome?.calibration ?? { surprise: null, disagreement: null };
  if (surprise === null && disagreement === null)
    throw new JepilotError(
      'invalid-value',
      '--guard needs a calibrated model; the server’s has no calibration',
    );
  return { ...(surprise !== null && { surprise }), ...(disagreement !== null && { disagreement }) };
}

/** Plays episodes of a task as a robot that is planned for elsewhere. */
export async function runAgent(task: Task, options: AgentOptions): Promise<AgentResult> {
  const { seed = FIRST_EVALUATION_SEED, track = standardTrack(task).name, signal } = options;
  const rate = options.rate ?? 1 / task.controlPeriod;
  const spec = (i: number) => ({ seed: seed + i, track, variation: options.set });
  using environment = await mujocoEnvironment(task);
  environment.reset(spec(0));
  warmUp(environment, spec(0));
  using events = options.events === undefined ? null : new JsonLines(options.events);
  await using listener =
    options.server === null ? await Listener.open({ ...wire, port: options.listen }) : null;
  if (listener) process.stderr.write(`waiting for a planning end at ${listener.url}\n`);
  await using planner = await openPlanner(task, 1 / rate, options, listener);
  const report = new AgentReport(task, planner, events, options.goals.length === 0);
  planner.news$.subscribe((news) => report.say(news));
  for (let i = 0; i < options.episodes && !signal.aborted && !report.failed; i++) {
    environment.reset(spec(i));
    const [goal, ...further] = goalsOf(environment, options.goals);
    const about = { task, environment, episode: spec(i), planner, rate, command: options.command };
    await using recording = await recordEpisode(about, options);
    const supervisor = new Supervisor(!options.operator && options.server !== null);
    const quit = new AbortController();
    const orders = options.operator ? readOrders(supervisor, () => quit.abort()) : null;
    if (options.operator)
      supervisor.refused$.subscribe((lacking) => report.say(`not armed: ${lacking.join('; ')}`));
    const remote = planner.order$.subscribe((order) =>
      obey(supervisor, order, options.operator || options.remoteOrders),
    );
    const onEmergency = () => supervisor.order({ kind: 'estop' });
    options.emergency.addEventListener('abort', onEmergency);
    report.begin(supervisor);
    const end = await playAgent({
      ...options,
      environment,
      episode: spec(i),
      goal,
      further,
      vigilance: options.guard ? vigilanceOf(planner) : {},
      planner,
      supervisor,
      rate,
      replanInterval: options.settings.replanInterval ?? planner.replanInterval,
      iterations: options.settings.iterations ?? planner.iterations,
      stopOnSuccess: !options.toEnd && options.goals.length === 0,
      endOnStop: !options.operator && !options.remoteOrders,
      signal: AbortSignal.any([signal, quit.signal]),
      watch: report,
      recording,
    });
    const { stop, cadence, ...outcome } = end;
    const cut = stop.cause === 'ended' || stop.cause === 'reached' ? undefined : stop.reason;
    await recording?.finish({ ...outcome, stop: { cause: stop.cause, reason: stop.reason }, cadence }, cut);
    report.end(spec(i).seed, end);
    options.emergency.removeEventListener('abort', onEmergency);
    remote.unsubscribe();
    orders?.[Symbol.dispose]();
  }
  return report.result();
}
