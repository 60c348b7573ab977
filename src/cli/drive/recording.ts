import type { ControlEvent } from '../../control/control-stream.ts';
import type { Observation } from '../../env/observation.ts';
import { factsOf, type RunFacts } from '../../record/about.ts';
import { RunFeed } from '../../record/feed/run-feed.ts';
import { fileSink } from '../../record/mcap/byte-sink.ts';
import { Recorder } from '../../record/recorder.ts';
import { stateNames } from '../../robot/profile/mapping.ts';
import { machine, modelFacts } from '../run/facts.ts';
import { version } from '../version.ts';
import type { Driven } from './session.ts';
import type { SettledDrive } from './settle.ts';

/** What only the running process knows of a drive. */
export interface RecordedDrive {
  readonly command: string;
  /** ISO 8601 time of the recording's second 0. */
  readonly started: string;
  readonly provider: string;
  readonly seed: number;
  readonly armed: boolean;
  readonly robot: string;
}

/** The metadata record `run` of a drive: there is no simulator, no episode and no judge. */
function factsOfDrive({ profile, choice, latency }: SettledDrive, call: RecordedDrive): RunFacts {
  const { values, mode } = profile.action;
  return {
    format: '1',
    version,
    command: call.command,
    task: choice.model?.manifest.task ?? profile.name,
    planner: choice.planner,
    settings: choice.settings === null ? null : { ...choice.settings },
    replanInterval: choice.replanInterval,
    iterations: choice.iterations,
    model: modelFacts(choice, { model: profile.model }),
    mode: 'realtime',
    latency,
    controlPeriod: 1 / profile.rate,
    rate: profile.rate,
    episode: null,
    variation: {},
    start: null,
    goal: 'picture',
    action: {
      names: values.map(({ name }) => name),
      minimum: values.map(({ minimum }) => minimum),
      maximum: values.map(({ maximum }) => maximum),
      mode,
    },
    stateNames: stateNames(profile),
    cameras: profile.cameras.map(({ name, size }) => ({ name, ...size })),
    distanceUnit: '',
    provider: call.provider,
    config: { robot: call.robot, armed: call.armed, seed: call.seed, profile },
    machine: machine(),
    started: call.started,
    clock: 'monotonic',
  };
}

/** A drive as an MCAP file that grows while it lasts. Watches; the robot never waits for it. */
export class DriveRecording implements AsyncDisposable {
  readonly #feed: RunFeed;
  readonly #recorder: Recorder;
  #observedStep = 0;

  private constructor(feed: RunFeed, recorder: Recorder) {
    this.#feed = feed;
    this.#recorder = recorder;
    recorder.follow(feed.message$);
  }

  /** Makes the file. Throws JepilotError('io') where it exists or can't be made. */
  static async open(path: string, settled: SettledDrive, call: RecordedDrive): Promise<DriveRecording> {
    const facts = factsOfDrive(settled, call);
    const began = performance.now();
    const feed = new RunFeed({
      stateNames: facts.stateNames,
      controlPeriod: facts.controlPeriod,
      seed: call.seed,
      now: () => (performance.now() - began) / 1000,
    });
    const recorder = new Recorder({
      sink: await fileSink(path),
      place: path,
      base: BigInt(Date.parse(call.started)) * 1_000_000n,
      library: `jepilot ${version}`,
      run: factsOf(facts),
      onTrouble: (sentence) => process.stderr.write(`note: ${sentence}\n`),
    });
    return new DriveRecording(feed, recorder);
  }

  goal(observation: Observation): void {
    this.#feed.goal(observation);
  }

  observation(observation: Observation): void {
    this.#observedStep = observation.step;
    this.#feed.observation(observation);
  }

  control(event: ControlEvent): void {
    if (event.kind === 'tick') this.#feed.tick(event.tick);
    if (event.kind === 'plan') this.#feed.plan(event.plan, this.#observedStep);
    this.#feed.control(event);
  }

  /** Something that happened to the link or the robot. */
  note(reason: string, detail: string): void {
    this.#feed.event({ kind: 'link', reason, detail });
  }

  async finish({ control, trouble }: Driven): Promise<void> {
    this.#feed.end();
    const stopped = trouble?.reason ?? control.stop.reason;
    const result = { stop: control.stop.cause, cadence: control.cadence };
    const { dropped } = this.#recorder;
    await this.#recorder.close(factsOf({ stopped, result, dropped }));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#feed.end();
    await this.#recorder.close();
  }
}
