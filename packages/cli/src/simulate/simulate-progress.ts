/**
 * Progress of the runs of a scenario: which one runs, what time it is in its cell, and how long the rest will take.
 */
import { type CellProgress, clockText } from '@stowage/simulator';
import type { CliContext } from '../context.ts';
import { duration } from '../numbers.ts';
import type { Output } from '../output.ts';
import { ProgressLine } from '../progress-line.ts';
import { RemainingTime } from '../remaining-time.ts';

export class SimulateProgress {
  readonly #line: ProgressLine;
  readonly #now: CliContext['now'];
  readonly #names: readonly string[];
  readonly #remaining = new RemainingTime();
  #run = 0;
  #startedAt = 0;

  /** @param names - of the runs, in order */
  constructor(output: Output, now: CliContext['now'], names: readonly string[]) {
    this.#line = new ProgressLine(output, now);
    this.#now = now;
    this.#names = names;
  }

  /** The next run begins; its number counts from 0. */
  begin(run: number): void {
    this.#run = run;
    this.#startedAt = this.#now();
  }

  update({ atMs, durationMs }: CellProgress): void {
    if (!this.#line.isDue) return;
    const share = atMs / durationMs;
    const name = this.#names[this.#run];
    const left = this.#remaining.estimate(
      { policy: name, share, milliseconds: this.#now() - this.#startedAt },
      this.#names.slice(this.#run + 1),
    );
    this.#line.draw((this.#run + share) / this.#names.length, [
      ...(left === undefined ? [] : [`${duration(left)} left`]),
      ...(this.#names.length > 1 ? [`run ${this.#run + 1} of ${this.#names.length}`] : []),
      name,
      `${clockText(atMs)} of ${clockText(durationMs)}`,
    ]);
  }

  /** The current run has ended. */
  end(): void {
    this.#remaining.add(this.#names[this.#run], this.#now() - this.#startedAt);
  }

  /** Removes the bar, so that something else can be printed. */
  clear(): void {
    this.#line.clear();
  }
}
