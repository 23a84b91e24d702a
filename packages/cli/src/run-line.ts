/**
 * The JSON form of a run: what a script needs to compare runs, without the state of every node.
 */
import type { ReplayRun } from '@stowage/simulator';

/** One line, keys in this order. */
export function runLine(run: ReplayRun): string {
  const { workload, policy, seed, allocation, fragmentation, placed, failed, seconds } = run;
  return `${JSON.stringify({ workload, policy, seed, allocation, fragmentation, placed, failed, seconds })}\n`;
}
