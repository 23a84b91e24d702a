import { afterEach, describe, expect, it } from 'vitest';
import { UnavailableError } from '../../src/contract/container-backend.ts';
import { CpuFacility } from '../../src/cpu/cpu-facility.ts';
import { placementOf } from '../../src/cpu/placement.ts';
import type { OptimizedPlacement } from '../../src/cpu/placement-optimizer.ts';
import { keepCpus, syntheticTopology } from '../../src/cpu/topology.ts';
import { CpuHostModel, NEVER, taskOf } from './cpu-host-model.ts';
import { closeAll, world } from './cpu-world.ts';

afterEach(closeAll);

describe('CPU facility', () => {
  it('gives static tasks whole cores, takes them from burst tasks and gives them back', async () => {
    const { facility, launch, cpusOf, host } = await world();
    expect(await launch(taskOf('burst', 500))).toEqual({
      cpu: { shares: 50, periodMicros: 100_000, cpus: [0, 1, 2, 3, 4, 5, 6, 7] },
      data: { arrival: 1, cpus: [0, 1, 2, 3, 4, 5, 6, 7] },
    });
    expect((await launch(taskOf('own', 4000, 'static'))).cpu).toEqual({
      shares: 400,
      quotaMicros: 400_000,
      periodMicros: 100_000,
      cpus: [0, 1, 4, 5],
    });
    expect(cpusOf('burst')).toEqual([2, 3, 6, 7]);
    host.cgroups.delete('/own');
    await facility.release('own');
    expect(cpusOf('burst')).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
    expect(facility.state().placement.own.size).toBe(0);
  });

  it('has freed the CPUs before the container of their owner exists', async () => {
    const { facility, launch, cpusOf } = await world();
    await launch(taskOf('burst', 500));
    const { cpu } = await facility.prepare(taskOf('own', 2000, 'static'), NEVER);
    expect(cpusOf('burst')!.filter((cpu_) => cpu!.cpus!.includes(cpu_))).toEqual([]);
  });

  it('brings a container up to date that was made with what was right before', async () => {
    const { facility, host, launch, cpusOf } = await world();
    const task = taskOf('burst', 500);
    const { cpu } = await facility.prepare(task, NEVER);
    await launch(taskOf('own', 2000, 'static'));
    await facility.attach(task, host.create('burst', cpu!.cpus), NEVER);
    expect(cpusOf('burst')).toEqual([1, 2, 3, 5, 6, 7]);
  });

  it('keeps reserved CPUs and the minimum of the pool from static tasks', async () => {
    const { facility } = await world(undefined, { reservedCpus: [0, 4], minimumPool: 2 });
    await expect(facility.prepare(taskOf('a', 5000, 'static'), NEVER)).rejects.toThrow(UnavailableError);
    const { cpu } = await facility.prepare(taskOf('b', 4000, 'static'), NEVER);
    expect(cpu!.cpus).toEqual([1, 2, 5, 6]);
    expect(facility.state().placement.pool).toEqual([3, 7]);
  });

  it('refuses what does not fit, says why, and has changed nothing', async () => {
    const { facility, launch } = await world();
    await launch(taskOf('own', 6000, 'static'));
    const before = facility.state();
    for (const task of [
      taskOf('x', 2000, 'static'),
      taskOf('x', 2500, 'static'),
      taskOf('x', 9000, 'burst'),
      taskOf('x', 1_000_000, 'static'),
    ])
      await expect(facility.prepare(task, NEVER)).rejects.toThrow(
        /CPUs are not there: of 8 CPUs for tasks, 6 belong/,
      );
    expect(facility.state()).toEqual(before);
  });

  it('keeps the CPUs of owners when a container is resumed after a restart that swept nothing', async () => {
    const { facility, host, launch, open, cpusOf } = await world();
    const own = await launch(taskOf('own', 4000, 'static'));
    const burst = await launch(taskOf('burst', 500));
    const made = await facility.prepare(taskOf('made', 500), NEVER);
    host.create('made', made.cpu?.cpus);
    const next = await open();
    await Promise.all([
      next.adopt(taskOf('burst', 500), burst.data, host.live('burst')),
      next.adopt(taskOf('made', 500), made.data, host.live('made')),
      next.adopt(taskOf('own', 4000, 'static'), own.data, host.live('own')),
    ]);
    await next.attach(taskOf('made', 500), host.live('made'), NEVER);
    expect(['own', 'burst', 'made'].map(cpusOf)).toEqual([
      [0, 1, 4, 5],
      [2, 3, 6, 7],
      [2, 3, 6, 7],
    ]);
  });

  it('takes over owners whose CPUs are gone, or are said to be those of two', async () => {
    const { facility, host } = await world();
    const adopt = (id: string, cpus: number[]): Promise<void> => {
      host.cgroups.set(`/${id}`, cpus);
      return facility.adopt(taskOf(id, 2000, 'static'), { arrival: 1, cpus }, undefined);
    };
    await adopt('gone', [100, 101]);
    await adopt('one', [0, 1]);
    await adopt('two', [0, 1]);
    await facility.sweep();
    const { own, pool } = facility.state().placement;
    expect([...own.values()].map((cpus) => cpus.length)).toEqual([2, 2, 2]);
    expect([...[...own.values()].flat(), ...pool].sort()).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
  });

  it('prepares a task once, however often it is asked', async () => {
    const { facility } = await world();
    const task = taskOf('own', 2000, 'static');
    expect(await facility.prepare(task, NEVER)).toEqual(await facility.prepare(task, NEVER));
    expect(facility.state().placement.own.size).toBe(1);
  });

  it('releases tasks twice, and tasks that it never saw', async () => {
    const { facility, launch } = await world();
    await launch(taskOf('own', 2000, 'static'));
    await facility.release('own');
    await facility.release('own');
    await facility.release('never');
    expect(facility.state().placement.pool).toHaveLength(8);
  });

  it('says which controllers are there, and sets no CPUs without cpusets', async () => {
    const { host, facility, open } = await world();
    expect(await facility.probe()).toMatchObject({
      'cpu-shares': { level: 'enforced' },
      'cpu-quota': { level: 'enforced' },
      'cpu-sets': { level: 'enforced' },
    });
    host.controllers.delete('cpuset');
    const without = await open();
    expect((await without.probe())['cpu-sets']).toMatchObject({ level: 'unavailable' });
    const task = taskOf('own', 2000, 'static');
    expect((await without.prepare(task, NEVER)).cpu).not.toHaveProperty('cpus');
    await without.attach(task, { pid: 1, cgroups: { version: 2, controllers: {} } }, NEVER);
    expect(host.writes).toEqual([]);
  });

  it('refuses options that leave nothing for tasks', async () => {
    const host = new CpuHostModel(syntheticTopology(1, 2, 1));
    await expect(CpuFacility.open({ host, minimumPool: 0 })).rejects.toThrow(/at least 1/);
    await expect(CpuFacility.open({ host, reservedCpus: [0, 1] })).rejects.toThrow(/reserve fewer/);
  });

  it('does nothing for a task whose launch was called off', async () => {
    const { facility } = await world();
    const aborted = AbortSignal.abort(new Error('killed'));
    await expect(facility.prepare(taskOf('a', 1000, 'static'), aborted)).rejects.toThrow('killed');
    expect(facility.state().placement.own.size).toBe(0);
  });
});

