/**
 * A cell of services on agents in zones, and what happens to it: launches, scale-in, the loss and return of a zone,
 * migrations. Keeps which task belongs to which service, as a job manager would.
 */
import { balancedSoft } from '@stowage/constraints';
import { type FitnessCalculator, PlacementEngine } from '@stowage/core';
import { migrate, type RebalancePlan } from '@stowage/planning';
import type { Service } from '../../service-fleet.ts';

const AGENT = { cpu: 32, memory: 249_856, network: 10_000 };
type Zone = 'a' | 'b' | 'c';
const ZONES: readonly Zone[] = ['a', 'b', 'c'];

export class ServiceCell {
  readonly engine: PlacementEngine;
  /** Service of every task, by handle. */
  readonly serviceOf: Map<number, Service> = new Map();
  readonly #classes = new Map<Service, number>();

  constructor(agents: number, fitness: FitnessCalculator) {
    this.engine = new PlacementEngine({
      resources: [{ name: 'cpu', unitsPerWhole: 1000 }, { name: 'memory' }, { name: 'network' }],
      agentCapacity: agents,
      fitness,
    });
    for (let i = 0; i < agents; i++) this.#addAgent(ZONES[i % ZONES.length]);
  }

  /** @returns whether there was room */
  launch(service: Service): boolean {
    let classId = this.#classes.get(service);
    if (classId === undefined) this.#classes.set(service, (classId = this.#define(service)));
    const handle = this.engine.place(classId);
    if (handle >= 0) this.serviceOf.set(handle, service);
    return handle >= 0;
  }

  stop(handle: number): void {
    this.engine.release(handle);
    this.serviceOf.delete(handle);
  }

  /** A zone fails, its tasks are launched elsewhere, and the zone comes back empty. @returns tasks that found no room */
  loseZone(zone: Zone): number {
    const { engine } = this;
    const rows = this.#rowsIn(zone);
    const lost = rows
      .flatMap((row) => engine.tasksOn(row))
      .map((handle) => [handle, this.serviceOf.get(handle)!] as const);
    for (const [handle] of lost) this.stop(handle);
    for (const row of rows) engine.removeAgent(row);
    const homeless = lost.filter(([, service]) => !this.launch(service)).length;
    for (let i = 0; i < rows.length; i++) this.#addAgent(zone);
    return homeless;
  }

  /** Carries a plan out. @returns migrations that were made */
  carryOut(plan: RebalancePlan<number, number>): number {
    let made = 0;
    for (const migration of plan.steps.flatMap(({ migrations }) => migrations)) {
      const service = this.serviceOf.get(migration.task)!;
      const handle = migrate(this.engine, migration);
      if (handle < 0) continue;
      this.serviceOf.delete(migration.task);
      this.serviceOf.set(handle, service);
      made++;
    }
    return made;
  }

  /** Agents that run tasks. */
  get agentsInUse(): number {
    return this.#rows().filter((row) => this.engine.cluster.taskCount[row] > 0).length;
  }

  /** Fewest agents that could hold what runs, if tasks could be divided. */
  get agentsNeeded(): number {
    const used = this.engine.schema.scalars.map(() => 0);
    for (const row of this.#rows()) this.engine.usageOf(row).forEach((units, r) => (used[r] += units));
    return Math.max(
      ...this.engine.schema.scalars.map(({ name }, r) =>
        Math.ceil(used[r] / this.engine.cluster.total(name)[0]),
      ),
    );
  }

  /** Tasks that would have to change their zone for every service to be spread as evenly as can be. */
  get tasksOutOfPlace(): number {
    const counts = new Map<Service, Map<string, number>>();
    for (const [handle, service] of this.serviceOf) {
      const zone = this.engine.attributesOf(this.engine.agentOf(handle))['zone'];
      const byZone = counts.get(service) ?? new Map<string, number>(ZONES.map((name) => [name, 0]));
      counts.set(service, byZone.set(zone, byZone.get(zone)! + 1));
    }
    return [...counts.values()].reduce((sum, byZone) => sum + misplaced([...byZone.values()]), 0);
  }

  #define({ name, cpu, memoryMiB, network }: Service): number {
    return this.engine.defineClass({
      resources: { cpu, memory: memoryMiB, network },
      job: name,
      softConstraints: [balancedSoft('zone')],
    });
  }

  #addAgent(zone: string): void {
    this.engine.addAgent({ resources: AGENT, attributes: { zone } });
  }

  #rows(): number[] {
    return Array.from({ length: this.engine.rowCount }, (_, row) => row).filter((row) =>
      this.engine.hasAgent(row),
    );
  }

  #rowsIn(zone: string): number[] {
    return this.#rows().filter((row) => this.engine.attributesOf(row)['zone'] === zone);
  }
}

/** What exceeds the share of each zone; where tasks cannot be divided evenly, the fullest zones may keep one more. */
function misplaced(counts: readonly number[]): number {
  const total = counts.reduce((sum, count) => sum + count, 0);
  const share = Math.floor(total / counts.length);
  const extra = total % counts.length;
  return counts
    .toSorted((a, b) => b - a)
    .reduce((sum, count, rank) => sum + Math.max(0, count - share - (rank < extra ? 1 : 0)), 0);
}
