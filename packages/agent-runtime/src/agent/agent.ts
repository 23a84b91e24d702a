/**
 * An agent: takes tasks, runs each through its life, and says what happens. All that it knows is in its state folder
 * and on the host, so that an agent that is killed at any moment is followed by one that goes on where it was.
 * One agent per folder. It owns its backend and facilities, and closes them when it closes.
 */
import {
  AgentError,
  parseTaskSpec,
  type FeatureReport,
  type KillOptions,
  type LogChunk,
  type LogQuery,
  type TaskRuntime,
  type TaskSpec,
  type TaskState,
  type TaskStatus,
} from '@stowage/protocol';
import { isDeepStrictEqual } from 'node:util';
import { refusal } from '../features/refusal.ts';
import { untilAborted } from '../host/abort.ts';
import type { AgentCondition } from './agent-condition.ts';
import type { AgentOptions } from './agent-options.ts';
import { assembleAgent, type AgentParts } from './agent-parts.ts';
import { ClosedError, isStorageError, MAX_DELAY_MS, messageOf, requireInteger } from './errors.ts';
import type { Fences } from './fences.ts';
import type { Reaper } from './reaper.ts';
import { Reconciliation } from './reconciliation.ts';
import type { RunnerContext } from './runner-context.ts';
import { Task } from './task.ts';
import { TaskJournal } from './task-journal.ts';
import { runTask } from './task-runner.ts';

/** @public */
export class Agent implements TaskRuntime {
  readonly #parts: AgentParts;
  readonly #context: RunnerContext;
  readonly #fences: Fences;
  readonly #reaper: Reaper;
  readonly #tasks = new Map<string, Task>();
  readonly #accepting = new Map<string, Promise<void>>();
  readonly #forgetting = new Set<string>();
  readonly #lives = new Set<Promise<void>>();
  /** Of callers, that write. */
  readonly #calls = new Set<Promise<unknown>>();
  #closed: Promise<void> | undefined;

  private constructor(parts: AgentParts) {
    this.#parts = parts;
    this.#context = parts.context;
    this.#fences = parts.fences;
    this.#reaper = parts.reaper;
    for (const journal of parts.state.journals)
      this.#tasks.set(journal.record.taskId, new Task(this.#context, journal, false));
  }

  /**
   * Takes over a state folder and whatever runs on the host for it. Resolves when all tasks were adopted; when that
   * fails at first, with an agent that is fenced and goes on trying.
   * @throws AgentError `INVALID_OPTION`, `STATE_FOLDER_LOCKED`, `STATE_FOLDER_DAMAGED`, `STATE_NOT_WRITTEN`; errors of
   * probes as they are. Backend and facilities are not closed then.
   */
  static async open(options: AgentOptions): Promise<Agent> {
    const parts = await assembleAgent(options);
    const agent = new Agent(parts);
    await new Promise<void>((onDelay) => {
      const reconciliation = new Reconciliation({
        ...parts,
        limits: parts.reaperLimits,
        tasks: agent.#tasks,
        quarantined: new Set(parts.state.quarantined.keys()),
        run: (life) => agent.#background(life),
        onDelay,
      });
      const begin = reconciliation.begin().then(() => {
        parts.onReady();
        onDelay();
      });
      agent.#background(begin.then(() => reconciliation.continue()));
    });
    return agent;
  }

  /** Twelve hexadecimal digits, the same over restarts. */
  get id(): string {
    return this.#parts.state.file.id;
  }

  features(): FeatureReport {
    return this.#parts.features;
  }

