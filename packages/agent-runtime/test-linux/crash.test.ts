/**
 * The agent process is killed with SIGKILL at 20 random moments while it launches and kills tasks. Afterwards every
 * container has been taken over or cleaned up, and the reader has each status once.
 */
import { randomInt } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import type { TaskSpec } from '@stowage/protocol';
import { describe, expect, onTestFinished, test } from 'vitest';
import { openAgent } from '../src/index.ts';
import { AgentUnderFire } from './support/agent-under-fire.ts';
import { BACKENDS, shellTask, testAgent } from './support/test-agent.ts';

const STRIKES = 20;

describe.each(BACKENDS)('%s', (backend) => {
  test(`${STRIKES} times kill -9 under load`, { timeout: 600_000 }, async () => {
    const { setup, hostObjects, remove } = await testAgent(backend);
    onTestFinished(remove);
    const before = await hostObjects();
    const agent = new AgentUnderFire(setup);
    onTestFinished(() => agent.strike());
    const moments = Array.from({ length: STRIKES }, () => randomInt(1_500));
    console.error(`${backend}: killed ${moments.join(', ')} ms after orders`);

    const tasks: TaskSpec[] = [];
    await agent.start();
    for (const [round, moment] of moments.entries()) {
      const [first, second, third] = [
        shellTask(`fire-${round}-short`, 'sleep 0.3; exit 3'),
        shellTask(`fire-${round}-long`, 'trap "exit 0" TERM; while :; do sleep 0.05; done'),
        shellTask(`fire-${round}-later`, 'sleep 1; exit 0'),
      ];
      tasks.push(first, second, third);
      for (const task of [first, second, third]) agent.launch(task);
      if (round > 0) agent.kill(`fire-${round - 1}-long`);
      await delay(moment);
      await agent.strike();
      await agent.start();
    }
    agent.kill(`fire-${STRIKES - 1}-long`);

    const isFinished = ({ taskId }: TaskSpec): boolean => agent.statesOf(taskId).at(-1) === 'finished';
    await agent.until('all tasks have finished', () => tasks.every(isFinished), 120_000);
    for (const { taskId } of tasks) {
      const said = agent.statuses.filter((status) => status.taskId === taskId);
      expect(said[0].state).toBe('accepted');
      expect(said.filter(({ state }) => state === 'finished')).toHaveLength(1);
      const { reason, exitCode } = said.at(-1)!;
      if (taskId.endsWith('long')) expect(reason).toBe('killed');
      else expect({ reason, exitCode }, JSON.stringify(said)).toEqual(expectedEnd(taskId));
    }
    await agent.strike();
    const last = await openAgent(setup);
    for (const { taskId } of tasks) await last.forget(taskId);
    await last.close();
    expect(newIn(before, await hostObjects())).toEqual([]);
  });
});

function newIn(before: readonly string[], after: readonly string[]): string[] {
  const known = new Set(before);
  return after.filter((object) => !known.has(object));
}

/** Tasks that nobody kills end by themselves, whatever happens to the agent. */
function expectedEnd(taskId: string): { reason: string; exitCode: number } {
  return taskId.endsWith('short') ? { reason: 'failed', exitCode: 3 } : { reason: 'normal', exitCode: 0 };
}
