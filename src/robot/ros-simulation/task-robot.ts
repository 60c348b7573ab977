import { BehaviorSubject, type Observable, type Subscription } from 'rxjs';
import type { Clock } from '../../control/clock.ts';
import type { Environment, EpisodeSpec, TimeStep } from '../../env/environment.ts';
import { clampAction, holdAction } from '../../spec.ts';
import { encodeJpeg } from '../picture.ts';
import { fromWire, toWire } from '../profile/mapping.ts';
import type { CameraProfile, RobotProfile, StateProfile } from '../profile/schema.ts';
import { commandNumbers } from '../ros/commands.ts';
import { header } from '../ros/types.ts';
import type { RosGraph } from './graph.ts';

export interface TaskRobotOptions {
  readonly environment: Environment;
  readonly episode: EpisodeSpec;
  /** Says what the robot's topics are; its cameras and values must be the task's. */
  readonly profile: RobotProfile;
  readonly graph: RosGraph;
  readonly clock: Clock;
  /** Seconds since the epoch: what stamps are. */
  readonly wallClock: () => number;
  /** Seconds after the last command until the robot stops by itself, as mobile bases and servo nodes do. */
  readonly commandTimeout?: number;
}

/** A small picture at a camera's usual quality shows little but JPEG; a camera's large one is averaged down. */
const JPEG_QUALITY = 98;

/**
 * A task as a robot on a ROS graph: it moves at its own pace, does what the last command says until that is too old,
 * and publishes what it sees once a control step. The episode begins with the first command and ends with its budget;
 * then the robot stands still, and goes on publishing.
 */
export class TaskRobot implements Disposable {
  readonly timeStep$: Observable<TimeStep>;
  readonly #options: TaskRobotOptions;
  readonly #timeSteps$: BehaviorSubject<TimeStep>;
  readonly #beats: Subscription;
  readonly #unlisten: () => void;
  #command: { readonly action: Float32Array; readonly at: number } | null = null;
  #last: Float32Array | null = null;
  /** Commands that were no commands. */
  refused = 0;

  constructor(options: TaskRobotOptions) {
    const { environment, episode, profile, graph, clock } = options;
    this.#options = options;
    this.#timeSteps$ = new BehaviorSubject(environment.reset(episode));
    this.timeStep$ = this.#timeSteps$.asObservable();
    for (const source of [...profile.cameras, ...profile.state]) graph.declare(source.topic, source.type);
    graph.declare(profile.action.topic, profile.action.type);
    if (profile.emergencyStop) graph.declare(profile.emergencyStop.topic, 'std_msgs/Bool');
    this.#unlisten = graph.listen(profile.action.topic, (message) => this.#obey(message));
    this.#beats = clock.ticks$(1 / profile.rate).subscribe(() => this.#beat());
  }

  [Symbol.dispose](): void {
    this.#beats.unsubscribe();
    this.#unlisten();
    this.#timeSteps$.complete();
  }

  #obey(message: unknown): void {
    const { profile, clock, environment } = this.#options;
    const wire = commandNumbers(profile.action, message);
    if (!wire) {
      this.refused += 1;
      return;
    }
    const wanted = Float32Array.from(wire, (number, i) => fromWire(number, profile.action.values[i]!));
    const { action } = clampAction(environment.actionSpec, wanted);
    this.#command = { action, at: clock.now() };
  }

  #beat(): void {
    const { environment } = this.#options;
    const { kind } = this.#timeSteps$.value;
    if (this.#command && kind !== 'last') {
      this.#last = this.#present();
      this.#timeSteps$.next(environment.step(this.#last));
    }
    void this.#publish(this.#timeSteps$.value);
  }

  /** The command, or a hold once it is too old. */
  #present(): Float32Array {
    const { environment, clock, commandTimeout = 0.5 } = this.#options;
    const command = this.#command;
    if (command && clock.now() - command.at <= commandTimeout) return command.action;
    return holdAction(environment.actionSpec, this.#last);
  }

  async #publish({ observation }: TimeStep): Promise<void> {
    const { profile, graph, wallClock } = this.#options;
    const head = header(profile.ros, wallClock(), 'sim');
    const numbers = this.#numbers(observation.state);
    for (const source of profile.state) graph.publish(source.topic, stateMessage(source, numbers, head));
    for (const camera of profile.cameras) {
      const image = observation.images[camera.name];
      if (image) graph.publish(camera.topic, { header: head, ...(await pictureMessage(camera, image)) });
    }
  }

  #numbers(state: Float32Array): Map<string, number> {
    return new Map(this.#options.environment.stateNames.map((name, i) => [name, state[i]!]));
  }
}

async function pictureMessage(
  { type }: CameraProfile,
  image: { width: number; height: number; data: Uint8Array },
) {
  if (type === 'sensor_msgs/CompressedImage') {
    const jpeg = await encodeJpeg(image, JPEG_QUALITY);
    return { format: 'jpeg', data: Buffer.from(jpeg).toString('base64') };
  }
  const { width, height, data } = image;
  return {
    width,
    height,
    encoding: 'rgb8',
    is_bigendian: 0,
    step: 3 * width,
    data: Buffer.from(data).toString('base64'),
  };
}

function stateMessage(source: StateProfile, numbers: ReadonlyMap<string, number>, head: unknown) {
  const wire = source.values.map((value) => toWire(numbers.get(value.name) ?? 0, value));
  if (source.type !== 'sensor_msgs/JointState') return { data: wire };
  const names = [...new Set(source.values.map(({ joint = '' }) => joint))];
  const listOf = (field: string) =>
    names.map((name) => {
      const at = source.values.findIndex((value) => value.joint === name && value.field === field);
      return at < 0 ? 0 : wire[at]!;
    });
  const [position, velocity, effort] = ['position', 'velocity', 'effort'].map(listOf);
  return { header: head, name: names, position, velocity, effort };
}