  async launch(value: TaskSpec): Promise<void> {
    this.#requireOpen();
    // As the journal will give it back, so that it can be compared after a restart.
    const spec = JSON.parse(JSON.stringify(parseTaskSpec(value))) as TaskSpec;
    const { taskId } = spec;
    // A launch of the same id that is under way is waited for, and then found or not.
    while (this.#accepting.has(taskId)) await this.#accepting.get(taskId)!.catch(() => undefined);
    this.#requireOpen();
    const known = this.#tasks.get(taskId);
    if (known !== undefined && isDeepStrictEqual(known.record.spec, spec)) return;
    if (known !== undefined || this.#parts.state.quarantined.has(taskId) || this.#reaper.isOrphan(taskId))
      throw new AgentError(
        'TASK_EXISTS',
        known === undefined
          ? `The host still holds something of a task ${taskId} whose journal cannot be read or is missing. Use another id.`
          : `Another task ${taskId} was launched before. Use another id.`,
      );
    const [fence] = this.#fences.all;
    if (fence !== undefined)
      throw new AgentError('AGENT_FENCED', `The agent takes no tasks (${fence.source}): ${fence.reason}`);
    const reason = refusal(spec, this.#parts.features, this.#parts.host.hardLimits);
    if (reason !== undefined) throw new AgentError('FEATURE_UNAVAILABLE', reason);
    const accepting = this.#whileOpen(() => this.#accept(spec));
    this.#accepting.set(taskId, accepting);
    try {
      await accepting;
    } finally {
      this.#accepting.delete(taskId);
    }
  }

  async kill(taskId: string, options: KillOptions = {}): Promise<void> {
    const task = this.#require(taskId);
    const { graceMs } = options;
    if (graceMs !== undefined) requireInteger('graceMs', graceMs, 0, MAX_DELAY_MS);
    await this.#whileOpen(() => task.wishKill(graceMs));
  }

  /** Without `after`: first those that are kept, of which forgotten tasks may have left gaps; then all to come. */
  statuses(
    options: { readonly after?: number; readonly signal?: AbortSignal } = {},
  ): AsyncIterable<TaskStatus> {
    return this.#context.log.read(options.after, options.signal);
  }

  tasks(): readonly { readonly spec: TaskSpec; readonly state: TaskState }[] {
    return [...this.#tasks.values()].map(({ record: { spec, state } }) => ({ spec, state }));
  }

  logs(taskId: string, query: LogQuery = {}): AsyncIterable<LogChunk> {
    const task = this.#require(taskId);
    return query.follow === true ? this.#follow(task, query) : this.#context.backend.logs(taskId, query);
  }

  async forget(taskId: string): Promise<void> {
    const task = this.#require(taskId);
    if (!task.isFinished)
      throw new AgentError(
        'TASK_NOT_FINISHED',
        `Task ${taskId} is ${task.record.state}. Kill it and wait until it is finished.`,
      );
    if (this.#forgetting.has(taskId)) throw unknownTask(taskId);
    this.#forgetting.add(taskId);
    try {
      await this.#whileOpen(() => this.#forget(task));
    } finally {
      this.#forgetting.delete(taskId);
    }
  }

  /** Takes no more tasks until `unfence`; those it has go on. A second reason of one source replaces the first. */
  fence(reason: string, source = 'operator'): void {
    this.#fences.put(source, reason);
  }

  unfence(source = 'operator'): void {
    this.#fences.lift(source);
  }

  /** For an operator, or for alarms. */
  condition(): AgentCondition {
    return {
      fences: this.#fences.all,
      quarantined: [...this.#parts.state.quarantined].map(([taskId, what]) => ({ taskId, ...what })),
      troubles: [...this.#tasks.values()].flatMap(({ taskId, trouble }) =>
        trouble === undefined ? [] : [{ taskId, ...trouble }],
      ),
      orphans: this.#reaper.orphans,
    };
  }

  /**
   * Lets the agent remove containers that have no journal, whatever their age and number, at its bounded rate.
   * @throws AgentError `UNKNOWN_ORPHAN` when one is none; then none is confirmed
   */
  confirmOrphans(taskIds: readonly string[]): void {
    this.#requireOpen();
    const stranger = taskIds.find((id) => !this.#reaper.isOrphan(id));
    if (stranger !== undefined)
      throw new AgentError('UNKNOWN_ORPHAN', `No container without a journal is called ${stranger}.`);
    for (const id of taskIds) this.#reaper.confirm(id);
  }

  close(): Promise<void> {
    this.#closed ??= this.#close();
    return this.#closed;
  }

  /** A backend can follow only a container that exists, so its beginning is waited for. */
  async *#follow({ taskId, record }: Task, query: LogQuery): AsyncIterable<LogChunk> {
    const { backend, log } = this.#context;
    const mayExist = (state: TaskState): boolean => state !== 'accepted' && state !== 'launched';
    // Only what comes from now on: earlier statuses may have been forgotten.
    if (!mayExist(record.state))
      for await (const status of log.read(log.lastSequence, query.signal))
        if (status.taskId === taskId && mayExist(status.state)) break;
    if (mayExist(record.state)) yield* backend.logs(taskId, query);
  }

  async #accept(spec: TaskSpec): Promise<void> {
    const { log, clock, observer } = this.#context;
    let journal: TaskJournal | undefined;
    const status = await log.commit(async (sequence) => {
      const accepted: TaskStatus = {
        taskId: spec.taskId,
        sequence,
        state: 'accepted',
        timestampMs: Math.round(clock.wallMs()),
        message: 'The task is valid and safe in the journal.',
      };
      journal = await TaskJournal.create(this.#parts.environment, spec, accepted);
      return accepted;
    });
    const task = new Task(this.#context, journal!, true);
    this.#tasks.set(spec.taskId, task);
    observer.said(status!);
    this.#background(runTask(this.#context, task));
  }

  async #forget(task: Task): Promise<void> {
    const { taskId, record } = task;
    const { backend, closing, log } = this.#context;
    try {
      await untilAborted(backend.removeLogs(taskId), closing);
    } catch (error) {
      closing.throwIfAborted();
      throw new AgentError('LOGS_NOT_REMOVED', `Task ${taskId} keeps its logs: ${messageOf(error)}`, error);
    }
    const sequences = record.statuses.map(({ sequence }) => sequence);
    try {
      await log.forget(sequences, () => task.journal.remove());
    } catch (error) {
      closing.throwIfAborted();
      if (isStorageError(error)) throw error;
      throw new AgentError(
        'STATE_NOT_WRITTEN',
        `The journal of task ${taskId} could not be removed: ${messageOf(error)}`,
        error,
      );
    }
    this.#tasks.delete(taskId);
  }

  async #close(): Promise<void> {
    const { facilities, backend, log, stragglers } = this.#context;
    const { closing, lock } = this.#parts;
    closing.abort(new ClosedError('The agent has been closed.'));
    await Promise.all(this.#lives);
    await Promise.allSettled(this.#calls);
    // Whoever still writes has had its turn after this.
    await log.idle();
    await this.#limited(Promise.all(stragglers));
    const failures: unknown[] = [];
    const attempt = async (work: () => Promise<void>): Promise<void> => {
      try {
        await work();
      } catch (error) {
        failures.push(error);
      }
    };
    for (const part of [...facilities.toReversed(), backend]) await attempt(() => part.close());
    if (stragglers.size === 0) await attempt(() => lock.release());
    else {
      lock.keep();
      failures.push(
        new Error(
          `${stragglers.size} calls have not returned, and their effect may still come. The state folder stays locked until this process ends.`,
        ),
      );
    }
    if (failures.length > 0) throw new AggregateError(failures, 'The agent could not be closed cleanly.');
  }

  /** Resolves with `work`, or without it when it takes longer than a call that was aborted may. */
  async #limited(work: Promise<unknown>): Promise<void> {
    const { clock, limits } = this.#context;
    let cancel!: () => void;
    const late = new Promise<void>((resolve) => (cancel = clock.schedule(limits.abortMs, resolve)));
    await Promise.race([work, late]);
    cancel();
  }

  /** Nothing in a life should fail but by the end of the agent; what does is told, and the task stays as it is. */
  #background(life: Promise<unknown>): void {
    const ended = life.then(
      () => undefined,
      (error: unknown) => {
        if (!this.#parts.closing.signal.aborted) this.#context.observer.troubled('run a task', error);
      },
    );
    this.#lives.add(ended);
    void ended.then(() => this.#lives.delete(ended));
  }

  async #whileOpen<T>(action: () => Promise<T>): Promise<T> {
    const call = action();
    this.#calls.add(call);
    try {
      return await call;
    } catch (error) {
      this.#requireOpen(error);
      throw error;
    } finally {
      this.#calls.delete(call);
    }
  }

  #requireOpen(cause?: unknown): void {
    if (this.#parts.closing.signal.aborted)
      throw new AgentError('AGENT_CLOSED', 'This agent has been closed. Open another one.', cause);
  }

  #require(taskId: string): Task {
    this.#requireOpen();
    const task = this.#tasks.get(taskId);
    if (task === undefined) throw unknownTask(taskId);
    return task;
  }
}

function unknownTask(taskId: string): AgentError {
  return new AgentError('UNKNOWN_TASK', `This agent has no task ${JSON.stringify(taskId)}. See tasks().`);
}
