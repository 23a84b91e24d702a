/**
 * What a rebalancer repairs, which Titus listed as future work: services that sit in the wrong zones after one of them
 * has failed and come back, and agents that are held by a few tasks each after services have shrunk. Plans are made
 * and carried out in rounds, each within a disruption budget.
 */
import type { FitnessCalculator } from '@stowage/core';
import { binPacking, spreading } from '@stowage/fitness';
import {
  balanceAcross,
  type DisruptionBudget,
  freeAgents,
  planRebalance,
  type RebalanceGoal,
} from '@stowage/planning';
import { SeededRandom } from '../../seeded-random.ts';
import { type Service, serviceFleet } from '../../service-fleet.ts';
import type { Check, Measure, Plot, QualitySuite, SuiteContext, SuiteResult, SuiteStep } from '../suite.ts';
import { ServiceCell } from './service-cell.ts';

const FULL = { agents: 600, services: 120, tasks: 3_000 };
const SMOKE = { agents: 200, services: 30, tasks: 1_000 };
const SEED = 42;
/** Of all tasks, in one round. */
const ROUND_SHARE = 0.02;
/** Of a service's tasks, in one round; one at least. */
const SERVICE_SHARE = 0.1;
/** Of the tasks, that stop when services shrink. */
const STOPPED_SHARE = 0.6;
const MOST_ROUNDS = 500;

interface Scenario {
  readonly name: string;
  readonly fitness: () => FitnessCalculator;
  /** What happens to the cell before the first round. */
  readonly upset: (cell: ServiceCell, random: SeededRandom) => void;
  readonly goal: (cell: ServiceCell) => RebalanceGoal;
  /** What the rounds bring down, and how far down it can go. */
  readonly measure: (cell: ServiceCell) => number;
  readonly bound: (cell: ServiceCell) => number;
  readonly unit: string;
}

const SCENARIOS: readonly Scenario[] = [
  {
    name: 'a zone failed and came back',
    fitness: () => spreading('cpu', 'memory'),
    upset: (cell) => cell.loseZone('c'),
    goal: ({ serviceOf }) => balanceAcross('zone', { groupOf: (task) => serviceOf.get(task)?.name }),
    measure: (cell) => cell.tasksOutOfPlace,
    bound: () => 0,
    unit: 'tasks in the wrong zone',
  },
  {
    name: 'services shrank',
    fitness: () => binPacking('cpu', 'memory'),
    upset: (cell, random) => {
      const handles = random.shuffled([...cell.serviceOf.keys()]);
      for (const handle of handles.slice(0, Math.round(handles.length * STOPPED_SHARE))) cell.stop(handle);
    },
    goal: () => freeAgents(),
    measure: (cell) => cell.agentsInUse,
    bound: (cell) => cell.agentsNeeded,
    unit: 'agents in use',
  },
];

/** What the rounds of a scenario came to. */
interface Outcome {
  readonly scenario: Scenario;
  /** The measure before the first and after each round. */
  readonly course: readonly number[];
  readonly bound: number;
  readonly migrations: number;
  readonly planMillis: number;
}

/** @public */
export const rebalance: QualitySuite = {
  name: 'rebalance',
  summary: 'Migrations that restore zone balance or free agents, in rounds within a disruption budget.',
  needsData: false,
  *run({ smoke }: SuiteContext): Generator<SuiteStep, SuiteResult> {
    const size = smoke ? SMOKE : FULL;
    const outcomes: Outcome[] = [];
    for (const [index, scenario] of SCENARIOS.entries()) {
      const rounds = play(scenario, size);
      let state = rounds.next();
      for (; state.done !== true; state = rounds.next()) {
        const share = (index + Math.min(1, state.value / 100)) / SCENARIOS.length;
        yield { share, next: `${scenario.name}, round ${state.value}` };
      }
      outcomes.push(state.value);
    }
    return {
      measures: outcomes.flatMap(measuresOf),
      checks: outcomes.flatMap(checksOf),
      plots: outcomes.map(plotOf),
      notes: [
        `${size.agents} agents in three zones, ${size.services} services with ${size.tasks} tasks; seed ${SEED}. A round moves at most ${100 * ROUND_SHARE} % of the tasks and at most ${100 * SERVICE_SHARE} % of a service (one task at least).`,
      ],
    };
  },
};

