/**
 * Classes that are asked for once or twice, without policies of their own: what answers them without binding them decides
 * as the plain scan does, while classes, agents, policies and what tasks ask for change.
 */
import { attributeEquals } from '@stowage/constraints';
import { binPacking, spreading } from '@stowage/fitness';
import { SeededRandom } from '@stowage/simulator';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type AgentShape, fitness, PlacementEngine, type TaskRequirements } from '../src/index.ts';

const RESOURCES = [
  { name: 'cpu' },
  { name: 'memory' },
  { name: 'disk' },
  { name: 'nic', kind: 'set' },
] as const;
const POLICIES = {
  packing: [binPacking('cpu', 'memory')],
  spreading: [spreading('cpu', 'memory')],
  'fewest tasks': [fitness('fewest tasks', (_task, agent) => -agent.taskCount, 'agent')],
  'packing, then fewest tasks': [
    binPacking('cpu'),
    fitness('fewest tasks', (_task, agent) => -agent.taskCount, 'agent'),
  ],
};
type PolicyName = keyof typeof POLICIES;

/** One engine that chooses for itself and one that scans, told the same. */
class Pair {
  readonly chooser: PlacementEngine = new PlacementEngine({
    resources: RESOURCES,
    fitness: POLICIES.packing,
  });
  readonly scanner: PlacementEngine = new PlacementEngine({
    resources: RESOURCES,
    fitness: POLICIES.packing,
    structure: 'scan',
  });

  /** @returns what both answer */
  both<T>(ask: (engine: PlacementEngine) => T): T {
    const answer = ask(this.chooser);
    expect(answer).toEqual(ask(this.scanner));
    return answer;
  }

  check(): void {
    expect(this.chooser.verify()).toEqual([]);
  }
}

function shape(random: SeededRandom): AgentShape {
  const [cpu, memory] = [
    [64, 256],
    [96, 128],
  ][random.below(2)];
  return { resources: { cpu, memory, disk: 100, nic: { slots: 2, unitsPerSlot: 4 } } };
}

/** Mostly bare; some with what a bare class must not have. */
function task(random: SeededRandom): TaskRequirements {
  const resources = { cpu: 1 + random.below(8), memory: 1 + random.below(16) };
  switch (random.below(20)) {
    case 0:
      return { resources: { ...resources, disk: 1 + random.below(5) } };
    case 1:
      return { resources: { ...resources, nic: { units: 1 + random.below(3) } } };
    case 2:
      return { resources, constraints: [attributeEquals('zone', 'b')] };
    case 3:
      return { resources, opportunistic: { cpu: 1 } };
    case 4:
      return { resources, fitness: [spreading('memory')] };
    case 5:
      return { resources: {} };
    default:
      return { resources };
  }
}

test('classes that are asked for once or twice are placed as by the scan', () => {
  let byIndex = 0;
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 2 ** 31 - 1 }),
      fc.integer({ min: 1, max: 300 }),
      (seed, agents) => {
        const random = new SeededRandom(seed);
        const pair = new Pair();
        for (let i = 0; i < agents; i++) {
          const agent = shape(random);
          pair.both((engine) => engine.addAgent(agent));
        }
        const live: number[] = [];
        for (let step = 0; step < 250; step++) {
          switch (random.below(40)) {
            case 0: {
              const agent = { ...shape(random), attributes: { zone: random.below(2) === 0 ? 'a' : 'b' } };
              pair.both((engine) => engine.addAgent(agent));
              break;
            }
            case 1: {
              const names = Object.keys(POLICIES) as PolicyName[];
              const name = names[random.below(names.length)];
              pair.both((engine) => engine.usePolicies({ fitness: POLICIES[name] }));
              break;
            }
            case 2: {
              const repelling = { resources: { cpu: 1 }, job: 'noisy', constraints: [repels('quiet')] };
              const quiet = { resources: { cpu: 2 }, job: 'quiet' };
              for (const requirements of [repelling, quiet]) {
                const taskClass = pair.both((engine) => engine.defineClass(requirements));
                live.push(pair.both((engine) => engine.place(taskClass)));
              }
              break;
            }
            default: {
              const requirements = task(random);
              const taskClass = pair.both((engine) => engine.defineClass(requirements));
              if (random.below(4) === 0) pair.both((engine) => engine.find(taskClass));
              const handle = pair.both((engine) => engine.place(taskClass));
              if (handle < 0) pair.both((engine) => engine.dropClass(taskClass));
              else live.push(handle);
            }
          }
          const placed = live.filter((handle) => handle >= 0);
          if (placed.length > 0 && random.below(2) === 0) {
            const handle = placed[random.below(placed.length)];
            pair.both((engine) => engine.agentOf(handle));
            pair.both((engine) => engine.release(handle));
            live.splice(live.indexOf(handle), 1);
          }
          if (step % 25 === 0) pair.check();
        }
        pair.check();
        byIndex += pair.chooser.work.decisionsBy['ordered-index'];
      },
    ),
    { numRuns: 60 },
  );
  console.log(`decided by the index: ${byIndex}`);
  expect(byIndex).toBeGreaterThan(1000);
});

test('a class that is asked for a second time has a binding of its own', () => {
  const engine = new PlacementEngine({ resources: RESOURCES, fitness: POLICIES.packing });
  for (let i = 0; i < 200; i++) engine.addAgent({ resources: { cpu: 64, memory: 256 } });
  const classes = Array.from({ length: 400 }, (_, i) =>
    engine.defineClass({ resources: { cpu: 1 + (i % 9), memory: 1 + (i % 200) } }),
  );
  for (const taskClass of classes) engine.find(taskClass);
  const again = classes.at(-1)!;
  for (let i = 0; i < 2000; i++) engine.find(again);
  expect(engine.explainPlan(again).structure).toBe('class-tree');
  expect(engine.work.decisionsBy['ordered-index']).toBeGreaterThan(380);
  expect(engine.work.decisionsBy['class-tree']).toBeGreaterThan(1000);
});

function repels(job: string) {
  return {
    name: 'repelling',
    dependsOn: 'attributes' as const,
    repels: { selector: { matchLabels: { job } } },
    bind: () => ({ test: () => 0 }),
  };
}
