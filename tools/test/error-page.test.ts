/** The page of error codes lists every code there is, and nothing else. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { AGENT_RUNTIME_ERRORS } from '@stowage/agent-runtime';
import { AUTOSCALE_ERRORS } from '@stowage/autoscale';
import { CONTROL_PLANE_ERRORS } from '@stowage/control-plane';
import { CORE_ERRORS, OFFER_ERRORS } from '@stowage/core';
import { JOB_ERRORS } from '@stowage/jobs';
import { PLANNING_ERRORS } from '@stowage/planning';
import { PROTOCOL_ERRORS } from '@stowage/protocol';
import { QUEUE_ERRORS } from '@stowage/queues';
import { SIMULATOR_ERRORS } from '@stowage/simulator';
import { CLI_ERRORS } from 'stowage';
import { expect, test } from 'vitest';

test('docs/errors.md has a row for every code', () => {
  const page = readFileSync(join(import.meta.dirname, '../../docs/errors.md'), 'utf8');
  const listed = [...page.matchAll(/^\| `([A-Z_]+)` \|/gm)].map(([, code]) => code);
  const tables = [
    AGENT_RUNTIME_ERRORS,
    PROTOCOL_ERRORS,
    AUTOSCALE_ERRORS,
    CONTROL_PLANE_ERRORS,
    CORE_ERRORS,
    OFFER_ERRORS,
    JOB_ERRORS,
    PLANNING_ERRORS,
    QUEUE_ERRORS,
    SIMULATOR_ERRORS,
    CLI_ERRORS,
  ];
  const known = tables.flatMap((table) => Object.keys(table));
  expect(listed.sort()).toEqual(known.sort());
});
