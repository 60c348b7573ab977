import type { ControlEvent } from '../../control/control-stream.ts';
import type { Tick } from '../../control/tick.ts';
import type { TimeStep } from '../../env/environment.ts';
import type { Observation } from '../../env/observation.ts';
import type { Plan } from '../../planning/plan.ts';
import { factsOf, type RunFacts } from '../../record/about.ts';
import type { Bodies } from '../../record/feed/bodies.ts';
import { RunFeed } from '../../record/feed/run-feed.ts';
import { fileSink, type ByteSink } from '../../record/mcap/byte-sink.ts';
import { Recorder } from '../../record/recorder.ts';
import type { Watcher } from './play.ts';

/** A run as an MCAP file that grows while it is played. Watches; the run never waits for it. */
export class RunRecording implements Watcher, AsyncDisposable {
  readonly #feed: RunFeed;
  readonly #recorder: Recorder;
  readonly #judged: boolean;
  /** Seconds of the simulator: the clock of a run in virtual time. */
  #simulated = 0;

  private constructor(sink: ByteSink, place: string, facts: RunFacts) {
    const began = performance.now();
    const wall = () => (performance.now() - began) / 1000;
    this.#judged = facts.goal === 'episode';
    this.#feed = new RunFeed({
      stateNames: facts.stateNames,
      controlPeriod: 1 / facts.rate,
      seed: facts.episode?.seed ?? 0,
      now: facts.clock === 'virtual' ? () => this.#simulated : wall,
    });
    this.#recorder = new Recorder({
      sink,
      place,
      base: BigInt(Date.parse(facts.started)) * 1_000_000n,
      library: `jepilot ${facts.version}`,
      run: factsOf(facts),
      onTrouble: (sentence) => process.stderr.write(`note: ${sentence}\n`),
    });
    this.#recorder.follow(this.#feed.message$);
  }

  /** Makes the file. Throws JepilotError('io') where it exists or can't be made. */
  static async open(path: string, facts: RunFacts): Promise<RunRecording> {
    return new RunRecording(await fileSink(path), path, facts);
  }

  goal(observation: Observation): void {
    this.#feed.goal(observation);
  }

  timeStep(timeStep: TimeStep): void {
    this.#simulated = timeStep.observation.time;
    this.#feed.timeStep(timeStep, this.#judged);
  }

  tick(tick: Tick): void {
    this.#feed.tick(tick);
  }

  plan(plan: Plan, observedStep: number): void {
    this.#feed.plan(plan, observedStep);
  }

  control(event: ControlEvent): void {
    this.#feed.control(event);
  }

  /** Notes what no control loop tells. */
  event(body: Bodies['event']): void {
    this.#feed.event(body);
  }

  /** Ends the file with the run's result. */
  async finish(result: object, stopped: string | undefined): Promise<void> {
    this.#feed.end();
    const { dropped } = this.#recorder;
    await this.#recorder.close(factsOf({ stopped: stopped ?? '', result: { ...result }, dropped }));
  }

  /** Ends the file as it is: what a run that failed leaves. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#feed.end();
    await this.#recorder.close();
  }
}
