/**
 * A task class bound to the present layout: its plug-ins as closures over columns, and the passes that every
 * structure is made of. A pass works on a list of rows and compacts it in place.
 */
import type { AgentTable } from '../agents/agent-table.ts';
import type { ClusterView } from '../plug-ins/cluster-view.ts';
import { fail, StowageError } from '../errors.ts';
import type {
  BoundConstraint,
  BoundFitness,
  BoundSlotFitness,
  FitnessCalculator,
  Plugin,
} from '../plug-ins/plugin.ts';
import { requireBound } from '../plug-ins/plugin-check.ts';
import type { ResourceSchema } from '../resources/schema.ts';
import { messageOf, show } from '../support/show.ts';
import type { TaskClass } from '../tasks/task-class.ts';
import type { TaskCounters } from '../counts/task-counters.ts';
import type { TaskRows } from '../counts/task-rows.ts';
import { type Binding, BoundPlugins } from './bound-plugins.ts';
import type { PolicySet } from './policy-set.ts';
import { fittingAmongInto, fittingRowsInto, keepServing, lowest } from './row-filters.ts';
import type { Scratch } from './scratch.ts';

/** What all classes of an engine are bound with. */
export interface BindingContext {
  readonly agents: AgentTable;
  readonly cluster: ClusterView;
  readonly counters: TaskCounters;
  readonly schema: ResourceSchema;
  readonly scratch: Scratch;
}

/** What the policies rank groups by, and what they rank the rows of a group by. */
const GROUP_PART = 0;
const ROW_PART = 1;
/** Up to so many scores, one by one is faster than `fill`. */
const FEW_SCORES = 32;

export class BoundClass {
  declare taskClass: TaskClass;
  declare classId: number;
  /** Layout version it was bound to. */
  declare readonly layout: number;
  declare readonly policies: PolicySet;
  /** Whether a row can refuse for more than too little of a scalar resource, as far as that depends on the row only. */
  declare readonly isPicky: boolean;
  declare private readonly context: BindingContext;
  #exclusions: readonly TaskRows[] | undefined;
  #constraints: BoundPlugins<BoundConstraint> | undefined;
  #levels: BoundPlugins<BoundFitness> | undefined;
  #parts: BoundPlugins<BoundFitness> | undefined;
  #slotFitness: BoundSlotFitness | undefined;
  #accepts: ((row: number) => boolean) | undefined;
  #current: Plugin | undefined;

  constructor(taskClass: TaskClass, layout: number, policies: PolicySet, context: BindingContext) {
    this.taskClass = taskClass;
    this.classId = taskClass.id;
    this.layout = layout;
    this.policies = policies;
    this.context = context;
    this.isPicky = this.asksBeyondSlots || taskClass.slotRequests.length > 0;
  }

  /**
   * Makes it the binding of another class under the same policies; nothing of the former one remains. Neither class may be
   * picky.
   */
  become(taskClass: TaskClass, classId: number): void {
    this.taskClass = taskClass;
    this.classId = classId;
    this.#constraints = undefined;
    this.#levels = undefined;
    this.#parts = undefined;
    this.#slotFitness = undefined;
    this.#current = undefined;
  }

  get levelCount(): number {
    return this.policies.levels.length;
  }

  /** Whether a row with enough of all scalars and slots may still refuse. */
  get asksBeyondSlots(): boolean {
    const { localConstraints, exclusions } = this.policies;
    const { claimsAgent, borrowed } = this.taskClass;
    return claimsAgent || localConstraints.length + exclusions.length + borrowed.length > 0;
  }

  /** Writes the rows that can run a task of this class, in order. @returns their number */
  feasibleInto(rows: Int32Array): number {
    const { agents, scratch } = this.context;
    const count = fittingRowsInto(this.taskClass, agents, scratch.columns, rows);
    scratch.fitting = keepServing(this.taskClass, agents, rows, count);
    return this.#keepAll(rows, scratch.fitting);
  }

  /** Keeps the rows that can run a task of this class, in order. @returns their number */
  filter(rows: Int32Array, count: number): number {
    const { agents, scratch } = this.context;
    count = fittingAmongInto(this.taskClass, agents, scratch.columns, rows, count, rows);
    return this.#keepAll(rows, keepServing(this.taskClass, agents, rows, count));
  }

  /** As `filter` for rows that `acceptsRow` accepts. @returns their number */
  filterByOthers(rows: Int32Array, count: number): number {
    const { otherConstraints } = this.policies;
    for (let i = 0; i < otherConstraints.length; i++)
      count = this.#keepAccepted(otherConstraints[i], rows, count);
    return count;
  }