describe('many at once', () => {
  it('places 40 tasks that come together, and as many that go while others come', async () => {
    const { facility, launch, host } = await world(syntheticTopology(2, 16, 2));
    const tasks = Array.from({ length: 40 }, (_, i) =>
      taskOf(`t${i}`, 1000 * (1 + (i % 3)), i % 4 === 0 ? 'static' : 'burst'),
    );
    const check = (): void => {
      const { own, pool } = facility.state().placement;
      for (const [path, cpus] of host.cgroups) expect(cpus).toEqual(own.get(path.slice(1)) ?? pool);
      expect(new Set([...own.values()].flat()).size + pool.length).toBe(64);
    };
    await Promise.all(tasks.map((task) => launch(task)));
    check();
    expect(facility.state().placement.own.size).toBe(10);
    await Promise.all(
      tasks.flatMap(({ taskId }, i) => {
        host.cgroups.delete(`/${taskId}`);
        return [facility.release(taskId), launch(taskOf(`u${i}`, 1000, i % 2 === 0 ? 'static' : 'burst'))];
      }),
    );
    check();
    expect(facility.state().placement.own.size).toBe(20);
    await Promise.all(tasks.map((_, i) => facility.release(`u${i}`)));
    expect(facility.state().placement.pool).toHaveLength(64);
  });
});

