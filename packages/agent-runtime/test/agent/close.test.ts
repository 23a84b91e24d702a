/** What goes on beside a close, a damaged journal and a forgotten task. */
import { describe, expect, it } from 'vitest';
import { Agent } from '../../src/agent/agent.ts';
import { HostModel } from './host-model.ts';
import { beginAgent } from './model-agent.ts';
import { taskSpec } from './model-facts.ts';
import { settle } from './virtual-clock.ts';

const open = (host: HostModel): Promise<Agent> => Agent.open(beginAgent(host));

describe('an agent', () => {
  it('closes while a facility cannot take over a running task', async () => {
    const host = new HostModel();
    await (await open(host)).launch(taskSpec('a'));
    await settle();
    host.kill();
    host.fault = (name) => (name === 'adopt:network' ? { kind: 'fail' } : undefined);
    const opening = open(host);
    await host.clock.advance(100_000);
    const agent = await opening;
    expect(agent.condition().fences).toMatchObject([{ source: 'reconciliation' }]);
    const closed = agent.close();
    await host.clock.advance(100_000);
    await closed;
    host.fault = () => undefined;
    expect((await open(host)).condition().fences).toEqual([]);
  });

  it('lets a reader follow the logs of a task after a later one was forgotten', async () => {
    const host = new HostModel();
    const agent = await open(host);
    await agent.launch(taskSpec('a'));
    await settle();
    await agent.launch(taskSpec('b'));
    await settle();
    host.exit('b', 0);
    await settle();
    await agent.forget('b');
    const chunks = [];
    for await (const chunk of agent.logs('a', { follow: true })) chunks.push(chunk);
    expect(chunks).toEqual([]);
  });

  it('uses no sequence again when a damaged journal is taken away', async () => {
    const host = new HostModel();
    await (await open(host)).launch(taskSpec('a', { entrypoint: [] }));
    await settle();
    host.kill();
    const path = '/state/tasks/a.jsonl';
    const said = [...host.disk.get(path)!.matchAll(/"sequence":(\d+)/g)].map(([, digits]) => Number(digits));
    host.disk.set(path, 'x\n');
    expect((await open(host)).condition().quarantined).toHaveLength(1);
    host.kill();
    host.disk.delete(path);
    const agent = await open(host);
    await agent.launch(taskSpec('b'));
    for await (const { sequence } of agent.statuses()) {
      expect(sequence).toBeGreaterThan(Math.max(...said));
      break;
    }
  });

  it('writes nothing after it has closed, be a task just forgotten', async () => {
    const host = new HostModel();
    const agent = await open(host);
    await agent.launch(taskSpec('a', { entrypoint: [] }));
    await settle();
    host.fault = (name) => (name === 'removeLogs' ? { kind: 'slow', delayMs: 50_000 } : undefined);
    const forgotten = agent.forget('a').catch((error: unknown) => error);
    await settle();
    await agent.close();
    const calls = host.calls.length;
    await host.clock.advance(60_000);
    expect(await forgotten).toMatchObject({ code: 'AGENT_CLOSED' });
    expect(host.calls.slice(calls)).toEqual([]);
  });

  it('refuses a grace that no timer can wait for', async () => {
    const agent = await open(new HostModel());
    await agent.launch(taskSpec('a'));
    await expect(agent.kill('a', { graceMs: 2 ** 31 })).rejects.toMatchObject({ code: 'INVALID_OPTION' });
    expect(agent.tasks()).not.toMatchObject([{ state: 'kill-initiated' }]);
  });
});
