/**
 * Empties drained agents: states the need to move every task on them, lets the planner of `@stowage/jobs` say which may go
 * now under their jobs' budgets, and evicts these.
 */
import { NO_RELOCATIONS, planRelocations, type RelocationMemory, type RelocationNeed } from '@stowage/jobs';
import type { CellRecorder } from './cell-recorder.ts';
import type { Master } from './master.ts';
import type { SimulatedAgent } from './simulated-agent.ts';

export class RelocationLoop {
  readonly #recorder: CellRecorder;
  #memory: RelocationMemory = NO_RELOCATIONS;

  constructor(recorder: CellRecorder) {
    this.#recorder = recorder;
  }

  /** What was announced is forgotten with the master. */
  reset(): void {
    this.#memory = NO_RELOCATIONS;
  }

  /** Plans once and evicts. O(agents + tasks on drained agents). */
  run(master: Master, agents: ReadonlyMap<string, SimulatedAgent>, nowMs: number): void {
    const { manager, booked } = master;
    const needs: RelocationNeed[] = [];
    for (const { id: agentId, isDraining, isLost } of agents.values()) {
      if (!isDraining || isLost) continue;
      for (const taskId of booked.get(agentId)!) {
        const { jobId, index } = manager.task(taskId)!;
        needs.push({ jobId, task: { index, taskId }, agentId, reason: 'drain' });
      }
    }
    if (needs.length === 0 && this.#memory.pending.length === 0) return;
    const plan = planRelocations(this.#memory, needs, {
      nowMs,
      job: (jobId) => manager.job(jobId),
      systemAllowed: manager.systemEvictions.allowed(nowMs),
    });
    this.#memory = plan.memory;
    this.#recorder.note(
      'relocation',
      'needs',
      needs.length,
      'announced',
      plan.announced.length,
      'evictions',
      plan.evictions.length,
    );
    for (const { task, agentId } of plan.evictions) master.evict(task.taskId, `agent ${agentId} is drained`);
  }
}
