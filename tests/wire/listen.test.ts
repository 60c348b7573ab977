import { firstValueFrom } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { Listener } from '../../src/wire/listen.ts';
import { dial } from '../../src/wire/web-socket-channel.ts';

const wire = { subprotocol: 'test.v1', maxPayload: 1000 };
const call = (url: string) => dial({ ...wire, url, token: undefined, timeout: 5 });

describe('an end that waits to be called', () => {
  it('may speak first, and is heard by a caller that listens only later', async () => {
    await using listener = await Listener.open({ ...wire, port: 0 });
    const waiting = listener.accept();
    const caller = await call(listener.url);
    (await waiting).send(Uint8Array.of(7));
    await new Promise((done) => setTimeout(done, 30));
    expect(Array.from(await firstValueFrom(caller.frame$))).toEqual([7]);
  });

  it('has one caller at a time, and waits for the next when that one is gone', async () => {
    await using listener = await Listener.open({ ...wire, port: 0 });
    const first = await call(listener.url);
    const here = await listener.accept();
    const second = await call(listener.url);
    expect(await second.ended).toEqual({ code: 1013, reason: 'another peer is connected' });
    first.close(1000, 'done');
    await here.ended;
    const third = await call(listener.url);
    (await listener.accept()).send(Uint8Array.of(3));
    expect(Array.from(await firstValueFrom(third.frame$))).toEqual([3]);
  });

  it('turns away another protocol', async () => {
    await using listener = await Listener.open({ ...wire, port: 0 });
    await expect(
      dial({ ...wire, subprotocol: 'other', url: listener.url, token: undefined, timeout: 5 }),
    ).rejects.toThrow(/cannot reach/);
  });
});
