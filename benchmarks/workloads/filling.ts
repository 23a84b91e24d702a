/**
 * Places tasks on the agents of a workload without an engine: close to the workload's policy, not equal to it, and
 * fast. Agents are filed by 64 levels of load; a task takes the best level first and tries a few agents of each.
 */
import { SeededRandom } from '@stowage/simulator';
import { AgentRoom } from './agent-room.ts';
import { zoneOf } from './agent-types.ts';
import { LevelLists } from './level-lists.ts';
import type { TaskShape } from './task-shapes.ts';
import type { Workload } from './workload.ts';

const LEVELS = 64;
const TRIES_PER_LEVEL = 8;
/** Where zones do not matter, all rows are filed as one. */
const ALL_ROWS = [0];

export class Filling {
  readonly #workload: Workload;
  readonly #shapes: readonly TaskShape[];
  readonly #room: AgentRoom;
  readonly #random: SeededRandom;
  /** One per zone where zones matter, else one for all rows. */
  readonly #zones: readonly LevelLists[];
  /** Tasks by job and zone. */
  readonly #jobTasks: Int32Array;

  constructor(workload: Workload, shapes: readonly TaskShape[]) {
    const { agents, jobs, zones, soft, constraint, seed } = workload;
    this.#workload = workload;
    this.#shapes = shapes;
    this.#room = new AgentRoom(workload);
    this.#random = new SeededRandom(seed + 2);
    const parts = soft === 'zone-balance' || constraint === 'own-zone' ? zones : 1;
    this.#zones = Array.from({ length: parts }, () => new LevelLists(LEVELS, agents));
    this.#jobTasks = new Int32Array(jobs * parts);
    for (let row = 0; row < agents; row++) this.#file(row);
  }

  /**
   * @param row - the agent to take, which must have room. Default: one that the policy would rank high
   * @returns the row taken, -1 when none was found
   */
  place(classNumber: number, row: number = this.#find(classNumber)): number {
    if (row >= 0) this.#book(row, classNumber, 1);
    return row;
  }

  release(classNumber: number, row: number): void {
    this.#book(row, classNumber, -1);
  }

  idleInterfaceShare(): number {
    const { agents } = this.#workload;
    let idle = 0;
    for (let row = 0; row < agents; row++) idle += this.#room.hasIdleInterface(row) ? 1 : 0;
    return idle / agents;
  }

  #find(classNumber: number): number {
    for (const zone of this.#zonesFor(classNumber % this.#workload.jobs)) {
      const row = this.#findIn(this.#zones[zone].lists, classNumber);
      if (row >= 0) return row;
    }
    return -1;
  }

  #findIn(lists: readonly number[][], classNumber: number): number {
    const shape = this.#shapes[classNumber];
    for (let i = 0; i < LEVELS; i++) {
      const list = lists[this.#workload.fitness === 'spreading' ? i : LEVELS - 1 - i];
      const start = this.#random.next();
      for (let tried = 0; tried < Math.min(list.length, TRIES_PER_LEVEL); tried++) {
        const row = list[(start + tried) % list.length];
        if (this.#room.fits(row, shape, classNumber)) return row;
      }
    }
    return -1;
  }

  /** Zones in the order in which a job prefers them. */
  #zonesFor(job: number): readonly number[] {
    const { constraint } = this.#workload;
    const zoneCount = this.#zones.length;
    if (zoneCount === 1) return ALL_ROWS;
    if (constraint === 'own-zone') return [job % zoneCount];
    const tasksIn = (zone: number): number => this.#jobTasks[job * zoneCount + zone];
    return Array.from({ length: zoneCount }, (_, zone) => zone).sort((a, b) => tasksIn(a) - tasksIn(b));
  }

  #book(row: number, classNumber: number, sign: 1 | -1): void {
    this.#room.book(row, this.#shapes[classNumber], classNumber, sign);
    const job = classNumber % this.#workload.jobs;
    this.#jobTasks[job * this.#zones.length + this.#partOf(row)] += sign;
    this.#file(row);
  }

  #file(row: number): void {
    const level = Math.floor(this.#room.loadOf(row) * LEVELS);
    this.#zones[this.#partOf(row)].move(row, Math.min(LEVELS - 1, level));
  }

  #partOf(row: number): number {
    return this.#zones.length === 1 ? 0 : zoneOf(row, this.#workload);
  }
}
