/**
 * Addresses for tasks out of the two-level pool of a VPC: an interface serves one set of security groups at a time, and
 * as many tasks with exactly this set as it has addresses.
 *
 * A task gets, in this order: a free address of an interface with its groups (the most used interface first, so that
 * others run empty); a new address of such an interface; an idle interface whose groups are rewritten; a new interface.
 * Addresses are asked for in batches, all that fit when many tasks wait, and are given back after a grace. Tasks that
 * wait for the same groups share what is under way. All state is in memory: after a restart it comes from `adopt` and
 * from what the cloud shows. After the VPC tool of Titus and the resource sets of Fenzo.
 */
import { AgentError } from '@stowage/protocol';
import { InvalidContainerError, UnavailableError } from '../contract/container-backend.ts';
import { type Clock, SYSTEM_CLOCK } from '../host/clock.ts';
import { type AddressAssignment, groupsKey, sortedGroups } from './address-assignment.ts';
import { networkError } from './errors.ts';
import { InterfaceTable } from './interface-table.ts';
import { PoolOperations } from './pool-operations.ts';
import type { VpcDriver } from './vpc-driver.ts';

/** @public */
export interface InterfacePoolOptions {
  readonly clock?: Clock;
  /** Addresses asked for at once while few tasks wait. Default 4. */
  readonly batch?: number;
  /** How often `collect` is called; an address is given back after twice this time without a task. Default 60,000 ms. */
  readonly refreshIntervalMs?: number;
  /** How long the cloud may show old state. Default 10,000 ms. */
  readonly settleMs?: number;
  /** Tries of an operation on the cloud before the tasks that wait for it fail. Default 3. */
  readonly attempts?: number;
  /** Before the second try; doubles with each. Default 500 ms. */
  readonly retryDelayMs?: number;
}

interface Request {
  readonly taskId: string;
  readonly key: string;
  readonly securityGroups: readonly string[];
  readonly promise: Promise<AddressAssignment>;
  readonly resolve: (assignment: AddressAssignment) => void;
  readonly reject: (reason: unknown) => void;
}

export class InterfacePool {
  readonly #clock: Clock;
  readonly #table: InterfaceTable;
  readonly #operations: PoolOperations;
  /** In the order of arrival. */
  readonly #requests = new Map<string, Request>();
  #firstRead: Promise<void> | undefined;
  #collection: Promise<void> | undefined;
  #closed: AgentError | undefined;

