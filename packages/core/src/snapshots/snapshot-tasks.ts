/**
 * The tasks and task classes of a snapshot: columns by task index, classes in the meta data.
 */
import type { AgentTable } from '../agents/agent-table.ts';
import type { LabelVocabulary } from '../tasks/label-vocabulary.ts';
import type { Ledger } from '../ledger/ledger.ts';
import { MAX_UNITS } from '../resources/quantity.ts';
import { compileRepulsion } from '../plug-ins/repulsion.ts';
import { type ClassMeta, invalid, type TasksMeta } from './snapshot-meta.ts';
import { TaskClass } from '../tasks/task-class.ts';
import { RESERVED, RUNNING, type TaskStage } from '../tasks/task-table.ts';
import type { WordReader, WordWriter } from './words.ts';

/** Generations are seven bits, so that handles are not negative. */
const MAX_GENERATION = 0x7f;

/** Appends the columns of all tasks. @returns what belongs into the meta data */
export function writeTasks(ledger: Ledger, columns: WordWriter): TasksMeta {
  const { agents, tasks } = ledger;
  const { highWater } = tasks;
  columns.words(highWater, (index) => tasks.classOf(index));
  columns.words(highWater, (index) => tasks.agentOf(index));
  columns.words(highWater, (index) => tasks.generationOf(index));
  columns.words(highWater, (index) => tasks.stageOf(index));
  for (let index = 0; index < highWater; index++)
    columns.long(tasks.classOf(index) < 0 ? 0 : tasks.ordinalOf(index));
  for (const masks of tasks.slotMasks) columns.column(masks, highWater);
  return {
    classes: ledger.classes
      .filter((taskClass) => taskClass !== undefined && ledger.bookings.live(taskClass.id) > 0)
      .map((taskClass) => classMeta(taskClass!, agents)),
    taskHighWater: highWater,
    taskFreeHead: tasks.freeHead,
    placements: ledger.placements,
  };
}

/** Views of the columns of all tasks. */
export interface TaskColumns {
  readonly classOf: Int32Array;
  readonly agentOf: Int32Array;
  readonly generation: Int32Array;
  readonly stage: Int32Array;
  readonly ordinal: Float64Array;
  readonly masks: readonly Int32Array[];
}

export function readTasks(
  { taskHighWater: count }: TasksMeta,
  setCount: number,
  words: WordReader,
): TaskColumns {
  return {
    classOf: words.column('class of task', count, -1, MAX_UNITS),
    agentOf: words.column('agent of task', count, -1, MAX_UNITS),
    generation: words.column('generation of task', count, 0, MAX_GENERATION),
    stage: words.column('stage of task', count, RESERVED, RUNNING),
    ordinal: words.longColumn('ordinal of task', count, Number.MAX_SAFE_INTEGER),
    masks: Array.from({ length: setCount }, () =>
      words.column('slots of task', count, -(2 ** 31), MAX_UNITS),
    ),
  };
}

export function loadTasks(
  meta: TasksMeta,
  columns: TaskColumns,
  ledger: Ledger,
  vocabulary: LabelVocabulary,
): void {
  const { agents, tasks } = ledger;
  for (const one of meta.classes) ledger.enterClass(loadClass(one, agents, vocabulary));
  for (let id = 0; id < ledger.classes.length; id++) ledger.classes[id] ??= undefined;
  const count = meta.taskHighWater;
  if (count > tasks.capacity) tasks.grow(count);
  const { classOf, agentOf, generation, masks, stage, ordinal: ordinals } = columns;
  for (let index = 0; index < count; index++) {
    const row = agentOf[index];
    const ordinal = ordinals[index];
    tasks.write(index, -1, row, RESERVED, generation[index], 0);
    if (classOf[index] < 0) {
      if (stage[index] !== 0 || ordinal !== 0) invalid(`task ${index} is free, but has a stage or ordinal`);
      continue;
    }
    const taskClass = ledger.classes[classOf[index]];
    if (taskClass === undefined || !agents.isPresent(row))
      invalid(`task ${index} refers to a class or agent that is not there`);
    if (ordinal >= meta.placements) invalid(`task ${index} comes after the last placement`);
    const slots = taskClass.slotRequests.map(({ set }) => masks[set][index]);
    taskClass.slotRequests.forEach(({ set }, i) => {
      const slotCount = agents.slots[set].slotCount[row];
      if (slots[i] >>> 0 >= 2 ** slotCount)
        invalid(`task ${index} holds slots beyond the ${slotCount} of agent ${row}`);
    });
    ledger.restore(index, {
      taskClass,
      row,
      masks: Int32Array.from(slots),
      stage: stage[index] as TaskStage,
      ordinal,
    });
  }
  tasks.highWater = count;
  tasks.freeHead = meta.taskFreeHead;
  ledger.placements = meta.placements;
}

function loadClass(meta: ClassMeta, agents: AgentTable, vocabulary: LabelVocabulary): TaskClass {
  const { id, demand, opportunistic, slots, labels, priority, tolerations, claimsAgent, repels } = meta;
  const traits = {
    demand: Int32Array.from(demand),
    opportunistic: Int32Array.from(opportunistic),
    slotRequests: slots.map(({ set, slots: count, units, label }) => ({
      set,
      slots: count,
      units,
      label: label === undefined ? 0 : agents.slots[set].labels.intern(label),
    })),
    labels,
    priority,
    tolerations,
    claimsAgent,
    repulsions: repels.map(compileRepulsion),
  };
  return new TaskClass(id, traits, undefined, vocabulary);
}

function classMeta(taskClass: TaskClass, agents: AgentTable): ClassMeta {
  return {
    id: taskClass.id,
    demand: [...taskClass.demand],
    opportunistic: [...taskClass.opportunistic],
    slots: taskClass.slotRequests.map(({ set, slots, units, label }) => ({
      set,
      slots,
      units,
      label: agents.slots[set].labels.textOf(label),
    })),
    labels: taskClass.labels(),
    priority: taskClass.priority,
    tolerations: taskClass.tolerations,
    claimsAgent: taskClass.claimsAgent,
    repels: taskClass.repulsions.map(({ spec }) => spec),
  };
}
