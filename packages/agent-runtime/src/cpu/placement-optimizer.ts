/**
 * Improves a greedy placement with a mixed-integer program, and never makes it worse: what the solver finds counts only
 * when it costs less. A solver that fails, is late or finds nothing leaves the greedy placement as it is. The program
 * is not asked at all when nothing can be gained.
 */
import { greedyPlacement } from './greedy-placement.ts';
import { HighsSolver, type MipOptions, type MipSolver } from './mip-solver.ts';
import { leastCost, placementModel } from './placement-model.ts';
import {
  admit,
  COST_STEP,
  costOf,
  countsOf,
  type CpuPlacement,
  type OwnCpus,
  placementOf,
  type PlacementRequest,
} from './placement.ts';

export interface OptimizedPlacement {
  readonly placement: CpuPlacement;
  /**
   * `greedy`: nothing to gain. `optimal`: proven best within the gap; the greedy one if it is. `limited`: the time was
   * up, the best so far. `failed`: the greedy one, `error` says why.
   */
  readonly outcome: 'greedy' | 'optimal' | 'limited' | 'failed';
  readonly error?: Error;
}

export interface PlacementOptimizerOptions {
  /** Default 5,000 ms. */
  readonly timeLimitMs?: number;
  /** Part of the cost that may be given away for time. Default 0. */
  readonly relativeGap?: number;
  /** Default: HiGHS in a thread. */
  readonly solver?: MipSolver;
}

export class PlacementOptimizer {
  readonly #limits: MipOptions;
  readonly #solver: MipSolver;

  constructor(options: PlacementOptimizerOptions = {}) {
    const { timeLimitMs = 5000, relativeGap = 0 } = options;
    this.#limits = { timeLimitMs, relativeGap, absoluteGap: COST_STEP - 0.1 };
    this.#solver = options.solver ?? new HighsSolver();
  }

  /** Never rejects. */
  async optimize(request: PlacementRequest): Promise<OptimizedPlacement> {
    const greedy = greedyPlacement(request);
    const cost = (own: OwnCpus): number => costOf(countsOf(request.topology, own, request.previous));
    if (cost(greedy.own) <= leastCost(request)) return { placement: greedy, outcome: 'greedy' };
    try {
      const model = placementModel(request);
      const { status, values } = await this.#solver.solve(model.program, this.#limits);
      const outcome = status === 'Optimal' ? 'optimal' : 'limited';
      if (Object.keys(values).length === 0) return { placement: greedy, outcome };
      const own = model.placement((variable) => values[variable] ?? 0);
      requireComplete(request, own);
      const better = cost(own) < cost(greedy.own);
      return { placement: better ? placementOf(request.topology, own) : greedy, outcome };
    } catch (error) {
      return {
        placement: greedy,
        outcome: 'failed',
        error: error instanceof Error ? error : new Error(String(error)),
      };
    }
  }

  async close(): Promise<void> {
    await this.#solver.close();
  }
}

/** A solver's numbers come from floating-point arithmetic, and a wrong placement would break the promise of CPUs. */
function requireComplete(request: PlacementRequest, own: OwnCpus): void {
  const all = [...own.values()].flat();
  const wrong = admit(request).owners.find(({ id, cpus }) => own.get(id)?.length !== cpus);
  if (wrong !== undefined) throw new Error(`The solver gave ${wrong.id} not exactly ${wrong.cpus} CPUs.`);
  if (new Set(all).size !== all.length) throw new Error('The solver gave a CPU to two workloads.');
}
