/**
 * What our engine would do with one task now, seen from all sides and without doing it: which agents are feasible and
 * how they rate, which one it takes and which slots, and which slots it would take on the agent that Fenzo took.
 */
import type { Explanation, FitnessCalculator, Placement, TaskSpec } from '@stowage/core';
import type { FenzoWorld } from './fenzo-world.ts';
import type { GoldenTask } from './golden-types.ts';

/** Slots by the engine's set name. */
type Slots = Placement['slots'];

export interface Decision {
  readonly task: GoldenTask;
  /** Fitness in Fenzo's numbers by feasible host, lowest row first. */
  readonly fitness: ReadonlyMap<string, number>;
  /** The host with the greatest of these, lowest row first. */
  readonly best: string | undefined;
  /** Where `Scheduler.schedule` places the task. */
  readonly chosen: string | undefined;
  /** Slots that the engine takes on a host, undefined where it refuses the task. */
  slotsOn(host: string): Slots | undefined;
  /** Why a host refuses the task; as of the call. */
  explain(host: string): Explanation;
}

/** Changes nothing. */
export function decide(world: FenzoWorld, task: GoldenTask): Decision {
  const { scheduler } = world;
  const spec = world.specOf(task);
  const fitness = rate(world, spec);
  const best = [...fitness].reduce<[string | undefined, number]>(
    (top, [host, value]) => (value > top[1] ? [host, value] : top),
    [undefined, -Infinity],
  )[0];
  return {
    task,
    fitness,
    best,
    chosen: place(world, spec)?.agent,
    slotsOn: (host) => place(world, { ...spec, agent: host })?.slots,
    explain: (host) => scheduler.explain({ ...spec, agent: host }),
  };
}

function place({ scheduler }: FenzoWorld, spec: TaskSpec): Placement | undefined {
  const { placements, failures } = scheduler.whatIf(() => scheduler.schedule([spec]));
  if (failures[0]?.error !== undefined) throw failures[0].error;
  return placements[0];
}

/**
 * Fitness by feasible host: the scores that the fitness gives while the engine decides by a plain scan, divided by the
 * greatest that there are.
 */
function rate(
  world: FenzoWorld,
  spec: TaskSpec & { readonly fitness: FitnessCalculator },
): Map<string, number> {
  const rated = new Map<string, number>();
  const { key: _, ...inner } = spec.fitness;
  const spy: FitnessCalculator = {
    ...inner,
    bind(cluster, task) {
      const bound = inner.bind(cluster, task);
      return {
        ...bound,
        scoreInto(rows, count, scores) {
          bound.scoreInto(rows, count, scores);
          const [, greatest] = bound.range!;
          for (let i = 0; i < count; i++) rated.set(world.hosts[rows[i]].host, scores[i] / greatest);
        },
      };
    },
  };
  place(world, { ...spec, fitness: spy });
  return rated;
}
