/** Service jobs against their model; see `agreement.ts`. */
import { test } from 'vitest';
import { expectAgreement, TIMEOUT_MS } from './agreement.ts';
import { serviceJobs } from './job-cases.ts';

test(
  'service jobs agree with their model in random sequences of events, crashes and reloads',
  { timeout: TIMEOUT_MS },
  () => expectAgreement('service', serviceJobs),
);
