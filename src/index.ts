/**
 * JEPilot as a library: the contracts that a task, planner, policy, model or robot implements, and the parts that the
 * command line is made of.
 * @module
 */
export { JepilotError, type ErrorCode } from './errors.ts';
export { concat, reshape, slice, tensor, zeros, type Tensor } from './tensor.ts';
export { rngOf, type Rng } from './rng.ts';
export {
  canonicalJson,
  clampAction,
  hashSpec,
  holdAction,
  type ActionMode,
  type ActionSpec,
  type MotionSpec,
} from './spec.ts';

export type { CameraSpec, Image, Observation } from './env/observation.ts';
export type { Environment, EpisodeSpec, Snapshot, TimeStep } from './env/environment.ts';
export type { Behaviour, Configuration, Factor, Task, Track, Variation } from './env/task.ts';
export { distractorFactor, lightFactors } from './env/factors.ts';
export { mujocoEnvironment } from './env/mujoco-environment.ts';
export { Physics } from './env/physics.ts';
export { RayCamera } from './env/ray-camera.ts';

export { ModelManifest } from './world-model/manifest.ts';
export { loadWorldModel } from './world-model/onnx-world-model.ts';
export type {
  ActionPrior,
  CostGradient,
  Evaluation,
  Job,
  ProviderReport,
  WorldModel,
} from './world-model/world-model.ts';

export { ObjectiveSpec } from './planning/objective.ts';
export { optimize } from './planning/optimize.ts';
export { mpcPolicy } from './planning/mpc-policy.ts';
export { openEngine, type Engine } from './planning/engine.ts';
export type { ModelPolicyKind, ModelPolicySetting } from './planning/model-policy.ts';
export type { Plan, PlanEvidence } from './planning/plan.ts';
export type { Planner, PlannerStart, PlanningSpec } from './planning/planner.ts';
export type { Goal, PlanBudget, PlanRequest, Policy } from './planning/policy.ts';

export { controlLoop, type ControlLoop } from './control/control-loop.ts';
export { realClock, virtualClock, type Clock } from './control/clock.ts';
export { runVirtual } from './control/virtual-loop.ts';
export type { CadenceReport } from './control/cadence.ts';
export type { Tick } from './control/tick.ts';
export { SafetyLimits, defaultLimits, taskLimits, tighten } from './safety/limits.ts';
export type { SafetyMode, GuardState } from './safety/guard-state.ts';
export { RunFeed, type RunFeedOptions } from './record/feed/run-feed.ts';
export type { FeedMessage } from './record/feed/message.ts';
export { fileSink, type ByteSink } from './record/mcap/byte-sink.ts';
export { Recorder, type RecorderOptions } from './record/recorder.ts';
export { factsOf, type ResultFacts, type RunFacts } from './record/about.ts';
export { observationOf, readRecording, type Recording } from './record/recording.ts';
export type { Robot, RobotStatus } from './robot/robot.ts';
export { SimulatedRobot } from './robot/simulated-robot.ts';
