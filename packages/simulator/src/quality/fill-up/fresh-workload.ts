/**
 * Other sequences of a recorded workload: what a policy gains on the recorded ones may be chance, or fitted to them.
 * Follows the published protocol (kubernetes-scheduler-simulator, simulator.go) with another random generator.
 */
import { MAX_ARRIVED_PERCENT } from '../../replay/replay-metrics.ts';
import { SeededRandom } from '../../seeded-random.ts';
import { GPU_MILLI, type Pod, type Workload } from '../../openb/workload.ts';

/** The same nodes and pods, in another order of arrival and of ties. */
export function freshWorkload({ name, nodes, pods }: Workload, seed: number): Workload {
  const random = new SeededRandom(seed);
  const capacity = nodes.reduce((sum, { gpus }) => sum + gpus, 0) * GPU_MILLI;
  const arrivals = random.shuffled(pods);
  tune(arrivals, pods, (capacity * MAX_ARRIVED_PERCENT) / 100, random);
  return { name, seed, nodes: random.shuffled(nodes), pods, arrivals };
}

/** Removes random arrivals down to a target of milli-GPUs, or repeats random pods up to it. */
function tune(arrivals: Pod[], pods: readonly Pod[], target: number, random: SeededRandom): void {
  let arrived = arrivals.reduce((sum, pod) => sum + demandOf(pod), 0);
  if (arrived > target) {
    while (arrived > target) {
      const [removed] = arrivals.splice(random.below(arrivals.length), 1);
      arrived -= demandOf(removed);
    }
    return;
  }
  while (arrived > 0) {
    const pod = pods[random.below(pods.length)];
    // Of one GPU, as published: a pod of several may end beyond the target.
    if (arrived + pod.gpuMilli > target) return;
    arrivals.push(pod);
    arrived += demandOf(pod);
  }
}

function demandOf({ gpus, gpuMilli }: Pod): number {
  return gpus * gpuMilli;
}
