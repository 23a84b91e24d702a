/**
 * The invariants of the engine, recomputed from the tasks in the most direct way. Slow; for tests, snapshots and
 * debugging.
 */
import { ABSENT, ACTIVE } from '../agents/agent-table.ts';
import type { Ledger } from './ledger.ts';
import type { ResourceSchema } from '../resources/schema.ts';
import type { MaintainedCount } from '../counts/maintained-count.ts';
import { ASSIGNED, RESERVED } from '../tasks/task-table.ts';

/** Broken invariants in words. O(agents · slots + tasks). */
export function verifyLedger(
  ledger: Ledger,
  counters: ReadonlyMap<string, MaintainedCount>,
  schema: ResourceSchema,
): string[] {
  return [
    ...taskListProblems(ledger),
    ...agentProblems(ledger, schema),
    ...attributeProblems(ledger),
    ...classProblems(ledger),
    ...counterProblems(ledger, counters),
  ];
}

function* taskListProblems({ tasks }: Ledger): Generator<string> {
  let live = 0;
  for (let index = 0; index < tasks.highWater; index++) if (tasks.classOf(index) >= 0) live++;
  if (live !== tasks.live) yield `${live} tasks are placed, the table counts ${tasks.live}`;
  let free = 0;
  for (let index = tasks.freeHead; index !== -1; index = tasks.agentOf(index)) {
    if (index < 0 || index >= tasks.highWater || tasks.classOf(index) !== -1) {
      yield `the free list contains task index ${index}`;
      return;
    }
    if (++free > tasks.highWater) break;
  }
  if (free !== tasks.highWater - live)
    yield `the free list has ${free} entries instead of ${tasks.highWater - live}`;
}

function* agentProblems(ledger: Ledger, schema: ResourceSchema): Generator<string> {
  const { agents, tasks, classes } = ledger;
  const used = agents.total.map(() => new Float64Array(agents.rowCount));
  const taken = agents.slots.map((slots) => new Float64Array(agents.rowCount * slots.maxSlots));
  const holders = agents.slots.map((slots) => new Int32Array(agents.rowCount * slots.maxSlots));
  const taskCount = new Int32Array(agents.rowCount);
  const claims = new Int32Array(agents.rowCount);
  const starting = new Int32Array(agents.rowCount);
  const surplus = agents.lent.map((lent) => Float64Array.from(lent.subarray(0, agents.rowCount)));
  for (let index = 0; index < tasks.highWater; index++) {
    if (tasks.classOf(index) < 0) continue;
    const taskClass = classes[tasks.classOf(index)];
    const row = tasks.agentOf(index);
    if (taskClass === undefined || !agents.isPresent(row)) {
      yield `task index ${index} has no class or no agent`;
      continue;
    }
    taskCount[row]++;
    if (taskClass.claimsAgent) claims[row]++;
    if (tasks.stageOf(index) === ASSIGNED) starting[row]++;
    taskClass.demand.forEach((units, r) => (used[r][row] += units));
    taskClass.opportunistic.forEach((units, r) => (surplus[r][row] -= units));
    if (tasks.stageOf(index) === RESERVED) taskClass.demand.forEach((units, r) => (surplus[r][row] += units));
    for (const request of taskClass.slotRequests) {
      const slots = agents.slots[request.set];
      const mask = tasks.slotMasks[request.set][index];
      if (bitCount(mask) !== request.slots)
        yield `task index ${index} holds ${bitCount(mask)} slots instead of ${request.slots}`;
      for (let slot = 0; slot < slots.maxSlots; slot++) {
        if (((mask >>> slot) & 1) === 0) continue;
        const at = row * slots.maxSlots + slot;
        taken[request.set][at] += slots.unitsOf(row, request);
        holders[request.set][at]++;
        if (slots.labelOf[at] !== request.label)
          yield `slot ${slot} of row ${row} lost the label of task index ${index}`;
      }
    }
  }
  let live = 0;
  for (let row = 0; row < agents.rowCount; row++) {
    if (agents.state[row] !== ABSENT) live++;
    if (agents.taskCount[row] !== taskCount[row])
      yield `row ${row} counts ${agents.taskCount[row]} tasks instead of ${taskCount[row]}`;
    if (agents.claims[row] !== claims[row])
      yield `row ${row} counts ${agents.claims[row]} claims instead of ${claims[row]}`;
    if (agents.startingCount[row] !== starting[row])
      yield `row ${row} counts ${agents.startingCount[row]} starting tasks instead of ${starting[row]}`;
    if (agents.open[row] !== (agents.state[row] === ACTIVE && claims[row] === 0 ? 1 : 0))
      yield `row ${row} is open wrongly`;
    for (let r = 0; r < used.length; r++) {
      const free = agents.total[r][row] - used[r][row];
      if (free < 0) yield `row ${row} is overcommitted: ${schema.scalars[r].name} lacks ${-free} units`;
      if (agents.free[r][row] !== free)
        yield `row ${row} has ${agents.free[r][row]} free ${schema.scalars[r].name} instead of ${free}`;
      if (agents.surplus[r][row] !== surplus[r][row])
        yield `row ${row} has a surplus of ${agents.surplus[r][row]} ${schema.scalars[r].name} instead of ${surplus[r][row]}`;
    }
    for (let set = 0; set < taken.length; set++)
      yield* slotProblems(ledger, schema, set, row, taken[set], holders[set]);
  }
  if (live !== agents.live) yield `${live} agents are present, the table counts ${agents.live}`;
}