  /** Whether a row can run a task of this class, as far as that depends on the row only. */
  acceptsRow(row: number): boolean {
    const { open, free } = this.context.agents;
    const { isPicky } = this;
    if (open[row] === 0 || (isPicky && this.#isExcludedFrom(row))) return false;
    const { demanded, needs } = this.taskClass;
    for (let i = 0; i < demanded.length; i++) if (free[demanded[i]][row] < needs[i]) return false;
    return !isPicky || this.#isServedBy(row);
  }

  /**
   * Writes those of some rows that `acceptsRow` accepts, in order.
   * @param from - may be `rows` itself
   * @returns their number
   */
  acceptedInto(from: Int32Array, count: number, rows: Int32Array): number {
    const { agents, scratch } = this.context;
    const { localConstraints } = this.policies;
    if (!this.isPicky) return fittingAmongInto(this.taskClass, agents, scratch.columns, from, count, rows);
    let kept = 0;
    for (let i = 0; i < count; i++) if (!this.#isExcludedFrom(from[i])) rows[kept++] = from[i];
    kept = fittingAmongInto(this.taskClass, agents, scratch.columns, rows, kept, rows);
    kept = keepServing(this.taskClass, agents, rows, kept);
    for (let i = 0; i < localConstraints.length; i++)
      kept = this.#keepAccepted(localConstraints[i], rows, kept);
    return kept;
  }

  /**
   * Whether an open row with enough of all free scalars can run a task of this class, as far as that depends on the row
   * only; undefined when it always can.
   */
  get accepts(): ((row: number) => boolean) | undefined {
    return this.isPicky ? (this.#accepts ??= this.#acceptor()) : undefined;
  }

  /** Whether the constraints on groups accept the group of a row. */
  acceptsGroupOf(row: number): boolean {
    const { groupConstraints } = this.policies;
    for (let i = 0; i < groupConstraints.length; i++) {
      if (!this.#isAccepted(this.#constraint(groupConstraints[i]), row)) return false;
    }
    return true;
  }

  /** Keeps the rows that constraints on attributes accept, whatever is placed there, in order. @returns their number */
  keepSuitable(rows: Int32Array, count: number): number {
    const { constraints } = this.policies;
    for (let i = 0; i < constraints.length; i++) {
      if (constraints[i].dependsOn === 'attributes') count = this.#keepAccepted(i, rows, count);
    }
    return count;
  }

  /** Whether a constraint besides these may look at more than attributes. */
  looksBeyondAttributes(besides: readonly Plugin[]): boolean {
    return this.policies.constraints.some(
      (plugin) => plugin.dependsOn !== 'attributes' && !besides.includes(plugin),
    );
  }

  /** Writes the checked scores of one level. @throws StowageError INVALID_SCORE */
  scoreInto(level: number, rows: Int32Array, count: number, scores: Float64Array): void {
    this.#score(this.#boundLevels.get(level), rows, count, scores);
  }

  /** Writes what the first level gives to the groups of some rows; 0 if it ranks rows only. */
  scoreGroupsInto(rows: Int32Array, count: number, scores: Float64Array): void {
    this.#scorePartInto(GROUP_PART, rows, count, scores);
  }

  /** Writes what ranks rows of one group; 0 if nothing does. */
  scoreRowsInto(rows: Int32Array, count: number, scores: Float64Array): void {
    this.#scorePartInto(ROW_PART, rows, count, scores);
  }

  /**
   * The best of some feasible rows: greatest score level by level from `level` on, then the lowest row.
   * Overwrites `rows`.
   */
  best(level: number, rows: Int32Array, count: number, scores: Float64Array): number {
    for (; level < this.levelCount && (count > 1 || level === 0); level++) {
      this.#writeScores(this.#boundLevels.get(level), rows, count, scores);
      count = this.#keepGreatest(rows, scores, count);
    }
    return lowest(rows, count);
  }

  /** The least score of the first level that is at least a given part of the way up its range. @throws StowageError INVALID_PLUGIN */
  scoreAt(part: number): number {
    const plugin = this.policies.levels[0];
    const range = this.#boundLevels.get(0).range ?? plugin.range;
    if (range === undefined) {
      return fail(
        'INVALID_PLUGIN',
        `"${plugin.name}" is to stop at a good enough score, but declares no range; declare one.`,
      );
    }
    return Math.ceil(range[0] + part * (range[1] - range[0]));
  }

  /** Remarks of the fitness levels on how they score. */
  get notes(): readonly string[] {
    const levels = this.#boundLevels;
    return this.policies.levels.flatMap((_, i) => levels.get(i).note ?? []);
  }

  get slotFitnessName(): string {
    return this.#slotPlugin()?.slotFitness?.name ?? 'tightest slot';
  }

  /** Ranks slots; undefined takes the tightest. */
  get slotFitness(): BoundSlotFitness | undefined {
    const slotFitness = this.#slotPlugin()?.slotFitness;
    if (slotFitness === undefined) return undefined;
    const { cluster, schema } = this.context;
    return (this.#slotFitness ??= requireBound(
      slotFitness.bind(cluster, this.taskClass.view(schema)),
      'score',
      slotFitness,
    ));
  }

  /** The constraints that refuse a row with their reasons, for explanations; not those that the engine enforces itself. */
  *refusals(row: number): Generator<{ readonly constraint: string; readonly reason: string }> {
    const { constraints } = this.policies;
    for (let i = 0; i < constraints.length; i++) {
      if (constraints[i].claimsAgent === true) continue;
      const bound = this.#constraint(i);
      const reason = bound.test(row);
      if (reason !== 0) {
        const { name } = constraints[i];
        yield { constraint: name, reason: bound.explain?.(row, reason) ?? name };
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

  #acceptor(): (row: number) => boolean {
    const { claimsAgent, borrowed, slotRequests } = this.taskClass;
    const asksMore =
      this.policies.localConstraints.length > 0 ||
      claimsAgent ||
      borrowed.length > 0 ||
      slotRequests.length > 0;
    const [excluded, ...others] = this.#excluded;
    if (excluded !== undefined && others.length === 0 && !asksMore) return (row) => !excluded.has(row);
    return (row) => !this.#isExcludedFrom(row) && this.#isServedBy(row);
  }

  /** Whether an open row with enough of all free scalars has what else is asked for, exclusions apart. */
  #isServedBy(row: number): boolean {
    const { agents, scratch } = this.context;
    const { localConstraints } = this.policies;
    scratch.single[0] = row;
    if (keepServing(this.taskClass, agents, scratch.single, 1) === 0) return false;
    for (let i = 0; i < localConstraints.length; i++) {
      if (!this.#isAccepted(this.#constraint(localConstraints[i]), row)) return false;
    }
    return true;
  }

  /** Where the tasks are that are kept away from. */
  get #excluded(): readonly TaskRows[] {
    return (this.#exclusions ??= this.context.counters.excludedBy(this.policies.exclusions, this.taskClass));
  }

  #isExcludedFrom(row: number): boolean {
    const exclusions = this.#excluded;
    for (let i = 0; i < exclusions.length; i++) if (exclusions[i].has(row)) return true;
    return false;
  }

  get #boundLevels(): BoundPlugins<BoundFitness> {
    return (this.#levels ??= new BoundPlugins(this.policies.levels, 'scoreInto', this.#binding()));
  }

  #binding(): Binding {
    const { cluster, schema, scratch } = this.context;
    return {
      cluster,
      task: () => this.taskClass.view(schema),
      clock: scratch,
      ask: (plugin) => (this.#current = plugin),
    };
  }

  #slotPlugin(): FitnessCalculator | undefined {
    return this.policies.levels.find((level) => level.slotFitness !== undefined);
  }

  #constraint(i: number): BoundConstraint {
    this.#constraints ??= new BoundPlugins(this.policies.constraints, 'test', this.#binding());
    return this.#constraints.get(i);
  }

  #scorePartInto(part: number, rows: Int32Array, count: number, scores: Float64Array): void {
    if ((part === GROUP_PART ? this.policies.groupPart : this.policies.rowPart) === undefined) {
      for (let i = 0; i < count; i++) scores[i] = 0;
      return;
    }
    this.#parts ??= this.#bindParts();
    this.#score(this.#parts.get(part), rows, count, scores);
  }

  /** A part that is missing is never asked for. */
  #bindParts(): BoundPlugins<BoundFitness> {
    const { groupPart, rowPart } = this.policies;
    const parts = [groupPart ?? rowPart, rowPart ?? groupPart].filter((part) => part !== undefined);
    return new BoundPlugins(parts, 'scoreInto', this.#binding());
  }

  #score(bound: BoundFitness, rows: Int32Array, count: number, scores: Float64Array): void {
    this.#writeScores(bound, rows, count, scores);
    for (let i = 0; i < count; i++) if (!isScore(scores[i])) this.#rejectScore(scores[i], rows[i]);
  }

  /** A score that is not written is none. */
  #writeScores(bound: BoundFitness, rows: Int32Array, count: number, scores: Float64Array): void {
    if (count > FEW_SCORES) scores.fill(NaN, 0, count);
    else for (let i = 0; i < count; i++) scores[i] = NaN;
    bound.scoreInto(rows, count, scores);
  }

