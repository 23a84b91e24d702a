/** What the contract promises, tried on the agent with each backend. */
import { taskRuntimeCases } from '@stowage/testing';
import { afterAll, beforeAll, describe, test } from 'vitest';
import { BACKENDS, conformanceFixture } from './support/test-agent.ts';

describe.each(BACKENDS)('%s', (backend) => {
  const { fixture, open, close } = conformanceFixture(backend);
  beforeAll(open);
  afterAll(close);
  for (const { name, run } of taskRuntimeCases(fixture)) {
    test(name, async (context) => {
      const why = await run();
      if (why !== undefined) context.skip(why);
    });
  }
});
