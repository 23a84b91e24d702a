/**
 * Fenzo's world in ours: one agent per host, added in the order of host names, so that the lowest row is Fenzo's
 * choice among equals; leases as offers of an `OfferPool`; disabled hosts and inactive groups as `AgentGates`; an agent
 * without offers, which Fenzo does not look at, as a draining one. A recorded run takes no time: the clock stands.
 */
import {
  AgentGates,
  type FitnessCalculator,
  type Offer,
  OfferPool,
  Scheduler,
  type StowageError,
  type TaskSpec,
} from '@stowage/core';
import { GroupLimits } from '@stowage/queues';
import type { GoldenHost, GoldenOffer, GoldenScenario, GoldenSupply, GoldenTask } from './golden-types.ts';
import { calculatorOf, constraintOf, HOSTNAME, mixedFitness } from './policies.ts';
import {
  builtInAmounts,
  limitAmounts,
  namedAmounts,
  resourceDefinitions,
  setNames,
  taskAmounts,
} from './resource-units.ts';
import { blindToPseudoSlots, requireSets, setAttributes, slotDemands, slotsOf } from './resource-sets.ts';

const NOW_MS = 0;

export class FenzoWorld {
  readonly scheduler: Scheduler;
  /** In the order of their rows. */
  readonly hosts: readonly GoldenHost[];
  /** Tasks and what they use, by group. */
  readonly limits: GroupLimits;
  readonly #pool: OfferPool;
  readonly #sets: readonly string[];
  readonly #calculator: FitnessCalculator;
  readonly #groupAttribute: string | undefined;
  readonly #disabled = new AgentGates();
  readonly #groups = new AgentGates();
  /** Offers held, as recorded. */
  readonly #held = new Map<string, GoldenSupply>();
  #open: readonly string[] = [];

