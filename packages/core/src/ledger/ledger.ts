/**
 * The one place where booking and releasing a task changes state: free units, slots, task and label counts, the
 * change journal and, inside a transaction, the undo log. Every operation has its exact inverse here.
 */
import type { AgentTable } from '../agents/agent-table.ts';
import type { ChangeJournal } from './change-journal.ts';
import { fail } from '../errors.ts';
import type { MaintainedCount } from '../counts/maintained-count.ts';
import type { TaskClass } from '../tasks/task-class.ts';
import { ASSIGNED, RESERVED, type TaskStage, type TaskTable } from '../tasks/task-table.ts';
import { UndoLog } from './undo-log.ts';

const PLACED = 0;
const RELEASED = 1;
const ADVANCED = 2;
const CHANGED_AGENT = 3;
const NEVER_USED = -2;

export class Ledger {
  readonly agents: AgentTable;
  readonly tasks: TaskTable;
  readonly journal: ChangeJournal;
  readonly classes: (TaskClass | undefined)[] = [];
  readonly counters: MaintainedCount[] = [];
  /** Placements ever made, less those rolled back. */
  placements = 0;
  readonly #log = new UndoLog();

  constructor(agents: AgentTable, tasks: TaskTable, journal: ChangeJournal) {
    this.agents = agents;
    this.tasks = tasks;
    this.journal = journal;
  }

  get transactionDepth(): number {
    return this.#log.depth;
  }

  /**
   * Books a task on a row that was found to have room.
   * @param masks - slots to take, one mask per slot request of the class
   * @returns the task's handle
   */
  place(taskClass: TaskClass, row: number, masks: Int32Array, stage: TaskStage): number {
    const { tasks } = this;
    const index = tasks.nextIndex();
    if (this.#log.isOpen) this.#logPlacement(taskClass, row, masks, index);
    tasks.occupy(index, taskClass.id, row, stage, this.placements);
    this.#book(taskClass, row, index, masks);
    this.placements++;
    return tasks.handleOf(index);
  }

  /** Takes a booked task off its agent. */
  release(index: number): void {
    const { tasks } = this;
    const taskClass = this.classes[tasks.classOf[index]]!;
    const row = tasks.agentOf[index];
    if (this.#log.isOpen) {
      for (const request of taskClass.slotRequests) this.#log.push(tasks.slotMasks[request.set][index]);
      this.#log.pushLong(tasks.ordinal[index]);
      this.#log.push(tasks.stage[index]);
      this.#log.push(tasks.classOf[index]);
      this.#log.push(row);
      this.#log.push(index);
      this.#log.push(RELEASED);
    }
    this.#unbook(taskClass, row, index);
    tasks.vacate(index);
  }

  /** Moves a booked task to another stage of its life. */
  advance(index: number, stage: TaskStage): void {
    if (this.#log.isOpen) {
      this.#log.push(this.tasks.stage[index]);
      this.#log.push(index);
      this.#log.push(ADVANCED);
    }
    this.#setStage(index, stage);
  }

  /** Books a task of a snapshot under its old index; the caller sets the table's free list afterwards. */
  restore(
    index: number,
    booking: { taskClass: TaskClass; row: number; masks: Int32Array; stage: TaskStage; ordinal: number },
  ): void {
    const { taskClass, row, masks, stage, ordinal } = booking;
    this.tasks.classOf[index] = taskClass.id;
    this.tasks.agentOf[index] = row;
    this.tasks.stage[index] = stage;
    this.tasks.ordinal[index] = ordinal;
    this.tasks.live++;
    this.#book(taskClass, row, index, masks);
  }

  /** Notes, if a transaction is open, how a change of an agent that was just made is taken back. */
  agentChanged(inverse: () => void): void {
    if (!this.#log.isOpen) return;
    this.#log.pushInverse(inverse);
    this.#log.push(CHANGED_AGENT);
  }

  get nowMs(): number {
    return this.agents.clock.nowMs;
  }

  /** Moves the clock, which frees slots for other labels. */
  advanceTo(nowMs: number): void {
    this.agents.clock.nowMs = nowMs;
    for (const slots of this.agents.slots) {
      for (const row of slots.rewarmed()) this.journal.record(row);
    }
  }

  /** @throws StowageError TRANSACTION_OPEN */
  requireNoTransaction(operation: string): void {
    if (!this.#log.isOpen) return;
    fail('TRANSACTION_OPEN', `${operation} is not allowed inside a transaction; commit or roll back first.`);
  }

  begin(): void {
    this.#log.begin(this.placements);
  }

  /** @throws StowageError NO_TRANSACTION */
  commit(): void {
    this.#requireTransaction('commit');
    this.#log.commit();
  }

  /** Undoes everything since the innermost `begin`. O(changes). @throws StowageError NO_TRANSACTION */
  rollback(): void {
    this.#requireTransaction('rollback');
    while (this.#log.hasMore()) {
      switch (this.#log.pop()) {
        case PLACED:
          this.#undoPlacement();
          break;
        case RELEASED:
          this.#undoRelease();
          break;
        case ADVANCED:
          this.#setStage(this.#log.pop(), this.#log.pop() as TaskStage);
          break;
        case CHANGED_AGENT:
          this.#log.popInverse()();
      }
    }
    this.placements = this.#log.end();
  }

  /** Fills a counter from the task table. O(tasks). */
  recount(counter: MaintainedCount): void {
    counter.clear();
    for (let index = 0; index < this.tasks.highWater; index++) {
      const classId = this.tasks.classOf[index];
      if (classId >= 0) counter.placed(this.classes[classId]!, this.tasks.agentOf[index]);
    }
  }

  #book(taskClass: TaskClass, row: number, index: number, masks: Int32Array): void {
    const { agents, tasks } = this;
    for (let i = 0; i < taskClass.demanded.length; i++) {
      const resource = taskClass.demanded[i];
      agents.free[resource][row] -= taskClass.demand[resource];
    }
    for (let i = 0; i < taskClass.borrowed.length; i++) {
      const resource = taskClass.borrowed[i];
      agents.surplus[resource][row] -= taskClass.opportunistic[resource];
    }
    for (let i = 0; i < taskClass.slotRequests.length; i++) {
      const request = taskClass.slotRequests[i];
      tasks.slotMasks[request.set][index] = masks[i];
      agents.slots[request.set].take(row, masks[i], request);
    }
    agents.taskCount[row]++;
    this.#enterStage(taskClass, row, tasks.stage[index], 1);
    if (taskClass.claimsAgent) this.#claim(row, 1);
    taskClass.liveTasks++;
    for (let i = 0; i < this.counters.length; i++) this.counters[i].placed(taskClass, row);
    this.journal.recordTightened(row);
  }

  #unbook(taskClass: TaskClass, row: number, index: number): void {
    const { agents, tasks } = this;
    for (let i = 0; i < taskClass.demanded.length; i++) {
      const resource = taskClass.demanded[i];
      agents.free[resource][row] += taskClass.demand[resource];
    }
    for (let i = 0; i < taskClass.borrowed.length; i++) {
      const resource = taskClass.borrowed[i];
      agents.surplus[resource][row] += taskClass.opportunistic[resource];
    }
    for (let i = 0; i < taskClass.slotRequests.length; i++) {
      const request = taskClass.slotRequests[i];
      agents.slots[request.set].give(row, tasks.slotMasks[request.set][index], request);
    }
    agents.taskCount[row]--;
    this.#enterStage(taskClass, row, tasks.stage[index], -1);
    if (taskClass.claimsAgent) this.#claim(row, -1);
    taskClass.liveTasks--;
    for (let i = 0; i < this.counters.length; i++) this.counters[i].released(taskClass, row);
    this.journal.record(row);
  }

  #setStage(index: number, stage: TaskStage): void {
    const { tasks } = this;
    const taskClass = this.classes[tasks.classOf[index]]!;
    const row = tasks.agentOf[index];
    this.#enterStage(taskClass, row, tasks.stage[index], -1);
    tasks.stage[index] = stage;
    this.#enterStage(taskClass, row, stage, 1);
    this.journal.record(row);
  }

