/**
 * All structures on clusters that are large enough for splits, joins and several levels: engines that are made to answer
 * by different structures do the same things and must choose the same agents, in order, with everything they keep
 * between decisions consistent. The scan itself is compared with the oracle elsewhere.
 */
import {
  affinity,
  antiAffinity,
  attributeEquals,
  balanced,
  balancedSoft,
  uniqueHost,
} from '@stowage/constraints';
import { binPacking, spreading } from '@stowage/fitness';
import { SeededRandom } from '@stowage/simulator';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  type FitnessCalculator,
  fitness,
  PlacementEngine,
  type StructureChoice,
  type TaskRequirements,
} from '../src/index.ts';

const SCALARS = [{ name: 'cpu', unitsPerWhole: 1000 }, { name: 'memory' }, { name: 'disk' }] as const;

const CHOICES: readonly StructureChoice[] = ['scan', 'class-tree', 'ordered-index', 'cheapest'];

const FITNESS: Readonly<Record<string, readonly FitnessCalculator[]>> = {
  packing: [binPacking('cpu', 'memory')],
  'packing in three dimensions': [binPacking('cpu', 'memory', 'disk')],
  spreading: [spreading('cpu', 'memory')],
  'packing, then fewest tasks': [
    binPacking('cpu'),
    fitness('fewest tasks', (_task, agent) => -agent.taskCount, 'agent'),
  ],
  'zones, then packing': [balancedSoft('zone'), binPacking('memory')],
  'fewest tasks, undeclared': [fitness('fewest tasks', (_task, agent) => -agent.taskCount)],
  'fewest tasks': [fitness('fewest tasks', (_task, agent) => -agent.taskCount, 'agent')],
};

/** Of which no common multiple fits into 53 bits, so that ratios are rounded, to all the bits that there are. */
const COPRIME_MIB = [2, 3, 6, 99_991, 1_000_003, 2_147_483_629, 2_147_483_647];

interface Scenario {
  readonly seed: number;
  readonly agents: number;
  readonly classes: number;
  readonly fitness: string;
  /** Few distinct sizes make ties, many make none. */
  readonly sizes: number;
  readonly rebindAfterMs: number;
  /** How many of ten classes want a slot under a label. */
  readonly labelled: number;
  readonly operations: number;
  readonly memory: 'two sizes' | 'coprime sizes';
}

const scenarioArbitrary: fc.Arbitrary<Scenario> = fc.record({
  seed: fc.integer({ min: 1, max: 2 ** 31 - 1 }),
  agents: fc.integer({ min: 1, max: 700 }),
  classes: fc.integer({ min: 1, max: 12 }),
  fitness: fc.constantFrom(...Object.keys(FITNESS)),
  sizes: fc.constantFrom(1, 3, 1000),
  rebindAfterMs: fc.constantFrom(0, 5),
  labelled: fc.constant(2),
  operations: fc.integer({ min: 50, max: 400 }),
  memory: fc.constantFrom('two sizes', 'coprime sizes'),
});

class Twins {
  readonly engines: readonly PlacementEngine[];
  readonly #random: SeededRandom;
  readonly #sizes: number;
  readonly #labelled: number;
  readonly #memory: Scenario['memory'];
  readonly #classes: number[] = [];
  #live: number[] = [];
  #liveAtBegin: number[] | undefined;
  #rows: number[] = [];
  #nowMs = 0;

  constructor({ seed, agents, classes, fitness: name, sizes, rebindAfterMs, labelled, memory }: Scenario) {
    this.#memory = memory;
    this.#random = new SeededRandom(seed);
    this.#sizes = sizes;
    this.#labelled = labelled;
    const resources = [...SCALARS, { name: 'nic', kind: 'set', rebindAfterMs } as const];
    this.engines = CHOICES.map(
      (structure) => new PlacementEngine({ resources, fitness: FITNESS[name], agentCapacity: 64, structure }),
    );
    for (let i = 0; i < agents; i++) this.#addAgent();
    for (let i = 0; i < classes; i++) {
      const requirements = this.#requirements();
      this.#classes.push(this.#all((engine) => engine.defineClass(requirements)));
    }
  }

  step(): void {
    const dice = this.#random.below(100);
    if (dice < 45) this.#place();
    else if (dice < 70) this.#release();
    else if (dice < 74) this.#burst();
    else if (dice < 78) this.#addAgent();
    else if (dice < 82) this.#changeAgent();
    else if (dice < 84) this.#advance();
    else if (dice < 92) this.#transaction();
    else this.#findAll();
  }

  verify(): void {
    for (const engine of this.engines) expect(engine.verify()).toEqual([]);
  }

