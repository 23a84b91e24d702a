/**
 * A task class bound to the present layout: its plug-ins as closures over columns, and the passes that every
 * structure is made of. A pass works on a list of rows and compacts it in place, so that each test is a tight
 * loop over one column and composing many plug-ins costs no call per plug-in and row pair more than its own.
 */
import type { AgentTable } from '../agents/agent-table.ts';
import type { ClusterView } from '../plug-ins/cluster-view.ts';
import { fail, StowageError } from '../errors.ts';
import type {
  BoundConstraint,
  BoundFitness,
  BoundSlotFitness,
  FitnessCalculator,
  HardConstraint,
  Plugin,
  SearchLimit,
  SoftConstraint,
} from '../plug-ins/plugin.ts';
import { isRowLocal } from '../plug-ins/plugin.ts';
import { requireBound } from '../plug-ins/plugin-check.ts';
import type { ResourceSchema } from '../resources/schema.ts';
import { messageOf, show } from '../support/show.ts';
import { softSum } from '../plug-ins/soft-sum.ts';
import type { TaskClass } from '../tasks/task-class.ts';

/** What holds for every class: constraints and preferences besides its own, and the fitness of those without one. */
export interface SystemPolicies {
  readonly constraints: readonly HardConstraint[];
  readonly softConstraints: readonly SoftConstraint[];
  readonly fitness: readonly FitnessCalculator[];
}

/** Buffers that all classes share; as long as the agent table has capacity. */
export interface Scratch {
  rows: Int32Array;
  scores: Float64Array;
  /** Agents that were looked at in all decisions so far. */
  evaluations: number;
}

export class BoundClass {
  readonly taskClass: TaskClass;
  /** Layout version it was bound to. */
  readonly layout: number;
  /** Whether feasibility and the first score of a row hold until that row changes. */
  readonly isRowLocal: boolean;
  readonly levelCount: number;
  /** Where the search may stop early, if it may. */
  readonly search: SearchLimit | undefined;
  readonly slotFitness: BoundSlotFitness | undefined;
  readonly slotFitnessName: string;
  readonly #agents: AgentTable;
  readonly #constraints: readonly BoundConstraint[];
  readonly #levels: readonly BoundFitness[];
  /** Constraints, then levels: whom to name when one throws. */
  readonly #plugins: readonly Plugin[];
  #current: Plugin | undefined;

  /** @throws StowageError PLUGIN_FAILED, CLASS_NOT_PLACEABLE, or what a plug-in reports about its parameters */
  constructor(
    taskClass: TaskClass,
    layout: number,
    context: {
      agents: AgentTable;
      cluster: ClusterView;
      schema: ResourceSchema;
      policies: SystemPolicies;
    },
  ) {
    const policies =
      taskClass.policies ??
      fail(
        'CLASS_NOT_PLACEABLE',
        `class ${taskClass.id} came from a snapshot; define the class again with its plug-ins to place more of its tasks.`,
      );
    this.taskClass = taskClass;
    this.layout = layout;
    this.#agents = context.agents;
    const fitness = policies.fitness ?? context.policies.fitness;
    const constraints = [...context.policies.constraints, ...policies.constraints];
    const softConstraints = [...context.policies.softConstraints, ...policies.softConstraints];
    const levels = softConstraints.length > 0 ? [softSum(softConstraints), ...fitness] : fitness;
    this.levelCount = levels.length;
    this.search = searchOf(fitness, softConstraints.length > 0);
    this.#plugins = [...constraints, ...levels];
    this.isRowLocal = constraints.every(isRowLocal) && levels.slice(0, 1).every(isRowLocal);
    const slotFitness = levels.find((level) => level.slotFitness !== undefined)?.slotFitness;
    this.slotFitnessName = slotFitness?.name ?? 'tightest slot';
    const view = taskClass.view(context.schema);
    try {
      this.#constraints = constraints.map((plugin) =>
        requireBound(this.#now(plugin).bind(context.cluster, view), 'test', plugin),
      );
      this.#levels = levels.map((plugin) =>
        requireBound(this.#now(plugin).bind(context.cluster, view), 'scoreInto', plugin),
      );
      this.#current = undefined;
      this.slotFitness =
        slotFitness === undefined
          ? undefined
          : requireBound(slotFitness.bind(context.cluster, view), 'score', slotFitness);
    } catch (error) {
      throw this.attribute(error);
    }
  }

