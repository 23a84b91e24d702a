/**
 * An agent in a process of its own, for tests that kill it. Reads orders from standard input, a JSON line each, and
 * writes statuses and answers to standard output, a JSON line each.
 *
 * Arguments: the agent's setup as JSON, and the sequence of the last status that the reader has.
 */
import { createInterface } from 'node:readline';
import type { TaskSpec, TaskStatus } from '@stowage/protocol';
import { type AgentSetup, openAgent } from '../../src/index.ts';

/** What the test may order. */
export type Order = { readonly launch: TaskSpec } | { readonly kill: string };

/** What the process says. */
export type Word =
  | { readonly kind: 'open' }
  | { readonly kind: 'status'; readonly status: TaskStatus }
  | { readonly kind: 'done'; readonly order: Order }
  | { readonly kind: 'failed'; readonly order: Order; readonly message: string };

const say = (word: Word): void => void process.stdout.write(`${JSON.stringify(word)}\n`);

const [setup, after] = [JSON.parse(process.argv[2]) as AgentSetup, Number(process.argv[3])];
const agent = await openAgent(setup);
say({ kind: 'open' });

void carryOut();
for await (const status of agent.statuses({ after })) say({ kind: 'status', status });

/** One after the other: a task is killed only after it was launched. */
async function carryOut(): Promise<void> {
  for await (const line of createInterface({ input: process.stdin })) {
    const order = JSON.parse(line) as Order;
    try {
      await ('launch' in order ? agent.launch(order.launch) : agent.kill(order.kill));
      say({ kind: 'done', order });
    } catch (error) {
      say({ kind: 'failed', order, message: String(error) });
    }
  }
}
