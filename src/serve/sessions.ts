import type { Observable } from 'rxjs';
import type { CameraSpec } from '../env/observation.ts';
import type { SceneGoal } from '../env/scene-goal.ts';
import type { Plan } from '../planning/plan.ts';
import type { Goal, PlanRequest } from '../planning/policy.ts';
import type { PlanningOverrides } from '../planning/settings.ts';
import type { ActionSpec } from '../spec.ts';
import type { ModelManifest } from '../world-model/manifest.ts';
import type { Tick } from '../control/tick.ts';
import type { Order, RobotReport } from './events.ts';

/** What is to be reached, as a peer may say it; the server turns it into a picture or a latent. Scenes are those of the session's task. */
export type GoalRequest =
  | Goal
  | SceneGoal
  /** The picture of control step `step` in a recording that the server has. */
  | { readonly kind: 'frame'; readonly recording: string; readonly step: number };

/** How a peer asks for a session. */
export interface SessionRequest {
  /** What the robot calls itself. */
  readonly robot: string;
  /** Name of the protocol, and of the connection that it came by. */
  readonly protocol: string;
  readonly peer: string;
  /** Default: the first task that is served. */
  readonly task?: string | undefined;
  /** Changes to the model's own planning settings, the planner among them. */
  readonly settings?: PlanningOverrides | undefined;
}

/** What a session is. */
export interface SessionInfo {
  readonly id: string;
  readonly robot: string;
  readonly protocol: string;
  readonly peer: string;
  readonly task: string;
  readonly planner: string;
  readonly model: ModelManifest;
  readonly actionSpec: ActionSpec;
  readonly stateNames: readonly string[];
  readonly cameras: readonly CameraSpec[];
  /** Seconds per control step. */
  readonly controlPeriod: number;
  /** Control steps of observations that a plan request should carry. */
  readonly window: number;
  /** Rows of a plan that starts at once: control steps of the horizon. */
  readonly rows: number;
  /** Control steps between plans. */
  readonly replanInterval: number;
  /** Iterations of a search, unless a request says otherwise. */
  readonly iterations: number;
}

export interface ServedPlan {
  readonly plan: Plan;
  /** Milliseconds that it waited for the engine. */
  readonly queueMs: number;
  /** The model's calibrated verdict on the newest observation; null where the model has no threshold. */
  readonly reached: boolean | null;
}

/**
 * One robot's planning, with its goal and warm start; it outlives the engine that it runs on. Every call may reject with
 * `provider` while an engine is being replaced: hold, and ask again with a newer observation.
 */
export interface PlanningSession extends AsyncDisposable {
  readonly info: SessionInfo;
  /** Begins an episode: forgets the warm start and the goals that wait. */
  reset(episode: { seed: number; goal: GoalRequest }): Promise<void>;
  /** Changes the goal of the running episode, at once or when the present one is reached. */
  setGoal(goal: GoalRequest, when: 'now' | 'next'): Promise<void>;
  /** One at a time: a second call before the first has ended is `bad-state`. */
  plan(request: PlanRequest): Promise<ServedPlan>;
  /** Changes planning settings from the next plan on. `out-of-range` and `invalid-value` leave everything as it is. */
  configure(settings: PlanningOverrides): Promise<void>;
  /** What the robot did or says, for those who watch. */
  tick(tick: Tick): void;
  report(report: RobotReport): void;
  /** Orders of operators, for the protocol to pass on to the robot. */
  readonly order$: Observable<Order>;
  order(order: Order, by: string): void;
  /** Ends the session; `reason` is shown. Disposing does the same. */
  close(reason: string): Promise<void>;
}

/** The planning sessions of a server. */
export interface Sessions {
  /** Rejects with `unknown-name` for a task or planner that is not served, `refused` when there are as many as may be. */
  open(request: SessionRequest): Promise<PlanningSession>;
  /** Those that are open, oldest first. */
  list(): readonly PlanningSession[];
}
