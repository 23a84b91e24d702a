/**
 * Services as a Titus cell runs them: few large and many small ones, each with an image of its own and one of a
 * smaller number of security-group sets, which services share. The sizes fall as 1/rank (Zipf), the usual shape of
 * such fleets; the rest is drawn from a seed.
 */
import type { SeededRandom } from './seeded-random.ts';

export interface Service {
  readonly name: string;
  readonly cpu: number;
  readonly memoryMiB: number;
  /** Mbps. */
  readonly network: number;
  readonly securityGroup: string;
  /** Tasks in normal operation. */
  readonly tasks: number;
  /** Tasks that the failover adds. */
  readonly burst: number;
}

interface FleetSize {
  readonly services: number;
  readonly securityGroups: number;
  readonly tasks: number;
  readonly burst: number;
}

/** Cores, MiB and Mbps of a task. */
const SHAPES = [
  [1, 4_096, 128],
  [2, 8_192, 256],
  [4, 16_384, 512],
  [8, 32_768, 1_000],
] as const;

/** Services in descending order of size; tasks and burst sum up to what is asked for. */
export function serviceFleet(size: FleetSize, random: SeededRandom): Service[] {
  const weights = Array.from({ length: size.services }, (_, rank) => 1 / (rank + 1));
  const tasks = apportioned(size.tasks, weights);
  const burst = apportioned(size.burst, weights);
  return tasks.map((count, rank) => {
    const [cpu, memoryMiB, network] = SHAPES[random.below(SHAPES.length)];
    return {
      name: `service-${rank}`,
      cpu,
      memoryMiB,
      network,
      securityGroup: `sg-${random.below(size.securityGroups)}`,
      tasks: count,
      burst: burst[rank],
    };
  });
}

/** Whole numbers in the ratio of the weights that sum up to the total. */
function apportioned(total: number, weights: readonly number[]): number[] {
  const sum = weights.reduce((all, weight) => all + weight, 0);
  let share = 0;
  let given = 0;
  return weights.map((weight) => {
    share += (weight / sum) * total;
    const count = Math.round(share) - given;
    given += count;
    return count;
  });
}
