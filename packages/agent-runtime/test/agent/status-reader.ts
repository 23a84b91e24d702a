/** A control plane that keeps the last sequence it has handled and reads on after every crash of the agent. */
import { TASK_STATES, type TaskRuntime, type TaskStatus } from '@stowage/protocol';

export class StatusReader {
  readonly statuses: TaskStatus[] = [];
  readonly problems: string[] = [];
  #abort = new AbortController();

  follow(runtime: TaskRuntime): void {
    this.#abort.abort();
    const abort = new AbortController();
    this.#abort = abort;
    const after = this.statuses.at(-1)?.sequence ?? 0;
    const read = async (): Promise<void> => {
      for await (const status of runtime.statuses({ after, signal: abort.signal })) {
        if (abort.signal.aborted) return;
        this.#take(status);
      }
    };
    read().catch((error: unknown) => this.problems.push(String(error)));
  }

  stop(): void {
    this.#abort.abort();
  }

  of(taskId: string): readonly TaskStatus[] {
    return this.statuses.filter((status) => status.taskId === taskId);
  }

  states(taskId: string): string {
    return this.of(taskId)
      .map(({ state }) => state)
      .join(' ');
  }

  end(taskId: string): TaskStatus | undefined {
    return this.of(taskId).find(({ state }) => state === 'finished');
  }

  #take(status: TaskStatus): void {
    const expected = (this.statuses.at(-1)?.sequence ?? 0) + 1;
    if (status.sequence !== expected)
      this.problems.push(`Sequence ${status.sequence} came where ${expected} was due.`);
    const before = this.of(status.taskId).at(-1);
    const index = TASK_STATES.indexOf(status.state);
    if (before === undefined ? index !== 0 : index <= TASK_STATES.indexOf(before.state))
      this.problems.push(`${status.taskId}: ${status.state} came after ${before?.state ?? 'nothing'}.`);
    this.statuses.push(status);
  }
}
