import { CASES } from '/work/main/benchmarks/workloads/cases.ts';
import { Churn, churnStart } from '/work/main/benchmarks/workloads/churn.ts';
import { workload as workloadOf } from '/work/main/benchmarks/workloads/workload.ts';
const [name, agents = '1000', ms = '3000', form = 'declared'] = process.argv.slice(2);
const start = churnStart(workloadOf(Number(agents), (CASES as any)[name]));
const distinct = (start.workload as any).grain === 'distinct';
const c = new Churn(start, form as any, distinct ? 400_000 : Infinity);
c.run(distinct ? 50000 : 300000);
const t = []; const end = performance.now() + Number(ms);
while (performance.now() < end && (!distinct || c.unseenClasses > 500)) { const s = performance.now(); c.run(500); t.push((performance.now() - s) * 2000); }
t.sort((a, b) => a - b);
console.log(name, agents, 'p50', Math.round(t[t.length >> 1]), 'p10', Math.round(t[Math.floor(t.length / 10)]), 'ns', c.hash);
