/**
 * Empties whole agents, so that they can be given back: the ones that are cheapest for what they are worth first, of equally cheap ones the emptiest. Each
 * task goes where ordinary scheduling would put it, among the agents that are in use already.
 */
import { show } from '@stowage/core';
import { requireCount } from './disruption-budget.ts';
import { fail } from '../errors.ts';
import { guarded, requireFunction, requireObject } from '../guarded.ts';
import type { MigrationTrial } from './migration-trial.ts';
import type { RebalanceGoal } from './rebalance-goal.ts';
import { greatestShare } from './shares.ts';

/** @public */
export interface FreeAgentsOptions {
  /** What an empty agent is worth, by row, a finite number above 0; the unit of the gain. Default 1 each. */
  readonly worthOf?: (row: number) => number;
  /** Least worth for each unit of cost, at least 0. Default 0: any. */
  readonly leastGainPerCost?: number;
  /** Gives up after so many agents in a row that could not be emptied. Default 32. */
  readonly patience?: number;
}

interface Candidate {
  readonly row: number;
  readonly tasks: readonly number[];
  readonly worth: number;
  readonly cost: number;
  /** Greatest share of a resource that is in use. */
  readonly share: number;
}

/**
 * The goal of having fewer agents in use. An agent is a candidate when all of its tasks may move. Gain: the worth of
 * the agents emptied. O(agents log agents) and the placements tried.
 * @throws StowageError INVALID_PLANNING_OPTION
 * @public
 */
export function freeAgents(options: FreeAgentsOptions = {}): RebalanceGoal {
  requireObject('the options of freeAgents', options);
  const { worthOf = () => 1, leastGainPerCost = 0, patience = 32 } = options;
  const name = 'free agents';
  requireFunction('worthOf', worthOf);
  requireCount('patience', patience);
  if (!(Number.isFinite(leastGainPerCost) && leastGainPerCost >= 0)) {
    fail(
      'INVALID_PLANNING_OPTION',
      `leastGainPerCost is ${show(leastGainPerCost)}; give a number of at least 0.`,
    );
  }
  return {
    name,
    propose(trial) {
      const idle = trial.rows.filter((row) => trial.engine.cluster.taskCount[row] === 0);
      const candidates = candidatesOf(trial, worthOf)
        .filter(({ worth, cost }) => worth >= leastGainPerCost * cost)
        .sort((a, b) => a.cost / a.worth - b.cost / b.worth || a.share - b.share || a.row - b.row);
      let failures = 0;
      for (const { row, tasks, worth } of candidates) {
        if (failures >= patience || trial.left === 0) break;
        if (trial.isReceiver(row) || trial.costOf(tasks) === undefined) continue;
        const effect = 'leaves its agent empty';
        const isEmptied = trial.attempt({
          goal: name,
          effect,
          tasks,
          gain: worth,
          closed: idle,
          vacates: row,
        });
        failures = isEmptied ? 0 : failures + 1;
      }
    },
  };
}

function candidatesOf(trial: MigrationTrial, worthOf: (row: number) => number): Candidate[] {
  const { engine } = trial;
  return trial.rows.flatMap((row) => {
    const tasks = trial.tasksOn(row);
    if (
      tasks.length === 0 ||
      trial.isReceiver(row) ||
      tasks.some((task) => trial.movedTo(task) !== undefined)
    )
      return [];
    const cost = trial.costOf(tasks);
    if (cost === undefined) return [];
    const worth = guarded('worthOf', () => worthOf(row));
    if (!(Number.isFinite(worth) && worth > 0)) {
      fail('PLANNING_CALLBACK_FAILED', `worthOf gave ${show(worth)}; return a finite number above 0.`);
    }
    return [{ row, tasks, worth, cost, share: greatestShare(engine, row, engine.usageOf(row)) }];
  });
}
