package stowage.rivals;

import com.netflix.fenzo.SchedulingResult;
import com.netflix.fenzo.TaskAssignmentResult;
import com.netflix.fenzo.TaskRequest;
import com.netflix.fenzo.TaskScheduler;
import com.netflix.fenzo.VMAssignmentResult;
import com.netflix.fenzo.VirtualMachineLease;
import com.sun.management.OperatingSystemMXBean;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Calls of scheduleOnce with what a framework does between them: launch, complete, offer the hosts again. */
final class Repetition {
    /** Offers never get so old that one is given back. */
    private static final long EXPIRY_SECONDS = 1_000_000_000;

    private static final OperatingSystemMXBean SYSTEM =
        (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();

    private final Cluster cluster;
    private final TaskScheduler scheduler;
    private final List<TaskRequest> tasks;
    private List<VirtualMachineLease> offers = new ArrayList<>();
    private int[] rows;
    private long placeNs;
    private long cpuNs;
    private long totalNs;

    /** @param maxOffersToReject - negative: Fenzo's default */
    Repetition(Workload workload, int maxOffersToReject) {
        Burst burst = new Burst(workload);
        cluster = new Cluster(workload.agentTotals());
        tasks = burst.tasks();
        TaskScheduler.Builder builder = new TaskScheduler.Builder()
            .withFitnessCalculator(burst.fitness())
            .withLeaseOfferExpirySecs(EXPIRY_SECONDS)
            .withLeaseRejectAction(lease -> {
                throw new IllegalStateException("Fenzo gave " + lease.getId() + " back.");
            });
        if (maxOffersToReject >= 0) builder.withMaxOffersToReject(maxOffersToReject);
        scheduler = builder.build();
        for (int row = 0; row < workload.agents(); row++) offers.add(cluster.offer(row));
    }

    /** @return the line that parseRepetition of repetition.ts reads */
    String run(long leastMs) {
        placeNs = 0;
        cpuNs = 0;
        totalNs = 0;
        rows = null;
        int calls = 0;
        while (calls == 0 || totalNs < leastMs * 1_000_000) {
            call();
            calls++;
        }
        return String.format(
            "{\"calls\":%d,\"placeNs\":%d,\"cpuNs\":%d,\"totalNs\":%d,\"rows\":%s}",
            calls, placeNs, cpuNs, totalNs, Arrays.toString(rows).replace(" ", ""));
    }

    void shutdown() {
        scheduler.shutdown();
    }

    private void call() {
        long cpuBefore = SYSTEM.getProcessCpuTime();
        long start = System.nanoTime();
        SchedulingResult result = scheduler.scheduleOnce(tasks, offers);
        long placed = System.nanoTime();
        cpuNs += SYSTEM.getProcessCpuTime() - cpuBefore;
        long release = System.nanoTime();
        for (VMAssignmentResult host : result.getResultMap().values()) {
            for (TaskAssignmentResult task : host.getTasksAssigned()) {
                scheduler.getTaskAssigner().call(task.getRequest(), host.getHostname());
            }
        }
        for (VMAssignmentResult host : result.getResultMap().values()) {
            for (TaskAssignmentResult task : host.getTasksAssigned()) {
                scheduler.getTaskUnAssigner().call(task.getTaskId(), host.getHostname());
            }
        }
        long end = System.nanoTime();
        if (!result.getExceptions().isEmpty()) {
            throw new IllegalStateException(result.getExceptions().get(0));
        }
        placeNs += placed - start;
        totalNs += placed - start + (end - release);
        requireSameRows(rowsOf(result));
        offers = new ArrayList<>();
        for (String host : result.getResultMap().keySet()) offers.add(cluster.offer(Cluster.rowOf(host)));
    }

    private int[] rowsOf(SchedulingResult result) {
        int[] chosen = new int[tasks.size()];
        Arrays.fill(chosen, -1);
        for (VMAssignmentResult host : result.getResultMap().values()) {
            for (TaskAssignmentResult task : host.getTasksAssigned()) {
                chosen[Burst.indexOf(task.getTaskId())] = Cluster.rowOf(host.getHostname());
            }
        }
        return chosen;
    }

    private void requireSameRows(int[] chosen) {
        if (rows != null && !Arrays.equals(rows, chosen)) {
            throw new IllegalStateException("Two equal calls differ.");
        }
        rows = chosen;
    }
}
