import fc from 'fast-check';
import type { TaskSpec } from '@stowage/protocol';
import { afterEach, describe, expect, it } from 'vitest';
import { admit } from '../../src/cpu/placement.ts';
import { syntheticTopology } from '../../src/cpu/topology.ts';
import { NEVER, taskOf } from './cpu-host-model.ts';
import { abandonAll, closeAll, world } from './cpu-world.ts';

describe('a crash at any moment', () => {
  afterEach(abandonAll);

  /** Launches and ends tasks as an agent does, with a journal that is written before and after `prepare`. */
  async function live(crashAt: number) {
    const { host, facility, open } = await world(syntheticTopology(1, 4, 2));
    const journal = new Map<string, { task: TaskSpec; data?: unknown }>();
    let operations = 0;
    let crash = (): void => undefined;
    const crashed = new Promise<void>((resolve) => (crash = resolve));
    host.fault = () => {
      if (operations++ < crashAt) return;
      crash();
      return new Promise(() => undefined);
    };
    const launch = async (task: TaskSpec): Promise<void> => {
      journal.set(task.taskId, { task });
      const { cpu, data } = await facility.prepare(task, NEVER);
      journal.set(task.taskId, { task, data });
      await facility.attach(task, host.create(task.taskId, cpu!.cpus), NEVER);
    };
    const end = async (taskId: string): Promise<void> => {
      host.cgroups.delete(`/${taskId}`);
      await facility.release(taskId);
      journal.delete(taskId);
    };
    const life = async (): Promise<boolean> => {
      await launch(taskOf('burst', 500, 'burst'));
      await launch(taskOf('first', 3000, 'static'));
      await launch(taskOf('second', 1000, 'static'));
      await end('first');
      await Promise.all([launch(taskOf('third', 4000, 'static')), launch(taskOf('late', 1500, 'static'))]);
      await end('second');
      return true;
    };
    const finished = await Promise.race([life(), crashed.then(() => false)]);
    return { host, journal, open, finished };
  }

  it('leaves what the next agent puts right, wherever it happens', async () => {
    let finished = false;
    let crashes = 0;
    for (; !finished; crashes++) {
      const { host, journal, open, ...life } = await live(crashes);
      finished = life.finished;
      host.fault = () => undefined;
      const next = await open();
      for (const [id, { task, data }] of journal)
        await next.adopt(task, data, host.cgroups.has(`/${id}`) ? host.live(id) : undefined);
      await next.sweep();
      const { own, pool } = next.state().placement;
      for (const [path, cpus] of host.cgroups) expect(cpus).toEqual(own.get(path.slice(1)) ?? pool);
      expect([...own.keys()].sort()).toEqual(
        [...journal.keys()].filter((id) => /first|second|third/.test(id)).sort(),
      );
      for (const id of journal.keys()) {
        host.cgroups.delete(`/${id}`);
        await next.release(id);
      }
      expect(next.state().placement.pool).toHaveLength(8);
    }
    expect(crashes).toBeGreaterThan(15);
  });
});

describe('any order of events', () => {
  afterEach(closeAll);

  type Command =
    | { readonly kind: 'launch'; readonly cpuMilli: number; readonly static: boolean }
    | { readonly kind: 'release' | 'vanish'; readonly which: number }
    | { readonly kind: 'review' | 'restart' };
  const anyCommand: fc.Arbitrary<Command> = fc.oneof(
    {
      weight: 4,
      arbitrary: fc.record({
        kind: fc.constant('launch' as const),
        cpuMilli: fc.constantFrom(1, 500, 1000, 1000, 1500, 2000, 2000, 3000, 4000, 20_000),
        static: fc.boolean(),
      }),
    },
    { weight: 3, arbitrary: fc.record({ kind: fc.constantFrom('release', 'vanish'), which: fc.nat(20) }) },
    { weight: 1, arbitrary: fc.record({ kind: fc.constantFrom('review', 'restart') }) },
  );

  it('keeps every owner alone on its CPUs, everybody else on all others, and the kernel in step', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(anyCommand, { minLength: 1, maxLength: 25 }),
        fc.array(fc.nat(60), { maxLength: 8 }),
        async (commands, faults) => {
          const {
            host,
            clock,
            facility: first,
            open,
          } = await world(syntheticTopology(2, 2, 2), { quietMs: 1 });
          let facility = first;
          const running = new Map<string, { task: TaskSpec; data: unknown }>();
          let operations = 0;
          const faulty = (): void => {
            if (faults.includes(operations++)) throw Object.assign(new Error('EIO'), { code: 'EIO' });
          };
          const pick = (which: number): string | undefined => [...running.keys()][which % running.size];
          for (const [i, command] of commands.entries()) {
            host.fault = faulty;
            if (command.kind === 'launch') {
              const task = taskOf(`t${i}`, command.cpuMilli, command.static ? 'static' : 'burst');
              try {
                const { cpu, data } = await facility.prepare(task, NEVER);
                running.set(task.taskId, { task, data });
                await facility.attach(task, host.create(task.taskId, cpu!.cpus), NEVER);
              } catch {
                host.cgroups.delete(`/${task.taskId}`);
                running.delete(task.taskId);
                await facility.release(task.taskId);
              }
            } else if (command.kind === 'release' && running.size > 0) {
              const id = pick(command.which)!;
              host.cgroups.delete(`/${id}`);
              running.delete(id);
              await facility.release(id);
            } else if (command.kind === 'vanish' && running.size > 0) {
              host.cgroups.delete(`/${pick(command.which)!}`);
            } else if (command.kind === 'restart') {
              await facility.close();
              host.fault = () => undefined;
              facility = await open();
              for (const [id, { task, data }] of running)
                await facility.adopt(task, data, host.cgroups.has(`/${id}`) ? host.live(id) : undefined);
              await facility.sweep();
            }
            host.fault = () => undefined;
            await clock.advance(1);

            const { own, pool } = facility.state().placement;
            const workloads = [...running.values()].map(({ task }) => ({
              id: task.taskId,
              mode: task.cpuMode!,
              cpuMilli: task.resources.cpuMilli,
            }));
            const { owners, refused } = admit({ topology: host.topologyNow, workloads, minimumPool: 1 });
            expect(refused).toEqual([]);
            expect([...own].map(([id, cpus]) => ({ id, cpus: cpus.length }))).toEqual(owners);
            const all = [...[...own.values()].flat(), ...pool].sort((a, b) => a - b);
            expect(all).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
            for (const [path, cpus] of host.cgroups) expect(cpus).toEqual(own.get(path.slice(1)) ?? pool);
          }
          await facility.close();
        },
      ),
      { numRuns: 150 },
    );
  });
});
