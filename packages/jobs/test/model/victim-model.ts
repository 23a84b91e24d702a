/**
 * Whom a scale-down takes of the tasks that have a place: two orders of these tests, which are there because a policy may
 * bring its own, and the two that come with the package, each as one choice after the other over everything that is left.
 */
import type { VictimOrder } from '../../src/machine/victim-order.ts';
import { packingVictims } from '../../src/machine/packing-victims.ts';
import { spreadKeepingVictims } from '../../src/machine/spread-keeping-victims.ts';
import { type ModelTask, stateOf } from './model-task.ts';

export const VICTIMS = ['lowest index', 'highest index', 'spread-keeping', 'packing'] as const;
export type Victims = (typeof VICTIMS)[number];

export const VICTIM_ORDERS: Readonly<Record<Victims, VictimOrder>> = {
  'lowest index': (live, count) => live.slice(0, count),
  'highest index': (live, count) => [...live].reverse().slice(0, count),
  'spread-keeping': spreadKeepingVictims(),
  packing: packingVictims(),
};

export function victimsOf(order: Victims, live: readonly ModelTask[], count: number): ModelTask[] {
  let left = [...live].sort((a, b) => a.index - b.index);
  const victims: ModelTask[] = [];
  while (victims.length < count) {
    const victim = nextOf(order, left);
    victims.push(victim);
    left = left.filter((task) => task !== victim);
  }
  return victims;
}

function nextOf(order: Victims, left: readonly ModelTask[]): ModelTask {
  switch (order) {
    case 'lowest index':
      return left[0];
    case 'highest index':
      return left[left.length - 1];
    case 'spread-keeping':
      return least(firstToGo(left), (task) => [
        -onAgent(left, task).length,
        -inZone(left, task),
        ageOf(task),
      ]);
    case 'packing': {
      const groupOf = (task: ModelTask) => onAgent(left, task);
      const smallest = least(left, (task) => [
        groupOf(task).length,
        ageOf(least(firstToGo(groupOf(task)), (one) => [ageOf(one)])),
      ]);
      return least(firstToGo(groupOf(smallest)), (task) => [ageOf(task)]);
    }
  }
}

/** Those that are not started, as long as there are any. */
function firstToGo(tasks: readonly ModelTask[]): readonly ModelTask[] {
  const onTheirWay = tasks.filter((task) => stateOf(task) !== 'started');
  return onTheirWay.length > 0 ? onTheirWay : tasks;
}

function onAgent(left: readonly ModelTask[], task: ModelTask): readonly ModelTask[] {
  return left.filter((one) => agentOf(one) === agentOf(task));
}

function inZone(left: readonly ModelTask[], { place }: ModelTask): number {
  return left.filter((task) => task.place?.split(' in ')[1] === place?.split(' in ')[1]).length;
}

function agentOf({ place }: ModelTask): string | undefined {
  return place?.split(' in ')[0];
}

/** Less is older; of equally old ones the lower index. */
function ageOf({ transitions, index }: ModelTask): number {
  return transitions[0].atMs + index / 1000;
}

/** The first with the least key; lists of numbers are compared number by number. */
function least(tasks: readonly ModelTask[], key: (task: ModelTask) => readonly number[]): ModelTask {
  return tasks.reduce((best, task) => {
    const [a, b] = [key(task), key(best)];
    const at = a.findIndex((value, place) => value !== b[place]);
    return at >= 0 && a[at] < b[at] ? task : best;
  });
}
