/**
 * Gives every task with network mode `vpc` an address of its own, the rules of its security groups and its bandwidth.
 * It joins the pool, which reserves addresses in the cloud, and the router, which connects containers on this host.
 *
 * An address returns to the pool only when nothing of the task is left in the router. The facility writes nothing
 * itself: `prepare` contributes the assignment, and a crash before it is in the journal leaves an unused address, which
 * the pool gives back.
 */
import type { AgentFeature, FeatureState, TaskSpec } from '@stowage/protocol';
import {
  InvalidContainerError,
  type LiveContainer,
  UnavailableError,
} from '../contract/container-backend.ts';
import type { Contribution, Facility } from '../contract/facility.ts';
import { type Clock, SYSTEM_CLOCK } from '../host/clock.ts';
import { type AddressAssignment, groupsKey, parseAssignment, sortedGroups } from './address-assignment.ts';
import { InterfacePool, type InterfacePoolOptions } from './interface-pool.ts';
import type { CommandRunner } from './namespace-shell.ts';
import { type Connection, Router } from './router.ts';
import type { SecurityGroup } from './security-groups.ts';
import type { Bandwidth } from './traffic-shaping.ts';
import type { VpcDriver } from './vpc-driver.ts';
import { VpcRules } from './vpc-rules.ts';

/** @public */
export interface NetworkFacilityOptions {
  readonly driver: VpcDriver;
  /**
   * Rules between the tasks of this host; groups that are not among them let nothing in. Default: those of the driver's
   * cloud between tasks of equal groups, asked for at each refresh interval; none when it has none.
   */
  readonly securityGroups?: readonly SecurityGroup[];
  /** Name of the router's namespace; one per agent on a host. Default `stw-router`. */
  readonly namespace?: string;
  /** In bytes. Default 1,500. */
  readonly mtu?: number;
  readonly pool?: InterfacePoolOptions;
  readonly run?: CommandRunner;
  /**
   * Told when addresses or interfaces could not be given back, or the cloud's rules not be read; it is tried again at the
   * next interval.
   */
  readonly onCollectFailed?: (error: unknown) => void;
}

/** @public */
export class NetworkFacility implements Facility {
  readonly name = 'network';
  readonly #driver: VpcDriver;
  readonly #pool: InterfacePool;
  readonly #router: Router;
  readonly #rules: VpcRules | undefined;
  readonly #clock: Clock;
  readonly #refreshIntervalMs: number;
  readonly #onCollectFailed: (error: unknown) => void;
  readonly #live = new Map<string, AddressAssignment>();
  #opened: Promise<string | undefined> | undefined;
  #stopCollecting: (() => void) | undefined;
  readonly #closing = new AbortController();