function* play(scenario: Scenario, size: typeof FULL): Generator<number, Outcome> {
  const random = new SeededRandom(SEED);
  const fleet = serviceFleet({ ...size, securityGroups: 1, burst: 0 }, random);
  const cell = new ServiceCell(size.agents, scenario.fitness());
  const arrivals = fleet.flatMap((service) => Array<Service>(service.tasks).fill(service));
  for (const service of random.shuffled(arrivals)) cell.launch(service);
  scenario.upset(cell, random);
  const course = [scenario.measure(cell)];
  const options = { goals: [scenario.goal(cell)], budget: budgetOf(cell) };
  let migrations = 0;
  let planMillis = 0;
  for (let round = 1; round <= MOST_ROUNDS; round++) {
    yield round;
    const begin = performance.now();
    const plan = planRebalance(cell.engine, options);
    planMillis += performance.now() - begin;
    if (plan.migrations === 0) break;
    migrations += cell.carryOut(plan);
    course.push(scenario.measure(cell));
  }
  return { scenario, course, bound: scenario.bound(cell), migrations, planMillis };
}

function budgetOf({ serviceOf, engine }: ServiceCell): DisruptionBudget<number> {
  const sizes = new Map<string, number>();
  for (const { name } of serviceOf.values()) sizes.set(name, (sizes.get(name) ?? 0) + 1);
  return {
    maxMigrations: Math.ceil(engine.taskCount * ROUND_SHARE),
    groups: {
      of: (task) => serviceOf.get(task)?.name,
      maxMigrations: (name) => Math.max(1, Math.floor(sizes.get(name)! * SERVICE_SHARE)),
    },
  };
}

function measuresOf({ scenario, course, bound, migrations, planMillis }: Outcome): Measure[] {
  const { name, unit } = scenario;
  const measure = (metric: string, value: number, decimals = 0): Measure => ({
    case: name,
    policy: metric,
    metric: 'rebalance',
    value,
    decimals,
  });
  const rounds = course.length - 1;
  return [
    measure('before', course[0]),
    measure('after', course[rounds]),
    measure('could be', bound),
    measure('migrations', migrations),
    measure('rounds', rounds),
    measure('planning, ms a round', planMillis / (rounds + 1), 1),
  ].map((entry) => ({ ...entry, case: `${name}: ${unit}` }));
}

function checksOf({ scenario, course, bound, migrations }: Outcome): Check[] {
  const after = course[course.length - 1];
  if (scenario.unit === 'tasks in the wrong zone') {
    return [
      {
        name: 'no task is left in the wrong zone',
        kind: 'target',
        value: after,
        relation: 'equal',
        reference: bound,
        decimals: 0,
      },
      {
        name: 'zone balance takes as many migrations as tasks were in the wrong zone',
        kind: 'target',
        value: migrations,
        relation: 'equal',
        reference: course[0],
        decimals: 0,
      },
    ];
  }
  return [
    {
      name: 'agents in use, against 10 % above what is needed',
      kind: 'target',
      value: after,
      relation: 'below',
      reference: Math.ceil(1.1 * bound),
      decimals: 1,
    },
  ];
}

function plotOf({ scenario, course, bound }: Outcome): Plot {
  return {
    title: scenario.name,
    xLabel: 'round',
    yLabel: scenario.unit,
    series: [
      { label: 'measured', points: course.map((value, round) => [round, value]) },
      {
        label: 'could be',
        points: [
          [0, bound],
          [course.length - 1, bound],
        ],
      },
    ],
  };
}
