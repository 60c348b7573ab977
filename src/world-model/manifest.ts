import { z } from 'zod';
import { ObjectiveSpec } from '../planning/objective.ts';

const GraphFile = z.strictObject({
  file: z.string().regex(/^[\w.-]+$/),
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
});
const positive = z.int().positive();

/** The set-up that a model plans with unless told otherwise. */
const PlanningDefaults = z.strictObject({
  planner: z.string(),
  horizon: positive,
  samples: positive,
  iterations: positive,
  elites: positive,
  /** Control steps between plans. */
  replanInterval: positive,
  objective: ObjectiveSpec,
  /** Candidates of the first population that the action prior proposes; none where it is left out. */
  priorProposals: z.int().nonnegative().optional(),
});

/** Thresholds measured on held-out episodes, and how often they are wrong there. */
const Calibration = z.strictObject({
  /** Surprise above which something happened that the model does not know; how many teleports that finds. */
  surprise: z.strictObject({
    threshold: z.number(),
    falseAlarmRate: z.number(),
    teleportDetection: z.number(),
  }),
  /** Disagreement above which the ensemble has not seen the like. */
  disagreement: z.strictObject({ threshold: z.number(), falseAlarmRate: z.number() }).optional(),
  /** The goal counts as reached once the time to go stays below `threshold` for `dwell`; both in control steps. */
  reached: z
    .strictObject({
      threshold: z.number(),
      dwell: z.number(),
      falseStopRate: z.number(),
      hitRate: z.number(),
    })
    .optional(),
});

/** `manifest.json` of a model folder: everything that a runtime has to know, checked against the graphs at load. */
export const ModelManifest = z.strictObject({
  format: z.literal('jepilot-model/1'),
  name: z.string(),
  task: z.string(),
  description: z.string(),
  cameras: z.array(z.strictObject({ name: z.string(), width: positive, height: positive })).length(1),
  /** The encoder sees `frames` pictures, `stride` control steps apart; the newest is the present. */
  history: z.strictObject({ frames: positive, stride: positive }),
  /** A model action is `repeat` raw actions of `dim` values, each normalised as (a - mean) / std. */
  action: z.strictObject({
    dim: positive,
    repeat: positive,
    mean: z.array(z.number()),
    std: z.array(z.number().positive()),
    minimum: z.array(z.number()),
    maximum: z.array(z.number()),
  }),
  latentDim: positive,
  /** The predictor sees up to `context` latents, one model step apart, and the actions between; 1 where it is left out. */
  predictor: z.strictObject({ context: positive }).optional(),
  graphs: z.strictObject({
    encoder: GraphFile,
    step: GraphFile,
    /** What a predictor makes of an action whatever the latents are, for `window`. */
    action: GraphFile.optional(),
    /** The predictor position by position of its context, so that no part of it is computed twice. */
    window: GraphFile.optional(),
    metric: GraphFile.optional(),
    metricGoal: GraphFile.optional(),
    probe: GraphFile.optional(),
    /** Goal-conditioned action prior: latent, goal → mean, std of the next normalised model action. */
    prior: GraphFile.optional(),
    /** Ensemble of predictors: latent, action → disagreement. */
    ensemble: GraphFile.optional(),
    /** The default objective of plans of `planning.horizon` steps, and its gradient. */
    gradient: GraphFile.optional(),
  }),
  /**
   * `embedding`: ‖φ(z) − ψ(g)‖ with ψ = φ unless directed; `product`: softplus ⟨φ(z), ψ(g)⟩, always directed;
   * `pair`: d(z, g). In model steps.
   */
  metric: z
    .strictObject({ kind: z.enum(['embedding', 'product', 'pair']), directed: z.boolean(), dim: positive })
    .nullable(),
  planning: PlanningDefaults,
  golden: GraphFile,
  /** What the training data covers: for each factor the bounds of its ranges, [low, high, low, high, …]. */
  coverage: z.record(z.string(), z.array(z.number())),
  diagnostics: z.record(z.string(), z.number()),
  calibration: Calibration.optional(),
  provenance: z.strictObject({
    revision: z.string(),
    command: z.string(),
    config: z.record(z.string(), z.unknown()),
    data: z.strictObject({
      sha256: z.string(),
      episodes: z.number(),
      steps: z.number(),
      seed: z.number(),
      command: z.string(),
    }),
    seconds: z.number(),
    device: z.string(),
    machine: z.string(),
    date: z.string(),
    torch: z.string(),
  }),
});
export type ModelManifest = z.infer<typeof ModelManifest>;

/** Most latents that the predictor of a model sees. */
export const contextOf = ({ predictor }: ModelManifest): number => predictor?.context ?? 1;
