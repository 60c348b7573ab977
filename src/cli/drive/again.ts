import { JepilotError, reasonOf } from '../../errors.ts';
import { pause } from './pause.ts';
import type { Driven } from './session.ts';

const say = (line: string): void => void process.stderr.write(`${line}\n`);

/**
 * Drives, and where the robot is lost drives again every `reconnect` seconds until it is back; then it is idle, and a
 * person arms it. Without `reconnect` a lost robot is the end.
 */
export async function again(
  reconnect: number | undefined,
  signal: AbortSignal,
  drive: (first: boolean) => Promise<Driven>,
): Promise<Driven> {
  let driven = await drive(true);
  if (reconnect === undefined) return driven;
  while (driven.trouble?.kind === 'lost' && (await waited(driven, reconnect, signal))) {
    try {
      driven = await drive(false);
    } catch (error) {
      if (!(error instanceof JepilotError) || error.code !== 'link') throw error;
      say(reasonOf(error));
    }
  }
  return driven;
}

/** Lets the time to the next attempt pass; false where a person ended it. */
async function waited({ trouble, armed }: Driven, seconds: number, signal: AbortSignal): Promise<boolean> {
  say(`${trouble?.reason ?? 'lost'}; trying again in ${seconds} s`);
  if (armed) say('the robot is idle when it is back: type arm, then start');
  return pause(seconds, signal);
}