  /** Runs the per-decision preparation of all plug-ins. */
  prepare(): void {
    for (let i = 0; i < this.#constraints.length; i++) {
      this.#current = this.#plugins[i];
      this.#constraints[i].prepare?.();
    }
    for (let i = 0; i < this.#levels.length; i++) {
      this.#current = this.#plugins[this.#constraints.length + i];
      this.#levels[i].prepare?.();
    }
  }

  /** Keeps the rows that can run a task of this class, in order. @returns their number */
  filter(rows: Int32Array, count: number): number {
    const { taskClass } = this;
    count = this.#keepOpen(rows, count);
    for (let i = 0; i < taskClass.demanded.length; i++) {
      const resource = taskClass.demanded[i];
      count = keepAtLeast(this.#agents.free[resource], taskClass.demand[resource], rows, count);
    }
    for (let i = 0; i < taskClass.borrowed.length; i++) {
      const resource = taskClass.borrowed[i];
      const { free, surplus } = this.#agents;
      const needed = taskClass.demand[resource] + taskClass.opportunistic[resource];
      count = keepSumAtLeast(free[resource], surplus[resource], needed, rows, count);
    }
    for (let i = 0; i < taskClass.slotRequests.length; i++) {
      const request = taskClass.slotRequests[i];
      const slots = this.#agents.slots[request.set];
      let kept = 0;
      for (let c = 0; c < count; c++) {
        if (slots.fits(rows[c], request)) rows[kept++] = rows[c];
      }
      count = kept;
    }
    for (let i = 0; i < this.#constraints.length; i++) count = this.#keepAccepted(i, rows, count);
    return count;
  }

  /** Keeps the rows that constraints on attributes accept, whatever is placed there, in order. @returns their number */
  keepSuitable(rows: Int32Array, count: number): number {
    for (let i = 0; i < this.#constraints.length; i++) {
      if (this.#plugins[i].dependsOn === 'attributes') count = this.#keepAccepted(i, rows, count);
    }
    return count;
  }

  /** Whether a constraint besides these may look at more than attributes. */
  looksBeyondAttributes(besides: readonly Plugin[]): boolean {
    return this.#plugins
      .slice(0, this.#constraints.length)
      .some((plugin) => plugin.dependsOn !== 'attributes' && !besides.includes(plugin));
  }

  /** Writes the checked scores of one level. @throws StowageError INVALID_SCORE */
  scoreInto(level: number, rows: Int32Array, count: number, scores: Float64Array): void {
    this.#current = this.#plugins[this.#constraints.length + level];
    scores.fill(NaN, 0, count);
    this.#levels[level].scoreInto(rows, count, scores);
    for (let i = 0; i < count; i++) {
      const score = scores[i];
      if (!(
        score === Math.floor(score) &&
        score <= Number.MAX_SAFE_INTEGER &&
        score >= Number.MIN_SAFE_INTEGER
      )) {
        this.#rejectScore(score, rows[i]);
      }
    }
  }

  /**
   * The best of some feasible rows: greatest score level by level from `level` on, then the lowest row.
   * Overwrites `rows`, which must be ascending.
   */
  best(level: number, rows: Int32Array, count: number, scores: Float64Array): number {
    for (; level < this.levelCount && (count > 1 || level === 0); level++) {
      this.scoreInto(level, rows, count, scores);
      count = keepGreatest(rows, scores, count);
    }
    return count === 0 ? -1 : rows[0];
  }

  /** The least score of the first level that is at least a given part of the way up its range. @throws StowageError INVALID_PLUGIN */
  scoreAt(part: number): number {
    const plugin = this.#plugins[this.#constraints.length] as FitnessCalculator;
    const range = this.#levels[0].range ?? plugin.range;
    if (range === undefined) {
      return fail(
        'INVALID_PLUGIN',
        `"${plugin.name}" is to stop at a good enough score, but declares no range; declare one.`,
      );
    }
    return Math.ceil(range[0] + part * (range[1] - range[0]));
  }

  /** Remarks of the bound fitness levels on how they score. */
  get notes(): readonly string[] {
    return this.#levels.flatMap(({ note }) => (note === undefined ? [] : [note]));
  }

  /** The constraints that refuse a row with their reasons, for explanations; not those that the engine enforces itself. */
  *refusals(row: number): Generator<{ readonly constraint: string; readonly reason: string }> {
    for (let i = 0; i < this.#constraints.length; i++) {
      const plugin = (this.#current = this.#plugins[i]) as HardConstraint;
      if (plugin.claimsAgent === true) continue;
      const reason = this.#constraints[i].test(row);
      if (reason !== 0) {
        yield { constraint: plugin.name, reason: this.#constraints[i].explain?.(row, reason) ?? plugin.name };
      }
    }
  }

  /** Turns an exception from a plug-in into a coded error that names it. */
  attribute(error: unknown, name: string = this.#current?.name ?? this.slotFitnessName): StowageError {
    if (error instanceof StowageError) return error;
    return new StowageError(
      'PLUGIN_FAILED',
      `plug-in "${name}" threw ${show(messageOf(error))}; nothing was placed. Mend the plug-in.`,
      error,
    );
  }

  #keepOpen(rows: Int32Array, count: number): number {
    const { open, taskCount } = this.#agents;
    const mustBeEmpty = this.taskClass.claimsAgent;
    let kept = 0;
    for (let c = 0; c < count; c++) {
      const row = rows[c];
      rows[kept] = row;
      kept += mustBeEmpty && taskCount[row] > 0 ? 0 : open[row];
    }
    return kept;
  }

  #keepAccepted(i: number, rows: Int32Array, count: number): number {
    this.#current = this.#plugins[i];
    const constraint = this.#constraints[i];
    let kept = 0;
    for (let c = 0; c < count; c++) {
      const reason = constraint.test(rows[c]);
      if (reason === 0) rows[kept++] = rows[c];
      else if (!(Number.isSafeInteger(reason) && reason > 0)) this.#rejectVerdict(reason, rows[c]);
    }
    return kept;
  }

  #now<P extends Plugin>(plugin: P): P {
    this.#current = plugin;
    return plugin;
  }

  #rejectVerdict(reason: number, row: number): never {
    return fail(
      'INVALID_VERDICT',
      `constraint "${this.#current?.name}" gave ${reason} for row ${row}; return 0 or a positive reason code.`,
    );
  }

  #rejectScore(score: number, row: number): never {
    return fail(
      'INVALID_SCORE',
      `fitness "${this.#current?.name}" gave ${score} for row ${row}; return a safe integer for every row.`,
    );
  }
}

/** Behind soft constraints a calculator does not rank first, so its scores cannot end the search. */
function searchOf([first]: readonly FitnessCalculator[], hasSoft: boolean): SearchLimit | undefined {
  const { search } = first ?? {};
  if (search === undefined || !hasSoft) return search;
  return search.feasibleAgents === undefined ? undefined : { feasibleAgents: search.feasibleAgents };
}

/** Branch-free compaction: a failed test is only a row overwritten by its successor. */
function keepAtLeast(free: Int32Array, needed: number, rows: Int32Array, count: number): number {
  let kept = 0;
  for (let c = 0; c < count; c++) {
    const row = rows[c];
    rows[kept] = row;
    kept += ((free[row] - needed) >>> 31) ^ 1;
  }
  return kept;
}

function keepSumAtLeast(
  free: Int32Array,
  surplus: Int32Array,
  needed: number,
  rows: Int32Array,
  count: number,
): number {
  let kept = 0;
  for (let c = 0; c < count; c++) {
    const row = rows[c];
    if (free[row] + surplus[row] >= needed) rows[kept++] = row;
  }
  return kept;
}

/** Keeps the rows with the greatest score, in order. */
function keepGreatest(rows: Int32Array, scores: Float64Array, count: number): number {
  if (count === 0) return 0;
  let best = scores[0];
  for (let i = 1; i < count; i++) if (scores[i] > best) best = scores[i];
  let kept = 0;
  for (let i = 0; i < count; i++) if (scores[i] === best) rows[kept++] = rows[i];
  return kept;
}