  /** Checks the scores, and keeps the rows with the greatest, in order. @returns their number */
  #keepGreatest(rows: Int32Array, scores: Float64Array, count: number): number {
    let greatest = -Infinity;
    let kept = 0;
    for (let i = 0; i < count; i++) {
      const score = scores[i];
      if (!isScore(score)) this.#rejectScore(score, rows[i]);
      if (score < greatest) continue;
      if (score > greatest) kept = 0;
      greatest = score;
      rows[kept++] = rows[i];
    }
    return kept;
  }

  #keepAll(rows: Int32Array, count: number): number {
    for (let i = 0; i < this.policies.constraints.length; i++) count = this.#keepAccepted(i, rows, count);
    return count;
  }

  #keepAccepted(i: number, rows: Int32Array, count: number): number {
    const constraint = this.#constraint(i);
    let kept = 0;
    for (let c = 0; c < count; c++) if (this.#isAccepted(constraint, rows[c])) rows[kept++] = rows[c];
    return kept;
  }

  /** @throws StowageError INVALID_VERDICT */
  #isAccepted(constraint: BoundConstraint, row: number): boolean {
    const reason = constraint.test(row);
    if (reason === 0) return true;
    if (!(Number.isSafeInteger(reason) && reason > 0)) this.#rejectVerdict(reason, row);
    return false;
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

function isScore(score: number): boolean {
  return Number.isSafeInteger(score);
}
