/**
 * Why pods were not placed, in the words of this workload. A class is explained when it fails first: as
 * pods never leave, it fails for the rest of the replay, and further explanations would say the same.
 */
import type { Explanation, PlacementEngine } from '@stowage/core';
import type { FailureCount } from './replay-run.ts';
import { GPU_MILLI, type Pod } from '../openb/workload.ts';

export class FailureCounts {
  readonly #engine: PlacementEngine;
  readonly #reasonOf = new Map<number, string>();
  readonly #pods = new Map<string, number>();

  constructor(engine: PlacementEngine) {
    this.#engine = engine;
  }

  /** One pod of a class was not placed just now. */
  add(classId: number, pod: Pod): void {
    let reason = this.#reasonOf.get(classId);
    if (reason === undefined) {
      this.#reasonOf.set(classId, (reason = mainReason(this.#engine.explain(classId), pod)));
    }
    this.#pods.set(reason, (this.#pods.get(reason) ?? 0) + 1);
  }

  /** Most frequent first. */
  counts(): FailureCount[] {
    return [...this.#pods]
      .map(([reason, pods]) => ({ reason, pods }))
      .sort((a, b) => b.pods - a.pods || (a.reason < b.reason ? -1 : 1));
  }
}

/**
 * What stands between the pod and the nodes that come closest, where one thing only is missing; without such nodes,
 * what the pod asks for. The only constraint of a replay is the GPU model.
 */
function mainReason({ reasons }: Explanation, { gpus, gpuMilli }: Pod): string {
  const alone = reasons.filter(({ kind, soleReason }) => kind !== 'slots' && soleReason > 0);
  const [closest] = alone.sort((a, b) => b.soleReason - a.soleReason);
  if (closest?.kind === 'constraint') return 'room only on other GPU models';
  if (closest !== undefined && gpus > 0) return `free GPUs only where ${closest.name} is short`;
  if (gpus === 0) return `no node with enough ${closest?.name ?? 'cpu and memory'}`;
  if (gpuMilli < GPU_MILLI) return 'no GPU with enough of it free';
  return gpus === 1 ? 'no idle GPU' : `no node with ${gpus} idle GPUs`;
}