  constructor(driver: VpcDriver, options: InterfacePoolOptions = {}) {
    const { clock = SYSTEM_CLOCK, batch = 4, refreshIntervalMs = 60_000, settleMs = 10_000 } = options;
    const { attempts = 3, retryDelayMs = 500 } = options;
    this.#clock = clock;
    this.#table = new InterfaceTable(settleMs);
    const times = { batch, refreshIntervalMs, settleMs, attempts, retryDelayMs };
    this.#operations = new PoolOperations(driver, this.#table, clock, times, (key, error) => {
      if (error !== undefined) this.#reject(key, error);
      this.#pump();
    });
  }

  /**
   * An address on an interface with exactly these groups. Asking again for a task that has one gives the same.
   * @throws UnavailableError when other groups or other tasks use all that this host has; InvalidContainerError when a
   * group does not exist; what the cloud said when it failed repeatedly; `signal.reason`
   */
  async acquire(
    taskId: string,
    securityGroups: readonly string[],
    signal: AbortSignal,
  ): Promise<AddressAssignment> {
    signal.throwIfAborted();
    if (this.#closed !== undefined) throw this.#closed;
    const owned = this.#table.assignmentOf(taskId);
    if (owned !== undefined) return owned;
    const request = this.#requests.get(taskId) ?? this.#newRequest(taskId, securityGroups);
    const abort = (): void => this.#cancel(taskId, signal.reason);
    signal.addEventListener('abort', abort, { once: true });
    void this.#serve();
    try {
      return await request.promise;
    } finally {
      signal.removeEventListener('abort', abort);
    }
  }

  /**
   * Reserves what a task of an earlier run of the agent has. Needs no cloud.
   * @throws AgentError `ADDRESS_CONFLICT` when another task has the address, or its interface other groups
   */
  adopt(taskId: string, assignment: AddressAssignment): void {
    this.#table.adopt(taskId, assignment, this.#clock.monotonicMs());
  }

  /** Undefined when the task has no address. */
  assignmentOf(taskId: string): AddressAssignment | undefined {
    return this.#table.assignmentOf(taskId);
  }

  /** The address goes back into the pool. Idempotent. */
  release(taskId: string): void {
    this.#cancel(taskId, networkError('TASK_RELEASED', `Task ${taskId} was released while it waited.`));
    if (this.#table.release(taskId, this.#clock.monotonicMs())) this.#pump();
  }

  /**
   * Looks at the cloud and gives back addresses that no task has had for twice the refresh interval; never the primary
   * address of an interface. Call it once per refresh interval, and not before all tasks were adopted.
   * @throws AggregateError of what failed; it is tried again at the next call
   */
  collect(): Promise<void> {
    this.#collection ??= this.#operations.collect().finally(() => {
      this.#collection = undefined;
      this.#pump();
    });
    return this.#collection;
  }

  /** Ends what is under way; the tasks that wait fail. The cloud stays as it is. */
  close(): void {
    this.#closed = new AgentError('AGENT_CLOSED', 'The network of this agent has been closed.');
    this.#operations.close(this.#closed);
    for (const taskId of [...this.#requests.keys()]) this.#cancel(taskId, this.#closed);
  }

  #newRequest(taskId: string, securityGroups: readonly string[]): Request {
    let resolve!: Request['resolve'];
    let reject!: Request['reject'];
    const promise = new Promise<AddressAssignment>((onResolve, onReject) => {
      resolve = onResolve;
      reject = onReject;
    });
    const groups = sortedGroups(securityGroups);
    const request = { taskId, key: groupsKey(groups), securityGroups: groups, promise, resolve, reject };
    this.#requests.set(taskId, request);
    return request;
  }

  #cancel(taskId: string, reason: unknown): void {
    const request = this.#requests.get(taskId);
    this.#requests.delete(taskId);
    request?.reject(reason);
  }

  /** Those wait on for whom other operations are under way, unless what they ask for can never work. */
  #reject(key: string, reason: unknown): void {
    const keep = reason instanceof InvalidContainerError ? 0 : this.#operations.expected(key);
    const requests = [...this.#requests.values()].filter((request) => request.key === key);
    for (const { taskId } of requests.slice(keep)) this.#cancel(taskId, reason);
  }

  /** Nothing is asked of the cloud before it was seen once; tasks that come meanwhile share the look. */
  async #serve(): Promise<void> {
    this.#firstRead ??= this.#operations.firstRead();
    try {
      await this.#firstRead;
    } catch (error) {
      this.#firstRead = undefined;
      for (const taskId of [...this.#requests.keys()]) this.#cancel(taskId, error);
      return;
    }
    this.#pump();
  }

  /** Hands out what is there, begins what brings more, and refuses what nothing can bring. */
  #pump(): void {
    if (this.#closed !== undefined) return;
    const waiting = new Map<string, Request[]>();
    for (const request of [...this.#requests.values()]) {
      const assignment = this.#table.take(request.taskId, request.key);
      if (assignment === undefined) {
        waiting.set(request.key, [...(waiting.get(request.key) ?? []), request]);
        continue;
      }
      this.#requests.delete(request.taskId);
      request.resolve(assignment);
    }
    for (const [key, requests] of waiting) {
      let expected = this.#operations.expected(key);
      while (expected < requests.length) {
        const begun = this.#operations.begin(key, requests[0].securityGroups, requests.length - expected);
        if (begun === 0) break;
        expected += begun;
      }
      if (expected === 0 && !this.#operations.somethingMayCome())
        this.#reject(key, new UnavailableError(this.#table.explain(key)));
    }
  }
}
