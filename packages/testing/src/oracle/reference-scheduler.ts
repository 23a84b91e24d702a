/**
 * The oracle: placement in the most obvious code possible. One loop over all agents, policies as plain functions,
 * exact fractions, transactions by copying everything. It shares no code with the engine, and what the engine
 * decides must be bit for bit what this decides.
 */
import { type AgentShape, type CoreErrorCode, type ResourceDefinition, StowageError } from '@stowage/core';
import { addFractions, compareFractions, type Fraction, fraction, toFraction } from './fraction.ts';
import { placementsOn, toReferenceAgent, toReferenceTask, usedUnits } from './reference-cluster.ts';
import type {
  ReferenceAgent,
  ReferenceCluster,
  ReferenceFitness,
  ReferencePlacement,
  ReferenceRequirements,
  ReferenceSlots,
  ReferenceTask,
} from './reference-model.ts';
import { chooseSlots } from './reference-slots.ts';

/** @public */
export interface ReferenceOptions {
  readonly resources: readonly ResourceDefinition[];
  /** Lexicographic levels for tasks without their own. Default: none, the lowest feasible row. */
  readonly fitness?: readonly ReferenceFitness[];
}

/**
 * A slow and obvious placement engine to compare with.
 * @public
 */
export class ReferenceScheduler {
  readonly resources: readonly ResourceDefinition[];
  #fitness: readonly ReferenceFitness[];
  #state: ReferenceCluster = { agents: [], placements: [], placementCount: 0 };
  readonly #saved: ReferenceCluster[] = [];
  #nextId = 0;

  constructor({ resources, fitness = [] }: ReferenceOptions) {
    this.resources = resources;
    this.#fitness = fitness;
  }

  /** Agents and placements as they are now. */
  get cluster(): ReferenceCluster {
    return this.#state;
  }

  /** Open transactions, one inside the other. */
  get transactionDepth(): number {
    return this.#saved.length;
  }

