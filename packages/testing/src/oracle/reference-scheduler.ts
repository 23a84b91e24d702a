/**
 * The oracle: placement in the most obvious code possible. One loop over all agents, policies as plain functions,
 * exact fractions, transactions by copying everything. It shares no code with the engine, and what the engine
 * decides must be bit for bit what this decides.
 */
import {
  type AgentReport,
  type AgentShape,
  type CoreErrorCode,
  type ResourceDefinition,
  StowageError,
} from '@stowage/core';
import { addFractions, compareFractions, type Fraction, fraction, toFraction } from './fraction.ts';
import { adoptedSlots } from './reference-adoption.ts';
import { placementsOn, usedUnits } from './reference-cluster.ts';
import { evictionsIn, type ReferenceEviction } from './reference-evictions.ts';
import { isFeasible } from './reference-feasibility.ts';
import { scalarUnits, toReferenceAgent, toReferenceTask, withReport } from './reference-input.ts';
import type {
  ReferenceAgent,
  ReferenceCluster,
  ReferenceConstraint,
  ReferenceFitness,
  ReferencePlacement,
  ReferenceRequirements,
  ReferenceSlots,
  ReferenceTask,
} from './reference-model.ts';
import { chooseSlots } from './reference-slots.ts';
import {
  withAgent,
  withoutAgent,
  withoutPlacement,
  withPlacement,
  withStage,
} from './reference-transitions.ts';

/** What holds for every task. @public */
export interface ReferencePolicies {
  /** Lexicographic levels for tasks without their own. Default: none, the lowest feasible row. */
  readonly fitness?: readonly ReferenceFitness[];
  /** Hold for every task besides its own. Default: none. */
  readonly constraints?: readonly ReferenceConstraint[];
  /** Their scores are added to those of every task. Default: none. */
  readonly softConstraints?: readonly ReferenceFitness[];
}

/** @public */
export interface ReferenceOptions extends ReferencePolicies {
  readonly resources: readonly ResourceDefinition[];
}

/**
 * A slow and obvious placement engine to compare with.
 * @public
 */
export class ReferenceScheduler {
  readonly resources: readonly ResourceDefinition[];
  #policies: Required<ReferencePolicies>;
  #state: ReferenceCluster = { agents: [], placements: [], placementCount: 0, nowMs: 0 };
  readonly #saved: ReferenceCluster[] = [];
  #nextId = 0;

  constructor({ resources, fitness = [], constraints = [], softConstraints = [] }: ReferenceOptions) {
    this.resources = resources;
    this.#policies = { fitness, constraints, softConstraints };
  }

  /** Agents and placements as they are now. */
  get cluster(): ReferenceCluster {
    return this.#state;
  }

  /** Open transactions, one inside the other. */
  get transactionDepth(): number {
    return this.#saved.length;
  }

