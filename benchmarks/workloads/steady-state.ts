/**
 * The state in which a churn begins: as many tasks as give the load, placed by something close to the workload's own
 * policy, then as many releases and placements as there are tasks, so that the holes are those of a cluster in use.
 *
 * Made without the engine, for three reasons: it takes about a microsecond a task whatever is measured, every version of
 * the engine starts from the same state, and a decision of the engine cannot hide in what it is compared on. Large
 * clusters are filled block by block, which stay in the cache of the processor.
 */
import { SeededRandom } from '@stowage/simulator';
import { agentType } from './agent-types.ts';
import { Filling } from './filling.ts';
import type { TaskShape } from './task-shapes.ts';
import type { Workload } from './workload.ts';

/** The tasks that run, as columns. */
export interface SteadyState {
  /** Number of the class per task. */
  readonly classes: Int32Array;
  readonly rows: Int32Array;
  /** Part of the agents that have an interface without a task. */
  readonly idleInterfaceShare: number;
}

/** A multiple of four agent types in three or ten zones, so that every block has the same of each. */
const BLOCK_AGENTS = 8040;
/** Tasks that may find no agent, one after the other, before a block counts as full. */
const MAX_MISSES = 200;

export function steadyState(workload: Workload, shapes: readonly TaskShape[]): SteadyState {
  const classes: number[] = [];
  const rows: number[] = [];
  let next = 0;
  let idleInterfaces = 0;
  for (let firstRow = 0; firstRow < workload.agents; firstRow += BLOCK_AGENTS) {
    const agents = Math.min(BLOCK_AGENTS, workload.agents - firstRow);
    const block = new Block({ ...workload, agents, seed: workload.seed + firstRow }, shapes, next);
    block.fill();
    block.exchange();
    for (const classNumber of block.classes) classes.push(classNumber);
    for (const row of block.rows) rows.push(firstRow + row);
    next = block.next;
    idleInterfaces += block.filling.idleInterfaceShare() * agents;
  }
  return {
    classes: Int32Array.from(classes),
    rows: Int32Array.from(rows),
    idleInterfaceShare: idleInterfaces / workload.agents,
  };
}

class Block {
  readonly classes: number[] = [];
  readonly rows: number[] = [];
  readonly filling: Filling;
  /** Number of the class that comes next. */
  next: number;
  readonly #workload: Workload;
  readonly #shapes: readonly TaskShape[];

  constructor(workload: Workload, shapes: readonly TaskShape[], next: number) {
    this.filling = new Filling(workload, shapes);
    this.next = next;
    this.#workload = workload;
    this.#shapes = shapes;
  }

  fill(): void {
    const { agents, load } = this.#workload;
    let cpuLeft = 0;
    for (let row = 0; row < agents; row++) cpuLeft += agentType(row).cpuMilli * load;
    for (let misses = 0; cpuLeft > 0 && misses < MAX_MISSES; this.#advance()) {
      const row = this.filling.place(this.next);
      misses = row < 0 ? misses + 1 : 0;
      if (row < 0) continue;
      this.classes.push(this.next);
      this.rows.push(row);
      cpuLeft -= this.#shapes[this.next].cpuMilli;
    }
  }

  /** Every task leaves once, on average, and another one comes for it; where none fits, it stays. */
  exchange(): void {
    const { classes, rows, filling } = this;
    const random = new SeededRandom(this.#workload.seed + 1);
    for (let i = 0; i < rows.length; i++, this.#advance()) {
      const victim = random.below(rows.length);
      filling.release(classes[victim], rows[victim]);
      const row = filling.place(this.next);
      if (row < 0) filling.place(classes[victim], rows[victim]);
      else [classes[victim], rows[victim]] = [this.next, row];
    }
  }

  #advance(): void {
    this.next = (this.next + 1) % this.#shapes.length;
  }
}
