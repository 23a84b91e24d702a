/**
 * Progress of a series of runs on standard error: a bar that is redrawn in place when a person looks on, else a
 * line now and then, so that logs stay short.
 */
import type { CliContext } from './context.ts';
import { duration } from './numbers.ts';
import type { Output } from './output.ts';
import { RemainingTime } from './remaining-time.ts';
import type { PlannedRun } from './replay-plan.ts';

const BAR_WIDTH = 24;
const REDRAW_MS = 100;
const LINE_MS = 5000;
const ERASE_LINE = '\r\u001b[K';

export class Progress {
  readonly #output: Output;
  readonly #now: CliContext['now'];
  readonly #runs: readonly PlannedRun[];
  readonly #remaining = new RemainingTime();
  readonly #live: boolean;
  #run = 0;
  #runStart = 0;
  #lastDraw: number;
  #drawn = false;

  constructor(output: Output, now: CliContext['now'], runs: readonly PlannedRun[]) {
    this.#output = output;
    this.#now = now;
    this.#runs = runs;
    this.#live = output.stream.isTTY === true;
    this.#lastDraw = now();
  }

  /** The next run begins; its number counts from 0. */
  begin(run: number): void {
    this.#run = run;
    this.#runStart = this.#now();
    if (this.#live) this.#draw(0);
  }

  /** A share of the current run, 0 to 1, is done. */
  update(share: number): void {
    if (this.#now() - this.#lastDraw >= (this.#live ? REDRAW_MS : LINE_MS)) this.#draw(share);
  }

  /** The current run has ended. */
  end(): void {
    this.#remaining.add(this.#runs[this.#run].policy, this.#now() - this.#runStart);
  }

  /** Removes the bar, so that something else can be printed. */
  clear(): void {
    if (this.#drawn) this.#output.write(ERASE_LINE);
    this.#drawn = false;
  }

  #draw(share: number): void {
    this.#lastDraw = this.#now();
    const { workload, seed, policy } = this.#runs[this.#run];
    const done = (this.#run + share) / this.#runs.length;
    const milliseconds = this.#lastDraw - this.#runStart;
    const left = this.#remaining.estimate(
      { policy, share, milliseconds },
      this.#runs.slice(this.#run + 1).map((run) => run.policy),
    );
    const text = [
      `${String(Math.floor(done * 100)).padStart(3)} %`,
      ...(left === undefined ? [] : [`${duration(left)} left`]),
      `run ${this.#run + 1} of ${this.#runs.length}`,
      `${workload}, seed ${seed}, ${policy}`,
    ].join('  ');
    if (this.#live) {
      const filled = Math.round(done * BAR_WIDTH);
      const bar = '█'.repeat(filled) + '░'.repeat(BAR_WIDTH - filled);
      // A line that wraps could not be erased.
      const line = `${bar} ${text}`.slice(0, (this.#output.stream.columns ?? 80) - 1);
      this.#output.write(ERASE_LINE + line);
      this.#drawn = true;
    } else {
      this.#output.write(`${text.trim()}\n`);
    }
  }
}