  /** Adds an agent on the lowest free row. @returns its row @throws StowageError TRANSACTION_OPEN */
  addAgent(shape: AgentShape): number {
    this.#forbidInTransaction();
    let row = 0;
    while (this.#state.agents.some((agent) => agent.row === row)) row++;
    this.#putAgent(toReferenceAgent(this.resources, row, shape));
    return row;
  }

  /**
   * Replaces resources and attributes. Slots that do not change keep their labels.
   * @throws StowageError TRANSACTION_OPEN, UNKNOWN_AGENT, AGENT_IN_USE
   */
  updateAgent(row: number, shape: AgentShape): void {
    this.#forbidInTransaction();
    const before = this.agent(row);
    const after = { ...toReferenceAgent(this.resources, row, shape), draining: before.draining };
    const changed = Object.keys(after.sets).filter(
      (set) => !haveSameShape(after.sets[set], before.sets[set]),
    );
    if (placementsOn(this.#state, before).length > 0) {
      if (changed.length > 0) throw refusal('AGENT_IN_USE');
      for (const [resource, total] of Object.entries(after.totals)) {
        if (total < usedUnits(this.#state, before, resource)) throw refusal('AGENT_IN_USE');
      }
    }
    const sets = { ...before.sets };
    for (const set of changed) sets[set] = after.sets[set];
    this.#putAgent({ ...after, sets });
  }

  /** Stops or resumes giving new tasks to an agent. @throws StowageError TRANSACTION_OPEN, UNKNOWN_AGENT */
  drainAgent(row: number, draining = true): void {
    this.#forbidInTransaction();
    this.#putAgent({ ...this.agent(row), draining });
  }

  /** Removes an agent without tasks. @throws StowageError TRANSACTION_OPEN, UNKNOWN_AGENT, AGENT_IN_USE */
  removeAgent(row: number): void {
    this.#forbidInTransaction();
    if (placementsOn(this.#state, this.agent(row)).length > 0) throw refusal('AGENT_IN_USE');
    this.#state = { ...this.#state, agents: this.#state.agents.filter((agent) => agent.row !== row) };
  }

  /** The agent of a row. @throws StowageError UNKNOWN_AGENT */
  agent(row: number): ReferenceAgent {
    const agent = this.#state.agents.find((candidate) => candidate.row === row);
    if (agent === undefined) throw refusal('UNKNOWN_AGENT');
    return agent;
  }

  /** Exchanges the default fitness levels. */
  useFitness(fitness: readonly ReferenceFitness[]): void {
    this.#fitness = fitness;
  }

  /** Rows of the agents that could run a task now. */
  feasibleRows(requirements: ReferenceRequirements): number[] {
    const task = toReferenceTask(this.resources, requirements);
    return this.#state.agents.filter((agent) => this.#isFeasible(task, agent)).map((agent) => agent.row);
  }

  /** Row that a task would get now, undefined when no agent is feasible. */
  find(requirements: ReferenceRequirements): number | undefined {
    return this.#best(toReferenceTask(this.resources, requirements))?.row;
  }

  /** Places a task on the best agent; undefined when none is feasible. */
  place(requirements: ReferenceRequirements): ReferencePlacement | undefined {
    const task = toReferenceTask(this.resources, requirements);
    const agent = this.#best(task);
    if (agent === undefined) return undefined;
    const slots: Record<string, readonly number[]> = {};
    for (const demand of task.slotDemands) {
      slots[demand.set] = chooseSlots(this.#state, agent, task, demand, this.#slotFitness(task))!;
    }
    const placement = { id: this.#nextId++, task, row: agent.row, slots };
    this.#state = {
      agents: this.#state.agents.map((other) => (other === agent ? withLabels(agent, placement) : other)),
      placements: [...this.#state.placements, placement],
      placementCount: this.#state.placementCount + 1,
    };
    return placement;
  }

  /** Takes a task off its agent; its slots keep their labels. @throws StowageError UNKNOWN_TASK */
  release(id: number): void {
    const placements = this.#state.placements.filter((placement) => placement.id !== id);
    if (placements.length === this.#state.placements.length) throw refusal('UNKNOWN_TASK');
    this.#state = { ...this.#state, placements };
  }

  /** Opens a transaction; they nest. */
  begin(): void {
    this.#saved.push(copy(this.#state));
  }

  /** Keeps what happened since the innermost `begin`. @throws StowageError NO_TRANSACTION */
  commit(): void {
    this.#popSaved();
  }

  /** Returns to the state at the innermost `begin`. @throws StowageError NO_TRANSACTION */
  rollback(): void {
    this.#state = this.#popSaved();
  }

  #best(task: ReferenceTask): ReferenceAgent | undefined {
    let best: ReferenceAgent | undefined;
    for (const agent of this.#state.agents) {
      if (!this.#isFeasible(task, agent)) continue;
      if (best === undefined || compareLevels(this.#scores(task, agent), this.#scores(task, best)) > 0)
        best = agent;
    }
    return best;
  }

  #isFeasible(task: ReferenceTask, agent: ReferenceAgent): boolean {
    const neighbours = placementsOn(this.#state, agent);
    if (agent.draining) return false;
    if (neighbours.some((neighbour) => claimsAgent(neighbour.task))) return false;
    if (claimsAgent(task) && neighbours.length > 0) return false;
    for (const [resource, needed] of Object.entries(task.demand)) {
      if (agent.totals[resource] - usedUnits(this.#state, agent, resource) < needed) return false;
    }
    for (const demand of task.slotDemands) {
      if (chooseSlots(this.#state, agent, task, demand) === undefined) return false;
    }
    return task.constraints.every((constraint) => constraint(task, agent, this.#state));
  }

  /** The sum of the soft constraints, if any, then the fitness levels. */
  #scores(task: ReferenceTask, agent: ReferenceAgent): Fraction[] {
    const score = (fitness: ReferenceFitness) => toFraction(fitness(task, agent, this.#state));
    const levels = (task.fitness ?? this.#fitness).map(score);
    if (task.softConstraints.length === 0) return levels;
    return [task.softConstraints.map(score).reduce(addFractions, fraction(0)), ...levels];
  }

  #slotFitness(task: ReferenceTask): ReferenceFitness['slotFitness'] {
    return (task.fitness ?? this.#fitness).find((level) => level.slotFitness !== undefined)?.slotFitness;
  }

  #putAgent(agent: ReferenceAgent): void {
    const others = this.#state.agents.filter((other) => other.row !== agent.row);
    this.#state = { ...this.#state, agents: [...others, agent].sort((a, b) => a.row - b.row) };
  }

  #popSaved(): ReferenceCluster {
    const saved = this.#saved.pop();
    if (saved === undefined) throw refusal('NO_TRANSACTION');
    return saved;
  }

  #forbidInTransaction(): void {
    if (this.#saved.length > 0) throw refusal('TRANSACTION_OPEN');
  }
}

function haveSameShape(a: ReferenceSlots, b: ReferenceSlots): boolean {
  return a.unitsPerSlot === b.unitsPerSlot && a.labels.length === b.labels.length;
}

function claimsAgent(task: ReferenceTask): boolean {
  return task.constraints.some((constraint) => constraint.claimsAgent === true);
}

/** Binds the slots that a placement takes to its labels. */
function withLabels(agent: ReferenceAgent, { task, slots }: ReferencePlacement): ReferenceAgent {
  const sets = { ...agent.sets };
  for (const { set, label } of task.slotDemands) {
    const labels = sets[set].labels.map((old, number) => (slots[set].includes(number) ? label : old));
    sets[set] = { ...sets[set], labels };
  }
  return { ...agent, sets };
}

function compareLevels(a: readonly Fraction[], b: readonly Fraction[]): number {
  for (let level = 0; level < a.length; level++) {
    const order = compareFractions(a[level], b[level]);
    if (order !== 0) return order;
  }
  return 0;
}

/** A copy that shares nothing but policies with the original. */
function copy<T>(value: T): T {
  if (Array.isArray(value)) return value.map(copy) as T;
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, entry]) => [key, copy(entry as unknown)])) as T;
}

function refusal(code: CoreErrorCode): StowageError {
  return new StowageError(code, 'refused by the reference scheduler; compare with what the engine says.');
}
