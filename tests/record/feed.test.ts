import * as foxgloveSchemas from '@foxglove/schemas/jsonschema.js';
import { describe, expect, it } from 'vitest';
import { bodyOf, kindOf, schemaOf } from '#src/record/feed/channels.js';
import { compressPng } from '#src/record/feed/compress-png.js';
import { payloadOf } from '#src/record/feed/message.js';
import { decodePng } from '#src/record/png.js';
import { picture } from './sample-run.ts';

interface JsonSchema {
  readonly title?: string;
  readonly type?: string;
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly items?: JsonSchema;
  readonly required?: readonly string[];
  readonly contentEncoding?: string;
}

/** What `theirs` demands of a message, `ours` must promise. */
function fulfils(ours: JsonSchema | undefined, theirs: JsonSchema, path: string): string[] {
  if (!ours) return [`${path} is missing`];
  const wrong = ours.type === theirs.type ? [] : [`${path} is ${ours.type}, not ${theirs.type}`];
  if (theirs.contentEncoding !== undefined && ours.contentEncoding !== theirs.contentEncoding)
    wrong.push(`${path} is encoded as ${ours.contentEncoding}`);
  const required = (theirs.required ?? []).flatMap((key) =>
    fulfils(ours.properties?.[key], theirs.properties![key]!, `${path}.${key}`),
  );
  const items = theirs.items ? fulfils(ours.items, theirs.items, `${path}[]`) : [];
  return [...wrong, ...required, ...items];
}

describe('channels', () => {
  it.each([
    ['state', 'JointStates'],
    ['image', 'CompressedImage'],
  ] as const)('%s is what Foxglove knows as %s', (kind, name) => {
    const { schemaName, schema } = schemaOf(kind);
    const theirs = foxgloveSchemas[name] as JsonSchema;
    expect(schemaName).toBe(theirs.title);
    expect(fulfils(JSON.parse(schema) as JsonSchema, theirs, name)).toEqual([]);
  });

  it('has no union anywhere, for viewers read none', () => {
    for (const kind of ['state', 'image', 'action', 'plan', 'event', 'link', 'progress'] as const)
      expect(schemaOf(kind).schema).not.toMatch(/anyOf|oneOf|"null"/);
  });

  it('reads its own numbers back, those too that JSON lacks', async () => {
    const body = { joints: [NaN, Infinity, -Infinity, 0.1].map((position) => ({ name: 'x', position })) };
    const payload = await payloadOf(
      { kind: 'state', topic: '/obs/state', step: 7, time: 1, sourceTime: 1.5, body },
      1_000_000_000n,
    );
    const read = bodyOf('state').parse(JSON.parse(Buffer.from(payload).toString()));
    expect(read).toEqual({ ...body, step: 7, timestamp: { sec: 2, nsec: 500_000_000 } });
  });

  it('knows its topics, and no others', () => {
    expect(kindOf('/obs/image/top')).toBe('image');
    expect(kindOf('/action/sent')).toBe('action');
    expect(kindOf('/constructor')).toBeUndefined();
    expect(kindOf('toString')).toBeUndefined();
  });
});

describe('compressPng', () => {
  it.each([
    [16, 16],
    [1, 1],
    [7, 3],
  ])('keeps every pixel of %i×%i', async (width, height) => {
    const image = picture(3, width, height);
    expect(decodePng(await compressPng(image), image, 'it')).toEqual(image);
  });
});
