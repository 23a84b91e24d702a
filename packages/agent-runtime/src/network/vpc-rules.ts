/**
 * Keeps the router's rules between tasks of equal groups as the VPC has them. They are asked for at intervals, and at once
 * when a set of groups comes to this host that was not asked for yet. While the cloud does not answer, the rules of before
 * hold, also those of an earlier run of the agent: they are in the kernel.
 */
import { untilAborted } from '../host/abort.ts';
import { type AddressAssignment, groupsKey } from './address-assignment.ts';
import type { Router } from './router.ts';
import type { GroupHolders, VpcDriver } from './vpc-driver.ts';

export interface VpcRulesOptions {
  readonly driver: Required<Pick<VpcDriver, 'rulesAmong'>>;
  /** Open, whenever rules are asked for. */
  readonly router: Pick<Router, 'setSecurityGroups'>;
  /** Of the tasks that are on this host now. */
  readonly assignments: () => Iterable<AddressAssignment>;
  /** Told of what a task did not wait for. */
  readonly onFailed: (error: unknown) => void;
  /** Ends all calls. */
  readonly signal: AbortSignal;
}

/** How long a new task waits for rules; without, it has its address and nobody of this host reaches it yet. */
const PATIENCE_MS = 10_000;

export class VpcRules {
  readonly #options: VpcRulesOptions;
  /** Whose rules the router has. */
  #known: ReadonlySet<string> = new Set();
  #applied: string | undefined;
  /** Waits for the one before it. */
  #next: Promise<void> | undefined;
  #last: Promise<unknown> = Promise.resolve();

  constructor(options: VpcRulesOptions) {
    this.#options = options;
  }

  /** Asks for the rules anew, once for all who wait at the same time. */
  refresh(): Promise<void> {
    this.#next ??= this.#last.then(() => {
      this.#next = undefined;
      return this.#read();
    });
    this.#last = this.#next.catch(() => undefined);
    return this.#next;
  }

  /** Before a task with these groups is connected. @throws `signal.reason` */
  async know(securityGroups: readonly string[], signal: AbortSignal): Promise<void> {
    if (this.#known.has(groupsKey(securityGroups))) return;
    const limits = AbortSignal.any([signal, AbortSignal.timeout(PATIENCE_MS)]);
    try {
      await untilAborted(this.refresh(), limits);
    } catch (error) {
      signal.throwIfAborted();
      this.#options.onFailed(error);
    }
  }

  /** Resolves when the router is left alone, soon after `signal` has aborted: a later agent may work on it then. */
  async settled(): Promise<void> {
    await this.#last;
  }

  async #read(): Promise<void> {
    const { driver, router, signal } = this.#options;
    signal.throwIfAborted();
    const holders = this.#holders();
    const groups = holders.length === 0 ? [] : await untilAborted(driver.rulesAmong(holders, signal), signal);
    signal.throwIfAborted();
    const text = JSON.stringify(groups);
    if (text !== this.#applied) await router.setSecurityGroups(groups);
    this.#applied = text;
    this.#known = new Set(groups.map(({ id }) => id));
  }

  #holders(): readonly GroupHolders[] {
    const found = new Map<string, { securityGroups: readonly string[]; subnets: Set<string> }>();
    for (const { securityGroups, subnet } of this.#options.assignments()) {
      const key = groupsKey(securityGroups);
      const holder = found.get(key) ?? { securityGroups, subnets: new Set() };
      holder.subnets.add(subnet.cidr);
      found.set(key, holder);
    }
    return [...found]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([, { securityGroups, subnets }]) => ({ securityGroups, subnets: [...subnets] }));
  }
}
