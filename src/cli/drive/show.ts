import type { Plan } from '../../planning/plan.ts';
import type { Check } from '../../robot/rosbridge/preflight.ts';
import type { Condition } from '../../robot/rosbridge/condition.ts';
import type { ShownCommand } from '../../robot/rosbridge/link.ts';
import type { Driven } from './session.ts';

const marks = { good: 'ok  ', note: 'note', wrong: 'NO  ' } as const;

const say = (line: string): void => void process.stderr.write(`${line}\n`);

export function showChecks(checks: readonly Check[]): void {
  const widest = Math.max(...checks.map(({ name }) => name.length));
  for (const { name, verdict, detail } of checks)
    say(`  ${marks[verdict]}  ${name.padEnd(widest)}  ${detail}`);
}

/** One line a second and one for every change: what is planned, what is sent, what the robot is like. */
export class DriveLines {
  readonly #rate: number;
  readonly #names: readonly string[];
  #plan: Plan | undefined;
  #condition: Condition['kind'] = 'good';
  #source = '';

  constructor(rate: number, names: readonly string[]) {
    this.#rate = Math.max(1, Math.round(rate));
    this.#names = names;
  }

  plan(plan: Plan): void {
    this.#plan = plan;
  }

  command({ tick, sent }: ShownCommand): void {
    const source = `${tick.source}${tick.reason ? ` (${tick.reason})` : ''}`;
    if (tick.step % this.#rate !== 0 && source === this.#source) return;
    this.#source = source;
    const { totalMs, timeToGo } = this.#plan?.evidence ?? {};
    const values = this.#names.map((name, i) => `${name} ${(tick.sent[i] ?? NaN).toFixed(3)}`);
    const parts = [
      `step ${tick.step + 1}`,
      sent ? 'sent' : 'would send',
      values.join(' '),
      source,
      totalMs === undefined ? null : `plan ${totalMs.toFixed(1)} ms`,
      timeToGo === undefined || timeToGo === null ? null : `time to go ${timeToGo.toFixed(1)} steps`,
    ];
    say(parts.filter((part) => part !== null).join(' · '));
  }

  /** The line that was shown; null where nothing changed. */
  condition(condition: Condition): string | null {
    if (condition.kind === this.#condition) return null;
    this.#condition = condition.kind;
    const line =
      condition.kind === 'good' ? 'the robot is with us again' : `${condition.kind}: ${condition.reason}`;
    say(line);
    return line;
  }
}

const quantile = (values: readonly number[], q: number): string => {
  const sorted = values.toSorted((a, b) => a - b);
  const value = sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))];
  return value === undefined ? '–' : (1000 * value).toFixed(1);
};

/** The cadence and link report at the end of a drive. */
export function showReport({ control, link }: Driven): void {
  const { cadence } = control;
  const { counters, planMs, observationAgeMs, latenessMs } = cadence;
  const holds = Object.entries(counters.holds).filter(([, count]) => count > 0);
  const lines = [
    `cadence: ${cadence.achievedHz?.toFixed(2) ?? '–'} of ${cadence.targetHz} Hz, ${cadence.lateTicks} late ticks, ${cadence.skippedTicks} skipped, lateness p99 ${latenessMs?.p99.toFixed(2) ?? '–'} ms`,
    `plans: ${counters.plans}, p50 ${planMs?.p50.toFixed(1) ?? '–'} p99 ${planMs?.p99.toFixed(1) ?? '–'} ms, ${counters.latePlans} late; observation age p50 ${observationAgeMs?.p50.toFixed(0) ?? '–'} p99 ${observationAgeMs?.p99.toFixed(0) ?? '–'} ms`,
    `holds: ${holds.map(([reason, count]) => `${reason} ${count}`).join(', ') || 'none'}; clamps ${counters.clamps}`,
    `link: answers p50 ${quantile(link.answerSeconds, 0.5)} p99 ${quantile(link.answerSeconds, 0.99)} ms, commands back p50 ${quantile(link.echoSeconds, 0.5)} p99 ${quantile(link.echoSeconds, 0.99)} ms, ${link.heldCommands} not sent, ${link.refusedFrames} frames refused`,
    ...link.topics.map(
      ({ topic, messages, hz, refused, fault }) =>
        `${topic}: ${messages} messages, ${hz?.toFixed(1) ?? '–'} Hz, ${refused} refused${fault === null ? '' : ` (${fault})`}`,
    ),
  ];
  lines.forEach(say);
}
