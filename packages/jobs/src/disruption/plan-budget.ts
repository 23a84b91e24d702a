/**
 * What is left of the budgets while a plan is made. Every eviction takes one from its job and one from the system; so the
 * plan as a whole keeps within what `evictionQuota` says of each job and what the system allows.
 */
import type { JobState } from '../model/job-state.ts';
import { evictionQuota, type QuotaContext } from './eviction-quota.ts';

export class PlanBudget {
  readonly #context: QuotaContext;
  readonly #leftOfJobs = new Map<string, number>();
  #left: number;

  constructor(systemAllowed: number, context: QuotaContext) {
    this.#context = context;
    this.#left = systemAllowed;
  }

  /** Evictions of a job that the budgets still allow. A job's quota is worked out once. */
  leftOf(state: JobState): number {
    const { id } = state.job;
    let left = this.#leftOfJobs.get(id);
    if (left === undefined) {
      left = evictionQuota(state, this.#context).allowed;
      this.#leftOfJobs.set(id, left);
    }
    return Math.min(left, this.#left);
  }

  /** The first of the moves that can be afforded together. O(moves). */
  affordable<Move extends { readonly state: JobState }>(moves: readonly Move[]): Move[] {
    const chosen: Move[] = [];
    const usedByJob = new Map<string, number>();
    for (const move of moves) {
      if (chosen.length >= this.#left) break;
      const { id } = move.state.job;
      const used = usedByJob.get(id) ?? 0;
      if (used >= this.leftOf(move.state)) continue;
      usedByJob.set(id, used + 1);
      chosen.push(move);
    }
    return chosen;
  }

  spend(moves: readonly { readonly state: JobState }[]): void {
    this.#left -= moves.length;
    for (const { state } of moves)
      this.#leftOfJobs.set(state.job.id, this.#leftOfJobs.get(state.job.id)! - 1);
  }
}
