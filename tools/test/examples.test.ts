/** Every example runs and prints what it is there to show. */
import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';

const folder = join(import.meta.dirname, '../../examples');

const OUTPUTS: Readonly<Record<string, RegExp>> = {
  'batch-and-service-jobs.ts':
    /report: size is 0; give at least 1 \(batchMinTasks\)\.\n[^]*5 s: report\.2 starts on host-2\n[^]*10 s: web\.0 is killed: evicted\n10 s: web\.3 starts on host-1\nrefused: NO_EVICTION_QUOTA\nthe manager restarts\nreport: 2 started\nweb: 3 started\n20 s: job report has finished: normal\n[^]*job web has finished: killed\nends since the restart: 2 normal, 3 killed/,
  'capacity-groups.ts':
    /web-3 -> host-2\nreports-1 -> host-2\n[^]*reports-3 fits nowhere[^]*api-2: ABOVE_LIMIT: [^]*web-4: NO_GUARANTEED_CAPACITY: [^]*web uses 6 cores, weighted share 1.00/,
  'first-placement.ts':
    /web-1 -> host-2\nweb-2 -> host-1\nweb-3: none of 2 agents is feasible: 2 fail unique host per job/,
  'from-fenzo.ts':
    /launch web-2 \(port 31000\) on host-1 with offer-1\n[^]*launch web-3 \(port 31000\) on host-2 with offer-4\ndecline offer-3/,
  'grow-a-pool.ts':
    /add 3 agents: 5 failed tasks call for 3 agents\nplaced: 5\n60001 ms: remove worker-1 and worker-2 and worker-3/,
  'own-policy.ts': /task-7 -> large\ntask-8: none of 2 agents is feasible/,
  'own-scenario.ts':
    /jobs: 5 submitted, 4 finished\ntasks: 34 launched, ends \{"normal":20,"failed":4,"lost":2\}\nthe service is whole again after 80\.8 s\nrestarts of the master: 1\nsame seed, same events: true\nother seed, other events: true/,
  'preemption.ts':
    /host-2: batch-2 \(priority 0\) and batch-1 \(priority 0\)\nhost-1: report-1 \(priority 10\)\nno evictions help\npayment-1 is reserved on host-2\npayment-1 is assigned/,
  'rebalance.ts':
    /balance across zone: web-1 from a-1 to b-1 [^]*\nfree agents: batch-2 from b-2 to b-1 \(leaves its agent empty; gain 1, cost 1\)/,
  'scheduling-loop.ts':
    /web-1 -> worker-1 after 50 ms\nweb-2 -> worker-1 after 50 ms\nnightly waits: all-agents-full\nnightly -> worker-1 after 150 ms/,
  'shared-gpus.ts': /notebook-2 uses gpu 0\ntraining uses gpu 1 and 2\nworker-1: GANG_NOT_PLACED/,
  'spread-and-affinity.ts':
    /db-2 -> b-2\nbackup -> a-2\nweb-1 -> a-1\n[^]*web-4 -> c-1\nweb-5 -> b-1\nweb-6 -> c-1\nweb-7: none of 5 agents is feasible: 5 fail skew/,
  'whole-queue.ts': /one by one: 4 hosts\ntogether: 3 hosts\nhost-1: /,
};

test('every example has its expected output here', () => {
  expect(readdirSync(folder).sort()).toEqual(Object.keys(OUTPUTS));
});

test.each(Object.entries(OUTPUTS))('%s', (file, output) => {
  const run = spawnSync('node', ['--conditions=@stowage/source', '--import', 'tsx', join(folder, file)], {
    encoding: 'utf8',
  });
  expect(run.stderr).toBe('');
  expect(run.stdout).toMatch(output);
});
