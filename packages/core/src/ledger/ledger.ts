/**
 * The one place where booking and releasing a task changes state: free units, slots, task and label counts, the
 * change journal and, inside a transaction, the undo log. Every operation has its exact inverse here.
 */
import type { AgentTable } from '../agents/agent-table.ts';
import { ChangeJournal } from './change-journal.ts';
import { ClassBookings, DEMAND, KIND_MASK, LIVE, SPECIAL, STATUS } from './class-bookings.ts';
import { fail } from '../errors.ts';
import type { MaintainedCount } from '../counts/maintained-count.ts';
import type { TaskClass } from '../tasks/task-class.ts';
import {
  AGENT,
  ASSIGNED,
  CLASS,
  INDEX_MASK,
  RECORD_BITS,
  RESERVED,
  STAGE_MASK,
  STATE,
  type TaskStage,
  type TaskTable,
} from '../tasks/task-table.ts';
import { UndoLog } from './undo-log.ts';

const PLACED = 0;
const RELEASED = 1;
const ADVANCED = 2;
const CHANGED_AGENT = 3;
const NEVER_USED = -2;

export class Ledger {
  // Declared, not defined, as in all classes that every placement goes through: a field that is defined begins as
  // undefined, and compiled code then checks at each use what it is.
  declare readonly agents: AgentTable;
  declare readonly tasks: TaskTable;
  declare readonly journal: ChangeJournal;
  /** By id; entered and removed by `enterClass` and `removeClass`. */
  readonly classes: (TaskClass | undefined)[] = [];
  declare readonly bookings: ClassBookings;
  readonly counters: MaintainedCount[] = [];
  /** Placements ever made, less those rolled back. */
  placements = 0;
  readonly #log = new UndoLog();

  constructor(agents: AgentTable, tasks: TaskTable) {
    this.agents = agents;
    this.tasks = tasks;
    this.journal = new ChangeJournal(agents.columns.ring, agents.capacity);
    this.bookings = new ClassBookings(agents.free.length);
  }

  get transactionDepth(): number {
    return this.#log.depth;
  }

  /** Makes a class known, without tasks, in place of any that had its id. */
  enterClass(taskClass: TaskClass): void {
    this.bookings.enter(taskClass);
    this.classes[taskClass.id] = taskClass;
  }

  /** Removes a class without tasks. */
  removeClass(classId: number): void {
    this.classes[classId] = undefined;
  }

  /**
   * Books a task on a row that was found to have room.
   * @param masks - slots to take, one mask per slot request of the class
   * @returns the task's handle
   */
  place(classId: number, row: number, masks: Int32Array, stage: TaskStage): number {
    if (this.#log.isOpen) this.#logPlacement(classId, row, masks);
    const handle = this.tasks.occupy(classId, row, stage, this.placements);
    this.#book(classId, row, handle & INDEX_MASK, masks, stage);
    this.placements++;
    return handle;
  }

  /** Takes a booked task off its agent. */
  release(index: number): void {
    if (this.#log.isOpen) this.#logRelease(index);
    this.#unbook(index);
    this.tasks.vacate(index);
  }

  /** Moves a booked task to another stage of its life. */
  advance(index: number, stage: TaskStage): void {
    if (this.#log.isOpen) {
      this.#log.push(this.tasks.stageOf(index));
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
    this.tasks.write(index, taskClass.id, row, stage, this.tasks.generationOf(index), ordinal);
    this.tasks.live++;
    this.#book(taskClass.id, row, index, masks, stage);
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
      const classId = this.tasks.classOf(index);
      if (classId >= 0) counter.placed(this.classes[classId]!, this.tasks.agentOf(index));
    }
  }

  /** Books a task. Reads the record of its class without a call, as `#unbook` does: every placement comes here. */
  #book(classId: number, row: number, index: number, masks: Int32Array, stage: TaskStage): void {
    const { agents, bookings } = this;
    const { free } = agents;
    const { words, resources } = bookings;
    const at = classId * bookings.stride;
    words[at + LIVE]++;
    for (let i = 0; i < resources.length; i++) free[resources[i]][row] -= words[at + DEMAND + i];
    agents.taskCount[row]++;
    if (stage === ASSIGNED) agents.startingCount[row]++;
    if ((words[at + STATUS] & KIND_MASK) === SPECIAL || stage === RESERVED || this.counters.length > 0)
      this.#bookMore(this.classes[classId]!, row, index, masks, stage);
    this.journal.recordTightened(row);
  }

  #unbook(index: number): void {
    const { agents, bookings } = this;
    const { records } = this.tasks;
    const task = index << RECORD_BITS;
    const classId = records[task + CLASS];
    const row = records[task + AGENT];
    const stage = records[task + STATE] & STAGE_MASK;
    const { free } = agents;
    const { words, resources } = bookings;
    const at = classId * bookings.stride;
    words[at + LIVE]--;
    for (let i = 0; i < resources.length; i++) free[resources[i]][row] += words[at + DEMAND + i];
    agents.taskCount[row]--;
    if (stage === ASSIGNED) agents.startingCount[row]--;
    if ((words[at + STATUS] & KIND_MASK) === SPECIAL || stage === RESERVED || this.counters.length > 0)
      this.#unbookMore(this.classes[classId]!, row, index, stage);
    this.journal.record(row);
  }

