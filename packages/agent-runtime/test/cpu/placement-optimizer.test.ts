import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { greedyPlacement } from '../../src/cpu/greedy-placement.ts';
import { HighsSolver, type MipSolver } from '../../src/cpu/mip-solver.ts';
import { PlacementOptimizer } from '../../src/cpu/placement-optimizer.ts';
import { admit, costOf, countsOf, type PlacementRequest } from '../../src/cpu/placement.ts';
import { cpusOf, syntheticTopology } from '../../src/cpu/topology.ts';
import { FakeClock } from '../host/fake-clock.ts';
import { exactCost } from './exact-placement.ts';
import { anyRequest, anyTopology, tinyTopology } from './placement-cases.ts';

const solver = new HighsSolver();
// Time enough that no answer depends on how busy the machine is.
const optimizer = new PlacementOptimizer({ solver, timeLimitMs: 60_000 });

afterAll(() => solver.close());

/** Two workloads straddle the packages; only to exchange halves helps, which the greedy way does not see. */
const straddling: PlacementRequest = {
  topology: syntheticTopology(2, 2, 2),
  workloads: [
    { id: 'a', mode: 'static', cpuMilli: 4000 },
    { id: 'b', mode: 'static', cpuMilli: 2000 },
  ],
  previous: new Map([
    ['a', [0, 2, 4, 6]],
    ['b', [1, 3]],
  ]),
  minimumPool: 1,
};

function cost(request: PlacementRequest, own = greedyPlacement(request).own): number {
  return costOf(countsOf(request.topology, own, request.previous));
}

function failing(solve: MipSolver['solve']): PlacementOptimizer {
  return new PlacementOptimizer({ solver: { solve, close: async () => undefined } });
}

describe('optimised placement', () => {
  it('costs as little as the best of all placements', async () => {
    await fc.assert(
      fc.asyncProperty(anyRequest(tinyTopology, 4, 4), async (request) => {
        const { placement, outcome } = await optimizer.optimize(request);
        expect(['greedy', 'optimal']).toContain(outcome);
        expect(cost(request, placement.own)).toBe(exactCost(request));
      }),
      { numRuns: 100 },
    );
  });

  it('has no violation where none is necessary', async () => {
    await fc.assert(
      fc.asyncProperty(anyRequest(tinyTopology, 4, 4), async (request) => {
        // Without a history, so that nothing speaks for a violation.
        const fresh = { ...request, previous: new Map() };
        const { own } = (await optimizer.optimize(fresh)).placement;
        const { extraPackages, sharedCores } = countsOf(request.topology, own, fresh.previous);
        if (exactCost(fresh) < 250) expect([extraPackages, sharedCores]).toEqual([0, 0]);
      }),
      { numRuns: 60 },
    );
  });

  it('is never worse than the greedy one, complete, and changes nothing the second time', async () => {
    await fc.assert(
      fc.asyncProperty(anyRequest(anyTopology, 12, 8), async (request) => {
        const { placement, error } = await optimizer.optimize(request);
        expect(error).toBeUndefined();
        expect(cost(request, placement.own)).toBeLessThanOrEqual(cost(request));
        for (const { id, cpus } of admit(request).owners) expect(placement.own.get(id)).toHaveLength(cpus);
        const all = [...[...placement.own.values()].flat(), ...placement.pool];
        expect(all.sort((a, b) => a - b)).toEqual(cpusOf(request.topology));
        const again = await optimizer.optimize({ ...request, previous: placement.own });
        expect(again.placement).toEqual(placement);
      }),
      { numRuns: 30 },
    );
  });

  it('exchanges CPUs of workloads where that pays, which the greedy way does not', async () => {
    const { placement, outcome } = await optimizer.optimize(straddling);
    expect(outcome).toBe('optimal');
    expect(countsOf(straddling.topology, placement.own, placement.own)).toMatchObject({
      extraPackages: 0,
      sharedCores: 0,
    });
    expect(cost(straddling, placement.own)).toBe(exactCost(straddling));
  });

  it('does not block the thread that asks', async () => {
    let turns = 0;
    const timer = setInterval(() => turns++, 1);
    await optimizer.optimize(straddling);
    clearInterval(timer);
    expect(turns).toBeGreaterThan(0);
  });
});

describe('a solver that fails', () => {
  const greedy = greedyPlacement(straddling);

  it.each([
    ['throws', async () => Promise.reject(new Error('out of memory'))],
    ['finds nothing in time', async () => ({ status: 'Time limit reached', values: {} })],
    ['gives too few CPUs', async () => ({ status: 'Optimal', values: { w0_0: 1 } })],
    ['gives a CPU away twice', async () => ({ status: 'Optimal', values: { w0_0: 99, w1_0: 99 } })],
    ['answers nonsense', async () => ({ status: 'Optimal', values: { w0_0: Number.NaN, z0: -3 } })],
  ])('leaves the greedy placement when it %s', async (_, solve) => {
    const { placement, outcome } = await failing(solve).optimize(straddling);
    expect(placement).toEqual(greedy);
    expect(['failed', 'limited']).toContain(outcome);
  });

  it('says why', async () => {
    const { error } = await failing(async () => Promise.reject(new Error('out of memory'))).optimize(
      straddling,
    );
    expect(error?.message).toBe('out of memory');
  });
});

describe('HiGHS in a thread', () => {
  const limits = { timeLimitMs: 1000, relativeGap: 0, absoluteGap: 0.9 };
  const program = (bound: number): string =>
    `Minimize\n cost: x + 2 y\nSubject To\n r: x + y >= ${bound}\nBounds\n x <= 1\nGenerals\n x y\nEnd`;

  it('solves one program after the other', async () => {
    const answers = await Promise.all([3, 4, 5].map((bound) => solver.solve(program(bound), limits)));
    expect(answers.map(({ values }) => values)).toEqual([
      { x: 1, y: 2 },
      { x: 1, y: 3 },
      { x: 1, y: 4 },
    ]);
  });

  it('tells what is wrong with a program and goes on', async () => {
    await expect(solver.solve('Minimize\n cost: x + + y\nSubject To\n r: >=\nEnd', limits)).rejects.toThrow(
      /solver failed/,
    );
    await expect(solver.solve(program(2), limits)).resolves.toMatchObject({ status: 'Optimal' });
  });

  it('ends its thread when there is nothing to do, or no answer, and starts it again', async () => {
    const clock = new FakeClock();
    const own = new HighsSolver(clock);
    await own.solve(program(3), limits);
    expect(own.running).toBe(true);
    await clock.advance(1000);
    await own.solve(program(3), limits);
    await clock.advance(1999);
    expect(own.running).toBe(true);
    await clock.advance(1);
    expect(own.running).toBe(false);

    const overdue = expect(own.solve(program(3), limits)).rejects.toThrow('did not stop within 6000 ms');
    await clock.advance(0);
    await clock.advance(6000);
    await overdue;
    expect(own.running).toBe(false);
    await expect(own.solve(program(3), limits)).resolves.toMatchObject({ status: 'Optimal' });
    await own.close();
    expect(clock.pending).toBe(0);
  });

  it('rejects what is under way when it is closed, and starts again when asked', async () => {
    const own = new HighsSolver();
    const answer = own.solve(program(3), limits);
    const rejected = expect(answer).rejects.toThrow(/has ended/);
    await new Promise((resolve) => setImmediate(resolve));
    await own.close();
    await rejected;
    await expect(own.solve(program(3), limits)).resolves.toMatchObject({ status: 'Optimal' });
    await own.close();
  });
});