describe('faults', () => {
  it('gives nobody CPUs that another could not be moved off', async () => {
    const { facility, host, launch } = await world();
    await launch(taskOf('burst', 500));
    host.fault = (what, path) => {
      if (what === 'write' && path === '/burst') throw new Error('EIO');
    };
    await expect(facility.prepare(taskOf('own', 2000, 'static'), NEVER)).rejects.toThrow(
      /burst could not be moved/,
    );
    expect(facility.state().placement.own.size).toBe(0);
    host.fault = () => undefined;
    expect((await facility.prepare(taskOf('own', 2000, 'static'), NEVER)).cpu!.cpus).toEqual([0, 4]);
  });

  it('fails to attach when the own container cannot be written, and tells it when another fails', async () => {
    const { facility, host, launch, cpusOf } = await world();
    await launch(taskOf('own', 2000, 'static'));
    await launch(taskOf('burst', 500));
    host.fault = (what, path) => {
      if (what === 'write' && path === '/burst') throw new Error('EIO');
    };
    await facility.release('own');
    expect(facility.state().lastError?.message).toBe('EIO');
    expect(facility.state().failedWrites).toBe(1);
    const task = taskOf('late', 500);
    await facility.prepare(task, NEVER);
    await facility.attach(task, host.create('late', [0]), NEVER);
    host.fault = (what, path) => {
      if (what === 'write' && path === '/own2') throw new Error('EIO');
    };
    const own = taskOf('own2', 2000, 'static');
    await facility.prepare(own, NEVER);
    await expect(facility.attach(own, host.create('own2', [7]), NEVER)).rejects.toThrow('EIO');
    expect(cpusOf('burst')).toEqual(cpusOf('late'));
  });

  it('forgets containers that vanish at any moment', async () => {
    const { facility, host, launch, cpusOf } = await world();
    for (const id of ['a', 'b', 'c']) await launch(taskOf(id, 500));
    host.cgroups.delete('/a');
    host.fault = (what, path) => {
      if (what === 'write' && path === '/b') host.cgroups.delete('/b');
    };
    await launch(taskOf('own', 2000, 'static'));
    expect(cpusOf('c')).toEqual([1, 2, 3, 5, 6, 7]);
    expect(facility.state().failedWrites).toBe(0);
    await facility.release('a');
    await facility.release('b');
  });
});

describe('restart', () => {
  it('takes over what tasks hold by the kernel, not by the journal, in the order of arrival', async () => {
    const { host, facility, launch, open, cpusOf } = await world(syntheticTopology(2, 2, 2));
    const tasks = [taskOf('first', 2000, 'static'), taskOf('burst', 500), taskOf('second', 2000, 'static')];
    const data = new Map<string, unknown>();
    for (const task of tasks) data.set(task.taskId, (await launch(task)).data);
    host.cgroups.set('/second', [3, 7]);
    await facility.close();
    const next = await open();
    for (const task of [...tasks].reverse())
      await next.adopt(task, data.get(task.taskId), host.live(task.taskId));
    await next.sweep();
    expect(next.state().placement.own).toEqual(
      new Map([
        ['first', [0, 4]],
        ['second', [3, 7]],
      ]),
    );
    expect(next.state().movedCpus).toBe(0);
    expect(cpusOf('burst')).toEqual([1, 2, 5, 6]);
    const { data: later } = await next.prepare(taskOf('third', 1000, 'static'), NEVER);
    expect(later).toMatchObject({ arrival: 4 });
  });

  it('takes what the journal says of a container whose CPUs cannot be read', async () => {
    const { facility, host } = await world();
    host.create('own', [2, 6]);
    host.fault = () => {
      throw new Error('EIO');
    };
    await facility.adopt(taskOf('own', 2000, 'static'), { arrival: 3, cpus: [2, 6] }, host.live('own'));
    expect(facility.state().lastError?.message).toBe('EIO');
    await facility.sweep();
    expect(facility.state().placement.own).toEqual(new Map([['own', [2, 6]]]));
  });

  it.each([undefined, null, 7, {}, { arrival: 'x', cpus: [0.5] }, { cpus: [99, 98] }])(
    'adopts with a journal that says %j',
    async (data) => {
      const { facility, host } = await world();
      await facility.adopt(taskOf('own', 2000, 'static'), data, undefined);
      await facility.adopt(taskOf('gone', 2000, 'static'), data, host.live('gone'));
      await facility.sweep();
      expect([...facility.state().placement.own.values()]).toEqual([
        [0, 4],
        [1, 5],
      ]);
      await facility.release('own');
      await facility.release('gone');
      expect(facility.state().placement.pool).toHaveLength(8);
    },
  );

  it('keeps running what does not fit any more, in the pool, and says so', async () => {
    const { host, facility } = await world(syntheticTopology(1, 2, 1));
    for (const id of ['a', 'b']) {
      host.create(id, [0]);
      await facility.adopt(taskOf(id, 1000, 'static'), undefined, host.live(id));
    }
    await facility.sweep();
    expect(facility.state().unserved).toEqual(['b']);
    expect([host.cgroups.get('/a'), host.cgroups.get('/b')]).toEqual([[0], [1]]);
  });
});

