/**
 * Agents with interfaces and images: what a launch costs beyond its resources. An interface is set up for the security
 * groups of its first task; one that is set up for others has to be re-bound, which is slow and fails now and then.
 * An image is pulled once and stays. Agents report both, so that policies can heed them.
 */
import { type FitnessCalculator, PlacementEngine } from '@stowage/core';
import { balancedSoft } from '@stowage/constraints';
import type { Service } from '../../service-fleet.ts';

/** r4.8xlarge, of which one of eight interfaces belongs to the host (Titus at Netflix; 30 addresses each, one primary). */
const AGENT = {
  cpu: 32,
  memory: 249_856,
  network: 10_000,
  eni: { slots: 7, unitsPerSlot: 29 },
};
const ZONES = ['a', 'b', 'c'];

/** What launches have cost so far. */
export interface LaunchCosts {
  launched: number;
  refused: number;
  imagesPulled: number;
  interfacesSetUp: number;
  interfacesRebound: number;
  /** Time spent in the engine for each launch, in µs. */
  readonly engineMicros: number[];
}

export class BurstCluster {
  readonly engine: PlacementEngine;
  costs: LaunchCosts = noCosts();
  /** Images by row. */
  readonly #images: readonly Set<string>[];
  /** By row and interface: the security groups that it is set up for; undefined = never set up. */
  readonly #boundTo: readonly (string | undefined)[][];
  readonly #changed = new Set<number>();

  constructor(agents: number, fitness: FitnessCalculator) {
    this.engine = new PlacementEngine({
      resources: [
        { name: 'cpu', unitsPerWhole: 1000 },
        { name: 'memory' },
        { name: 'network' },
        { name: 'eni', kind: 'set' },
      ],
      agentCapacity: agents,
      fitness,
    });
    for (let i = 0; i < agents; i++)
      this.engine.addAgent({ resources: AGENT, attributes: { zone: ZONES[i % ZONES.length] } });
    this.#images = Array.from({ length: agents }, () => new Set<string>());
    this.#boundTo = Array.from({ length: agents }, () => []);
  }

  /** Class of a service's tasks with one version of its image. */
  define(service: Service, version: number): { readonly classId: number; readonly image: string } {
    const { name, cpu, memoryMiB, network, securityGroup } = service;
    const image = `${name}:${version}`;
    const classId = this.engine.defineClass({
      resources: { cpu, memory: memoryMiB, network, eni: { units: 1, label: securityGroup } },
      labels: { job: name, jobType: 'service', tier: 'critical', image, securityGroup },
      softConstraints: [balancedSoft('zone')],
    });
    return { classId, image };
  }

  /** Places a task and counts what its launch costs. @returns its handle, -1 when there is no room */
  launch(service: Service, { classId, image }: { readonly classId: number; readonly image: string }): number {
    const { costs, engine } = this;
    const begin = performance.now();
    const handle = engine.place(classId);
    costs.engineMicros.push((performance.now() - begin) * 1000);
    if (handle < 0) {
      costs.refused++;
      return handle;
    }
    costs.launched++;
    const row = engine.agentOf(handle);
    if (!this.#images[row].has(image)) {
      this.#images[row].add(image);
      costs.imagesPulled++;
      this.#changed.add(row);
    }
    this.#bindInterface(row, Math.log2(engine.slotsOf(handle, 'eni')), service.securityGroup);
    return handle;
  }

  /** Agents report what launches since the last report have changed. */
  report(): void {
    for (const row of this.#changed) {
      const securityGroup = this.#boundTo[row].filter((group) => group !== undefined);
      this.engine.reportAgent(row, { cached: { image: [...this.#images[row]], securityGroup } });
    }
    this.#changed.clear();
  }

  /** Begins to count anew. @returns the costs so far */
  takeCosts(): LaunchCosts {
    const { costs } = this;
    this.costs = noCosts();
    return costs;
  }

  #bindInterface(row: number, slot: number, securityGroup: string): void {
    const boundTo = this.#boundTo[row];
    if (boundTo[slot] === securityGroup) return;
    if (boundTo[slot] === undefined) this.costs.interfacesSetUp++;
    else this.costs.interfacesRebound++;
    boundTo[slot] = securityGroup;
    this.#changed.add(row);
  }
}

function noCosts(): LaunchCosts {
  return {
    launched: 0,
    refused: 0,
    imagesPulled: 0,
    interfacesSetUp: 0,
    interfacesRebound: 0,
    engineMicros: [],
  };
}
