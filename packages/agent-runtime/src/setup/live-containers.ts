/** Keeps which containers of the agent live, for whoever measures them. It holds nothing of the host. */
import type { TaskSpec } from '@stowage/protocol';
import type { LiveContainer } from '../contract/container-backend.ts';
import type { Contribution, Facility } from '../contract/facility.ts';
import type { LiveTask } from '../metrics/container-metrics.ts';

export class LiveContainers implements Facility {
  readonly name = 'live-containers';
  readonly #live = new Map<string, LiveTask>();

  all(): readonly LiveTask[] {
    return [...this.#live.values()];
  }

  probe(): Promise<Record<string, never>> {
    return Promise.resolve({});
  }

  /** Contributes nothing, and so that the agent calls `adopt`, not undefined. */
  prepare(): Promise<Contribution> {
    return Promise.resolve({});
  }

  attach(task: TaskSpec, container: LiveContainer): Promise<void> {
    this.#add(task, container);
    return Promise.resolve();
  }

  adopt(task: TaskSpec, _data: unknown, container: LiveContainer | undefined): Promise<void> {
    if (container !== undefined) this.#add(task, container);
    return Promise.resolve();
  }

  release(taskId: string): Promise<void> {
    this.#live.delete(taskId);
    return Promise.resolve();
  }

  sweep(): Promise<void> {
    return Promise.resolve();
  }

  close(): Promise<void> {
    return Promise.resolve();
  }

  #add({ taskId, jobId }: TaskSpec, { pid, cgroups }: LiveContainer): void {
    this.#live.set(taskId, { taskId, pid, cgroups, ...(jobId !== undefined && { jobId }) });
  }
}
