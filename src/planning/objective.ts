import { z } from 'zod';

/**
 * What a plan should minimise, as data: it crosses threads and wires, names results, and fuses into a graph.
 * `sum` weighs the horizon's steps with weights that rise from 0.3 to 1 and sum to one; `terminal` takes the last step.
 * `metric` is the model's time to go in model steps, `latent` the mean squared distance of latents to the goal's,
 * `actionChange` the mean squared change between successive raw actions in units of their standard deviation.
 */
export type ObjectiveSpec =
  | { readonly kind: 'metric' | 'latent'; readonly over: 'sum' | 'terminal' }
  | { readonly kind: 'disagreement' }
  | { readonly kind: 'actionChange' }
  | { readonly kind: 'weighted'; readonly terms: readonly (readonly [number, ObjectiveSpec])[] };

export const ObjectiveSpec: z.ZodType<ObjectiveSpec> = z.lazy(() =>
  z.discriminatedUnion('kind', [
    z.strictObject({ kind: z.enum(['metric', 'latent']), over: z.enum(['sum', 'terminal']) }),
    z.strictObject({ kind: z.literal('disagreement') }),
    z.strictObject({ kind: z.literal('actionChange') }),
    z.strictObject({
      kind: z.literal('weighted'),
      terms: z
        .array(z.tuple([z.number(), ObjectiveSpec]))
        .min(1)
        .readonly(),
    }),
  ]),
);
