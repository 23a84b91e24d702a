/**
 * Progress of a series of replays: which one runs, and how long the rest will take.
 */
import type { CliContext } from './context.ts';
import { duration } from './numbers.ts';
import type { Output } from './output.ts';
import { ProgressLine } from './progress-line.ts';
import { RemainingTime } from './remaining-time.ts';
import type { PlannedRun } from './replay-plan.ts';

export class Progress {
  readonly #line: ProgressLine;
  readonly #now: CliContext['now'];
  readonly #runs: readonly PlannedRun[];
  readonly #remaining = new RemainingTime();
  #run = 0;
  #runStart = 0;

  constructor(output: Output, now: CliContext['now'], runs: readonly PlannedRun[]) {
    this.#line = new ProgressLine(output, now);
    this.#now = now;
    this.#runs = runs;
  }

  /** The next run begins; its number counts from 0. */
  begin(run: number): void {
    this.#run = run;
    this.#runStart = this.#now();
    if (this.#line.live) this.#draw(0);
  }

  /** A share of the current run, 0 to 1, is done. */
  update(share: number): void {
    if (this.#line.isDue) this.#draw(share);
  }

  /** The current run has ended. */
  end(): void {
    this.#remaining.add(this.#runs[this.#run].policy, this.#now() - this.#runStart);
  }

  /** Removes the bar, so that something else can be printed. */
  clear(): void {
    this.#line.clear();
  }

  #draw(share: number): void {
    const { workload, seed, policy } = this.#runs[this.#run];
    const left = this.#remaining.estimate(
      { policy, share, milliseconds: this.#now() - this.#runStart },
      this.#runs.slice(this.#run + 1).map((run) => run.policy),
    );
    this.#line.draw((this.#run + share) / this.#runs.length, [
      ...(left === undefined ? [] : [`${duration(left)} left`]),
      `run ${this.#run + 1} of ${this.#runs.length}`,
      `${workload}, seed ${seed}, ${policy}`,
    ]);
  }
}