function* slotProblems(
  { agents }: Ledger,
  schema: ResourceSchema,
  set: number,
  row: number,
  taken: Float64Array,
  holders: Int32Array,
): Generator<string> {
  const slots = agents.slots[set];
  const { name } = schema.sets[set];
  let idle = 0;
  let whole = 0;
  let largest = 0;
  for (let slot = 0; slot < slots.maxSlots; slot++) {
    const at = row * slots.maxSlots + slot;
    const free = slot < slots.slotCount[row] ? slots.unitsPerSlot[row] - taken[at] : -taken[at];
    if (free < 0 || slots.unitsFree[at] !== free)
      yield `${name} slot ${slot} of row ${row} has ${slots.unitsFree[at]} units free instead of ${free}`;
    if (slots.holders[at] !== holders[at])
      yield `${name} slot ${slot} of row ${row} counts ${slots.holders[at]} holders instead of ${holders[at]}`;
    if (slot >= slots.slotCount[row]) continue;
    if (holders[at] === 0) idle++;
    if (taken[at] === 0) whole++;
    if (holders[at] === 0 || slots.labelOf[at] === 0) largest = Math.max(largest, free);
  }
  const summary = [slots.idleSlots[row], slots.wholeSlots[row], slots.largestFree[row]];
  if (summary.join() !== [idle, whole, largest].join()) yield `the ${name} summary of row ${row} is stale`;
}

function* attributeProblems({ agents }: Ledger): Generator<string> {
  for (const column of agents.attributes.columns()) {
    const counts = new Int32Array(column.idCount);
    for (let row = 0; row < agents.rowCount; row++)
      counts[column.ids[row]] += agents.state[row] === ABSENT ? 0 : 1;
    for (let id = 1; id < counts.length; id++) {
      if (column.agentCount(id) !== counts[id])
        yield `attribute "${column.key}" counts ${column.agentCount(id)} agents with ${column.valueOf(id)} instead of ${counts[id]}`;
    }
  }
}

function* classProblems({ classes, tasks, bookings }: Ledger): Generator<string> {
  const live = new Int32Array(classes.length);
  for (let index = 0; index < tasks.highWater; index++)
    if (tasks.classOf(index) >= 0) live[tasks.classOf(index)]++;
  for (const taskClass of classes) {
    if (taskClass === undefined) continue;
    const { id, demand } = taskClass;
    if (bookings.live(id) !== live[id])
      yield `class ${id} counts ${bookings.live(id)} tasks instead of ${live[id]}`;
    if (demand.some((units, r) => bookings.demand(id, r) !== units))
      yield `class ${id} books other than its demand`;
  }
}

function* counterProblems(ledger: Ledger, counters: ReadonlyMap<string, MaintainedCount>): Generator<string> {
  for (const [name, counter] of counters) {
    const fresh = counter.emptyCopy();
    ledger.recount(fresh);
    if (!fresh.equals(counter)) yield `task counter "${name}" differs from a recount`;
  }
}

function bitCount(mask: number): number {
  let count = 0;
  for (let bit = 0; bit < 32; bit++) count += (mask >>> bit) & 1;
  return count;
}
