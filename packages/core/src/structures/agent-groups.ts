/**
 * Agents by the values of some attributes, and by type if asked. What a grouped plug-in says about one agent of a group
 * it says about all. Groups are numbered by their place in the product of all values and types; those of one domain, which
 * differ in type only, follow one another.
 */
import type { AgentTable } from '../agents/agent-table.ts';
import type { AttributeColumn } from '../agents/attribute-table.ts';

/** The most groups for which tables are kept. */
export const MOST_GROUPS = 4096;

export class AgentGroups {
  /** Exclusive upper bound of the numbers. */
  declare readonly count: number;
  /** Combinations of values, whether agents have them or not. */
  declare readonly domainCount: number;
  declare private readonly agents: AgentTable;
  declare private readonly columns: readonly AttributeColumn[];
  declare private readonly sizes: readonly number[];
  declare private readonly byType: boolean;
  declare private readonly typeCount: number;
  declare private readonly typeVersion: number;

  constructor(agents: AgentTable, attributes: readonly string[], byType: boolean) {
    this.agents = agents;
    this.columns = attributes.map((key) => agents.attributes.column(key));
    this.sizes = this.columns.map(({ idCount }) => idCount);
    this.byType = byType;
    this.typeVersion = agents.typeVersion;
    this.domainCount = AgentGroups.countOf(agents, attributes, false);
    this.typeCount = byType ? agents.typeTotals.length : 1;
    this.count = this.domainCount * this.typeCount;
  }

  /** How many groups there would be now. */
  static countOf(agents: AgentTable, attributes: readonly string[], byType: boolean): number {
    let count = byType ? agents.typeTotals.length : 1;
    for (let i = 0; i < attributes.length; i++) count *= agents.attributes.column(attributes[i]).idCount;
    return count;
  }

  /** False when a type or a value has come that has no number. */
  get isCurrent(): boolean {
    if (this.byType && this.agents.typeVersion !== this.typeVersion) return false;
    for (let i = 0; i < this.columns.length; i++) {
      if (this.columns[i].idCount !== this.sizes[i]) return false;
    }
    return true;
  }

  of(row: number): number {
    let domain = 0;
    for (let i = 0; i < this.columns.length; i++) {
      domain = domain * this.sizes[i] + this.columns[i].ids[row];
    }
    return this.byType ? domain * this.typeCount + this.agents.typeOf[row] : domain;
  }
}
