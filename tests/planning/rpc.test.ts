import { MessageChannel } from 'node:worker_threads';
import { describe, expect, it } from 'vitest';
import { JepilotError } from '#src/errors.js';
import { connect, moved, serve } from '#src/rpc.js';

type Toy = {
  double(n: number): Promise<number>;
  fail(text: string): Promise<never>;
  buffer(length: number): Promise<Float32Array>;
  length(of: Float32Array): Promise<number>;
  closure(argument: null): Promise<unknown>;
};

function link() {
  const { port1, port2 } = new MessageChannel();
  const kept: Float32Array[] = [];
  const toy: Toy = {
    double: async (n) => 2 * n,
    fail: async (text) => {
      throw new JepilotError('io', text);
    },
    buffer: async (length) => {
      const made = new Float32Array(length).fill(1);
      kept.push(made);
      return moved(made, [made.buffer]);
    },
    length: async (of) => of.length,
    closure: async () => () => 1,
  };
  const server = serve(port2, toy);
  const client = connect<Toy>(port1);
  const close = () => {
    server[Symbol.dispose]();
    port1.close();
  };
  return { client, kept, close };
}

describe('calls over a port', () => {
  it('come back to whoever asked', async () => {
    const { client, close } = link();
    const answers = await Promise.all([1, 2, 3].map((n) => client.call('double', n)));
    expect(answers).toEqual([2, 4, 6]);
    close();
  });

  it('carry errors as what they are', async () => {
    const { client, close } = link();
    const failed = client.call('fail', 'disk full');
    await expect(failed).rejects.toBeInstanceOf(JepilotError);
    await expect(failed).rejects.toMatchObject({ code: 'io', message: 'disk full' });
    close();
  });

  it('fail, and do not hang, when a reply cannot be cloned or a call is unknown', async () => {
    const { client, close } = link();
    await expect(client.call('closure', null)).rejects.toThrow('could not be cloned');
    await expect(client.call('toString' as never, null as never)).rejects.toThrow(
      "no call is named 'toString'",
    );
    close();
  });

  it('copy by default and move what is marked', async () => {
    const { client, kept, close } = link();
    const mine = new Float32Array(5);
    expect(await client.call('length', mine)).toBe(5);
    expect(mine).toHaveLength(5);
    expect(await client.call('length', mine, [mine.buffer])).toBe(5);
    expect(mine).toHaveLength(0);
    expect(await client.call('buffer', 4)).toEqual(Float32Array.of(1, 1, 1, 1));
    expect(kept[0]).toHaveLength(0);
    close();
  });

  it('are all rejected when the other end fails or this end closes', async () => {
    const { client, close } = link();
    const pending = client.call('double', 1);
    client.fail(new JepilotError('bad-state', 'gone'));
    await expect(pending).rejects.toThrow('gone');
    await expect(client.call('double', 1)).rejects.toThrow('gone');
    close();
    const other = link();
    const waiting = other.client.call('double', 1);
    other.client[Symbol.dispose]();
    await expect(waiting).rejects.toThrow('closed');
    other.close();
  });
});
