/** Batch jobs against their model; see `agreement.ts`. */
import { test } from 'vitest';
import { expectAgreement, TIMEOUT_MS } from './agreement.ts';
import { batchJobs } from './job-cases.ts';

test(
  'batch jobs agree with their model in random sequences of events, crashes and reloads',
  { timeout: TIMEOUT_MS },
  () => expectAgreement('batch', batchJobs),
);
