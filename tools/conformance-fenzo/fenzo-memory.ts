/**
 * What Fenzo knows and the engine does not, as far as quirks depend on it: names left on idle slots, exclusive tasks
 * that are assigned and not launched, ports used up in single-offer mode, groups that ever had a task, the
 * greatest resources ever seen per group. Fed with what was recorded, so it is Fenzo's state and not a second opinion.
 */
import { FenzoSlots } from './fenzo-slots.ts';
import type {
  GoldenAmounts,
  GoldenAssignment,
  GoldenHost,
  GoldenScenario,
  GoldenSupply,
  GoldenTask,
} from './golden-types.ts';

type Maxima = Record<keyof GoldenAmounts, number> & {
  /** Fenzo counts a range by its end minus its begin. */
  fenzoPorts: number;
  ports: number;
};

export class FenzoMemory {
  /** Hosts that got an offer, which is when Fenzo comes to know them. */
  readonly knownHosts = new Set<string>();
  /** Groups that ever had an assigned task. */
  readonly seenGroups = new Set<string>();
  /** Groups without any allowance that failed in this call. */
  readonly failedGroups = new Set<string>();
  /** Hosts that got an exclusive task in this call. */
  readonly claimedNow = new Set<string>();
  /** Running tasks with their hosts. */
  readonly running = new Map<string, { readonly task: GoldenTask; readonly host: string }>();
  readonly #scenario: GoldenScenario;
  readonly #slots = new Map<string, FenzoSlots>();
  /** By host: ports that left with tasks. */
  readonly #releasedPorts = new Map<string, number>();
  readonly #firstOffer = new Map<string, GoldenSupply>();
  readonly #maxima = new Map<string, Maxima>();

  constructor(scenario: GoldenScenario) {
    this.#scenario = scenario;
    for (const { host, set } of scenario.hosts.values())
      if (set !== undefined) this.#slots.set(host, new FenzoSlots(set));
  }

  beginCall(): void {
    this.failedGroups.clear();
    this.claimedNow.clear();
  }

  noteOffer(offer: GoldenSupply): void {
    this.knownHosts.add(offer.host);
    if (!this.#firstOffer.has(offer.host)) this.#firstOffer.set(offer.host, offer);
  }

  firstOfferOf(host: string): GoldenSupply | undefined {
    return this.#firstOffer.get(host);
  }

  assign(task: GoldenTask, { host, resourceSets }: GoldenAssignment): void {
    this.running.set(task.id, { task, host });
    this.seenGroups.add(task.group);
    if (task.hard.some(({ type }) => type === 'exclusiveHost')) this.claimedNow.add(host);
    const slot = resourceSets.find(({ attrName }) => attrName === this.#hostOf(host).set?.name);
    if (slot !== undefined)
      this.#slots.get(host)?.take(task.id, slot.index, task.namedResources.get(slot.attrName));
  }

  unassign(taskId: string): GoldenTask {
    const { task, host } = this.running.get(taskId)!;
    this.running.delete(taskId);
    this.#slots.get(host)?.give(taskId);
    this.#releasedPorts.set(host, this.releasedPorts(host) + task.ports);
    return task;
  }

  /** To be called for hosts in inactive groups, before tasks are unassigned. */
  deactivate(host: string): void {
    if (this.tasksOn(host).length === 0) this.#slots.get(host)?.clear();
  }

  tasksOn(host: string): GoldenTask[] {
    return [...this.running.values()].filter((one) => one.host === host).map(({ task }) => task);
  }

  slotsOf(host: string): FenzoSlots | undefined {
    return this.#slots.get(host);
  }

  /** Ports that Fenzo counts as used and nobody has, in single-offer mode. */
  releasedPorts(host: string): number {
    return this.#releasedPorts.get(host) ?? 0;
  }

  /** Hosts of running co-tasks of a task. */
  coTaskHosts({ job }: GoldenTask): GoldenHost[] {
    const coTasks = [...this.running.values()].filter(({ task }) => task.job === job);
    return coTasks.map(({ host }) => this.#hostOf(host));
  }

  /**
   * Notes the greatest resources of a host's group, as Fenzo does in every call for every host it knows.
   * @param held - offers that the host holds
   */
  noteMaxima(host: string, held: readonly GoldenSupply[]): void {
    const { autoScaleByAttributeName, singleOfferPerVM } = this.#scenario.config;
    const group = this.#hostOf(host).attributes.get(autoScaleByAttributeName ?? '');
    const first = this.#firstOffer.get(host);
    if (autoScaleByAttributeName === undefined || group === undefined || first === undefined) return;
    const tasks = this.tasksOn(host);
    const portsInUse = sum(tasks.map(({ ports }) => ports));
    // The totals of a single offer already contain what its tasks use, but for the ports.
    const supplies = singleOfferPerVM ? [first] : held;
    const inTotals = singleOfferPerVM ? [] : tasks;
    const ranges = supplies.flatMap(({ ports }) => ports);
    const present: Maxima = {
      cpu: sum([...supplies, ...inTotals].map(({ cpu }) => cpu)),
      memoryMB: sum([...supplies, ...inTotals].map(({ memoryMB }) => memoryMB)),
      networkMbps: sum([...supplies, ...inTotals].map(({ networkMbps }) => networkMbps)),
      diskMB: sum([...supplies, ...inTotals].map(({ diskMB }) => diskMB)),
      fenzoPorts: portsInUse + sum(ranges.map(([begin, end]) => end - begin)),
      ports: portsInUse + sum(ranges.map(([begin, end]) => end - begin + 1)),
    };
    const before = this.#maxima.get(group) ?? present;
    for (const key of Object.keys(present) as (keyof Maxima)[])
      present[key] = Math.max(present[key], before[key]);
    this.#maxima.set(group, present);
  }

  /** Whether a task exceeds the maxima of every group, with ports counted as Fenzo does or rightly. */
  exceedsMaxima(task: GoldenTask, portCount: 'fenzoPorts' | 'ports'): boolean {
    const groups = [...this.#maxima.values()];
    const amounts = ['cpu', 'memoryMB', 'networkMbps', 'diskMB'] as const;
    return (
      groups.length > 0 &&
      groups.every((max) => task.ports > max[portCount] || amounts.some((key) => task[key] > max[key]))
    );
  }

  #hostOf(host: string): GoldenHost {
    return this.#scenario.hosts.get(host)!;
  }
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
