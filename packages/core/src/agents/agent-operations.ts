/**
 * Adding, changing, reading and removing agents: checks first, then one change of the agent table, noted for rollback, the
 * journal and the plug-ins that must look again. What the methods mean and throw stands at `PlacementEngine`.
 */
import { ACTIVE, type AgentRecord, DRAINING } from './agent-table.ts';
import { type AgentReport, parseReport } from './agent-report.ts';
import type { Decider } from '../decisions/decider.ts';
import { fail } from '../errors.ts';
import type { Ledger } from '../ledger/ledger.ts';
import { MAX_UNITS } from '../resources/quantity.ts';
import type { ResourceSchema } from '../resources/schema.ts';
import { show } from '../support/show.ts';
import { parseTaints, type Taint, TAINTS_KEY } from './taints.ts';
import { type AgentShape, type AgentUnits, parseAgent, parseScalars } from '../resources/specs.ts';

export class AgentOperations {
  readonly #schema: ResourceSchema;
  readonly #ledger: Ledger;
  readonly #decider: Decider;

  constructor(schema: ResourceSchema, ledger: Ledger, decider: Decider) {
    this.#schema = schema;
    this.#ledger = ledger;
    this.#decider = decider;
  }

  add(shape: AgentShape): number {
    this.#decider.requireIdle();
    const { agents } = this.#ledger;
    const row = agents.add(parseAgent(this.#schema, shape, 'agent'));
    this.#changed(row, () => agents.remove(row));
    return row;
  }

  update(row: number, shape: AgentShape): void {
    this.#decider.requireIdle();
    this.require(row);
    const { agents } = this.#ledger;
    const units = parseAgent(this.#schema, shape, `agent ${row}`);
    this.#requireRoom(row, units.scalars);
    this.#requireSlots(row, units);
    const movesTasks = agents.taskCount[row] > 0 && !agents.attributes.equals(row, units.attributes);
    const before = this.#recordForRollback(row);
    agents.update(row, units);
    if (movesTasks) this.#recountByAttribute();
    this.#changed(row, () => {
      agents.reinstate(before!);
      if (movesTasks) this.#recountByAttribute();
    });
  }

  resize(row: number, resources: Readonly<Record<string, number>>): void {
    this.#decider.requireIdle();
    this.require(row);
    const { agents } = this.#ledger;
    const totals = parseScalars(this.#schema, resources, `agent ${row}`);
    this.#requireRoom(row, totals);
    const before = Int32Array.from(agents.total, (total) => total[row]);
    agents.resize(row, totals);
    this.#changed(row, () => agents.resize(row, before));
  }

  drain(row: number, draining: boolean): void {
    this.#decider.requireIdle();
    this.require(row);
    const { agents } = this.#ledger;
    const before = agents.state[row] as typeof ACTIVE | typeof DRAINING;
    agents.setState(row, draining ? DRAINING : ACTIVE);
    this.#changed(row, () => agents.setState(row, before));
  }

  remove(row: number): void {
    this.#decider.requireIdle();
    this.require(row);
    const { agents } = this.#ledger;
    const tasks = agents.taskCount[row];
    if (tasks > 0) fail('AGENT_IN_USE', `agent ${row} has ${tasks} tasks; release them first.`);
    const before = this.#recordForRollback(row);
    agents.remove(row);
    this.#changed(row, () => agents.reinstate(before!));
  }

  report(row: number, report: AgentReport): void {
    this.#decider.requireIdle();
    this.require(row);
    const { agents } = this.#ledger;
    const { lent, signals, cached } = parseReport(this.#schema, report, `agent ${row}`);
    lent?.forEach((units, r) => this.#requireLendable(row, r, agents.total[r][row], units));
    const before = this.#recordForRollback(row);
    lent?.forEach((units, r) => {
      agents.surplus[r][row] += units - agents.lent[r][row];
      agents.lent[r][row] = units;
    });
    for (const [name, value] of signals) agents.signals.column(name)[row] = value;
    for (const [kind, items] of cached) agents.cached.replace(row, kind, items);
    this.#changed(row, () => agents.reinstate(before!));
  }

  advanceTo(nowMs: number): void {
    this.#decider.requireIdle();
    this.#ledger.requireNoTransaction('advanceTo');
    const before = this.#ledger.nowMs;
    if (!Number.isSafeInteger(nowMs) || nowMs < before) {
      fail(
        'INVALID_QUANTITY',
        `the time is ${show(nowMs)}; give an integer of milliseconds, at least ${before}.`,
      );
    }
    this.#ledger.advanceTo(nowMs);
  }

  isDraining(row: number): boolean {
    this.require(row);
    return this.#ledger.agents.state[row] === DRAINING;
  }

  attributesOf(row: number): Record<string, string> {
    this.require(row);
    const { [TAINTS_KEY]: _, ...attributes } = this.#ledger.agents.attributes.get(row);
    return attributes;
  }

  taintsOf(row: number): readonly Required<Taint>[] {
    this.require(row);
    return parseTaints(this.#ledger.agents.attributes.get(row)[TAINTS_KEY]);
  }

  usageOf(row: number): number[] {
    this.require(row);
    const { total, free } = this.#ledger.agents;
    return total.map((column, r) => column[row] - free[r][row]);
  }

  /** @throws StowageError UNKNOWN_AGENT */
  require(row: number): void {
    if (!this.#ledger.agents.isPresent(row))
      fail('UNKNOWN_AGENT', `row ${show(row)} holds no agent; use a row that addAgent returned.`);
  }

  /** Only what an open transaction could ask for is recorded. */
  #recordForRollback(row: number): AgentRecord | undefined {
    return this.#ledger.transactionDepth > 0 ? this.#ledger.agents.record(row) : undefined;
  }

  #changed(row: number, inverse: () => void): void {
    this.#ledger.agentChanged(() => {
      inverse();
      this.#noteChange(row);
    });
    this.#noteChange(row);
  }

  #noteChange(row: number): void {
    // The journal has to know the row.
    this.#decider.noteLayout();
    this.#ledger.journal.record(row);
  }

  #recountByAttribute(): void {
    for (const counter of this.#ledger.counters) if (counter.isByAttribute) this.#ledger.recount(counter);
  }

  #requireRoom(row: number, totals: Int32Array): void {
    const { agents } = this.#ledger;
    totals.forEach((total, r) => {
      const used = agents.total[r][row] - agents.free[r][row];
      if (total < used) {
        fail(
          'AGENT_IN_USE',
          `agent ${row} would have ${total} units of ${this.#schema.scalars[r].name}, but tasks use ${used}; release some first.`,
        );
      }
      this.#requireLendable(row, r, total, agents.lent[r][row]);
    });
  }

  #requireSlots(row: number, { slots }: AgentUnits): void {
    const { agents } = this.#ledger;
    if (agents.taskCount[row] === 0) return;
    slots.forEach(({ slots: count, unitsPerSlot }, set) => {
      if (!agents.slots[set].hasShape(row, count, unitsPerSlot)) {
        fail(
          'AGENT_IN_USE',
          `the ${this.#schema.sets[set].name} slots of agent ${row} cannot change while tasks run on it; release its tasks first.`,
        );
      }
    });
  }

  #requireLendable(row: number, resource: number, total: number, lent: number): void {
    if (total + lent <= MAX_UNITS) return;
    fail(
      'QUANTITY_OVERFLOW',
      `agent ${row} would have and lend ${total + lent} units of ${this.#schema.scalars[resource].name}; the largest sum is ${MAX_UNITS}.`,
    );
  }
}
