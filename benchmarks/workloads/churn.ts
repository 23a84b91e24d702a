/**
 * Steady-state churn: a cluster of four agent types filled to about 75 % of its cpu, then one release and one
 * placement per operation. Declared by numbers and a seed, so that tests can run it small and benches large.
 */
import { PlacementEngine } from '@stowage/core';
import type { FitnessCalculator, HardConstraint, SoftConstraint } from '@stowage/core';
import { SeededRandom } from '@stowage/simulator';

export interface ChurnWorkload {
  readonly agents: number;
  /** Distinct task classes, asked for round robin. */
  readonly shapes: number;
  readonly seed: number;
  readonly fitness: FitnessCalculator;
  /** Made once per shape; the job has the number of the shape. */
  readonly constraints?: (shape: number) => readonly HardConstraint[];
  readonly softConstraints?: (shape: number) => readonly SoftConstraint[];
}

const AGENT_TYPES = [
  { cpu: 96, memory: 393_216 },
  { cpu: 96, memory: 786_432 },
  { cpu: 64, memory: 262_144 },
  { cpu: 64, memory: 499_712 },
];
const TARGET_LOAD = 0.75;
const ZONES = ['a', 'b', 'c'];

export class Churn {
  readonly engine: PlacementEngine;
  readonly classes: Int32Array;
  readonly #live: Int32Array;
  /** Which live task the next operations release: precomputed, so that drawing costs no time and no memory. */
  readonly #victims: Int32Array;
  #next = 0;

  constructor({ agents, shapes, seed, fitness, constraints, softConstraints }: ChurnWorkload) {
    const random = new SeededRandom(seed);
    this.engine = new PlacementEngine({ fitness, agentCapacity: agents });
    for (let i = 0; i < agents; i++) {
      this.engine.addAgent({
        resources: AGENT_TYPES[i % AGENT_TYPES.length],
        attributes: { zone: ZONES[i % ZONES.length] },
      });
    }
    const cpus: number[] = [];
    this.classes = Int32Array.from({ length: shapes }, (_, shape) => {
      const cpu = (1 + random.below(32)) / 4;
      cpus.push(cpu);
      return this.engine.defineClass({
        resources: { cpu, memory: 512 * (1 + random.below(64)) },
        job: `job-${shape}`,
        constraints: constraints?.(shape) ?? [],
        softConstraints: softConstraints?.(shape) ?? [],
      });
    });
    const cpuTarget = agents * 80 * TARGET_LOAD;
    const live: number[] = [];
    for (let used = 0, i = 0; used < cpuTarget; i++) {
      const handle = this.engine.place(this.classes[i % shapes]);
      if (handle < 0) break;
      live.push(handle);
      used += cpus[i % shapes];
    }
    this.#live = Int32Array.from(live);
    this.#victims = Int32Array.from({ length: 65_536 }, () => random.below(live.length));
  }

  /** Tasks placed at a time. */
  get tasks(): number {
    return this.#live.length;
  }

  /**
   * Releases one task and places one, `operations` times.
   * @returns a hash of the agents chosen (FNV-1a), which depends on every decision
   */
  run(operations: number): number {
    const { engine, classes } = this;
    const live = this.#live;
    let hash = 0x811c9dc5;
    for (let i = 0; i < operations; i++) {
      const victim = this.#victims[this.#next & 65_535];
      if (live[victim] >= 0) engine.release(live[victim]);
      const handle = engine.place(classes[this.#next++ % classes.length]);
      live[victim] = handle;
      hash = Math.imul(hash ^ (handle < 0 ? -1 : engine.agentOf(handle)), 0x01000193);
    }
    return hash;
  }
}
