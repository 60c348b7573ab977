import { firstValueFrom, fromEvent, merge, timer } from 'rxjs';

/** Lets `seconds` pass, or less where `signal` is aborted meanwhile; says whether it was not. */
export async function pause(seconds: number, signal: AbortSignal): Promise<boolean> {
  if (!signal.aborted) await firstValueFrom(merge(timer(1000 * seconds), fromEvent(signal, 'abort')));
  return !signal.aborted;
}
