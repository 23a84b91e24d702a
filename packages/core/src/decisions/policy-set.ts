/**
 * The policies that a class is placed by, its own and those that hold for all, and what follows from their
 * declarations: which of them can be asked once per group of agents, which hold until an agent changes, and so which
 * structures can answer. Classes with the same policies share one.
 */
import type {
  AdditiveLoad,
  ExclusionSpec,
  FitnessCalculator,
  HardConstraint,
  SearchLimit,
  SoftConstraint,
} from '../plug-ins/plugin.ts';
import { isGrouped, isRowLocal } from '../plug-ins/plugin.ts';
import { calculatorCost, constraintCost } from '../structures/cost-model.ts';
import { LastScan } from '../structures/last-scan.ts';
import { softSum } from '../plug-ins/soft-sum.ts';

/** What holds for every class: constraints and preferences besides its own, and the fitness of those without one. */
export interface SystemPolicies {
  readonly constraints: readonly HardConstraint[];
  readonly softConstraints: readonly SoftConstraint[];
  readonly fitness: readonly FitnessCalculator[];
}

type Ranking = FitnessCalculator | SoftConstraint;

export class PolicySet {
  declare readonly constraints: readonly HardConstraint[];
  /** Lexicographic; the sum of the soft constraints is the first, if there are any. */
  declare readonly levels: readonly FitnessCalculator[];
  /** Numbers of the constraints that are asked once per group. */
  declare readonly groupConstraints: readonly number[];
  /** What constraints that hold until the agent changes say they exclude. */
  declare readonly exclusions: readonly ExclusionSpec[];
  /** Numbers of the constraints that hold until the agent changes and are to be asked, and of those that may not hold. */
  declare readonly localConstraints: readonly number[];
  declare readonly otherConstraints: readonly number[];
  /** The part of the first level that is the same for all agents of a group. */
  declare readonly groupPart: FitnessCalculator | undefined;
  /** What ranks the agents of a group: the rest of the first level, or the second if nothing is left of that. */
  declare readonly rowPart: FitnessCalculator | undefined;
  /** Level to which `rowPart` belongs. */
  declare readonly rankLevel: 0 | 1;
  /** Whether levels follow that one. */
  declare readonly ranksTies: boolean;
  /** Whether a group, rather than an agent, decides something. */
  declare readonly hasGroups: boolean;
  /** Attributes that group constraints and the group part look at, in order. */
  declare readonly groupedBy: readonly string[];
  /** Whether constraints and ranks within groups hold until an agent changes. */
  declare readonly isRowLocal: boolean;
  /** How agents of one group are ranked, if that is by load. */
  declare readonly additive: AdditiveLoad | undefined;
  /** Where the search may stop early, if it may. */
  declare readonly search: SearchLimit | undefined;
  /** Whether placements never make a refused agent acceptable. */
  declare readonly onlyTightens: boolean;
  /** What asking plug-ins about one agent costs in a scan, in ns, as estimated. */
  declare readonly pluginNs: number;
  /** The same for structures that keep what groups and loads rank by. */
  declare readonly entryNs: number;
  declare readonly lastScan: LastScan;

  constructor({ constraints, softConstraints, fitness }: SystemPolicies) {
    const hasSoft = softConstraints.length > 0;
    const first: readonly Ranking[] = hasSoft ? softConstraints : fitness.slice(0, 1);
    const grouped = first.filter(isGrouped);
    const others = first.filter((ranking) => !isGrouped(ranking));
    this.constraints = constraints;
    this.levels = hasSoft ? [softSum(softConstraints), ...fitness] : fitness;
    this.groupConstraints = [...constraints.keys()].filter((i) => isGrouped(constraints[i]));
    const rowConstraints = [...constraints.keys()].filter((i) => !isGrouped(constraints[i]));
    const local = rowConstraints.filter((i) => isRowLocal(constraints[i]));
    this.exclusions = local.flatMap((i) => constraints[i].excludes ?? []);
    this.localConstraints = local.filter((i) => constraints[i].excludes === undefined);
    this.otherConstraints = [...constraints.keys()].filter((i) => !local.includes(i));
    this.groupPart = partOf(grouped, hasSoft);
    this.rankLevel = this.groupPart !== undefined && others.length === 0 ? 1 : 0;
    this.ranksTies = this.rankLevel + 1 < this.levels.length;
    this.hasGroups = this.groupConstraints.length > 0 || this.groupPart !== undefined;
    this.rowPart = this.rankLevel === 0 ? partOf(others, hasSoft) : this.levels[1];
    const groupPlugins = [...this.groupConstraints.map((i) => constraints[i]), ...grouped];
    this.groupedBy = [...new Set(groupPlugins.flatMap(({ groupedBy = [] }) => groupedBy))].sort();
    const ranking = this.rankLevel === 0 ? others : this.levels.slice(1, 2);
    this.isRowLocal = ranking.every(isRowLocal) && rowConstraints.length === local.length;
    this.additive = this.isRowLocal ? this.rowPart?.additive : undefined;
    this.search = searchOf(fitness, hasSoft);
    this.onlyTightens = constraints.every(
      (constraint) =>
        constraint.onlyTightens ??
        (constraint.dependsOn === 'attributes' ||
          (constraint.excludes !== undefined && isRowLocal(constraint))),
    );
    const loads = this.additive === undefined ? 0 : 1;
    const rowCalculators = this.rowPart === undefined ? 0 : 1 - loads;
    const constraintNs = constraintCost(constraints.length);
    const calculatorNs = calculatorCost(loads, this.levels.length - loads);
    this.pluginNs = constraintNs + calculatorNs;
    this.lastScan = new LastScan(constraintNs, calculatorNs);
    this.entryNs = constraintCost(rowConstraints.length) + calculatorCost(0, rowCalculators);
  }

  /** Whether nothing but load and free resources decides, so that no plug-in need be asked. */
  get asksOnlyForLoad(): boolean {
    return (
      this.additive !== undefined &&
      this.search === undefined &&
      this.constraints.length === 0 &&
      this.levels.length === 1
    );
  }
}

/** Some calculators of the first level as one. */
function partOf(calculators: readonly Ranking[], isSoft: boolean): FitnessCalculator | undefined {
  if (calculators.length === 0) return undefined;
  return isSoft ? softSum(calculators as readonly SoftConstraint[]) : calculators[0];
}

/** Behind soft constraints a calculator does not rank first, so its scores cannot end the search. */
function searchOf([first]: readonly FitnessCalculator[], hasSoft: boolean): SearchLimit | undefined {
  const { search } = first ?? {};
  if (search === undefined || !hasSoft) return search;
  return search.feasibleAgents === undefined ? undefined : { feasibleAgents: search.feasibleAgents };
}