  /** @throws InputError UNSUPPORTED_AMOUNT; StowageError of quantities */
  constructor(scenario: GoldenScenario) {
    const { config } = scenario;
    this.hosts = [...scenario.hosts.values()].sort((a, b) => (a.host < b.host ? -1 : 1));
    this.#sets = setNames(scenario);
    this.#calculator = calculatorOf(config.fitness);
    this.#groupAttribute = config.activeVmGroupAttributeName;
    this.scheduler = new Scheduler({ resources: resourceDefinitions(scenario) });
    const { schema } = this.scheduler.engine;
    const limits = [...config.resAllocs].map(([group, limit]) => [group, limitAmounts(limit)] as const);
    this.limits = new GroupLimits({ schema, limits: Object.fromEntries(limits) });
    for (const host of this.hosts) {
      this.scheduler.addAgent({
        id: host.host,
        resources: slotsOf(host, this.#sets),
        attributes: attributesOf(host),
      });
    }
    this.#pool = new OfferPool(this.scheduler, {
      gates: this.#disabled,
      singleOffer: config.singleOfferPerVM,
      describeAgent: (id) => ({ slots: slotsOf(scenario.hosts.get(id)!, this.#sets) }),
    });
    this.#shut();
  }

  /** Hosts that may get tasks in this call: enabled, in an active group and with an offer. */
  get openHosts(): readonly string[] {
    return this.#open;
  }

  setActiveGroups(groups: readonly string[]): void {
    if (this.#groupAttribute !== undefined) this.#groups.setActiveGroups(this.#groupAttribute, groups);
  }

  isInactive({ host, attributes }: GoldenHost): boolean {
    return this.#groups.reasonFor(host, Object.fromEntries(attributes), NOW_MS) !== undefined;
  }

  disable(host: string, durationMillis: number): void {
    this.#disabled.disable(host, NOW_MS + durationMillis);
  }

  enable(host: string): void {
    this.#disabled.enable(host);
  }

  /** The host whose offer is held under an id. */
  holderOf(offerId: string): string | undefined {
    return this.#held.get(offerId)?.host;
  }

  rescind(offerId: string): void {
    this.#pool.rescind(offerId, NOW_MS);
    this.#held.delete(offerId);
  }

  /** Gives back the offers of hosts that are disabled, and of the given ones. @returns ids of the offers */
  giveBack(hosts: readonly string[]): string[] {
    const closed = this.#pool.expireClosed(NOW_MS);
    const asked = hosts.flatMap((host) => this.#pool.expireAgent(host) ?? []);
    const ids = [...closed, ...asked].flatMap(({ offers }) => offers.map(({ id }) => id));
    for (const id of ids) this.#held.delete(id);
    return ids;
  }

  /** @returns ids of the offers given back at once, and the offers that the pool refused */
  add(offers: readonly GoldenOffer[]): {
    givenBack: string[];
    refused: readonly { readonly offer: Offer; readonly error: StowageError }[];
  } {
    const byId = new Map(offers.map((offer) => [offer.id, offer]));
    const { accepted, givenBack, refused } = this.#pool.add(
      offers.map((offer) => this.#offerOf(offer)),
      NOW_MS,
    );
    for (const { id } of accepted) this.#held.set(id, byId.get(id)!);
    return { givenBack: givenBack.flatMap((back) => back.offers.map(({ id }) => id)), refused };
  }

  /** Opens the hosts that may get tasks. */
  open(): void {
    const closed = new Set(this.hosts.filter((host) => this.isInactive(host)).map(({ host }) => host));
    const open = this.hosts.map(({ host }) => host).filter((host) => this.heldBy(host).length > 0);
    this.#open = open.filter((host) => !closed.has(host));
    this.#shut();
    for (const host of this.#open) this.scheduler.drainAgent(host, false);
  }

  /** Offers held of a host. */
  heldBy(host: string): GoldenSupply[] {
    return this.#pool.offersOf(host).map(({ id }) => this.#held.get(id)!);
  }

  /** Ports of a host that are offered and that no task has, ascending. */
  freePorts(host: string): number[] {
    const { ranges } = this.#pool.freeValues(host, 'ports');
    return ranges.flatMap(([begin, end]) => Array.from({ length: end - begin + 1 }, (_, i) => begin + i));
  }

  /**
   * Hands over what was booked in this call.
   * @param ports - that tasks must get, by task
   * @returns the ports of every task
   */
  launch(
    tasks: readonly { readonly task: string; readonly agent: string }[],
    ports: ReadonlyMap<string, readonly number[]>,
  ): Map<string, readonly number[]> {
    const values = [...ports].map(([task, list]) => [task, { ports: list }] as const);
    const handed = this.#pool.handOver(tasks, Object.fromEntries(values));
    for (const { agent, offers } of handed)
      if (this.#pool.offersOf(agent).length === 0) for (const { id } of offers) this.#held.delete(id);
    return new Map(
      handed.flatMap((one) =>
        one.tasks.map(({ task, values: own }) => [task, (own.ports ?? []) as readonly number[]] as const),
      ),
    );
  }

  release(task: GoldenTask): void {
    this.#pool.release(task.id);
    this.limits.release(task.group, builtInAmounts(task));
  }

  /** A task as the scheduler takes it. */
  specOf(task: GoldenTask): TaskSpec & { readonly fitness: FitnessCalculator } {
    const fitness = mixedFitness(this.#calculator, task.soft);
    return {
      id: task.id,
      job: task.job,
      resources: { ...taskAmounts(task), ...slotDemands(task, this.#sets) },
      constraints: [...task.hard.map(constraintOf), ...requireSets(task)],
      fitness: this.#sets.length === 0 ? fitness : blindToPseudoSlots(fitness, this.hosts),
    };
  }

  #offerOf(offer: GoldenOffer): Offer {
    const host = this.hosts.find(({ host: name }) => name === offer.host)!;
    const scalars = Object.entries(namedAmounts(offer));
    return {
      id: offer.id,
      agent: offer.host,
      offeredAtMs: NOW_MS,
      attributes: attributesOf(host),
      resources: [
        ...scalars.map(([name, amount]) => ({ kind: 'scalar' as const, name, amount })),
        { kind: 'ranges', name: 'ports', ranges: offer.ports },
      ],
    };
  }

  #shut(): void {
    for (const { host } of this.hosts) this.scheduler.drainAgent(host);
  }
}

/** An empty value is none for Fenzo. */
function attributesOf(host: GoldenHost): Record<string, string> {
  const present = [...host.attributes].filter(([, value]) => value !== '');
  return { ...Object.fromEntries(present), ...setAttributes(host), [HOSTNAME]: host.host };
}