  /** What a task counts for in its stage alone; `sign` -1 takes it back. */
  #enterStage(taskClass: TaskClass, row: number, stage: number, sign: 1 | -1): void {
    const { agents } = this;
    if (stage === ASSIGNED) agents.startingCount[row] += sign;
    if (stage !== RESERVED) return;
    for (const resource of taskClass.demanded) {
      agents.surplus[resource][row] += sign * taskClass.demand[resource];
    }
  }

  #claim(row: number, sign: 1 | -1): void {
    this.agents.claims[row] += sign;
    this.agents.refreshOpen(row);
  }

  /** Entry: label and idle time of the slots before they are taken, what is free behind the index, the index. */
  #logPlacement(taskClass: TaskClass, row: number, masks: Int32Array, index: number): void {
    for (let i = 0; i < taskClass.slotRequests.length; i++) {
      const slots = this.agents.slots[taskClass.slotRequests[i].set];
      for (let slot = 0; slot < slots.slotCount[row]; slot++) {
        if (((masks[i] >>> slot) & 1) === 0) continue;
        this.#log.push(slots.labelOf[row * slots.maxSlots + slot]);
        this.#log.pushLong(slots.idleSinceMs[row * slots.maxSlots + slot]);
      }
    }
    this.#log.push(index === this.tasks.freeHead ? this.tasks.agentOf[index] : NEVER_USED);
    this.#log.push(index);
    this.#log.push(PLACED);
  }

  #undoPlacement(): void {
    const { tasks } = this;
    const index = this.#log.pop();
    const nextFree = this.#log.pop();
    const taskClass = this.classes[tasks.classOf[index]]!;
    const row = tasks.agentOf[index];
    this.#unbook(taskClass, row, index);
    for (let i = taskClass.slotRequests.length - 1; i >= 0; i--) {
      const { set } = taskClass.slotRequests[i];
      const slots = this.agents.slots[set];
      for (let slot = slots.slotCount[row] - 1; slot >= 0; slot--) {
        if (((tasks.slotMasks[set][index] >>> slot) & 1) === 0) continue;
        slots.idleSinceMs[row * slots.maxSlots + slot] = this.#log.popLong();
        slots.labelOf[row * slots.maxSlots + slot] = this.#log.pop();
      }
      slots.refresh(row);
    }
    tasks.undoOccupy(index, nextFree);
  }

  #undoRelease(): void {
    const { tasks } = this;
    const index = this.#log.pop();
    const row = this.#log.pop();
    const classId = this.#log.pop();
    const stage = this.#log.pop() as TaskStage;
    const ordinal = this.#log.popLong();
    const taskClass = this.classes[classId]!;
    const masks = new Int32Array(taskClass.slotRequests.length);
    for (let i = masks.length - 1; i >= 0; i--) masks[i] = this.#log.pop();
    tasks.undoVacate(index, classId, row, stage, ordinal);
    this.#book(taskClass, row, index, masks);
  }

  #requireTransaction(operation: string): void {
    if (!this.#log.isOpen)
      fail('NO_TRANSACTION', `${operation} without an open transaction; call begin first.`);
  }
}