describe('review after a quiet time', () => {
  const quietMs = 1000;

  it('waits for quiet, asks the solver once, and moves what it found better', async () => {
    const { facility, clock, optimizer, launch, cpusOf } = await world(undefined, { quietMs });
    await launch(taskOf('own', 2000, 'static'));
    await clock.advance(999);
    await launch(taskOf('burst', 500));
    await clock.advance(999);
    expect(optimizer.asked).toEqual([]);
    optimizer.answer = async ({ topology }) => ({
      placement: placementOf(topology, new Map([['own', [3, 7]]])),
      outcome: 'optimal',
    });
    await clock.advance(1);
    expect(cpusOf('own')).toEqual([3, 7]);
    expect(cpusOf('burst')).toEqual([0, 1, 2, 4, 5, 6]);
    await clock.advance(quietMs);
    expect(optimizer.asked).toHaveLength(1);
    expect(facility.state()).toMatchObject({ reviews: 2, improvements: 1, failedReviews: 0, movedCpus: 2 });
  });

  it('drops an answer that came too late', async () => {
    const { facility, clock, optimizer, launch, cpusOf } = await world(undefined, { quietMs });
    await launch(taskOf('own', 2000, 'static'));
    const answers: ((answer: OptimizedPlacement) => void)[] = [];
    optimizer.answer = () => new Promise((resolve) => answers.push(resolve));
    await clock.advance(quietMs);
    await launch(taskOf('other', 2000, 'static'));
    const late = placementOf(syntheticTopology(1, 4, 2), new Map([['own', [1, 5]]]));
    answers[0]({ placement: late, outcome: 'optimal' });
    await new Promise((resolve) => setImmediate(resolve));
    expect([cpusOf('own'), cpusOf('other')]).toEqual([
      [0, 4],
      [1, 5],
    ]);
    expect(facility.state().improvements).toBe(0);
  });

  it('puts right what somebody else has changed, and writes again what failed', async () => {
    const { facility, host, clock, launch, cpusOf } = await world(undefined, { quietMs });
    await launch(taskOf('burst', 500));
    await launch(taskOf('own', 2000, 'static'));
    host.cgroups.set('/own', [0, 1, 2]);
    await clock.advance(quietMs);
    expect(cpusOf('own')).toEqual([0, 4]);
    expect(facility.state().repairedCpusets).toBe(1);
    host.fault = () => {
      throw new Error('EIO');
    };
    await facility.release('own');
    await clock.advance(quietMs);
    host.fault = () => undefined;
    await clock.advance(quietMs);
    expect(cpusOf('burst')).toHaveLength(8);
  });

  it('follows CPUs that go offline and come back', async () => {
    const { facility, host, clock, launch, cpusOf } = await world(undefined, { quietMs });
    await launch(taskOf('own', 2000, 'static'));
    await launch(taskOf('burst', 500));
    const all = host.topologyNow;
    host.topologyNow = keepCpus(all, (cpu) => cpu !== 4);
    await clock.advance(quietMs);
    expect(cpusOf('own')).toEqual([1, 5]);
    expect(cpusOf('burst')).toEqual([0, 2, 3, 6, 7]);
    host.topologyNow = keepCpus(all, () => false);
    await clock.advance(quietMs);
    expect(cpusOf('own')).toEqual([1, 5]);
    host.topologyNow = all;
    await clock.advance(quietMs);
    expect(cpusOf('burst')).toHaveLength(6);
    expect(facility.state().unserved).toEqual([]);
  });

  it('goes on after a review that failed, and ends with the last task or with close', async () => {
    const { facility, host, clock, launch } = await world(undefined, { quietMs });
    await launch(taskOf('own', 2000, 'static'));
    host.topology = () => Promise.reject(new Error('no sysfs'));
    await clock.advance(quietMs);
    expect(facility.state()).toMatchObject({ failedReviews: 1, lastError: new Error('no sysfs') });
    expect(clock.pending).toBe(1);
    await facility.release('own');
    expect(clock.pending).toBe(0);
    await launch(taskOf('own', 2000, 'static'));
    await facility.close();
    expect(clock.pending).toBe(0);
  });
});
