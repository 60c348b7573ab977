import { filter, map, type Observable, Subject, type Subscription } from 'rxjs';
import type { Image } from '../../env/observation.ts';
import { reasonOf } from '../../errors.ts';
import { decodePicture } from '../picture.ts';
import type { CameraProfile, RobotProfile, StateProfile } from '../profile/schema.ts';
import { newestMap } from '../ros/newest-map.ts';
import { readState } from '../ros/numbers.ts';
import { readPicture } from '../ros/pictures.ts';
import type { TopicMessage } from './connection.ts';
import { TopicWatch, type TopicReport } from './topic-watch.ts';

/** What a robot saw and felt at a time. Owns its memory. */
export interface Sensed {
  /** Seconds, by our clock: when the first camera's picture was taken. */
  readonly time: number;
  readonly images: Readonly<Record<string, Image>>;
  /** In the profile's order; empty where the profile has none. */
  readonly state: Float32Array;
}

/** Turns a robot's topics into what a planner sees: one of these for each picture of the profile's first camera. */
export class Senses {
  readonly sensed$: Observable<Sensed>;
  readonly #profile: RobotProfile;
  readonly #now: () => number;
  readonly #out$ = new Subject<Sensed>();
  readonly #watches = new Map<string, TopicWatch>();
  readonly #images: Record<string, Image> = {};
  readonly #states = new Map<StateProfile, readonly number[]>();
  readonly #subscriptions: Subscription[] = [];

  /** @param now - monotonic seconds */
  constructor(profile: RobotProfile, message$: Observable<TopicMessage>, now: () => number) {
    this.#profile = profile;
    this.#now = now;
    this.sensed$ = this.#out$.asObservable();
    for (const camera of profile.cameras) this.#watchCamera(camera, message$);
    for (const source of profile.state) this.#watchState(source, message$);
  }

  /** The topics that are silent, late or of no use, in words; empty while all is well. */
  stale(): string[] {
    const now = this.#now();
    return [...this.#watches.values()].filter((watch) => !watch.fresh(now)).map((watch) => watch.topic);
  }

  report(): TopicReport[] {
    return [...this.#watches.values()].map((watch) => watch.report(this.#now()));
  }

  /** The state [n] as last told; null before all of it has been told. */
  state(): Float32Array | null {
    const parts = this.#profile.state.map((source) => this.#states.get(source));
    return parts.every((part) => part !== undefined) ? Float32Array.from(parts.flat()) : null;
  }

  close(): void {
    for (const subscription of this.#subscriptions) subscription.unsubscribe();
    this.#out$.complete();
  }

  #watch(topic: string, type: string, maxAge: number): TopicWatch {
    const watch = new TopicWatch(topic, type, maxAge);
    this.#watches.set(topic, watch);
    return watch;
  }

  #watchState(source: StateProfile, message$: Observable<TopicMessage>): void {
    const watch = this.#watch(source.topic, source.type, source.maxAge);
    const subscription = message$
      .pipe(filter(({ topic }) => topic === source.topic))
      .subscribe(({ message, arrival }) => {
        const made = watch.arrived(message, arrival);
        if (made === null) return;
        try {
          this.#states.set(source, readState(source, message));
          watch.accept(made);
        } catch (error) {
          watch.refuse(reasonOf(error));
        }
      });
    this.#subscriptions.push(subscription);
  }

  #watchCamera(camera: CameraProfile, message$: Observable<TopicMessage>): void {
    const { topic, type, maxAge, delay, name } = camera;
    const watch = this.#watch(topic, type, maxAge);
    const look = async ({ message, made }: { message: unknown; made: number }) => {
      const image = await decodePicture(readPicture(camera, message), camera, `picture on ${topic}`);
      return { image, time: made - delay };
    };
    const pictures$ = message$.pipe(
      filter((message) => message.topic === topic),
      map(({ message, arrival }) => ({ message, made: watch.arrived(message, arrival) })),
      filter((arrived): arrived is { message: unknown; made: number } => arrived.made !== null),
      newestMap(look, (error) => watch.refuse(reasonOf(error))),
    );
    const leads = camera === this.#profile.cameras[0];
    this.#subscriptions.push(
      pictures$.subscribe(({ image, time }) => {
        watch.accept(time);
        this.#images[name] = image;
        if (leads) this.#tell(time);
      }),
    );
  }

  /** Only what is whole and fresh is told: half of an observation is none. */
  #tell(time: number): void {
    const state = this.state();
    if (state && this.stale().length === 0) this.#out$.next({ time, images: { ...this.#images }, state });
  }
}