  /** @throws AgentError `INVALID_SECURITY_GROUP` */
  constructor(options: NetworkFacilityOptions) {
    const { driver, namespace, mtu, pool = {}, run } = options;
    const rulesAmong = options.securityGroups === undefined ? driver.rulesAmong?.bind(driver) : undefined;
    this.#driver = driver;
    this.#clock = pool.clock ?? SYSTEM_CLOCK;
    this.#refreshIntervalMs = pool.refreshIntervalMs ?? 60_000;
    this.#onCollectFailed = options.onCollectFailed ?? (() => undefined);
    this.#pool = new InterfacePool(driver, { ...pool, refreshIntervalMs: this.#refreshIntervalMs });
    this.#router = new Router({
      ...(rulesAmong === undefined && { securityGroups: options.securityGroups ?? [] }),
      totalMbps: driver.limits().networkMbps,
      ...(namespace !== undefined && { namespace }),
      ...(mtu !== undefined && { mtu }),
      ...(run !== undefined && { run }),
    });
    this.#rules =
      rulesAmong &&
      new VpcRules({
        driver: { rulesAmong },
        router: this.#router,
        assignments: () => this.#live.values(),
        onFailed: (error) => this.#tellFailure(error),
        signal: this.#closing.signal,
      });
  }

  /** Name of the namespace through which all traffic of tasks goes, for services in it. */
  get routerNamespace(): string {
    return this.#router.shell.name;
  }

  /** Where that namespace can be entered. */
  get routerNamespacePath(): string {
    return this.#router.shell.path;
  }

  /** Undefined for a task without an address of its own. */
  addressOf(taskId: string): string | undefined {
    return this.#live.get(taskId)?.address;
  }

  async probe(): Promise<Partial<Record<AgentFeature, FeatureState>>> {
    try {
      const missing = await this.#open();
      const enforced = (detail: string): FeatureState => ({ level: 'enforced', detail });
      return {
        'address-per-container': enforced(
          `A pair of virtual links to the namespace ${this.routerNamespace}.`,
        ),
        'security-groups': enforced('Sets and rules of nftables between all containers of this host.'),
        bandwidth:
          missing === undefined
            ? enforced(`Classes of HTB in both directions, with ${this.#router.queue} queues.`)
            : {
                level: 'unavailable',
                detail: `The kernel or iproute2 lacks HTB, ifb or cls_bpf: ${missing}`,
              },
      };
    } catch (error) {
      const detail = `The router cannot be made; it needs root, iproute2, nftables and util-linux: ${(error as Error).message}`;
      const state: FeatureState = { level: 'unavailable', detail };
      return { 'address-per-container': state, 'security-groups': state, bandwidth: state };
    }
  }

  async prepare(task: TaskSpec, signal: AbortSignal): Promise<Contribution | undefined> {
    if (task.network?.mode !== 'vpc') return undefined;
    const securityGroups = sortedGroups(task.network.securityGroups ?? []);
    if (securityGroups.length === 0)
      throw new InvalidContainerError('A task with network mode vpc needs at least one security group.');
    const { networkMbps } = this.#driver.limits();
    if ((task.resources.networkMbps ?? 0) > networkMbps)
      throw new UnavailableError(
        `The task asks for ${task.resources.networkMbps} Mbps and this host has ${networkMbps}.`,
      );
    await this.#open();
    const assignment = await this.#pool.acquire(task.taskId, securityGroups, signal);
    this.#live.set(task.taskId, assignment);
    const { address, interfaceId, subnet } = assignment;
    return {
      address,
      data: assignment,
      environment: {
        EC2_LOCAL_IPV4: address,
        EC2_INTERFACE_ID: interfaceId,
        EC2_SUBNET_ID: subnet.id,
        STOWAGE_NETWORK_MODE: 'vpc',
      },
      labels: {
        'stowage.address': address,
        'stowage.interface': interfaceId,
        'stowage.security-groups': securityGroups.join(','),
      },
    };
  }

  async attach(task: TaskSpec, container: LiveContainer, signal: AbortSignal): Promise<void> {
    const assignment = this.#live.get(task.taskId);
    if (assignment === undefined) return;
    await this.#open();
    await this.#rules?.know(assignment.securityGroups, signal);
    await this.#router.connect(this.#connectionOf(task, assignment, container), signal);
  }

  async adopt(task: TaskSpec, data: unknown, container: LiveContainer | undefined): Promise<void> {
    if (task.network?.mode !== 'vpc') return;
    const assignment = parseAssignment(data);
    this.#pool.adopt(task.taskId, assignment);
    this.#live.set(task.taskId, assignment);
    if (container === undefined) return;
    await this.#open();
    await this.#router.restore(this.#connectionOf(task, assignment, container));
  }

  async release(taskId: string): Promise<void> {
    if (await this.#router.shell.exists()) {
      await this.#open();
      await this.#router.disconnect(taskId);
    }
    this.#live.delete(taskId);
    this.#pool.release(taskId);
  }

  async sweep(): Promise<void> {
    await this.#open();
    await this.#router.sweep(this.#live.keys());
    this.#rules?.refresh().catch((error: unknown) => this.#tellFailure(error));
    this.#scheduleCollection();
  }

  /** Leaves the router and all connections as they are. */
  async close(): Promise<void> {
    this.#closing.abort();
    this.#stopCollecting?.();
    this.#pool.close();
    await this.#rules?.settled();
  }

  /** Removes the router; for a host that is given up, after all its tasks have ended. */
  async removeRouter(): Promise<void> {
    await this.#router.remove();
  }

  #open(): Promise<string | undefined> {
    this.#opened ??= this.#router.open().catch((error: unknown) => {
      this.#opened = undefined;
      throw error;
    });
    return this.#opened;
  }

  #scheduleCollection(): void {
    this.#stopCollecting?.();
    if (this.#closing.signal.aborted) return;
    this.#stopCollecting = this.#clock.schedule(this.#refreshIntervalMs, () => {
      void this.#collect()
        .catch((error: unknown) => this.#tellFailure(error))
        .finally(() => this.#scheduleCollection());
    });
  }

  async #collect(): Promise<void> {
    const errors: unknown[] = [];
    await this.#pool.collect().catch((error: unknown) => errors.push(error));
    await this.#rules?.refresh().catch((error: unknown) => errors.push(error));
    await this.#driver.collectGarbage?.(this.#closing.signal).catch((error: unknown) => errors.push(error));
    if (errors.length > 0)
      throw new AggregateError(errors, 'Some of the network could not be cleaned up or refreshed.');
  }

  #tellFailure(error: unknown): void {
    if (!this.#closing.signal.aborted) this.#onCollectFailed(error);
  }

  #connectionOf(task: TaskSpec, assignment: AddressAssignment, container: LiveContainer): Connection {
    const { address, securityGroups } = assignment;
    const bandwidth = bandwidthOf(task);
    return {
      taskId: task.taskId,
      pid: container.pid,
      address,
      // The cloud's rules are for all who have the same groups, as one.
      securityGroups: this.#rules === undefined ? securityGroups : [groupsKey(securityGroups)],
      ...(bandwidth !== undefined && { bandwidth }),
    };
  }
}

function bandwidthOf({ resources, network }: TaskSpec): Bandwidth | undefined {
  const { networkMbps: rateMbps } = resources;
  if (rateMbps === undefined) return undefined;
  return { rateMbps, ceilMbps: Math.max(rateMbps, network?.burstMbps ?? rateMbps) };
}
