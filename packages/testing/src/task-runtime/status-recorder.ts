/**
 * Reads the status stream of an agent as its control plane would, over restarts, and holds every single status to the
 * contract: no gap and no repeat in the sequence, states in order and each once, nothing after `finished`.
 */
import { TASK_STATES, type TaskRuntime, type TaskState, type TaskStatus } from '@stowage/protocol';
import { demand } from './demand.ts';

const PATIENCE_MS = 60_000;

export class StatusRecorder {
  readonly #byTask = new Map<string, TaskStatus[]>();
  readonly #waiting = new Set<() => void>();
  #sequence: number | undefined;
  #failure: unknown;
  #reader: { readonly abort: AbortController; readonly ended: Promise<void> } | undefined;

  /** Begins to read, from where the last reading ended; the first time with what comes from now on. */
  start(runtime: TaskRuntime): void {
    const abort = new AbortController();
    this.#reader = { abort, ended: this.#read(runtime, abort.signal) };
  }

  /** @throws what was wrong with a status */
  async stop(): Promise<void> {
    this.#reader?.abort.abort();
    await this.#reader?.ended;
    this.#reader = undefined;
    if (this.#failure !== undefined) throw this.#failure as Error;
  }

  of(taskId: string): readonly TaskStatus[] {
    return this.#byTask.get(taskId) ?? [];
  }

  states(taskId: string): readonly TaskState[] {
    return this.of(taskId).map(({ state }) => state);
  }

  /** The status with this state, when it has come. */
  async waitFor(taskId: string, state: TaskState): Promise<TaskStatus> {
    let isLate = false;
    const timer = setTimeout(() => {
      isLate = true;
      this.#wake();
    }, PATIENCE_MS);
    try {
      for (;;) {
        if (this.#failure !== undefined) throw this.#failure as Error;
        const statuses = this.of(taskId);
        const found = statuses.find((status) => status.state === state);
        if (found !== undefined) return found;
        const last = statuses.at(-1);
        const said = statuses.map((status) => status.state).join(', ');
        demand(last?.state !== 'finished', `${taskId} finished without ${state}: ${said}; ${last?.message}`);
        demand(!isLate, `${taskId} has not reached ${state} in ${PATIENCE_MS} ms: ${said}`);
        await new Promise<void>((resolve) => this.#waiting.add(resolve));
      }
    } finally {
      clearTimeout(timer);
    }
  }

  async #read(runtime: TaskRuntime, signal: AbortSignal): Promise<void> {
    try {
      const after = this.#sequence;
      for await (const status of runtime.statuses({ signal, ...(after !== undefined && { after }) })) {
        this.#take(status);
      }
    } catch (error) {
      if (!signal.aborted) this.#failure ??= error;
    }
    this.#wake();
  }

  #take(status: TaskStatus): void {
    const { taskId, sequence, state } = status;
    const earlier = this.#byTask.get(taskId) ?? [];
    const last = earlier.at(-1);
    const what = `${taskId}: ${state} (sequence ${sequence})`;
    const expected = (this.#sequence ?? sequence - 1) + 1;
    demand(sequence === expected, `${what}: the sequence should be ${expected}`);
    demand(last !== undefined || state === 'accepted', `${what}: the first state is accepted`);
    const order = (each: TaskState): number => TASK_STATES.indexOf(each);
    demand(last === undefined || order(state) > order(last.state), `${what}: it came after ${last?.state}`);
    demand(
      (status.reason !== undefined) === (state === 'finished'),
      `${what}: a reason comes with finished only`,
    );
    demand(
      status.exitCode === undefined || state === 'finished',
      `${what}: an exit code comes with finished only`,
    );
    this.#sequence = sequence;
    this.#byTask.set(taskId, [...earlier, status]);
    this.#wake();
  }

  #wake(): void {
    const waiting = [...this.#waiting];
    this.#waiting.clear();
    for (const resume of waiting) resume();
  }
}
