/**
 * Fenzo's ScalarResourceTests: amounts under names of one's own, here resources like all others. Those about the
 * single-offer mode stand with the offer pool (packages/core/test/offers/fenzo-offers.test.ts).
 */
import { describe, expect, test } from 'vitest';
import { framework, offer, tasks } from './set-up.ts';

const GPU_TASK = { cpu: 1, gpu: 1 };

describe('ScalarResourceTests', () => {
  test('ScalarResourceTests.testScalar1: a task that asks for a GPU goes where one is offered', () => {
    const { pool, launch } = framework();
    pool.add([offer('offer-1', 'plain', { cpu: 4 }), offer('offer-2', 'gpu', { cpu: 4, gpu: 1 })], 0);
    expect(launch(tasks(1, GPU_TASK)).agents).toEqual(['gpu']);
  });

  test('ScalarResourceTests.testInsufficientScalarResources: what is missing is named', () => {
    const { pool, launch } = framework();
    pool.add([offer('offer-1', 'host', { cpu: 4, gpu: 1 })], 0);
    const [{ explanation }] = launch(tasks(1, { cpu: 1, gpu: 3 })).failures;
    expect(explanation.reasons).toEqual([
      { kind: 'resource', name: 'gpu', agents: 1, soleReason: 1, leastShortfall: 2 },
    ]);
  });

  test('ScalarResourceTests.testMultipleTasksScalarRequests: four GPUs serve four of five tasks', () => {
    const { pool, launch } = framework();
    pool.add([offer('offer-1', 'host', { cpu: 8, gpu: 4 })], 0);
    const { placements, failures } = launch(tasks(5, GPU_TASK));
    expect([placements.length, failures.length]).toEqual([4, 1]);
  });

  test('ScalarResourceTests.testScalarRequestsAcrossHosts: eight tasks take the four GPUs of each of two agents', () => {
    const { pool, launch } = framework();
    pool.add([offer('offer-1', 'a', { cpu: 8, gpu: 4 }), offer('offer-2', 'b', { cpu: 8, gpu: 4 })], 0);
    const { handOvers, failures } = launch(tasks(8, GPU_TASK));
    expect(handOvers.map(({ agent, tasks: handed }) => [agent, handed.length])).toEqual([
      ['a', 4],
      ['b', 4],
    ]);
    expect(failures).toEqual([]);
  });

  test('ScalarResourceTests.testMultipleScalarResources: with 4 gpu and 2 foo per agent, two agents take four of eight tasks', () => {
    const { pool, launch } = framework();
    const amounts = { cpu: 8, gpu: 4, foo: 2 };
    pool.add([offer('offer-1', 'a', amounts), offer('offer-2', 'b', amounts)], 0);
    const { agents, failures } = launch(tasks(8, { ...GPU_TASK, foo: 1 }));
    expect(agents).toEqual(['a', 'a', 'b', 'b']);
    expect(failures.map(({ reason }) => reason)).toEqual(
      Array(4).fill('none of 2 agents is feasible: 2 lack foo (nearest is short of 1)'),
    );
  });
});
