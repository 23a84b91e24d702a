/**
 * A task in a running agent: its journal, what it says, and the wish to kill it. Every state is said at most once and
 * none between `kill-initiated` and `finished`: that is decided when its turn in the status log comes, so a kill and a
 * launch that race cannot both win.
 */
import type { TaskState, TaskStatus } from '@stowage/protocol';
import { DEFAULT_GRACE_MS, preStopLimitMs } from './container-plan.ts';
import { ClosedError, KilledError } from './errors.ts';
import type { RunnerContext } from './runner-context.ts';
import type { TaskJournal } from './task-journal.ts';
import type { KillWish, Outcome, Preparation, TaskRecord } from './task-record.ts';

/** Why a task does not get on, for people. */
export interface Trouble {
  readonly step: string;
  readonly message: string;
  readonly sinceMs: number;
}

export class Task {
  readonly journal: TaskJournal;
  readonly #context: RunnerContext;
  readonly #launch = new AbortController();
  readonly #cleaning = new AbortController();
  readonly #killWaiters = new Set<() => void>();
  readonly #stragglers = new Set<Promise<void>>();
  /** An adoption that is under way. */
  adoption: Promise<unknown> | undefined;
  /** Steps that clean-up has to undo, oldest first; undefined = not known, so all. */
  done: string[] | undefined;
  #trouble: Trouble | undefined;

  constructor(context: RunnerContext, journal: TaskJournal, isNew: boolean) {
    this.#context = context;
    this.journal = journal;
    this.done = isNew ? [] : undefined;
    if (this.record.kill !== undefined) this.#launch.abort(new KilledError());
    context.closing.addEventListener('abort', this.#onClosing, { once: true });
  }

  get record(): TaskRecord {
    return this.journal.record;
  }
  get taskId(): string {
    return this.record.taskId;
  }
  /** Aborts when the task is killed or the agent closes. */
  get launchSignal(): AbortSignal {
    return this.#launch.signal;
  }
  /** Aborts when clean-up begins. */
  get cleaningSignal(): AbortSignal {
    return this.#cleaning.signal;
  }
  get isFinished(): boolean {
    return this.record.state === 'finished';
  }
  get trouble(): Trouble | undefined {
    return this.#trouble;
  }

  /** Calls that were given up and whose effect may still come: clean-up follows it. */
  get stragglers(): readonly Promise<void>[] {
    return [...this.#stragglers];
  }

  addStraggler(call: Promise<void>): void {
    const settled: Promise<void> = call.then(() => void this.#stragglers.delete(settled));
    this.#stragglers.add(settled);
  }

  setTrouble(step: string, message: string): void {
    const sinceMs = this.#trouble?.sinceMs ?? this.#context.clock.wallMs();
    this.#trouble = { step, message, sinceMs };
  }

  clearTrouble(): void {
    this.#trouble = undefined;
  }

  /** @throws KilledError when the task is to be killed, unless it has said so already */
  async say(
    state: Exclude<TaskState, 'accepted' | 'kill-initiated' | 'finished'>,
    message: string,
  ): Promise<void> {
    await this.#commit(() => {
      if (this.record.hasSaid(state)) return undefined;
      if (this.record.kill !== undefined) throw new KilledError();
      return { state, message };
    });
  }

  async prepared(preparation: Preparation): Promise<void> {
    await this.#append({ kind: 'prepared', preparation });
  }

  async relaunched(): Promise<void> {
    await this.#append({ kind: 'relaunched' });
  }

  async ended(outcome: Outcome): Promise<void> {
    await this.#append({ kind: 'ended', outcome });
  }

  beginCleaning(): void {
    this.#cleaning.abort();
  }

  async finish(): Promise<void> {
    const { reason, message, exitCode } = this.record.outcome!;
    await this.#commit(() =>
      this.isFinished
        ? undefined
        : { state: 'finished', message, reason, ...(exitCode !== undefined && { exitCode }) },
    );
    this.#context.closing.removeEventListener('abort', this.#onClosing);
  }

  /** @throws AgentError `STATE_NOT_WRITTEN`; the task goes on then */
  async wishKill(graceMs: number = this.record.spec.graceMs ?? DEFAULT_GRACE_MS): Promise<void> {
    const wish = (): KillWish => {
      const { kill, spec } = this.record;
      const hookMs = kill === undefined && graceMs > 0 ? preStopLimitMs(spec) : 0;
      return { graceMs, deadlineMs: this.#context.clock.wallMs() + hookMs + graceMs };
    };
    const isPointless = (): boolean => this.record.outcome !== undefined || !this.record.isHastenedBy(wish());
    if (isPointless()) return;
    const said = await this.#sayNow(
      () =>
        isPointless() || this.record.kill !== undefined
          ? undefined
          : { state: 'kill-initiated', message: `A kill with ${graceMs} ms of grace was asked for.` },
      wish,
    );
    if (!said && !isPointless()) await this.journal.append({ kind: 'kill', kill: wish() });
    this.#launch.abort(new KilledError());
    for (const wake of [...this.#killWaiters]) wake();
  }

  /** Before the hook runs, so that no later agent runs it again. */
  async beginPreStop(): Promise<void> {
    await this.#append({ kind: 'pre-stop' });
  }

  /** Resolves at the next wish to kill. `cancel` before it is dropped. */
  nextKill(): { readonly wish: Promise<void>; readonly cancel: () => void } {
    let wake!: () => void;
    const wish = new Promise<void>((resolve) => (wake = resolve));
    this.#killWaiters.add(wake);
    return { wish, cancel: () => void this.#killWaiters.delete(wake) };
  }

  readonly #onClosing = (): void => {
    this.#launch.abort(new ClosedError('The agent has been closed.'));
  };

  async #append(record: Parameters<TaskJournal['append']>[0]): Promise<void> {
    await this.#context.durably(() => this.journal.append(record));
  }

  async #commit(words: () => Words | undefined): Promise<void> {
    await this.#context.durably(() => this.#sayNow(words));
  }

  /** @returns whether something was said */
  async #sayNow(words: () => Words | undefined, kill?: () => KillWish): Promise<boolean> {
    const { log, clock, observer } = this.#context;
    const status = await log.commit(async (sequence) => {
      const said = words();
      if (said === undefined) return undefined;
      const { address } = this.record;
      const hasAddress =
        address !== undefined && (said.state === 'start-initiated' || this.record.hasSaid('start-initiated'));
      const status: TaskStatus = {
        taskId: this.taskId,
        sequence,
        timestampMs: Math.round(clock.wallMs()),
        ...said,
        ...(hasAddress && { address }),
      };
      await this.journal.append({ kind: 'status', status, ...(kill !== undefined && { kill: kill() }) });
      return status;
    });
    if (status !== undefined) observer.said(status);
    return status !== undefined;
  }
}

type Words = Omit<TaskStatus, 'taskId' | 'sequence' | 'timestampMs' | 'address'>;
