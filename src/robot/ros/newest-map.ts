import { Observable, type OperatorFunction } from 'rxjs';

/**
 * Works on one value at a time; of those that come meanwhile, only the newest is worked on next. So results are never
 * older than one piece of work, however fast values come. What `work` rejects with goes to `failed`.
 */
export const newestMap =
  <T, R>(work: (value: T) => Promise<R>, failed: (error: unknown) => void): OperatorFunction<T, R> =>
  (source) =>
    new Observable((subscriber) => {
      let busy = false;
      let ended = false;
      let waiting: { readonly value: T } | null = null;
      const next = (): void => {
        const job = waiting;
        waiting = null;
        busy = job !== null;
        if (!job && ended) subscriber.complete();
        if (!job) return;
        void work(job.value)
          .then((result) => subscriber.next(result), failed)
          .then(next);
      };
      return source.subscribe({
        next(value) {
          waiting = { value };
          if (!busy) next();
        },
        error: (error: unknown) => subscriber.error(error),
        complete() {
          ended = true;
          if (!busy) subscriber.complete();
        },
      });
    });