  /** Adds an agent on the lowest free row. @returns its row */
  addAgent(shape: AgentShape): number {
    let row = 0;
    while (this.#state.agents.some((agent) => agent.row === row)) row++;
    this.#putAgent(toReferenceAgent(this.resources, row, shape));
    return row;
  }

  /**
   * Replaces resources, attributes and taints. Slots that do not change keep their labels, and what was reported stays.
   * @throws StowageError UNKNOWN_AGENT, AGENT_IN_USE
   */
  updateAgent(row: number, shape: AgentShape): void {
    const { draining, lent, signals, cached, sets } = this.agent(row);
    const after = toReferenceAgent(this.resources, row, shape);
    this.#requireRoom(row, after.totals);
    const changed = Object.keys(sets).filter((set) => !haveSameShape(after.sets[set], sets[set]));
    if (changed.length > 0 && this.#tasksOn(row).length > 0) throw refusal('AGENT_IN_USE');
    const kept = Object.entries(sets).filter(([set]) => !changed.includes(set));
    const merged = { ...after.sets, ...Object.fromEntries(kept) };
    this.#putAgent({ ...after, sets: merged, draining, lent, signals, cached });
  }

  /** Replaces scalar totals, overcommitment included. @throws StowageError UNKNOWN_AGENT, AGENT_IN_USE */
  resizeAgent(row: number, resources: Readonly<Record<string, number>>): void {
    const agent = this.agent(row);
    const totals = scalarUnits(this.resources, resources);
    this.#requireRoom(row, totals);
    this.#putAgent({ ...agent, totals });
  }

  /** Stops or resumes giving new tasks to an agent. @throws StowageError UNKNOWN_AGENT */
  drainAgent(row: number, draining = true): void {
    this.#putAgent({ ...this.agent(row), draining });
  }

  /** Takes over what an agent reports. @throws StowageError UNKNOWN_AGENT */
  reportAgent(row: number, report: AgentReport): void {
    this.#putAgent(withReport(this.resources, this.agent(row), report));
  }

  /** Removes an agent without tasks. @throws StowageError UNKNOWN_AGENT, AGENT_IN_USE */
  removeAgent(row: number): void {
    if (this.#tasksOn(row).length > 0) throw refusal('AGENT_IN_USE');
    this.#state = withoutAgent(this.#state, row);
  }

  /** The agent of a row. @throws StowageError UNKNOWN_AGENT */
  agent(row: number): ReferenceAgent {
    const agent = this.#state.agents.find((candidate) => candidate.row === row);
    if (agent === undefined) throw refusal('UNKNOWN_AGENT');
    return agent;
  }

  /** Exchanges the default fitness levels. */
  useFitness(fitness: readonly ReferenceFitness[]): void {
    this.usePolicies({ fitness });
  }

  /** Exchanges what holds for every task; what is left out stays. */
  usePolicies(policies: ReferencePolicies): void {
    this.#policies = { ...this.#policies, ...policies };
  }

  /** Tells the time. @throws StowageError TRANSACTION_OPEN, INVALID_QUANTITY when it goes backwards */
  advanceTo(nowMs: number): void {
    if (this.#saved.length > 0) throw refusal('TRANSACTION_OPEN');
    if (nowMs < this.#state.nowMs) throw refusal('INVALID_QUANTITY');
    this.#state = { ...this.#state, nowMs };
  }

  /** Rows of the agents that could run a task now. */
  feasibleRows(requirements: ReferenceRequirements): number[] {
    const task = toReferenceTask(this.resources, requirements);
    return this.#state.agents.filter((agent) => this.#isFeasible(task, agent)).map((agent) => agent.row);
  }

  /** Row that a task would get now, undefined when no agent is feasible. */
  find(requirements: ReferenceRequirements): number | undefined {
    return this.#best(toReferenceTask(this.resources, requirements), this.#state.agents)?.row;
  }

  /** Places a task on the best agent; undefined when none is feasible. */
  place(requirements: ReferenceRequirements): ReferencePlacement | undefined {
    return this.#book(requirements, this.#state.agents, 'assigned');
  }

  /** Places a task on one agent; undefined when it is not feasible. @throws StowageError UNKNOWN_AGENT */
  placeOn(requirements: ReferenceRequirements, row: number): ReferencePlacement | undefined {
    return this.#book(requirements, [this.agent(row)], 'assigned');
  }

  /** Reserves on the best agent, or on the one given; undefined when none is feasible. @throws StowageError UNKNOWN_AGENT */
  reserve(requirements: ReferenceRequirements, row?: number): ReferencePlacement | undefined {
    return this.#book(requirements, row === undefined ? this.#state.agents : [this.agent(row)], 'reserved');
  }

  /**
   * Books a task that runs on an agent already.
   * @param slots - slot numbers by resource set; those left out are chosen
   * @throws StowageError UNKNOWN_AGENT, AGENT_FULL
   */
  adopt(
    requirements: ReferenceRequirements,
    row: number,
    slots: Readonly<Record<string, readonly number[]>> = {},
  ): ReferencePlacement {
    const task = toReferenceTask(this.resources, requirements);
    const held = adoptedSlots(this.#state, this.agent(row), task, slots);
    if (held === undefined) throw refusal('AGENT_FULL');
    return this.#add({ id: this.#nextId++, task, row, stage: 'running', slots: held });
  }

  /** Turns a reservation into a task that may start. @throws StowageError UNKNOWN_TASK, INVALID_STAGE */
  confirm(id: number): void {
    const placement = this.#placement(id);
    if (placement.stage !== 'reserved') throw refusal('INVALID_STAGE');
    this.#state = withStage(this.#state, placement, 'assigned');
  }

  /** Notes that a task runs. @throws StowageError UNKNOWN_TASK, INVALID_STAGE for a reservation */
  start(id: number): void {
    const placement = this.#placement(id);
    if (placement.stage === 'reserved') throw refusal('INVALID_STAGE');
    this.#state = withStage(this.#state, placement, 'running');
  }

  /** Takes a task off its agent; its slots keep their labels. @throws StowageError UNKNOWN_TASK */
  release(id: number): void {
    this.#state = withoutPlacement(this.#state, this.#placement(id));
  }

  /** Tasks that should leave their agents, by row, then in the order in which to evict. */
  evictions(): ReferenceEviction[] {
    return evictionsIn(this.#state);
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

  #book(
    requirements: ReferenceRequirements,
    agents: readonly ReferenceAgent[],
    stage: ReferencePlacement['stage'],
  ): ReferencePlacement | undefined {
    const task = toReferenceTask(this.resources, requirements);
    const agent = this.#best(task, agents);
    if (agent === undefined) return undefined;
    const slots: Record<string, readonly number[]> = {};
    for (const demand of task.slotDemands) {
      slots[demand.set] = chooseSlots(this.#state, agent, task, demand, this.#slotFitness(task))!;
    }
    return this.#add({ id: this.#nextId++, task, row: agent.row, stage, slots });
  }

  #add(placement: ReferencePlacement): ReferencePlacement {
    this.#state = withPlacement(this.#state, placement);
    return placement;
  }

  #best(task: ReferenceTask, agents: readonly ReferenceAgent[]): ReferenceAgent | undefined {
    let best: ReferenceAgent | undefined;
    for (const agent of agents) {
      if (!this.#isFeasible(task, agent)) continue;
      if (best === undefined || compareLevels(this.#scores(task, agent), this.#scores(task, best)) > 0)
        best = agent;
    }
    return best;
  }

  #isFeasible(task: ReferenceTask, agent: ReferenceAgent): boolean {
    return isFeasible(task, agent, this.#state, this.#policies.constraints);
  }

  /** The sum of the soft constraints, if any, then the fitness levels. */
  #scores(task: ReferenceTask, agent: ReferenceAgent): Fraction[] {
    const score = (fitness: ReferenceFitness) => toFraction(fitness(task, agent, this.#state));
    const preferences = [...this.#policies.softConstraints, ...task.softConstraints].map(score);
    const levels = (task.fitness ?? this.#policies.fitness).map(score);
    return preferences.length === 0 ? levels : [preferences.reduce(addFractions, fraction(0)), ...levels];
  }

  #slotFitness(task: ReferenceTask): ReferenceFitness['slotFitness'] {
    const levels = task.fitness ?? this.#policies.fitness;
    return levels.find((level) => level.slotFitness !== undefined)?.slotFitness;
  }

  #placement(id: number): ReferencePlacement {
    const placement = this.#state.placements.find((candidate) => candidate.id === id);
    if (placement === undefined) throw refusal('UNKNOWN_TASK');
    return placement;
  }

  #tasksOn(row: number): ReferencePlacement[] {
    return placementsOn(this.#state, this.agent(row));
  }

  #putAgent(agent: ReferenceAgent): void {
    this.#state = withAgent(this.#state, agent);
  }

  #requireRoom(row: number, totals: Readonly<Record<string, number>>): void {
    const agent = this.agent(row);
    for (const [resource, total] of Object.entries(totals)) {
      if (total < usedUnits(this.#state, agent, resource)) throw refusal('AGENT_IN_USE');
    }
  }

  #popSaved(): ReferenceCluster {
    const saved = this.#saved.pop();
    if (saved === undefined) throw refusal('NO_TRANSACTION');
    return saved;
  }
}

function haveSameShape(a: ReferenceSlots, b: ReferenceSlots): boolean {
  return a.unitsPerSlot === b.unitsPerSlot && a.labels.length === b.labels.length;
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