  /** Does the same everywhere and demands the same answer. */
  #all(action: (engine: PlacementEngine) => number): number {
    const [answer, ...others] = this.engines.map(action);
    others.forEach((other, i) => expect(other, `by ${CHOICES[i + 1]}`).toBe(answer));
    return answer;
  }

  #place(): void {
    const taskClass = this.#one(this.#classes);
    const handle = this.#all((engine) => engine.place(taskClass));
    if (handle < 0) return;
    this.#all((engine) => engine.agentOf(handle));
    this.#live.push(handle);
  }

  #burst(): void {
    for (let i = this.#random.below(40); i > 0; i--) this.#place();
  }

  #release(): void {
    if (this.#live.length === 0) return;
    const [handle] = this.#live.splice(this.#random.below(this.#live.length), 1);
    for (const engine of this.engines) engine.release(handle);
  }

  #findAll(): void {
    for (const taskClass of this.#classes) this.#all((engine) => engine.find(taskClass));
  }

  #addAgent(): void {
    const size = 1 + this.#random.below(3);
    const shape = {
      resources: {
        cpu: 16 * size,
        memory: this.#memory === 'two sizes' ? 4096 * (1 + this.#random.below(2)) : this.#one(COPRIME_MIB),
        disk: 1000,
        nic: { slots: 1 + this.#random.below(4), unitsPerSlot: 3 },
      },
      ...(this.#random.below(20) > 0 && { attributes: { zone: `z${this.#random.below(4)}` } }),
    };
    this.#rows.push(this.#all((engine) => engine.addAgent(shape)));
  }

  #changeAgent(): void {
    const row = this.#one(this.#rows);
    const isDraining = this.#random.below(2) === 0;
    for (const engine of this.engines) engine.drainAgent(row, isDraining);
    if (this.#liveAtBegin !== undefined || this.engines[0].tasksOn(row).length > 0) return;
    this.#rows = this.#rows.filter((other) => other !== row);
    for (const engine of this.engines) engine.removeAgent(row);
    if (this.#rows.length === 0) this.#addAgent();
  }

  #advance(): void {
    if (this.#liveAtBegin !== undefined) return;
    this.#nowMs += this.#random.below(7);
    for (const engine of this.engines) engine.advanceTo(this.#nowMs);
  }

  #transaction(): void {
    if (this.#liveAtBegin === undefined) {
      this.#liveAtBegin = [...this.#live];
      for (const engine of this.engines) engine.begin();
      return;
    }
    const keeps = this.#random.below(3) === 0;
    for (const engine of this.engines) {
      if (keeps) engine.commit();
      else engine.rollback();
    }
    if (!keeps) this.#live = this.#liveAtBegin;
    this.#liveAtBegin = undefined;
    this.#rows = this.#rows.filter((row) => this.engines[0].hasAgent(row));
  }

  #requirements(): TaskRequirements {
    const amount = (step: number) => step * (1 + this.#random.below(this.#sizes));
    const kind = this.#random.below(10);
    const job = `job-${this.#random.below(4)}`;
    return {
      job,
      resources: {
        cpu: Math.min(8, amount(0.25)),
        memory: this.#memory === 'two sizes' ? Math.min(3000, amount(64)) : 1 + this.#random.below(3),
        ...(kind < 3 ? { disk: Math.min(900, amount(10)) } : {}),
        ...(kind < 3 + this.#labelled && kind >= 3 ? { nic: this.#labelledSlots() } : {}),
        ...(kind === 8 ? { nic: { slots: 2 } } : {}),
        ...(kind === 9 ? { nic: { units: 2 } } : {}),
      },
      constraints: [
        ...(this.#random.below(5) === 0 ? [uniqueHost()] : []),
        ...(this.#random.below(6) === 0 ? [balanced('zone')] : []),
        ...(this.#random.below(6) === 0 ? [attributeEquals('zone', 'z1')] : []),
        ...(this.#random.below(8) === 0 ? [affinity({ matchLabels: { job } })] : []),
        ...(this.#random.below(8) === 0 ? [antiAffinity({ matchLabels: { job } })] : []),
      ],
      softConstraints: this.#random.below(3) === 0 ? [balancedSoft('zone')] : [],
    };
  }

  #labelledSlots(): { units: number; slots: number; label: string } {
    const slots = this.#random.below(5) === 0 ? 2 : 1;
    return { units: 1 + this.#random.below(2), slots, label: `sg-${this.#random.below(5)}` };
  }

  #one<T>(items: readonly T[]): T {
    return items[this.#random.below(items.length)];
  }
}

test('all structures choose the same agents on clusters of hundreds', () => {
  const decisions = new Map<string, number>();
  fc.assert(
    fc.property(scenarioArbitrary, (scenario) => {
      const twins = new Twins(scenario);
      for (let i = 0; i < scenario.operations; i++) {
        twins.step();
        if (i % 25 === 0) twins.verify();
      }
      twins.verify();
      for (const engine of twins.engines) {
        for (const [name, count] of Object.entries({
          ...engine.work.decisionsBy,
          remembered: engine.work.remembered,
        }))
          decisions.set(name, (decisions.get(name) ?? 0) + count);
      }
    }),
    { numRuns: 60 },
  );
  console.log([...decisions].map(([name, count]) => `${name} ${count}`).join(', '));
  for (const name of ['scan', 'class-tree', 'ordered-index', 'union', 'remembered'])
    expect(decisions.get(name), name).toBeGreaterThan(500);
});

test('all structures choose the same agents where most tasks want a slot under a label', () => {
  let unions = 0;
  const labelledArbitrary = scenarioArbitrary.map((scenario) => ({
    ...scenario,
    agents: 1 + (scenario.agents % 60),
    labelled: 5,
  }));
  fc.assert(
    fc.property(labelledArbitrary, (scenario) => {
      const twins = new Twins(scenario);
      for (let i = 0; i < scenario.operations; i++) {
        twins.step();
        twins.verify();
      }
      for (const engine of twins.engines) unions += engine.work.decisionsBy.union;
    }),
    { numRuns: 75 },
  );
  expect(unions).toBeGreaterThan(1000);
});