  /** Books what a task takes besides free units of scalars. */
  #bookMore(taskClass: TaskClass, row: number, index: number, masks: Int32Array, stage: TaskStage): void {
    const { agents, tasks, counters } = this;
    for (let i = 0; i < taskClass.borrowed.length; i++) {
      const resource = taskClass.borrowed[i];
      agents.surplus[resource][row] -= taskClass.opportunistic[resource];
    }
    for (let i = 0; i < taskClass.slotRequests.length; i++) {
      const request = taskClass.slotRequests[i];
      tasks.slotMasks[request.set][index] = masks[i];
      agents.slots[request.set].take(row, masks[i], request);
    }
    if (taskClass.claimsAgent) this.#claim(row, 1);
    if (stage === RESERVED) this.#lend(taskClass, row, 1);
    for (let i = 0; i < counters.length; i++) counters[i].placed(taskClass, row);
  }

  #unbookMore(taskClass: TaskClass, row: number, index: number, stage: number): void {
    const { agents, tasks, counters } = this;
    for (let i = 0; i < taskClass.borrowed.length; i++) {
      const resource = taskClass.borrowed[i];
      agents.surplus[resource][row] += taskClass.opportunistic[resource];
    }
    for (let i = 0; i < taskClass.slotRequests.length; i++) {
      const request = taskClass.slotRequests[i];
      const masks = tasks.slotMasks[request.set];
      agents.slots[request.set].give(row, masks[index], request);
      masks[index] = 0;
    }
    if (taskClass.claimsAgent) this.#claim(row, -1);
    if (stage === RESERVED) this.#lend(taskClass, row, -1);
    for (let i = 0; i < counters.length; i++) counters[i].released(taskClass, row);
  }

  #setStage(index: number, stage: TaskStage): void {
    const { agents, tasks } = this;
    const taskClass = this.classes[tasks.classOf(index)]!;
    const row = tasks.agentOf(index);
    const before = tasks.stageOf(index);
    agents.startingCount[row] += Number(stage === ASSIGNED) - Number(before === ASSIGNED);
    if (before === RESERVED) this.#lend(taskClass, row, -1);
    if (stage === RESERVED) this.#lend(taskClass, row, 1);
    tasks.setStage(index, stage);
    this.journal.record(row);
  }

  /** What a reservation holds, opportunistic tasks may use; `sign` -1 takes it back. */
  #lend({ demand, demanded }: TaskClass, row: number, sign: 1 | -1): void {
    for (const resource of demanded) this.agents.surplus[resource][row] += sign * demand[resource];
  }

  #claim(row: number, sign: 1 | -1): void {
    this.agents.claims[row] += sign;
    this.agents.refreshOpen(row);
  }

  /** Entry: label and idle time of the slots before they are taken, what is free behind the index, the index. */
  #logPlacement(classId: number, row: number, masks: Int32Array): void {
    const taskClass = this.classes[classId]!;
    const index = this.tasks.nextIndex();
    for (let i = 0; i < taskClass.slotRequests.length; i++) {
      const slots = this.agents.slots[taskClass.slotRequests[i].set];
      for (let slot = 0; slot < slots.slotCount[row]; slot++) {
        if (((masks[i] >>> slot) & 1) === 0) continue;
        this.#log.push(slots.labelOf[row * slots.maxSlots + slot]);
        this.#log.pushLong(slots.idleSinceMs[row * slots.maxSlots + slot]);
      }
    }
    this.#log.push(index === this.tasks.freeHead ? this.tasks.agentOf(index) : NEVER_USED);
    this.#log.push(index);
    this.#log.push(PLACED);
  }

  /** Entry: slots, ordinal, stage, class, row, index. */
  #logRelease(index: number): void {
    const { tasks } = this;
    const classId = tasks.classOf(index);
    const { slotRequests } = this.classes[classId]!;
    for (const request of slotRequests) this.#log.push(tasks.slotMasks[request.set][index]);
    this.#log.pushLong(tasks.ordinalOf(index));
    this.#log.push(tasks.stageOf(index));
    this.#log.push(classId);
    this.#log.push(tasks.agentOf(index));
    this.#log.push(index);
    this.#log.push(RELEASED);
  }

  #undoPlacement(): void {
    const { tasks } = this;
    const index = this.#log.pop();
    const nextFree = this.#log.pop();
    const taskClass = this.classes[tasks.classOf(index)]!;
    const row = tasks.agentOf(index);
    const masks = taskClass.slotRequests.map(({ set }) => tasks.slotMasks[set][index]);
    this.#unbook(index);
    for (let i = masks.length - 1; i >= 0; i--) {
      const slots = this.agents.slots[taskClass.slotRequests[i].set];
      for (let slot = slots.slotCount[row] - 1; slot >= 0; slot--) {
        if (((masks[i] >>> slot) & 1) === 0) continue;
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
    this.#book(classId, row, index, masks, stage);
  }

  #requireTransaction(operation: string): void {
    if (!this.#log.isOpen)
      fail('NO_TRANSACTION', `${operation} without an open transaction; call begin first.`);
  }
}
