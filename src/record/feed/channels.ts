import { z } from 'zod';
import {
  ActionBody,
  EventBody,
  ImageBody,
  LinkBody,
  PlanBody,
  ProgressBody,
  real,
  StateBody,
  type Bodies,
} from './bodies.ts';

export type ChannelKind = keyof Bodies;

/** What a viewer needs to know of messages of one kind. */
export interface ChannelSchema {
  readonly schemaName: string;
  /** JSON Schema, as text. */
  readonly schema: string;
}

/** What is left out first when a disk or a viewer can't keep up; events never are. */
export type Importance = 'image' | 'data' | 'event';

const bodies = {
  state: { schemaName: 'foxglove.JointStates', body: StateBody, importance: 'data' },
  image: { schemaName: 'foxglove.CompressedImage', body: ImageBody, importance: 'image' },
  action: { schemaName: 'jepilot.Action', body: ActionBody, importance: 'data' },
  plan: { schemaName: 'jepilot.Plan', body: PlanBody, importance: 'data' },
  event: { schemaName: 'jepilot.Event', body: EventBody, importance: 'event' },
  link: { schemaName: 'jepilot.Link', body: LinkBody, importance: 'data' },
  progress: { schemaName: 'jepilot.Progress', body: ProgressBody, importance: 'data' },
} as const satisfies Record<ChannelKind, { schemaName: string; body: z.ZodType; importance: Importance }>;

/**
 * JSON Schema of what is written. Viewers read no unions, so an absent value is an absent key, and a number is called a
 * number even where it may be the word for one that JSON lacks.
 */
function jsonSchema(title: string, body: z.ZodType): string {
  const schema = z.toJSONSchema(body, {
    io: 'input',
    target: 'draft-7',
    override({ zodSchema, jsonSchema }) {
      if (zodSchema !== real) return;
      delete jsonSchema.anyOf;
      jsonSchema.type = 'number';
    },
  });
  return JSON.stringify({ ...schema, title });
}

const schemas = new Map<ChannelKind, ChannelSchema>();

/** The schema of a kind of messages: the same in a recording and on a live channel. */
export function schemaOf(kind: ChannelKind): ChannelSchema {
  const known = schemas.get(kind);
  if (known) return known;
  const { schemaName, body } = bodies[kind];
  const made = { schemaName, schema: jsonSchema(schemaName, body) };
  schemas.set(kind, made);
  return made;
}

export const importanceOf = (kind: ChannelKind): Importance => bodies[kind].importance;

/** The parser of a kind's messages. */
export const bodyOf = <K extends ChannelKind>(kind: K): (typeof bodies)[K]['body'] => bodies[kind].body;

/** Topics that every recording may have, and the kind of what is on them; cameras add one each. */
const topics = {
  '/obs/state': 'state',
  '/goal/state': 'state',
  '/action/planned': 'action',
  '/action/sent': 'action',
  '/action/executed': 'action',
  '/plan/summary': 'plan',
  '/safety/events': 'event',
  '/link/stats': 'link',
  '/task/progress': 'progress',
} as const satisfies Record<string, ChannelKind>;

const imagePrefixes = ['/obs/image/', '/goal/image/'] as const;

export type Topic = keyof typeof topics | `${(typeof imagePrefixes)[number]}${string}`;

/** The kind of a topic's messages; undefined for a topic that is none of ours. */
export function kindOf(topic: string): ChannelKind | undefined {
  if (imagePrefixes.some((prefix) => topic.startsWith(prefix))) return 'image';
  return Object.hasOwn(topics, topic) ? topics[topic as keyof typeof topics] : undefined;
}

/** Every topic that a robot with these cameras may have messages on. */
export const topicsOf = (cameras: readonly { readonly name: string }[]): Topic[] => [
  ...(Object.keys(topics) as (keyof typeof topics)[]),
  ...imagePrefixes.flatMap((prefix) => cameras.map(({ name }): Topic => `${prefix}${name}`)),
];
